package train

import (
	"errors"
	"fmt"

	"bitcycle/kernels"
)

// infer fills in the output shapes and the defaults of all nodes.
func (s *Spec) infer() error {
	if len(s.Nodes) == 0 || s.Nodes[0].Op != kernels.OpInput || s.Nodes[0].Shape.Size() < 1 {
		return fmt.Errorf("network %s: node 0 must be an input with a shape", s.Name)
	}
	for i := 1; i < len(s.Nodes); i++ {
		n := &s.Nodes[i]
		in, err := s.inputs(i)
		if err == nil {
			err = n.infer(in)
		}
		if err != nil {
			return fmt.Errorf("network %s: node %d %s: %w", s.Name, i, n.Name, err)
		}
	}
	return nil
}

// infer fills in the node's shape from those of its inputs.
func (n *Node) infer(in []kernels.Shape) error {
	switch n.Op {
	case kernels.OpRelu, kernels.OpClip, OpBatchNorm:
		n.Shape = in[0]
	case OpActivation:
		if n.Activation == nil {
			return errors.New("activation without a function")
		}
		n.Shape = in[0]
	case kernels.OpAdd:
		if in[0] != in[1] {
			return fmt.Errorf("sum of %v and %v", in[0], in[1])
		}
		n.Shape = in[0]
	case kernels.OpGlobalPool:
		n.Shape = kernels.Shape{C: in[0].C, H: 1, W: 1}
	case kernels.OpFlatten:
		n.Shape = kernels.Shape{C: in[0].Size(), H: 1, W: 1}
	case kernels.OpConv, kernels.OpMaxPool, kernels.OpAvgPool:
		return n.inferWindow(in[0])
	case kernels.OpDense:
		return n.inferDense(in[0])
	case kernels.OpConcat:
		return n.inferConcat(in)
	case kernels.OpPad, kernels.OpSlice:
		return n.inferCrop(in[0])
	default:
		return fmt.Errorf("operator %d cannot be trained", n.Op)
	}
	return nil
}

func (n *Node) inferDense(in kernels.Shape) error {
	if in.H*in.W != 1 {
		return fmt.Errorf("dense layer on %v: flatten first", in)
	}
	if n.Shape.C < 1 {
		return fmt.Errorf("%d channels: want at least 1", n.Shape.C)
	}
	n.Shape.H, n.Shape.W = 1, 1
	n.Kernel, n.Stride, n.Dilation, n.Groups = [2]int{1, 1}, [2]int{1, 1}, [2]int{1, 1}, 1
	return n.checkWeights(in.C)
}

// inferWindow is for convolution and pooling.
func (n *Node) inferWindow(in kernels.Shape) error {
	for d := range 2 {
		n.Stride[d] = max(n.Stride[d], 1)
		n.Dilation[d] = max(n.Dilation[d], 1)
	}
	n.Groups = max(n.Groups, 1)
	out := func(size, d int) int {
		reach := (n.Kernel[d]-1)*n.Dilation[d] + 1
		padded := size + n.Pad[d] + n.Pad[d+2]
		if n.Kernel[d] < 1 || padded < reach {
			return 0
		}
		return (padded-reach)/n.Stride[d] + 1
	}
	n.Shape.H, n.Shape.W = out(in.H, 0), out(in.W, 1)
	if n.Op != kernels.OpConv {
		n.Shape.C = in.C
	}
	if n.Shape.Size() < 1 {
		return fmt.Errorf("output %v of input %v, kernel %v", n.Shape, in, n.Kernel)
	}
	if n.Op != kernels.OpConv {
		return nil
	}
	if in.C%n.Groups != 0 || n.Shape.C%n.Groups != 0 {
		return fmt.Errorf("%d groups of %d input and %d output channels", n.Groups, in.C, n.Shape.C)
	}
	return n.checkWeights(in.C / n.Groups * n.Kernel[0] * n.Kernel[1])
}

func (n *Node) checkWeights(k int) error {
	if n.Weight != nil && len(n.Weight) != n.Shape.C*k {
		return fmt.Errorf("%d weights: want %d", len(n.Weight), n.Shape.C*k)
	}
	if n.Bias != nil && len(n.Bias) != n.Shape.C {
		return fmt.Errorf("%d biases: want %d", len(n.Bias), n.Shape.C)
	}
	return nil
}

func (n *Node) inferConcat(in []kernels.Shape) error {
	n.Shape = in[0]
	for _, s := range in[1:] {
		if s.H != n.Shape.H || s.W != n.Shape.W {
			return fmt.Errorf("concatenation of %v and %v", in[0], s)
		}
		n.Shape.C += s.C
	}
	return nil
}

// inferCrop is for padding and strided subsets.
func (n *Node) inferCrop(in kernels.Shape) error {
	if n.Op == kernels.OpPad {
		n.Shape = kernels.Shape{
			C: in.C + n.PadC[0] + n.PadC[1],
			H: in.H + n.Pad[0] + n.Pad[2],
			W: in.W + n.Pad[1] + n.Pad[3],
		}
		return nil
	}
	size, out := [3]int{in.C, in.H, in.W}, [3]int{n.Shape.C, n.Shape.H, n.Shape.W}
	for d := range 3 {
		n.Step[d] = max(n.Step[d], 1)
		if out[d] < 1 || n.Start[d] < 0 || n.Start[d]+(out[d]-1)*n.Step[d] >= size[d] {
			return fmt.Errorf("slice %v from %v by %v of %v", n.Shape, n.Start, n.Step, in)
		}
	}
	return nil
}
