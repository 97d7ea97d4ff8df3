package sweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	archconfigs "bitcycle/arch-configs"
	"bitcycle/internal/files"
	"bitcycle/internal/strict"
)

// Shipped is a sweep in the binary.
type Shipped struct{ Name, Description string }

// List returns the shipped sweeps in the order of their names.
func List() []Shipped {
	entries, err := archconfigs.Files.ReadDir("sweeps")
	if err != nil {
		panic("sweep: " + err.Error())
	}
	var list []Shipped
	for _, e := range entries {
		s, err := Load(strings.TrimSuffix(e.Name(), ".toml"))
		if err != nil {
			panic("sweep: " + err.Error())
		}
		list = append(list, Shipped{s.Name, s.Description})
	}
	return list
}

// Load reads a sweep: a shipped one by name, or a TOML file. The error lists every
// problem, each with its place, key, value and what is allowed.
func Load(nameOrPath string) (*Spec, error) {
	if !strings.ContainsAny(nameOrPath, `/\.`) {
		text, err := archconfigs.Files.ReadFile("sweeps/" + nameOrPath + ".toml")
		if err == nil {
			return parse(nameOrPath+".toml", text, false)
		}
		return nil, unknownName(nameOrPath)
	}
	text, err := files.Read(context.Background(), nameOrPath, files.Document)
	if err != nil {
		return nil, err
	}
	return Parse(nameOrPath, text)
}

func unknownName(name string) error {
	var names []string
	entries, err := archconfigs.Files.ReadDir("sweeps")
	if err != nil {
		return err
	}
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".toml"))
	}
	if guess := strict.Guess(name, names); guess != "" {
		return fmt.Errorf("no sweep %q (did you mean %q?)", name, guess)
	}
	return fmt.Errorf("no sweep %q: want a file or one of %s", name, strings.Join(names, ", "))
}

// Parse reads the text of a sweep file; relative paths in it start at its folder.
func Parse(path string, text []byte) (*Spec, error) { return parse(path, text, true) }

// form is the TOML form of a sweep.
type form struct {
	Schema      int            `toml:"schema"`      // version of the format
	Name        string         `toml:"name"`        // of the sweep and the beginning of its folder's; the file's name unless given
	Description string         `toml:"description"` // one line for lists
	Base        baseForm       `toml:"base"`        // what is the same in every point: keys of the machine and arguments of the method too
	Axes        axesForm       `toml:"axes"`        // what varies: the product of all axes; keys with a dot are those of the machine
	Zip         zipForm        `toml:"zip"`         // axes that move together and count as one
	Sample      sampleForm     `toml:"sample"`
	Objectives  objectivesForm `toml:"objectives"`
	Constraints boundsForm     `toml:"constraints"` // bounds of figures: points that miss one are stored, and stay out of the front
}

// sampleForm is which points are taken instead of the whole product.
type sampleForm struct {
	Count int    `toml:"count"` // points; 0 = all
	Rule  string `toml:"rule"`  // how they are chosen: the whole grid, at random, or spread evenly (lhs, halton, sobol)
	Seed  int64  `toml:"seed"`  // of what is random
}

// objectivesForm is the figures that make the front.
type objectivesForm struct {
	Minimise []string `toml:"minimise"` // figures of which less is better, keys of [constraints]
	Maximise []string `toml:"maximise"` // figures of which more is better, keys of [constraints]
}

func parse(path string, text []byte, file bool) (*Spec, error) {
	doc := strict.New(path, text)
	f := form{Schema: 1, Sample: sampleForm{Rule: "grid", Seed: 1}}
	if err := doc.Decode(&f); err != nil {
		return nil, err
	}
	s := &Spec{
		Name: f.Name, Description: f.Description, Base: Base(f.Base), Axes: append(f.Axes, f.Zip...),
		Sample: Sample(f.Sample), Minimise: f.Objectives.Minimise, Maximise: f.Objectives.Maximise, Constraints: f.Constraints,
	}
	if file {
		s.Path = path
	}
	if s.Name == "" {
		s.Name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	errs := s.problems()
	if f.Schema != 1 {
		errs = append(errs, doc.Error("", 0, "schema", "want 1"))
	}
	if strings.ContainsAny(s.Name, `/\`) || strings.HasPrefix(s.Name, ".") {
		errs = append(errs, doc.Error("", 0, "name", "must be the name of a folder"))
	}
	if !slices.Contains(rules, f.Sample.Rule) {
		errs = append(errs, doc.Error("sample", 0, "rule", "want %s", strings.Join(rules, " | ")))
	}
	if f.Sample.Count < 0 {
		errs = append(errs, doc.Error("sample", 0, "count", "must be at least 1, or 0 for all points"))
	}
	if err := strict.Join(errs); err != nil {
		return nil, err
	}
	s.resolvePaths()
	return s, nil
}

// resolvePaths makes paths in a file relative to the working folder.
func (s *Spec) resolvePaths() {
	if s.Path == "" {
		return
	}
	folder := filepath.Dir(s.Path)
	for _, key := range []string{"machine", "frontend", "workload", "network"} {
		if v, ok := s.Base.Settings[key]; ok {
			s.Base.Settings[key] = beside(folder, v)
		}
		if a, ok := s.axis(key); ok {
			k := slices.Index(a.Keys, key)
			for _, v := range a.Values {
				v[k] = beside(folder, v[k])
			}
		}
	}
}

// beside is a path that starts at a folder; names of what is shipped stay.
func beside(folder, name string) string {
	if filepath.IsAbs(name) || !strings.ContainsAny(name, `/\.`) || !hasFile(folder, name) {
		return name
	}
	return filepath.Join(folder, name)
}

func hasFile(folder, name string) bool {
	_, err := os.Stat(filepath.Join(folder, name))
	return err == nil
}

// baseForm reads the table base: settings of known keys, keys of the machine, and the
// arguments of methods, which are known later.
type baseForm Base

// UnmarshalNode reads the table.
func (b *baseForm) UnmarshalNode(d *strict.Decoder, key string, n *strict.Node) {
	b.Settings = map[string]string{}
	if n.Table == nil {
		d.Value(n.At, key, n.Leaf, "want a table")
		return
	}
	for _, c := range children("", n) {
		b.one(d, c)
	}
}

func (b *baseForm) one(d *strict.Decoder, c child) {
	var ok bool
	want := ""
	switch c.key {
	case "set":
		b.Set, ok = texts(c.node.Leaf)
		want = `want a list such as ["array.rows=8"]`
	case "as_published":
		b.AsPublished, ok = c.node.Leaf.(bool)
		want = "want true or false"
	case "lazy":
		b.Lazy, ok = c.node.Leaf.(bool)
		want = "want true or false"
	case "images", "groups":
		var n int64
		n, ok = c.node.Leaf.(int64)
		ok = ok && n >= 0 && n <= 1<<31
		if want = "want a whole number of at least 0"; c.key == "images" {
			b.Images = int(n)
		} else {
			b.Groups = int(n)
		}
	default:
		b.Settings[c.key], ok = textOf(c.node.Leaf)
		want = "want a string, a number or a bool"
	}
	if !ok {
		d.Value(c.node.At, "base."+c.key, c.node.Leaf, want)
	}
}

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
