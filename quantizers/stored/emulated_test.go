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
	net := &kernels.Network{Name: "net", Output: 1, Nodes: []kernels.Node{
		{Name: "x", Op: kernels.Input{Shape: kernels.Shape{C: 3, H: 1, W: 1}}},
		{Name: "y", Op: kernels.Dense{Channels: 2}, Inputs: []int{0}, Weight: make([]float32, 6), Bias: make([]float32, 2)},
	}}
	if err := net.InferShapes(); err != nil {
		t.Fatal(err)
	}
	m := &Emulated{Spec: "onnx", Widths: []workload.LayerWidths{{Name: "y", ActBits: 5, WeightBits: workload.Widths{3}}}}
	op := m.Lower(net).Ops[0]
	if op.ActBits != 5 || op.WeightBits.Max() != 3 || !m.IsFloat() || m.Name() != "onnx" {
		t.Errorf("%+v", op)
	}
	if _, err := m.Quantize(context.Background(), net, kernels.Batch{}, nil); err == nil || !strings.Contains(err.Error(), "has no integers") {
		t.Errorf("%v", err)
	}
}
