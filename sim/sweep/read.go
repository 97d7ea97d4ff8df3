package sweep

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bitcycle/internal/strict"
)

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
	Measured    string         `toml:"measured"`    // figures that others measured, to stand beside ours: shipped ones by name, or a CSV file with columns of keys, of figures and source
	Constraints boundsForm     `toml:"constraints"` // bounds of figures: points that miss one are stored, and stay out of the front
}

// sampleForm is which points are taken instead of the whole product.
type sampleForm struct {
	Count int    `toml:"count"` // points; 0 = all
	Rule  string `toml:"rule"`  // how they are chosen: the whole grid, at random, spread evenly (lhs, halton, sobol), or around the front found so far
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
		Measured: f.Measured,
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
	s.Measured = beside(folder, s.Measured)
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
	case "rel_error":
		switch x := c.node.Leaf.(type) {
		case float64:
			b.RelError, ok = x, x > 0 && x <= 1
		case int64:
			b.RelError, ok = float64(x), x == 1
		}
		want = "want a share above 0 and at most 1"
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
