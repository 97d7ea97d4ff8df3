package quantizers

import (
	"flag"
	"fmt"
	"reflect"
	"testing"

	"bitcycle/internal/schema/schematest"
	"bitcycle/internal/strict"
	"bitcycle/internal/testdata"
	"bitcycle/kernels/workload"
)

var update = flag.Bool("update", false, "rewrite the schema")

func policySchema(t *testing.T) *schematest.Node {
	holds := strict.Holds{}
	holds.Numbers("schema", []int{1})
	for _, table := range []string{"default.", "layer."} {
		holds.Between(table+"act_bits", 1, workload.MaxBits)
		holds.Between(table+"weight_bits", 0, workload.MaxBits)
	}
	widths := func(least float64) *schematest.Node {
		most := float64(workload.MaxBits)
		return &schematest.Node{Type: "integer", Minimum: &least, Maximum: &most}
	}
	return schematest.Build(t, &schematest.Document{
		Title: "policy", About: "Bit widths of a network's layers, for -q policy:FILE",
		Type: reflect.TypeFor[policyForm](), Cases: []schematest.Case{{Holds: holds}},
		Own: map[reflect.Type]func(*strict.Held) *schematest.Node{
			reflect.TypeFor[workload.Widths](): schematest.OneOrMore,
			reflect.TypeFor[pair](): func(*strict.Held) *schematest.Node {
				return &schematest.Node{Type: "array", Items: widths(-1), MinItems: 2, MaxItems: 2}
			},
		},
		Conditions: []*schematest.Node{
			{AnyOf: []*schematest.Node{{Required: []string{"layer"}}, {Required: []string{"default"}}, {Required: []string{"strategy"}}}},
			{If: &schematest.Node{Required: []string{"strategy"}}, Then: &schematest.Node{Not: &schematest.Node{AnyOf: []*schematest.Node{{Required: []string{"layer"}}, {Required: []string{"default"}}}}}},
		},
	})
}

// The schema is made of the form and its comments.
func TestSchema(t *testing.T) {
	testdata.Text(t, "../internal/schema/policy.json", policySchema(t).Text(), *update)
}

// The schema and the reader draw the same bounds.
func TestSchemaAgreesWithTheReader(t *testing.T) {
	takes := schematest.Validator(t, policySchema(t))
	layer := func(key string, v any) string {
		rest := map[string]string{"act_bits": "weight_bits = 4", "weight_bits": "act_bits = 4"}[key]
		return fmt.Sprintf("[[layer]]\nname = \"a\"\n%s\n%s = %v\n", rest, key, v)
	}
	for text, good := range map[string]bool{
		layer("act_bits", 0): false, layer("act_bits", 1): true, layer("act_bits", 16): true, layer("act_bits", 17): false, layer("act_bits", "[4]"): false,
		layer("weight_bits", -1): false, layer("weight_bits", 0): true, layer("weight_bits", "[16, 0]"): true, layer("weight_bits", 17): false,
		layer("act_bit", 4): false, "[default]\nact_bits = 4\nweight_bits = 4\n": true, "schema = 2\n[default]\nact_bits = 4\nweight_bits = 4\n": false,
		"name = \"x\"\n": false, "strategy = [[8, -1], [4, 4]]\n": true, "strategy = [[8]]\n": false, "strategy = [[17, 4]]\n": false,
		"strategy = [[8, 8]]\n[default]\nact_bits = 4\nweight_bits = 4\n": false,
	} {
		_, err := ParsePolicy("p.toml", []byte(text))
		if schema := takes(text); (err == nil) != good || (schema == nil) != good {
			t.Errorf("the reader says %v, the schema %v\n%s", err, schema, text)
		}
	}
}
