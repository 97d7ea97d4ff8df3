package train

import (
	"errors"
	"fmt"

	"bitcycle/kernels"
)

// infer fills in the shapes of all nodes and reports the first that cannot be
// trained.
func (s *Spec) infer() error {
	if len(s.Nodes) == 0 || s.Nodes[0].input().Size() < 1 {
		return fmt.Errorf("network %s: node 0 must be an input with a shape", s.Name)
	}
	s.Nodes[0].Shape = s.Nodes[0].input()
	for i := 1; i < len(s.Nodes); i++ {
		n := &s.Nodes[i]
		in, err := s.inputs(i)
		if err == nil {
			n.Shape, err = n.infer(in)
		}
		if err != nil {
			return fmt.Errorf("network %s: node %d %s: %w", s.Name, i, n.Name, err)
		}
	}
	return nil
}

// input returns the shape that the node reads if it is an input.
func (n *Node) input() kernels.Shape {
	o, _ := n.Op.(kernels.Input)
	return o.Shape
}

// infer returns the node's shape from those of its inputs.
func (n *Node) infer(in []kernels.Shape) (kernels.Shape, error) {
	if n.Norm != nil || n.Activation != nil {
		if len(in) != 1 || n.Op != nil {
			return kernels.Shape{}, fmt.Errorf("%d inputs and operator %v: a normalization or activation reads one and has none", len(in), n.Op)
		}
		return in[0], nil
	}
	shape, err := n.Infer(in)
	if err != nil {
		return shape, err
	}
	p, ok := n.Op.Product(in)
	switch {
	case !ok:
		_, err = n.Op.Gradient(in, shape)
	case p.Whole && in[0].Pixels() != 1:
		err = errors.New("a dense layer reads vectors: flatten first")
	}
	return shape, err
}
