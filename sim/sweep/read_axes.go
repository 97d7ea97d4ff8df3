package sweep

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bitcycle/internal/strict"
)

// child is a value below a table, under its dotted key.
type child struct {
	key  string
	node *strict.Node
}

// children lists the values of a table and its tables in the order of their places; what
// isRange accepts is a value.
func children(prefix string, n *strict.Node) []child {
	var list []child
	for key, c := range n.Table {
		if c.Table != nil && !isRange(c) {
			list = append(list, children(prefix+key+".", c)...)
			continue
		}
		list = append(list, child{prefix + key, c})
	}
	slices.SortFunc(list, func(a, b child) int {
		return cmp.Or(a.node.At.Line-b.node.At.Line, a.node.At.Col-b.node.At.Col, strings.Compare(a.key, b.key))
	})
	return list
}

// isRange tells {from = …, to = …} from a table of keys.
func isRange(n *strict.Node) bool { return n.Table["from"] != nil && n.Table["from"].Table == nil }

// axesForm reads the table axes.
type axesForm []Axis

// UnmarshalNode reads the table.
func (a *axesForm) UnmarshalNode(d *strict.Decoder, key string, n *strict.Node) {
	if n.Table == nil {
		d.Value(n.At, key, n.Leaf, "want a table")
		return
	}
	for _, c := range children("", n) {
		list, err := valuesOf(c.node)
		var axis Axis
		if err == nil {
			axis, err = NewAxis(c.key, list, c.node.At.String())
			err = short(err)
		}
		if err != nil {
			d.Value(c.node.At, key+"."+c.key, display(c.node), err.Error())
			continue
		}
		*a = append(*a, axis)
	}
}

// short drops the place of an error that is told with its place again.
func short(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	return errors.New(text[strings.LastIndex(text, ": ")+2:])
}

func display(n *strict.Node) any {
	if n.Table != nil {
		return map[string]any(nil)
	}
	return n.Leaf
}

// zipForm reads the tables [[zip]].
type zipForm []Axis

// UnmarshalNode reads the tables.
func (z *zipForm) UnmarshalNode(d *strict.Decoder, key string, n *strict.Node) {
	for _, one := range n.List {
		parts := zipParts(d, key, one)
		axis, err := zip(parts, one.At.LineOnly())
		if err != nil {
			d.Add(one.At, err.Error())
			continue
		}
		if len(axis.Keys) > 0 {
			*z = append(*z, axis)
		}
	}
	if n.List == nil {
		d.Value(n.At, key, n.Leaf, "want tables: [[zip]]")
	}
}

// zipParts reads the axes of a table, whose values may repeat.
func zipParts(d *strict.Decoder, key string, n *strict.Node) []Axis {
	var parts []Axis
	for _, c := range children("", n) {
		list, err := valuesOf(c.node)
		if err == nil && len(list) == 0 {
			err = errors.New("wants at least one value")
		}
		if err != nil {
			d.Value(c.node.At, key+"."+c.key, display(c.node), err.Error())
			continue
		}
		axis := Axis{Keys: []string{c.key}}
		for _, v := range list {
			axis.Values = append(axis.Values, []string{v})
		}
		parts = append(parts, axis)
	}
	return parts
}

// zip joins axes of one length into one.
func zip(parts []Axis, at string) (Axis, error) {
	out := Axis{At: at}
	for _, p := range parts {
		if out.Values == nil {
			out.Values = make([][]string, len(p.Values))
		}
		if len(p.Values) != len(out.Values) {
			return out, fmt.Errorf("%s: %s has %d values and %s has %d: axes of a zip move together", at, out.Keys[0], len(out.Values), p.Keys[0], len(p.Values))
		}
		out.Keys = append(out.Keys, p.Keys...)
		for i, v := range p.Values {
			out.Values[i] = append(out.Values[i], v...)
		}
	}
	for i, v := range out.Values {
		if slices.ContainsFunc(out.Values[:i], func(w []string) bool { return slices.Equal(v, w) }) {
			return out, fmt.Errorf("%s: %s = %s: given twice", at, strings.Join(out.Keys, ", "), strings.Join(v, ", "))
		}
	}
	return out, nil
}

// valuesOf reads a list or a range.
func valuesOf(n *strict.Node) ([]string, error) {
	if n.Table != nil {
		return rangeOf(n)
	}
	list, ok := texts(n.Leaf)
	if !ok {
		return nil, errors.New("want a list of values, or { from = 4, to = 8, step = 2 }, or times in the place of step")
	}
	return list, nil
}

func rangeOf(n *strict.Node) ([]string, error) {
	var s span
	s.by = numeral{1, true}
	for key, c := range n.Table {
		x, ok := leafNumber(c.Leaf)
		switch {
		case !ok:
			return nil, fmt.Errorf("%s: want a number", key)
		case key == "from":
			s.from = x
		case key == "to":
			s.to = x
		case key == "step" && n.Table["times"] == nil:
			s.by = x
		case key == "times" && n.Table["step"] == nil:
			s.by, s.factor = x, true
		default:
			return nil, fmt.Errorf("%s: want from, to, and step or times", key)
		}
	}
	if n.Table["to"] == nil {
		return nil, errors.New("want from and to")
	}
	return s.values()
}

func leafNumber(leaf any) (numeral, bool) {
	switch v := leaf.(type) {
	case int64:
		return numeral{float64(v), true}, true
	case float64:
		return numeral{v, false}, true
	}
	return numeral{}, false
}

// texts reads a list of values.
func texts(leaf any) ([]string, bool) {
	items, ok := leaf.([]any)
	if !ok {
		return nil, false
	}
	list := make([]string, len(items))
	for i, item := range items {
		if list[i], ok = textOf(item); !ok {
			return nil, false
		}
	}
	return list, true
}

// textOf writes a value as a setting has it: strings as they are, other values in TOML.
func textOf(leaf any) (string, bool) {
	switch v := leaf.(type) {
	case string:
		return v, !strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f })
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strict.FormatFloat(v), true
	case []any:
		parts, ok := texts(v)
		for i, item := range v {
			if s, text := item.(string); text {
				parts[i] = strict.Quote(s)
			}
		}
		return "[" + strings.Join(parts, ", ") + "]", ok
	}
	return "", false
}
