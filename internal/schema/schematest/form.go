package schematest

import (
	"math"
	"reflect"
	"slices"
	"strings"

	"bitcycle/internal/strict"
)

// isConstant tells a number with its source.
func isConstant(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && slices.Equal(fieldKeys(t), []string{"value", "source"})
}

func numeric(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return numeric(t.Elem())
	case reflect.String, reflect.Bool:
		return false
	}
	return t.Kind() != reflect.Struct || isConstant(t)
}

// form is what a type takes.
func (b *builder) form(typ reflect.Type, key string, held *strict.Held, values []reflect.Value) *Node {
	if own := b.doc.Own[typ]; own != nil {
		return own(held)
	}
	switch {
	case typ.Kind() == reflect.Pointer:
		return b.form(typ.Elem(), key, held, make([]reflect.Value, len(values)))
	case isConstant(typ):
		return b.constant(key, held)
	case typ.Kind() == reflect.Struct:
		return b.table(typ, key+".", values)
	case typ.Kind() == reflect.String:
		return text(held)
	case typ.Kind() == reflect.Bool:
		return &Node{Type: "boolean"}
	case typ.Kind() == reflect.Map:
		return b.mapping(typ, key)
	case typ == reflect.TypeFor[strict.Ints]():
		return OneOrMore(held)
	case typ.Kind() == reflect.Slice:
		items := b.form(typ.Elem(), key, held, make([]reflect.Value, len(values)))
		return lengths(&Node{Type: "array", Items: items}, held)
	}
	n := number(typ, held)
	if b.doc.Units != nil {
		if units := b.doc.Units(key); units != nil {
			return &Node{AnyOf: []*Node{n, quantity(units)}}
		}
	}
	return n
}

func lengths(n *Node, held *strict.Held) *Node {
	if len(held.Lengths) > 0 {
		n.MinItems, n.MaxItems = slices.Min(held.Lengths), slices.Max(held.Lengths)
	}
	return n
}

// OneOrMore is a whole number, or a list of them.
func OneOrMore(held *strict.Held) *Node {
	one := number(reflect.TypeFor[int](), held)
	return &Node{AnyOf: []*Node{one, lengths(&Node{Type: "array", Items: one}, held)}}
}

func number(typ reflect.Type, held *strict.Held) *Node {
	n := &Node{Type: "integer"}
	if typ.Kind() == reflect.Float64 || typ.Kind() == reflect.Float32 {
		n.Type = "number"
	}
	for _, v := range held.Numbers {
		n.Enum = append(n.Enum, v)
	}
	if r := held.Range; r != nil {
		n.Minimum, n.Maximum = finite(r.Least), finite(r.Most)
		if r.Above {
			n.Minimum, n.ExclusiveMinimum = nil, n.Minimum
		}
	}
	if held.OrZero {
		return &Node{AnyOf: []*Node{n, {Const: 0}}}
	}
	return n
}

func finite(x float64) *float64 {
	if math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func text(held *strict.Held) *Node {
	n := &Node{Type: "string"}
	for _, w := range held.Words {
		n.Enum = append(n.Enum, w)
	}
	if held.Filled {
		n.Pattern = `\S`
	}
	return n
}

// quantity is a number with a unit.
func quantity(units []string) *Node {
	return &Node{Type: "string", Pattern: `^\s*[-+]?[0-9.]+([eE][-+]?[0-9]+)?\s*(` + strings.Join(units, "|") + `)\s*$`}
}

// constant is a number, alone or with its source.
func (b *builder) constant(key string, held *strict.Held) *Node {
	value := number(reflect.TypeFor[float64](), held)
	return &Node{AnyOf: []*Node{value, {
		Type: "object", Additional: false, Required: []string{"value"},
		Properties: Properties{{"value", value}, {"source", &Node{Type: "string", MinLength: 1}}},
	}}}
}

// mapping is a table of the user's own keys: of texts, with dotted keys as tables in it,
// or of numbers by widths.
func (b *builder) mapping(typ reflect.Type, key string) *Node {
	if typ.Elem().Kind() == reflect.String {
		return &Node{Type: "object", Additional: &Node{AnyOf: []*Node{{Type: "string", MinLength: 1}, {Type: "object"}}}}
	}
	held := &strict.Held{}
	for _, c := range b.doc.Cases {
		for name, h := range c.Holds {
			if strings.HasPrefix(name, key+".") {
				held = Either(held, h)
			}
		}
	}
	return &Node{Type: "object", Additional: number(typ.Elem(), held)}
}

// endings are units by how a key ends, longer ones first.
var endings = []struct{ ending, unit string }{
	{"pj_per_bit", "pJ/bit"},
	{"pj_per_cycle", "pJ/cycle"},
	{"pj_per_mac", "pJ/MAC"},
	{"pj_per_op", "pJ/operation"},
	{"bits_per_cycle", "bit/cycle"},
	{"macs_per_cycle", "MAC/cycle"},
	{"_wavelengths", "λ"},
	{"_clocks", "DRAM clocks"},
	{"_cycles", "cycles"},
	{"_bits", "bit"},
	{"bytes", "byte"},
	{"_gbps", "Gb/s"},
	{"_mm2", "mm²"},
	{"_deg", "°"},
	{"_hz", "Hz"},
	{"_nm", "nm"},
	{"_mw", "mW"},
	{"_pj", "pJ"},
	{"_nj", "nJ"},
	{"_ns", "ns"},
	{"_db", "dB"},
	{"_w", "W"},
	{"_v", "V"},
}

func unitOf(key string) string {
	for _, e := range endings {
		if strings.HasSuffix(key, e.ending) {
			return e.unit
		}
	}
	return ""
}
