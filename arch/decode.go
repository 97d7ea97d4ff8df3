package arch

import (
	"fmt"
	"math"
	"reflect"
	"strings"
)

// decoder fills a struct from a tree, strictly: every key must exist and every
// value must have its type. Problems are collected, not returned.
type decoder struct {
	problems
	engine      Engine // keys of other engines are refused
	engineLayer int    // … unless an earlier layer set them
}

var constantType = reflect.TypeFor[Constant]()

// decodeTable sets the fields of v that n names.
func (d *decoder) decodeTable(prefix string, n *node, v reflect.Value) {
	fields := fieldsOf(v.Type())
	for _, key := range sortedKeys(n.table) {
		child, full := n.table[key], prefix+key
		i, ok := fields.index[key]
		if !ok {
			d.unknown(child, prefix, key, fields.names)
			continue
		}
		if only := fields.only[key]; only != "" && d.engine != "" && !belongs(only, d.engine) {
			if child.at.layer >= d.engineLayer {
				d.add(child.at, fmt.Sprintf("%s: engine %q has no key %q (%s has)", child.at.lineOnly(), d.engine, full,
					strings.ReplaceAll(only, " ", ", ")))
			}
			continue
		}
		d.decode(full, child, v.Field(i))
	}
}

func belongs(only string, engine Engine) bool {
	for name := range strings.FieldsSeq(only) {
		if name == string(engine) {
			return true
		}
	}
	return false
}

func (d *decoder) unknown(n *node, prefix, key string, names []string) {
	text := fmt.Sprintf("%s: no key %q", n.at.lineOnly(), prefix+key)
	for _, name := range names {
		if strings.HasPrefix(name, key+"_") && hasUnit(name) {
			d.add(n.at, fmt.Sprintf("%s: the unit is missing (did you mean %q?)", text, prefix+name))
			return
		}
	}
	if guess := nearest(key, names); guess != "" {
		text += fmt.Sprintf(" (did you mean %q?)", prefix+guess)
	}
	d.add(n.at, text)
}

func (d *decoder) decode(key string, n *node, v reflect.Value) {
	switch {
	case v.Type() == constantType:
		d.constant(key, n, v)
	case v.Kind() == reflect.Struct:
		if n.table == nil {
			d.value(n.at, key, plain(n), "want a table")
			return
		}
		d.decodeTable(key+".", n, v)
	case v.Kind() == reflect.Map:
		d.decodeMap(key, n, v)
	case n.table != nil:
		d.add(n.at, fmt.Sprintf("%s: %s is a table: want %s", n.at, key, wanted(v)))
	case v.Kind() == reflect.Slice:
		d.decodeList(key, n, v)
	default:
		if !setScalar(key, n.leaf, n.at, v) {
			d.value(n.at, key, n.leaf, "want "+wanted(v)+unitHint(key, n.leaf))
		}
	}
}

func plain(n *node) any {
	if n.table != nil {
		return "a table"
	}
	return n.leaf
}

// constant reads {value = 15, source = "…"} or 15.
func (d *decoder) constant(key string, n *node, v reflect.Value) {
	c := Constant{Source: n.at.source()}
	if n.table == nil {
		if !setScalar(key, n.leaf, n.at, reflect.ValueOf(&c).Elem().Field(0)) {
			d.value(n.at, key, n.leaf, `want a number or {value = number, source = "…"}`)
			return
		}
		v.Set(reflect.ValueOf(c))
		return
	}
	d.decodeTable(key+".", n, reflect.ValueOf(&c).Elem())
	if n.table["value"] == nil {
		d.add(n.at, fmt.Sprintf("%s: %s has no value: want {value = number, source = \"…\"}", n.at, key))
	}
	v.Set(reflect.ValueOf(c))
}

func (d *decoder) decodeMap(key string, n *node, v reflect.Value) {
	if n.table == nil {
		d.value(n.at, key, n.leaf, "want a table")
		return
	}
	v.SetZero()
	if len(n.table) == 0 {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	d.fillMap(key, "", n, v)
}

// fillMap accepts nested tables for dotted keys: sources.array.rows = "…".
func (d *decoder) fillMap(key, below string, n *node, v reflect.Value) {
	for _, name := range sortedKeys(n.table) {
		child := n.table[name]
		if child.table != nil {
			d.fillMap(key, below+name+".", child, v)
			continue
		}
		item := reflect.New(v.Type().Elem()).Elem()
		if !setScalar("", child.leaf, child.at, item) {
			d.value(child.at, key+"."+below+name, child.leaf, "want "+wanted(item))
			continue
		}
		v.SetMapIndex(reflect.ValueOf(below+name), item)
	}
}

func (d *decoder) decodeList(key string, n *node, v reflect.Value) {
	list, ok := n.leaf.([]any)
	if !ok {
		d.value(n.at, key, n.leaf, "want a list")
		return
	}
	v.SetZero()
	for _, one := range list {
		item := reflect.New(v.Type().Elem()).Elem()
		if !setScalar("", one, n.at, item) {
			d.value(n.at, key, n.leaf, "want a list with items each "+wanted(item))
			return
		}
		v.Set(reflect.Append(v, item))
	}
}

// setScalar stores a leaf in a string, number or bool; it reports false when
// the types do not fit.
func setScalar(key string, leaf any, at position, v reflect.Value) bool {
	switch leaf := leaf.(type) {
	case string:
		if v.Kind() == reflect.String {
			v.SetString(leaf)
			return true
		}
		if x, ok := quantity(key, leaf); ok {
			return setNumber(x, v)
		}
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(leaf)
			return true
		}
	case int64:
		if v.Kind() == reflect.Int {
			v.SetInt(leaf)
			return true
		}
		if setNumber(float64(leaf), v) {
			return true
		}
	case float64:
		if v.Kind() == reflect.Float64 && !math.IsNaN(leaf) && !math.IsInf(leaf, 0) {
			v.SetFloat(leaf)
			return true
		}
	}
	if v.Kind() == reflect.String && at.set != "" { // --set name=8, --set memory.out_bits=32
		_, text, _ := strings.Cut(at.set, "=")
		v.SetString(strings.TrimSpace(text))
		return true
	}
	return false
}

func setNumber(x float64, v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Float64:
		v.SetFloat(x)
		return true
	case reflect.Int:
		if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
			v.SetInt(int64(x))
			return true
		}
	}
	return false
}

func wanted(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a finite number"
	case reflect.Slice:
		return "a list"
	}
	return "a table"
}

// fieldSet indexes the fields of a struct by their TOML key.
type fieldSet struct {
	names []string
	index map[string]int
	only  map[string]string
}

func fieldsOf(t reflect.Type) fieldSet {
	set := fieldSet{index: map[string]int{}, only: map[string]string{}}
	for i := range t.NumField() {
		key := t.Field(i).Tag.Get("toml")
		set.names = append(set.names, key)
		set.index[key] = i
		set.only[key] = t.Field(i).Tag.Get("only")
	}
	return set
}
