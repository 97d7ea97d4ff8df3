package kernels

import (
	"testing"

	"bitcycle/kernels/workload"
)

// Without weights a network has shapes and a cost, and says why it cannot run.
func TestNetworkWithoutWeights(t *testing.T) {
	net := &Network{Name: "shapes", Output: 1, Nodes: []Node{
		{Name: "x", Op: Input{Shape{C: 3, H: 8, W: 8}}},
		{Name: "a", Op: Conv{Channels: 4, Window: Window{Kernel: [2]int{3, 3}}}, Inputs: []int{0}},
	}}
	if err := net.InferShapes(); err != nil || net.Nodes[1].Shape != (Shape{C: 4, H: 6, W: 6}) {
		t.Fatalf("shape %v: %v", net.Nodes[1].Shape, err)
	}
	w := LowerShape(net, []workload.LayerWidths{{WeightBits: workload.Widths{8}, ActBits: 8}}, true)
	if got := w.MACs(); got != 4*27*36 {
		t.Errorf("%d MACs", got)
	}
	if _, err := Compile(net, PlanOptions{}); err == nil || err.Error() != `node "a" (conv) has no weights: it cannot be executed` {
		t.Errorf("compiled: %v", err)
	}
}

// What does not fit together is refused with what is wrong.
func TestInferErrors(t *testing.T) {
	image, deep := Shape{C: 4, H: 5, W: 5}, Shape{C: 4, H: 5, W: 5, D: 2}
	for want, c := range map[string]struct {
		op Operator
		in []Shape
	}{
		"2 inputs: must be 1":                                                    {Relu{}, []Shape{image, image}},
		"0 inputs: must be at least 1":                                           {Concat{}, nil},
		"1 inputs: must be 2":                                                    {Add{}, []Shape{image}},
		"shapes 4×5×5 and 4×2×5×5 differ":                                        {Add{}, []Shape{image, deep}},
		"input 4×2×5×5: must be channels, height and width":                      {MaxPool{Window{Kernel: [2]int{1, 1}}}, []Shape{deep}},
		"3 groups do not divide 4 input and 6 output channels":                   {Conv{Channels: 6, Groups: 3}, []Shape{image}},
		"kernel [7 1] with dilation [1 1] is larger than the padded input 4×5×5": {Conv{Channels: 6, Window: Window{Kernel: [2]int{7, 1}}}, []Shape{image}},
		"padding [2 0 0 0] leaves windows of [2 2] without a pixel":              {AvgPool{Window: Window{Kernel: [2]int{2, 2}, Pad: [4]int{2, 0, 0, 0}}}, []Shape{image}},
		"elements 1 to 5 of an axis of 5":                                        {Slice{Start: [3]int{0, 1, 0}, Step: [3]int{1, 1, 1}, Count: [3]int{4, 5, 5}}, []Shape{image}},
		"3 scales and 4 biases for 4 channels":                                   {Scale{make([]float32, 3), make([]float32, 4)}, []Shape{image}},
		"limits 1 and 0: the first must not exceed the second":                   {Clip{1, 0}, []Shape{image}},
		"no operator": {nil, nil},
	} {
		if _, err := (&Node{Op: c.op}).Infer(c.in); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
