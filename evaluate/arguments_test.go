package evaluate

import (
	"maps"
	"slices"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/shipped"
	"bitcycle/quantizers"
)

// Every argument that a method's parser asks for is explained, and no other.
func TestArgumentsAreExplained(t *testing.T) {
	some := 0
	for _, m := range Methods() {
		var asked []string
		for _, a := range Arguments(m.Name) {
			asked = append(asked, a.Key)
			if m.Keys[a.Key] == "" || a.Allowed == "" {
				t.Errorf("%s: %s = %s, %s: what does it mean?", m.Name, a.Key, a.Default, a.Allowed)
			}
		}
		some += len(asked)
		slices.Sort(asked)
		if said := slices.Sorted(maps.Keys(m.Keys)); !slices.Equal(asked, said) {
			t.Errorf("%s: explains %v, asks for %v", m.Name, said, asked)
		}
		if TakesArgument(m.Name, "no such argument") || len(asked) > 0 && !TakesArgument(m.Name, asked[0]) {
			t.Errorf("%s: takes arguments that it has not, or not those that it has", m.Name)
		}
	}
	if some < 40 {
		t.Errorf("only %d arguments", some)
	}
}

// The float network has its own accuracy, agrees with itself, and costs what 16 bits do.
func TestFloat(t *testing.T) {
	machine := load(t, "gemmini-default")
	images, err := dataset.Load("glyphs[:64]")
	if err != nil {
		t.Fatal(err)
	}
	calib, err := dataset.Load("glyphs:calib[:16]")
	if err != nil {
		t.Fatal(err)
	}
	run := func(spec string) *Outcome {
		method, err := ParseMethod(spec, MethodContext{})
		if err != nil {
			t.Fatal(err)
		}
		out, err := Run(t.Context(), Job{Machine: machine, Network: shipped.File(), Method: method, Calib: calib, Data: images})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	float, wide := run("float"), run("uniform:w=16,a=16,first=16,last=16,bn=false")
	if a := float.Accuracy; a.Top1 != a.FloatTop1 || a.Agreement != 1 || a.Images != 64 {
		t.Errorf("accuracy %+v", a)
	}
	if float.Cost.Totals.Cycles != wide.Cost.Totals.Cycles {
		t.Errorf("%d cycles, 16 bits take %d", float.Cost.Totals.Cycles, wide.Cost.Totals.Cycles)
	}
	if _, err := ParseMethod("float:w=4", MethodContext{}); err == nil {
		t.Error("float takes arguments")
	}
	c := Comparison{
		Network: shipped.File(), Machines: []*arch.Accelerator{machine}, Data: images, Calib: calib,
		Methods: []MethodFor{func(*arch.Accelerator) (quantizers.Method, error) { return ParseMethod("float", MethodContext{}) }},
	}
	plan, err := c.Plan()
	if err != nil {
		t.Fatal(err)
	}
	entries, err := plan.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if a := entries[0].Accuracy; a != float.Accuracy {
		t.Errorf("compared: %+v", a)
	}
}
