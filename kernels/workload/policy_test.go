package workload

import (
	"slices"
	"strings"
	"testing"
)

// branched is a convolution, a product that reads it, one of activations, and an
// addition of the two.
func branched() *Workload {
	product := func(name string, from ...int) Op {
		return Op{Name: name, Kind: MatMul, M: 4, K: 4, N: 2, Groups: 1, Batch: 1, WeightBits: Widths{8}, ActBits: 8, OutBits: 8, From: from}
	}
	w := &Workload{Name: "branched", Ops: []Op{product("a", -1), product("b", 0), product("qk", 0, 1)}}
	w.Ops[2].Dynamic = true
	w.Ops = append(w.Ops, Op{Name: "add", Kind: Vector, Batch: 1, ElementsIn: 16, ElementsOut: 8, VectorOps: 16, ActBits: 8, OutBits: 8, From: []int{1, 2}})
	return w
}

func TestSetWidths(t *testing.T) {
	w := branched()
	if got := w.Layers(); !slices.Equal(got, []string{"a", "b"}) {
		t.Fatalf("layers %v", got)
	}
	if err := w.SetWidths([]LayerWidths{{Name: "b", ActBits: 3, WeightBits: Widths{4, 0, 2, 1}}, {Name: "a", ActBits: 5, WeightBits: Widths{6}}}); err != nil {
		t.Fatal(err)
	}
	a, b, qk, add := &w.Ops[0], &w.Ops[1], &w.Ops[2], &w.Ops[3]
	if a.ActBits != 5 || a.WeightBits.At(3) != 6 || a.OutBits != 0 || b.ActBits != 3 || b.WeightBits.At(1) != 0 {
		t.Errorf("a %+v, b %+v", a, b)
	}
	if qk.ActBits != 8 || qk.WeightBits.At(0) != 8 || b.OutBits != 8 || add.ActBits != 8 || add.OutBits != 8 {
		t.Error("what the policy does not name has changed")
	}
	if err := w.SetWidths([]LayerWidths{{Name: "a", ActBits: 5, WeightBits: Widths{6}}, {Name: "b", ActBits: 3, WeightBits: Widths{4}}, {Name: "qk", ActBits: 2, WeightBits: Widths{2}}}); err != nil || qk.WeightBits.At(0) != 2 {
		t.Errorf("%v, %v", qk.WeightBits, err)
	}
}

func TestSetWidthsRejects(t *testing.T) {
	a, b := LayerWidths{Name: "a", ActBits: 4, WeightBits: Widths{4}}, LayerWidths{Name: "b", ActBits: 4, WeightBits: Widths{4}}
	for _, test := range []struct {
		layers []LayerWidths
		want   string
	}{
		{[]LayerWidths{a}, `workload branched: no widths for 1 of its layers: b`},
		{[]LayerWidths{a, b, {Name: "add", ActBits: 4, WeightBits: Widths{4}}}, `layer "add": workload branched has no such op`},
		{[]LayerWidths{a, b, a}, `layer "a": is given twice`},
		{[]LayerWidths{a, {Name: "b", ActBits: 4, WeightBits: Widths{4, 2}}}, `layer "b": weight_bits = [4, 2]: 2 entries`},
		{[]LayerWidths{a, {Name: "b", ActBits: 4, WeightBits: Widths{17}}}, `layer "b": weight_bits = 17: must be 0 to 16`},
		{[]LayerWidths{a, {Name: "b", ActBits: 0, WeightBits: Widths{4}}}, `layer "b": act_bits = 0: must be 1 to 16`},
	} {
		w := branched()
		err := w.SetWidths(test.layers)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
		if w.Ops[0].ActBits != 8 || w.Ops[0].OutBits != 8 {
			t.Errorf("%q: the workload has changed", test.want)
		}
	}
}
