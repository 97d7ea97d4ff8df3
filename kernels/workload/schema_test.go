package workload

import (
	"bytes"
	"flag"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bitcycle/internal/schema/schematest"
	"bitcycle/internal/strict"
	"bitcycle/internal/testdata"
)

var update = flag.Bool("update", false, "rewrite the schema")

// heldBy are what the keys of an op of each kind are held to.
func heldBy(kind string) strict.Holds {
	r := reader{doc: strict.New("", nil), form: &opForm{Name: "op", Kind: kind, In: []int{8, 8, 8}, Kernel: []int{1, 1}}, held: strict.Holds{}}
	r.op(map[string]int{"": -1})
	return r.held
}

// wide are the forms of types of this package.
var wide = map[reflect.Type]func(*strict.Held) *schematest.Node{reflect.TypeFor[Widths](): schematest.OneOrMore}

func workloadSchema(t *testing.T) *schematest.Node {
	doc := &schematest.Document{
		Title: "workload", About: "What a machine must do: shapes and widths of operations in order, without data",
		Type: reflect.TypeFor[file](), Own: wide,
		Default: func(key string) string { return map[string]string{"name": "the file's name"}[key] },
	}
	conditions := []*schematest.Node{}
	for _, kind := range kindNames {
		c := schematest.Case{Name: kind, Holds: strict.Holds{}}
		c.Holds.Needed("op")
		var needed []string
		for key, h := range heldBy(kind) {
			c.Holds["op."+key] = h
			if h.Needed {
				needed = append(needed, key)
			}
		}
		slices.Sort(needed)
		doc.Cases = append(doc.Cases, c)
		conditions = append(conditions, &schematest.Node{
			If:   &schematest.Node{Properties: schematest.Properties{{Name: "kind", Node: &schematest.Node{Const: kind}}}},
			Then: &schematest.Node{Required: needed},
		})
	}
	n := schematest.Build(t, doc)
	for _, p := range n.Properties {
		if p.Name == "op" {
			p.MinItems, p.Items.AllOf = 1, conditions
		}
	}
	return n
}

// The schema is made of the form, its comments and the checks.
func TestSchema(t *testing.T) {
	testdata.Text(t, "../../internal/schema/workload.json", workloadSchema(t).Text(), *update)
}

// Keys are said to be of the kinds whose reader looks at them.
func TestKindsOfKeys(t *testing.T) {
	form := reflect.TypeFor[opForm]()
	for _, kind := range kindNames {
		for key := range heldBy(kind) {
			field := form.Field(strict.FieldsOf(form).Index[key])
			if only := field.Tag.Get("only"); only != "" && !slices.Contains(strings.Fields(only), kind) {
				t.Errorf("%s reads %q, which is only for %s", kind, key, only)
			}
		}
	}
}

// The schema takes what Write writes and refuses what the reader refuses.
func TestSchemaAgreesWithTheReader(t *testing.T) {
	takes := schematest.Validator(t, workloadSchema(t))
	w, err := Parse("example.toml", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := Write(&text, w); err != nil {
		t.Fatal(err)
	}
	for _, good := range []string{example, text.String(), "[[op]]\nname = \"c\"\nkind = \"chain\"\nlength = 3\nrows = 1\n"} {
		if err := takes(good); err != nil {
			t.Errorf("the schema refuses: %v\n%s", err, good)
		}
	}
	edit := func(from, to string) string { return strings.Replace(example, from, to, 1) }
	for _, bad := range []string{
		edit("out_channels", "out_chanels"), edit("m = 10", `m = "ten"`), edit(`"conv"`, `"cnv"`), edit("weight_bits = 4", "weight_bits = 17"),
		edit("m = 10\n", ""), edit("kernel = [3, 3]", "kernel = [3]"), edit("pad = 1", "pad = [1, 1, 1, 1, 1]"), edit("batch = 1", "batch = 0"),
		edit("name = \"fc\"", "name = \"\""), "name = \"x\"", edit("act_bits = 8", "act_bits = 0"),
	} {
		if _, err := Parse("w.toml", []byte(bad)); err == nil || takes(bad) == nil {
			t.Errorf("the reader says %v, the schema %v\n%s", err, takes(bad), bad)
		}
	}
}
