package strict

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// Decoder fills a struct from a tree, strictly: every key must exist and every value
// must have its type. Problems are collected, not returned. The functions, all
// optional, add what one kind of document has beyond TOML.
type Decoder struct {
	Problems
	// Skip tells that a field is not for this document, and what to complain of then.
	Skip func(field reflect.StructField, key string, at Position) (complaint string, skip bool)
	// Unit reads "500 MHz" for a key that has a unit, and says what it wants instead of
	// a text that is none.
	Unit func(key, text string) (value float64, want string, ok bool)
	// Missing completes a key that lacks its unit, "" if it does not.
	Missing func(key string, names []string) string
}

// Unmarshaler is a type that decodes itself from a node.
type Unmarshaler interface {
	UnmarshalNode(d *Decoder, key string, n *Node)
}

// unmarshaler is a type that decodes itself from a value as TOML has it.
type unmarshaler interface{ UnmarshalTOML(any) error }

// Table sets the fields of v, a struct, that n names. The prefix of keys ends in a dot.
func (d *Decoder) Table(prefix string, n *Node, v reflect.Value) {
	fields := FieldsOf(v.Type())
	for _, key := range sortedKeys(n.Table) {
		child, full := n.Table[key], prefix+key
		i, ok := fields.Index[key]
		if !ok {
			d.unknown(child, prefix, key, fields.Names)
			continue
		}
		if d.Skip != nil {
			complaint, skip := d.Skip(v.Type().Field(i), full, child.At)
			if complaint != "" {
				d.Add(child.At, fmt.Sprintf("%s: %s", child.At.LineOnly(), complaint))
			}
			if skip {
				continue
			}
		}
		d.decode(full, child, v.Field(i))
	}
}

func (d *Decoder) unknown(n *Node, prefix, key string, names []string) {
	d.later(n.At, func() string {
		text := fmt.Sprintf("%s: no key %s", n.At.LineOnly(), formatText(prefix+key))
		if d.Missing != nil {
			if name := d.Missing(key, names); name != "" {
				return text + fmt.Sprintf(": the unit is missing (did you mean %s?)", Quote(prefix+name))
			}
		}
		return text + didYouMean(prefix, key, names)
	})
}

func (d *Decoder) decode(key string, n *Node, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch own := v.Addr().Interface().(type) {
	case Unmarshaler:
		own.UnmarshalNode(d, key, n)
		return
	case *Ints:
		if err := own.read(n.plain()); err != nil {
			d.Value(n.At, key, n.plain(), err.Error())
		}
		return
	case unmarshaler:
		if err := own.UnmarshalTOML(n.plain()); err != nil {
			d.Value(n.At, key, n.plain(), err.Error())
		}
		return
	}
	switch {
	case v.Kind() == reflect.Struct:
		if n.Table == nil {
			d.Value(n.At, key, n.plain(), "want a table")
			return
		}
		d.Table(key+".", n, v)
	case v.Kind() == reflect.Map:
		d.decodeMap(key, n, v)
	case v.Kind() == reflect.Slice:
		d.decodeList(key, n, v)
	case n.Table != nil:
		d.Add(n.At, fmt.Sprintf("%s: %s is a table: want %s", n.At, key, Wanted(v)))
	case n.List != nil:
		d.Value(n.At, key, "a list of tables", "want "+Wanted(v))
	default:
		d.scalar(key, n, v)
	}
}

func (d *Decoder) decodeMap(key string, n *Node, v reflect.Value) {
	if n.Table == nil {
		d.Value(n.At, key, n.plain(), "want a table")
		return
	}
	v.SetZero()
	if len(n.Table) == 0 {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	d.fillMap(key, "", n, v)
}

// fillMap accepts nested tables for dotted keys: sources.array.rows = "…".
func (d *Decoder) fillMap(key, below string, n *Node, v reflect.Value) {
	for _, name := range sortedKeys(n.Table) {
		child := n.Table[name]
		if child.Table != nil {
			d.fillMap(key, below+name+".", child, v)
			continue
		}
		item := reflect.New(v.Type().Elem()).Elem()
		if !d.set("", child.plain(), child.At, item) {
			d.Value(child.At, key+"."+below+name, child.plain(), "want "+Wanted(item))
			continue
		}
		v.SetMapIndex(reflect.ValueOf(below+name), item)
	}
}

func (d *Decoder) decodeList(key string, n *Node, v reflect.Value) {
	v.SetZero()
	if item := v.Type().Elem(); item.Kind() == reflect.Struct {
		if empty, ok := n.Leaf.([]any); ok && len(empty) == 0 {
			return
		}
		if n.List == nil {
			d.Value(n.At, key, n.plain(), fmt.Sprintf("want tables: [[%s]]", key))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(n.List), len(n.List)))
		for i, one := range n.List {
			d.decode(key, one, v.Index(i))
		}
		return
	}
	list, ok := n.Leaf.([]any)
	if !ok {
		d.Value(n.At, key, n.plain(), "want a list")
		return
	}
	if len(list) == 0 {
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(list), len(list)))
	for i, one := range list {
		item := v.Index(i)
		if own, ok := item.Addr().Interface().(unmarshaler); ok {
			if err := own.UnmarshalTOML(one); err != nil {
				d.Value(n.At, key, n.Leaf, err.Error())
				return
			}
		} else if !d.set("", one, n.At, item) {
			d.Value(n.At, key, n.Leaf, "want a list with items each "+Wanted(item)+outside(one, item))
			v.SetZero()
			return
		}
	}
}

// Fields indexes the fields of a struct by their TOML key. Those of a type are shared:
// nobody changes them.
type Fields struct {
	Names []string
	Index map[string]int
}

// indexed holds the Fields of every type that was asked for, by reflect.Type: there are
// as many as types in the program.
var indexed sync.Map

// FieldsOf returns the fields of a struct that have a key: their toml tag, or their
// name in lower case.
func FieldsOf(t reflect.Type) Fields {
	if set, ok := indexed.Load(t); ok {
		return set.(Fields)
	}
	set := fieldsOf(t)
	indexed.Store(t, set)
	return set
}

func fieldsOf(t reflect.Type) Fields {
	set := Fields{Index: map[string]int{}}
	for i := range t.NumField() {
		key, _, _ := strings.Cut(t.Field(i).Tag.Get("toml"), ",")
		if key == "" {
			key = strings.ToLower(t.Field(i).Name)
		}
		if key == "-" {
			continue
		}
		set.Names = append(set.Names, key)
		set.Index[key] = i
	}
	return set
}
