package kernels

// Network is a float graph of operators in execution order. Nodes[0] is the
// input; every other node reads earlier nodes. Batch normalization is folded
// into the convolution or dense layer before it on import.
type Network struct {
	Name  string
	Nodes []Node
	// Output is the index of the node whose values are the logits.
	Output int
}

// Node is an operator in a network.
type Node struct {
	Name   string
	Op     Operator
	Inputs []int // node indices
	Shape  Shape // of the output, as InferShapes finds it

	// Weight and Bias are those of operators with a Product: K weights and one bias
	// for each output channel. A network without them has shapes, and so a cost,
	// but cannot be executed.
	Weight, Bias []float32
	// Fold is the factor by which folding a batch norm (or a constant scale) into
	// this layer multiplied the weights of each output channel; nil = all 1.
	// Weight[m]/Fold[m] are the weights as they were trained.
	Fold []float32
}

// InputShape returns the shape of one image.
func (n *Network) InputShape() Shape {
	s, _ := n.Nodes[0].Op.Infer(nil) // no more than Input's own
	return s
}

// Layers returns the indices of the nodes with weights, in execution order. A
// layer's position in this list is its number in policies.
func (n *Network) Layers() []int {
	var layers []int
	for i := range n.Nodes {
		if HasWeights(n.Nodes[i].Op) {
			layers = append(layers, i)
		}
	}
	return layers
}

// unknown stands for the inputs of operators whose shapes do not matter.
var unknown = make([]Shape, 2)

// HasWeights tells whether an operator, which may be nil, has a Product.
func HasWeights(o Operator) bool {
	if o == nil {
		return false
	}
	_, ok := o.Product(unknown)
	return ok
}

// Product returns the product that node i is; ok is false if it has no weights.
func (n *Network) Product(i int) (p Product, ok bool) {
	return n.Nodes[i].Op.Product(n.inputShapes(i))
}

// Depthwise tells whether node i is a convolution with one kernel per channel.
func (n *Network) Depthwise(i int) bool {
	p, ok := n.Product(i)
	return ok && p.Depthwise()
}

// Reduction returns the number of weights of one output channel of a layer.
func (node *Node) Reduction() int { return len(node.Weight) / node.Shape.C }

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

// Unquantized returns the network without the quantizers of a foreign model that is
// executed in float32 ([Quantize], [QuantizeFloat]): what a machine must do, which puts
// results on grids as it computes them.
func (n *Network) Unquantized() *Network {
	out, to := &Network{Name: n.Name}, make([]int, len(n.Nodes))
	for i, node := range n.Nodes {
		switch node.Op.(type) {
		case Quantize, QuantizeFloat:
			to[i] = to[node.Inputs[0]]
			continue
		}
		inputs := make([]int, len(node.Inputs))
		for j, in := range node.Inputs {
			inputs[j] = to[in]
		}
		node.Inputs = inputs
		to[i] = len(out.Nodes)
		out.Nodes = append(out.Nodes, node)
	}
	out.Output = to[n.Output]
	return out
}
