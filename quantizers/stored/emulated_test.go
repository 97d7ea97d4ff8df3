package stored

import (
	"context"
	"strings"
	"testing"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// A network that is executed in float32 is charged at its own widths, and has no integers.
func TestEmulated(t *testing.T) {
	onGrid := kernels.Quantize{Grids: []kernels.Grid{{Scale: 1, Bits: 5, Signed: true}}}
	net := &kernels.Network{Name: "net", Output: 2, Nodes: []kernels.Node{
		{Name: "x", Op: kernels.Input{Shape: kernels.Shape{C: 3, H: 1, W: 1}}},
		{Name: "q", Op: onGrid, Inputs: []int{0}},
		{Name: "y", Op: kernels.Dense{Channels: 2}, Inputs: []int{1}, Weight: make([]float32, 6), Bias: make([]float32, 2)},
	}}
	if err := net.InferShapes(); err != nil {
		t.Fatal(err)
	}
	m := &Emulated{Spec: "onnx", Widths: []workload.LayerWidths{{Name: "y", ActBits: 5, WeightBits: workload.Widths{3}}}}
	ops := m.Lower(net).Ops
	if len(ops) != 1 { // the quantizer is part of what stores its input
		t.Fatalf("%d ops", len(ops))
	}
	op := ops[0]
	if op.ActBits != 5 || op.WeightBits.Max() != 3 || !m.IsFloat() || m.Name() != "onnx" {
		t.Errorf("%+v", op)
	}
	if _, err := m.Quantize(context.Background(), net, kernels.Batch{}, nil); err == nil || !strings.Contains(err.Error(), "has no integers") {
		t.Errorf("%v", err)
	}
}
