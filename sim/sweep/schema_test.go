package sweep

import (
	"flag"
	"io/fs"
	"reflect"
	"strings"
	"testing"

	archconfigs "bitcycle/arch-configs"
	"bitcycle/internal/schema/schematest"
	"bitcycle/internal/strict"
	"bitcycle/internal/testdata"
)

var update = flag.Bool("update", false, "rewrite the schema")

// scalar is a value of an axis: what a setting may be.
func scalar() *schematest.Node {
	return &schematest.Node{AnyOf: []*schematest.Node{{Type: "string"}, {Type: "number"}, {Type: "boolean"}, {Type: "array"}}, Takes: "value"}
}

// values are those of an axis.
func values() *schematest.Node {
	number := func() *schematest.Node { return &schematest.Node{Type: "number"} }
	span := &schematest.Node{
		Type: "object", Additional: false, Required: []string{"from", "to"},
		Properties: schematest.Properties{{Name: "from", Node: number()}, {Name: "to", Node: number()}, {Name: "step", Node: number()}, {Name: "times", Node: number()}},
	}
	return &schematest.Node{AnyOf: []*schematest.Node{{Type: "array", Items: scalar(), MinItems: 1}, span}, Takes: "list of values, or { from, to, step or times }"}
}

// deeper is a table of keys of a machine that are written apart: array.rows.
func deeper() *schematest.Node {
	return &schematest.Node{Type: "object", Not: &schematest.Node{Required: []string{"from"}}}
}

// table has the keys of sweeps, then any of machines and methods.
func table(value func() *schematest.Node) *schematest.Node {
	n := &schematest.Node{Type: "object", Additional: &schematest.Node{AnyOf: append(value().AnyOf, deeper())}}
	for _, k := range Keys {
		v := value()
		v.Description = k.About
		n.Properties = append(n.Properties, schematest.Property{Name: k.Name, Node: v})
	}
	return n
}

func baseTable(*strict.Held) *schematest.Node {
	least, share, most := 0.0, 0.0, 1.0
	n := table(scalar)
	for _, p := range []schematest.Property{
		{Name: "set", Node: &schematest.Node{Type: "array", Items: &schematest.Node{Type: "string"}, Description: "key=value settings of every machine, below those of axes"}},
		{Name: "as_published", Node: &schematest.Node{Type: "boolean", Default: false, Description: "every machine with its own batch and memory system"}},
		{Name: "lazy", Node: &schematest.Node{Type: "boolean", Default: false, Description: "stop measuring the accuracy of a point when it cannot be on the front"}},
		{Name: "images", Node: &schematest.Node{Type: "integer", Minimum: &least, Default: 0, Description: "to measure accuracy on at most; 0 = all of the set"}},
		{Name: "groups", Node: &schematest.Node{Type: "integer", Minimum: &least, Default: 0, Description: "of symbols that a front end's error rate is simulated on at most"}},
		{Name: "rel_error", Node: &schematest.Node{Type: "number", ExclusiveMinimum: &share, Maximum: &most, Default: DefaultRelError, Description: "half the 95 % interval of a front end's error rate, as a share of it, at which its simulation ends"}},
	} {
		n.Properties = append(n.Properties, p)
	}
	return n
}

func zipTables(*strict.Held) *schematest.Node {
	return &schematest.Node{Type: "array", Takes: "tables of axes of one length", Items: &schematest.Node{Type: "object", Additional: &schematest.Node{AnyOf: append(values().AnyOf, deeper())}}}
}

func bounds(*strict.Held) *schematest.Node {
	n := &schematest.Node{Type: "object", Additional: false}
	for _, m := range Metrics {
		head, _, _ := strings.Cut(m.Head, " [")
		n.Properties = append(n.Properties, schematest.Property{Name: m.Key, Node: &schematest.Node{
			Type: "string", Takes: "bound", Pattern: `^\s*(` + strings.Join(ops, "|") + `)\s*[-+0-9.]`, Description: head + ", in the unit of the key: \"<= 4\"",
		}})
	}
	return n
}

func sweepSchema(t *testing.T) *schematest.Node {
	var figures []string
	for _, m := range Metrics {
		figures = append(figures, m.Key)
	}
	holds := strict.Holds{}
	holds.Numbers("schema", []int{1})
	holds.AtLeast("sample.count", 0)
	holds.Words("sample.rule", rules)
	holds.Words("objectives.minimise", figures)
	holds.Words("objectives.maximise", figures)
	holds.Default("schema", 1)
	holds.Default("sample.count", 0)
	holds.Default("sample.rule", rules[0])
	holds.Default("sample.seed", 1)
	return schematest.Build(t, &schematest.Document{
		Title: "sweep", About: "One question for many points: what is the same in all, what varies, which figures make the front; see sweeps.md",
		Type: reflect.TypeFor[form](), Cases: []schematest.Case{{Holds: holds}},
		Default: func(key string) string { return map[string]string{"name": "the file's name"}[key] },
		Own: map[reflect.Type]func(*strict.Held) *schematest.Node{
			reflect.TypeFor[baseForm]():   baseTable,
			reflect.TypeFor[axesForm]():   func(*strict.Held) *schematest.Node { return table(values) },
			reflect.TypeFor[zipForm]():    zipTables,
			reflect.TypeFor[boundsForm](): bounds,
		},
	})
}

// The schema is made of the form, its comments and the lists of keys and figures.
func TestSchema(t *testing.T) {
	testdata.Text(t, "../../internal/schema/sweep.json", sweepSchema(t).Text(), *update)
}

// The schema and the reader refuse the same.
func TestSchemaAgreesWithTheReader(t *testing.T) {
	takes := schematest.Validator(t, sweepSchema(t))
	shipped, err := fs.Glob(archconfigs.Files, "sweeps/*.toml")
	if err != nil || len(shipped) == 0 {
		t.Fatal("no sweeps", err)
	}
	texts := map[string]bool{
		"[axes]\nw = []\n": false, "[axes]\nw = 3\n": false, "[axes]\nw = { from = 3, to = 9, stp = 1 }\n": false, "[axes]\nw = { from = 3, to = 9, step = 2 }\n": true,
		"[objectives]\nminimise = [\"latency\"]\n": false, "[constraints]\ntop1 = 3\n": false, "[constraints]\ntop1 = \">= 0.9\"\narea_mm2 = \"<= 4\"\n": true,
		"[sample]\nrule = \"sobl\"\n": false, "[sample]\ncount = -1\n": false, "[base]\nimages = -1\n": false, "[base]\nlazy = 1\n": false, "[base]\nrel_error = 0\n": false, "[base]\nrel_error = 0.02\n": true, "[base]\nrel_error = 1.5\n": false, "axis = 3\n": false, "schema = 2\n": false,
		"[[zip]]\nw = [1, 2]\na = [4, 8]\n": true, "zip = 3\n": false,
	}
	for _, name := range shipped {
		text, err := archconfigs.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[string(text)] = true
	}
	for text, good := range texts {
		_, err := Parse("x.toml", []byte(text))
		if schema := takes(text); (err == nil) != good || (schema == nil) != good {
			t.Errorf("the reader says %v, the schema %v\n%s", err, schema, text)
		}
	}
}
