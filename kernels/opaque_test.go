package kernels

import (
	"slices"
	"strings"
	"testing"

	"bitcycle/kernels/workload"
)

// opaqueNet is a network of operators that are not executed: a product with
// weights, a product of activations, element-wise work and what only moves.
func opaqueNet() *Network {
	return &Network{Name: "opaque", Output: 4, Nodes: []Node{
		{Name: "x", Op: Input{Shape{C: 6, H: 4, W: 1}}},
		{Name: "q", Op: Opaque{Operator: "LSTM", Reason: "runs step by step", Out: Shape{C: 8, H: 4, W: 1}, Work: &OpaqueProduct{M: 4, K: 3, N: 4, Groups: 2}}, Inputs: []int{0}},
		{Name: "t", Op: Opaque{Operator: "Transpose", Out: Shape{C: 4, H: 8, W: 1}, Moves: true}, Inputs: []int{1}},
		{Name: "qk", Op: Opaque{Operator: "MatMul", Out: Shape{C: 4, H: 4, W: 1}, Work: &OpaqueProduct{M: 4, K: 8, N: 4, Groups: 1, Dynamic: true}}, Inputs: []int{1, 2}},
		{Name: "y", Op: Opaque{Operator: "Mish", Out: Shape{C: 4, H: 4, W: 1}}, Inputs: []int{3}},
	}}
}

func TestOpaqueCosts(t *testing.T) {
	net := opaqueNet()
	if err := net.InferShapes(); err != nil {
		t.Fatal(err)
	}
	w := LowerShape(net, []workload.LayerWidths{{Name: "q", ActBits: 5, WeightBits: workload.Widths{3}}}, true)
	if len(w.Ops) != 5 || w.MACs() != 4*3*4*2+4*8*4 { // the factors of qk are requantized
		t.Fatalf("%d ops, %d MACs", len(w.Ops), w.MACs())
	}
	if q := &w.Ops[0]; q.ActBits != 5 || q.WeightBits.Max() != 3 || q.M != 4 || q.Groups != 2 || q.Dynamic {
		t.Errorf("product with weights: %+v", q)
	}
	if qk := &w.Ops[3]; !qk.Dynamic || qk.ActBits != 5 || qk.WeightBits.Max() != 5 || !slices.Equal(qk.From, []int{2, 1}) {
		t.Errorf("product of activations: %+v", qk)
	}
	if y := &w.Ops[4]; y.Kind != workload.Vector || y.VectorOps != 16 {
		t.Errorf("element-wise work: %+v", y)
	}
}

func TestOpaqueDoesNotRun(t *testing.T) {
	_, err := Compile(opaqueNet(), PlanOptions{})
	if err == nil || !strings.Contains(err.Error(), `node "q" (LSTM): runs step by step`) || strings.Count(err.Error(), "\n") != 3 {
		t.Errorf("%v", err)
	}
}
