package kernels

import (
	"fmt"
	"math"
)

// maxElements bounds every tensor of one image, so that a wrong shape is an
// error and not an exhausted memory.
const maxElements = 1 << 30

// InferShapes fills the Shape of every node from its inputs. Given beforehand
// are the whole shape of the input and of slices, and the output channels
// (Shape.C) of convolutions and dense layers. Missing strides, dilations and
// groups become 1. A network that is complete is not written to. It reports the first node that cannot be.
func (n *Network) InferShapes() error {
	if len(n.Nodes) == 0 || n.Nodes[0].Op != OpInput {
		return fmt.Errorf("network %q has no input", n.Name)
	}
	for i := range n.Nodes {
		if err := n.Infer(i); err != nil {
			return fmt.Errorf("node %q (%v): %w", n.Nodes[i].Name, n.Nodes[i].Op, err)
		}
	}
	if n.Output < 0 || n.Output >= len(n.Nodes) {
		return fmt.Errorf("network %q: output %d is not a node", n.Name, n.Output)
	}
	return nil
}

// Infer checks node i alone and fills its Shape; the nodes before it are done.
func (n *Network) Infer(i int) error {
	node := &n.Nodes[i]
	want := map[OpType]int{OpInput: 0, OpAdd: 2}
	inputs, fixed := want[node.Op]
	switch {
	case fixed && len(node.Inputs) != inputs:
		return fmt.Errorf("%d inputs: must be %d", len(node.Inputs), inputs)
	case !fixed && node.Op != OpConcat && len(node.Inputs) != 1:
		return fmt.Errorf("%d inputs: must be 1", len(node.Inputs))
	case node.Op == OpConcat && len(node.Inputs) == 0:
		return fmt.Errorf("no inputs: must be at least 1")
	case node.Op == OpInput && i != 0:
		return fmt.Errorf("second input")
	}
	in := make([]Shape, len(node.Inputs))
	for j, k := range node.Inputs {
		if k < 0 || k >= i {
			return fmt.Errorf("input %d is not an earlier node", k)
		}
		in[j] = n.Nodes[k].Shape
	}
	shape, err := node.outputShape(in)
	if err != nil {
		return err
	}
	if shape.C < 1 || shape.H < 1 || shape.W < 1 {
		return fmt.Errorf("output %v is empty", shape)
	}
	if float64(shape.C)*float64(shape.H)*float64(shape.W) > maxElements {
		return fmt.Errorf("output %v exceeds %d elements", shape, maxElements)
	}
	if node.Shape != shape { // plans of one network may be compiled side by side
		node.Shape = shape
	}
	return nil
}

// atLeast1 replaces what was left out.
func atLeast1(v *int) {
	if *v < 1 {
		*v = 1
	}
}

func (s Shape) String() string { return fmt.Sprintf("%d×%d×%d", s.C, s.H, s.W) }

func (node *Node) outputShape(in []Shape) (Shape, error) {
	switch node.Op {
	case OpInput:
		return node.Shape, nil
	case OpConv:
		return node.convShape(in[0])
	case OpDense:
		return Shape{node.Shape.C, 1, 1}, node.weightsMatch(in[0].Size())
	case OpAdd:
		if in[0] != in[1] {
			return Shape{}, fmt.Errorf("shapes %v and %v differ", in[0], in[1])
		}
		return in[0], nil
	case OpScale:
		if len(node.Scale) != in[0].C || len(node.Bias) != in[0].C {
			return Shape{}, fmt.Errorf("%d scales and %d biases for %d channels", len(node.Scale), len(node.Bias), in[0].C)
		}
		return in[0], nil
	case OpConcat:
		return concatShape(in)
	case OpMaxPool, OpAvgPool:
		return node.poolShape(in[0])
	case OpGlobalPool:
		return Shape{in[0].C, 1, 1}, nil
	case OpFlatten:
		return Shape{in[0].Size(), 1, 1}, nil
	case OpPad:
		return node.padShape(in[0])
	case OpSlice:
		return node.sliceShape(in[0])
	case OpRelu, OpClip, OpSoftmax:
		return in[0], nil
	case OpLRN:
		if node.LRNSize < 1 || !(node.Alpha >= 0) || !(node.LRNOffset > 0) || !(node.Beta >= 0) {
			return Shape{}, fmt.Errorf("size %d, alpha %v, beta %v, bias %v: must be positive", node.LRNSize, node.Alpha, node.Beta, node.LRNOffset)
		}
		return in[0], nil
	}
	return Shape{}, fmt.Errorf("operator %d is not known", node.Op)
}

func (node *Node) convShape(in Shape) (Shape, error) {
	atLeast1(&node.Groups)
	out := node.Shape.C
	if out < 1 || in.C%node.Groups != 0 || out%node.Groups != 0 {
		return Shape{}, fmt.Errorf("%d groups do not divide %d input and %d output channels", node.Groups, in.C, out)
	}
	shape, err := node.window(in, out)
	if err != nil {
		return Shape{}, err
	}
	return shape, node.weightsMatch(in.C / node.Groups * node.Kernel[0] * node.Kernel[1])
}

// weightsMatch checks the lengths of the weights against k weights per output channel.
func (node *Node) weightsMatch(k int) error {
	if m := node.Shape.C; len(node.Weight) != m*k || len(node.Bias) != m {
		return fmt.Errorf("%d weights and %d biases for %d outputs of %d inputs each", len(node.Weight), len(node.Bias), m, k)
	}
	if node.Fold != nil && len(node.Fold) != node.Shape.C {
		return fmt.Errorf("%d fold factors for %d outputs", len(node.Fold), node.Shape.C)
	}
	return nil
}

// window returns the shape that a sliding window makes of in.
func (node *Node) window(in Shape, channels int) (Shape, error) {
	out := [2]int{}
	for d, size := range [2]int{in.H, in.W} {
		atLeast1(&node.Stride[d])
		atLeast1(&node.Dilation[d])
		k, pad := node.Kernel[d], node.Pad[d]+node.Pad[d+2]
		if k < 1 || k > math.MaxInt32 || node.Dilation[d] > math.MaxInt32 {
			return Shape{}, fmt.Errorf("kernel %v, dilation %v: must be at least 1", node.Kernel, node.Dilation)
		}
		if node.Pad[d] < 0 || node.Pad[d+2] < 0 || pad > math.MaxInt32 {
			return Shape{}, fmt.Errorf("padding %v: must not be negative", node.Pad)
		}
		room := size + pad - (node.Dilation[d]*(k-1) + 1)
		if room < 0 {
			return Shape{}, fmt.Errorf("kernel %v with dilation %v is larger than the padded input %v", node.Kernel, node.Dilation, in)
		}
		out[d] = room/node.Stride[d] + 1
	}
	return Shape{channels, out[0], out[1]}, nil
}

// poolShape is window for pooling, where every window must cover a pixel.
func (node *Node) poolShape(in Shape) (Shape, error) {
	out, err := node.window(in, in.C)
	if err != nil {
		return out, err
	}
	for d, size := range [2][2]int{{in.H, out.H}, {in.W, out.W}} {
		reach := node.Dilation[d]*(node.Kernel[d]-1) + 1
		padded := node.Pad[d]+node.Pad[d+2] > 0
		if node.Pad[d] >= reach || (size[1]-1)*node.Stride[d]-node.Pad[d] >= size[0] || padded && node.Dilation[d] > size[0] {
			return out, fmt.Errorf("padding %v leaves windows of %v without a pixel", node.Pad, node.Kernel)
		}
	}
	return out, nil
}

func concatShape(in []Shape) (Shape, error) {
	shape := in[0]
	for _, s := range in[1:] {
		if s.H != shape.H || s.W != shape.W {
			return Shape{}, fmt.Errorf("shapes %v and %v differ in height or width", shape, s)
		}
		shape.C += s.C
	}
	return shape, nil
}

func (node *Node) padShape(in Shape) (Shape, error) {
	for _, p := range append(node.Pad[:], node.PadC[:]...) {
		if p < 0 || p > math.MaxInt32 {
			return Shape{}, fmt.Errorf("padding %v, %v: must not be negative", node.Pad, node.PadC)
		}
	}
	return Shape{
		in.C + node.PadC[0] + node.PadC[1],
		in.H + node.Pad[0] + node.Pad[2],
		in.W + node.Pad[1] + node.Pad[3],
	}, nil
}

func (node *Node) sliceShape(in Shape) (Shape, error) {
	count := [3]int{node.Shape.C, node.Shape.H, node.Shape.W}
	for d, size := range [3]int{in.C, in.H, in.W} {
		first, step := node.Start[d], node.Step[d]
		if step == 0 || count[d] < 1 || count[d] > size {
			return Shape{}, fmt.Errorf("%d elements in steps of %d from an axis of %d", count[d], step, size)
		}
		if last := first + (count[d]-1)*step; first < 0 || first >= size || last < 0 || last >= size {
			return Shape{}, fmt.Errorf("elements %d to %d of an axis of %d", first, last, size)
		}
	}
	return node.Shape, nil
}

// Readers returns, for every node, the nodes that read it.
func (n *Network) Readers() [][]int {
	readers := make([][]int, len(n.Nodes))
	for i := range n.Nodes {
		for _, in := range n.Nodes[i].Inputs {
			readers[in] = append(readers[in], i)
		}
	}
	return readers
}

// Depthwise tells whether node i is a convolution with one kernel per channel.
func (n *Network) Depthwise(i int) bool {
	node := &n.Nodes[i]
	return node.Op == OpConv && node.Groups > 1 && node.Groups == node.Shape.C && node.Groups == n.Nodes[node.Inputs[0]].Shape.C
}

// Reduction returns the number of weights of one output channel of a Conv or Dense.
func (node *Node) Reduction() int { return len(node.Weight) / node.Shape.C }
