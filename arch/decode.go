package arch

import (
	"fmt"
	"reflect"
	"strings"

	"bitcycle/internal/strict"
)

// decoder fills a struct from a tree and adds what descriptions of hardware have
// beyond TOML: keys that belong to some engines, and units.
type decoder struct {
	strict.Decoder
	engine      Engine // keys of other engines are refused
	engineLayer int    // … unless an earlier layer set them
}

func newDecoder() *decoder {
	d := &decoder{}
	d.Skip, d.Unit, d.Missing = d.skip, quantity, completeUnit
	return d
}

// skip leaves out keys that other engines have.
func (d *decoder) skip(field reflect.StructField, key string, at strict.Position) (complaint string, skip bool) {
	only := field.Tag.Get("only")
	if only == "" || d.engine == "" || belongs(only, d.engine) {
		return "", false
	}
	if at.Layer < d.engineLayer {
		return "", true
	}
	return fmt.Sprintf("engine %q has no key %q (%s has)", d.engine, key, strings.ReplaceAll(only, " ", ", ")), true
}

func belongs(only string, engine Engine) bool {
	for name := range strings.FieldsSeq(only) {
		if name == string(engine) {
			return true
		}
	}
	return false
}

var constantType = reflect.TypeFor[Constant]()

// UnmarshalNode reads {value = 15, source = "…"} or 15.
func (c *Constant) UnmarshalNode(d *strict.Decoder, key string, n *strict.Node) {
	*c = Constant{Source: source(n.At)}
	v := reflect.ValueOf(c).Elem()
	if n.Table == nil {
		if !d.Set(key, n, v.Field(0)) {
			d.Value(n.At, key, n.Leaf, `want a number or {value = number, source = "…"}`)
		}
		return
	}
	d.Table(key+".", n, v)
	if n.Table["value"] == nil {
		d.Add(n.At, fmt.Sprintf("%s: %s has no value: want {value = number, source = \"…\"}", n.At, key))
	}
}

// source is the provenance of a value that was given without one.
func source(at strict.Position) string {
	if at.Set != "" {
		return "set on the command line"
	}
	return "set in " + at.File
}

// report places a KeyError in the document.
func (d *decoder) report(tree *strict.Node, e *KeyError) {
	if o := e.other; o != nil && layerOf(tree, o.Key) > layerOf(tree, e.Key) {
		e = &KeyError{Key: o.Key, Value: o.Value, Rule: o.Rule, other: e}
	}
	for key := e.Key; key != ""; key = key[:max(strings.LastIndexByte(key, '.'), 0)] {
		if n := tree.Find(key); n != nil {
			switch {
			case key != e.Key: // the key itself was filled by default
				d.Add(n.At, n.At.LineOnly()+": "+e.Error())
			case e.other == nil:
				d.Value(n.At, e.Key, e.Value, e.Rule)
			case !d.Bad(n.At, e.Key): // a value may exclude several others
				d.Place(n.At, e.Key, e.Value, e.Rule)
			}
			return
		}
	}
	d.Add(tree.At, tree.At.LineOnly()+": "+e.Error())
}

// layerOf is the layer in which a key was last set, -1 where it never was.
func layerOf(tree *strict.Node, key string) int {
	if n := tree.Find(key); n != nil {
		return n.At.Layer
	}
	return -1
}
