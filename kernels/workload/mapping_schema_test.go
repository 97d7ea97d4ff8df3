package workload

import (
	"reflect"
	"testing"

	"bitcycle/internal/schema/schematest"
	"bitcycle/internal/strict"
	"bitcycle/internal/testdata"
)

func mappingSchema(t *testing.T) *schematest.Node {
	holds := strict.Holds{}
	holds.Needed("op")
	holds.Needed("op.name")
	holds.Filled("op.name")
	for _, key := range []string{"b", "oh", "ow", "oc", "kh", "kw", "ic"} {
		holds.Between("op."+key, 0, limit)
		holds.Default("op."+key, 0)
	}
	holds.Words("op.order", LoopNames)
	n := schematest.Build(t, &schematest.Document{
		Title: "mapping", About: "Sizes of tiles and order of loops of a workload's layers, for run --mapping",
		Type: reflect.TypeFor[mappingFile](), Cases: []schematest.Case{{Holds: holds}},
	})
	for _, p := range n.Properties {
		if p.Name == "op" {
			p.MinItems = 1
			p.Items.Required = []string{"name"}
		}
	}
	return n
}

// The schema of mappings is made of the form and its comments.
func TestMappingSchema(t *testing.T) {
	testdata.Text(t, "../../internal/schema/mapping.json", mappingSchema(t).Text(), *update)
}

// The schema of mappings and the reader refuse the same.
func TestMappingSchemaAgreesWithTheReader(t *testing.T) {
	takes := schematest.Validator(t, mappingSchema(t))
	for text, good := range map[string]bool{
		"[[op]]\nname = \"a\"\noh = 3\norder = [\"OC\", \"OH\"]\n": true, "[[op]]\nname = \"*\"\n": true, "": false, "[[op]]\noh = 3\n": false,
		"[[op]]\nname = \"a\"\noh = -1\n": false, "[[op]]\nname = \"a\"\noh = \"all\"\n": false, "[[op]]\nname = \"a\"\norder = [\"XX\"]\n": false,
		"[[op]]\nname = \"a\"\nrows = 3\n": false, "[[op]]\nname = \"\"\n": false, "op = 3\n": false,
	} {
		_, err := parseMapping([]byte(text))
		if schema := takes(text); (err == nil) != good || (schema == nil) != good {
			t.Errorf("the reader says %v, the schema %v\n%s", err, schema, text)
		}
	}
}
