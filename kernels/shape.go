package kernels

import (
	"errors"
	"fmt"
	"math"
)

// Shape is the size of one image's tensor: channels, height, width. A vector of
// n features is {n, 1, 1}, a sequence of t vectors {n, t, 1}. A tensor with four
// axes also has a depth, which is 0 for all others. Values lie in the order
// depth, row, column, channel; ONNX counts them as channel, depth, row, column.
type Shape struct{ C, H, W, D int }

// Size returns the number of elements.
func (s Shape) Size() int { return s.C * s.Pixels() }

// Pixels returns the number of positions that have all channels.
func (s Shape) Pixels() int { return s.H * s.W * max(s.D, 1) }

func (s Shape) String() string {
	if s.D > 0 {
		return fmt.Sprintf("%d×%d×%d×%d", s.C, s.D, s.H, s.W)
	}
	return fmt.Sprintf("%d×%d×%d", s.C, s.H, s.W)
}

// maxElements bounds every tensor of one image, so that a wrong shape is an
// error and not an exhausted memory.
const maxElements = 1 << 30

// check reports a shape that no tensor has.
func (s Shape) check() error {
	if s.C < 1 || s.H < 1 || s.W < 1 || s.D < 0 {
		return fmt.Errorf("output %v is empty", s)
	}
	if float64(s.C)*float64(s.H)*float64(s.W)*float64(max(s.D, 1)) > maxElements {
		return fmt.Errorf("output %v exceeds %d elements", s, maxElements)
	}
	return nil
}

// image reports a tensor that is not an image.
func (s Shape) image() error {
	if s.D > 0 {
		return fmt.Errorf("input %v: must be channels, height and width", s)
	}
	return nil
}

// InferShapes fills the Shape of every node from its inputs and reports the
// first node that cannot be. A network that is complete is not written to.
func (n *Network) InferShapes() error {
	if len(n.Nodes) == 0 || !n.Nodes[0].input() {
		return fmt.Errorf("network %q has no input", n.Name)
	}
	for i := range n.Nodes {
		if err := n.Infer(i); err != nil {
			return fmt.Errorf("node %q (%s): %w", n.Nodes[i].Name, n.Nodes[i].operator(), err)
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
	if i > 0 && node.input() {
		return errors.New("second input")
	}
	for _, k := range node.Inputs {
		if k < 0 || k >= i {
			return fmt.Errorf("input %d is not an earlier node", k)
		}
	}
	shape, err := node.Infer(n.inputShapes(i))
	if err != nil {
		return err
	}
	if node.Shape != shape { // plans of one network may be compiled side by side
		node.Shape = shape
	}
	return nil
}

// inputShapes returns the shapes of what node i reads.
func (n *Network) inputShapes(i int) []Shape {
	in := make([]Shape, len(n.Nodes[i].Inputs))
	for j, k := range n.Nodes[i].Inputs {
		in[j] = n.Nodes[k].Shape
	}
	return in
}

// Infer returns the shape of the node's output, given those of its inputs, or
// what is wrong with the node. Weights and biases are only looked at if there
// are any.
func (node *Node) Infer(in []Shape) (Shape, error) {
	if node.Op == nil {
		return Shape{}, errors.New("no operator")
	}
	least, most := node.Op.Arity()
	switch {
	case len(in) < least && least != most:
		return Shape{}, fmt.Errorf("%d inputs: must be at least %d", len(in), least)
	case len(in) < least || len(in) > most:
		return Shape{}, fmt.Errorf("%d inputs: must be %d", len(in), most)
	}
	shape, err := node.Op.Infer(in)
	if shape.D == 1 {
		shape.D = 0
	}
	if err == nil {
		err = shape.check()
	}
	if err != nil {
		return Shape{}, err
	}
	if p, ok := node.Op.Product(in); ok {
		err = node.weightsFit(&p)
	}
	return shape, err
}

// weightsFit checks the lengths of the weights.
func (node *Node) weightsFit(p *Product) error {
	m := p.Channels
	if node.Weight != nil && len(node.Weight) != m*p.K || node.Bias != nil && len(node.Bias) != m {
		return fmt.Errorf("%d weights and %d biases for %d outputs of %d inputs each", len(node.Weight), len(node.Bias), m, p.K)
	}
	if node.Fold != nil && len(node.Fold) != m {
		return fmt.Errorf("%d fold factors for %d outputs", len(node.Fold), m)
	}
	return nil
}

func (node *Node) input() bool {
	_, ok := node.Op.(Input)
	return ok
}

// operator names the node's operator in messages.
func (node *Node) operator() string {
	if node.Op == nil {
		return "none"
	}
	return node.Op.Name()
}

// complete reports what keeps the network from being executed: operators without
// an execution and layers without weights, at most [mostErrors] of them.
func (n *Network) complete() error {
	var errs []error
	for i := range n.Nodes {
		node := &n.Nodes[i]
		o, opaque := node.Op.(Opaque)
		switch {
		case opaque:
			errs = append(errs, fmt.Errorf("node %q (%s): %w: it cannot be executed", node.Name, o.Name(), o.refusal()))
		case recurrentShape(node.Op), HasWeights(node.Op) && (node.Weight == nil || node.Bias == nil):
			errs = append(errs, fmt.Errorf("node %q (%s) has no weights: it cannot be executed", node.Name, node.Op.Name()))
		}
	}
	if more := len(errs) - mostErrors; more > 0 {
		errs = append(errs[:mostErrors], fmt.Errorf("%d more nodes cannot be executed", more))
	}
	return errors.Join(errs...)
}

// mostErrors bounds how many problems are told at once.
const mostErrors = 20

// anyNumber is the arity of operators that take as many inputs as they get.
const anyNumber = math.MaxInt
