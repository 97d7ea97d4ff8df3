package kernels

import "bitcycle/kernels/workload"

// Lower returns what a machine must do to execute the quantized network: one op
// for each convolution and dense layer, with requantization and activation, and
// one for every other step that computes. Concatenation, flattening, padding
// and slicing only say where values lie, so their readers read what they read.
func (q *Quantized) Lower() *workload.Workload { return lower(q.graph()) }

// LowerShape is Lower for widths alone, before there are weights: it gives the
// workload of any quantization of the network with these widths whose tensors
// are stored as Storage says. signed tells whether the input can be negative.
func LowerShape(net *Network, layers []workload.LayerWidths, signed bool) *workload.Workload {
	q := &Quantized{Net: net, Grids: make([]Grid, len(net.Nodes))}
	nonneg := net.Nonnegative(signed)
	inputs := make([]Grid, len(layers))
	for i, node := range net.Layers() {
		l, in := &layers[i], net.Nodes[node].Inputs[0]
		// Scales only tell grids of different tensors apart.
		grid := Grid{Scale: float64(in + 1), Bits: l.ActBits, Signed: !nonneg[in]}
		inputs[i] = grid
		q.Layers = append(q.Layers, QLayer{Node: node, In: grid, RowBits: l.WeightBits})
	}
	for n, s := range net.Storage(inputs) {
		if s.Layer < 0 {
			q.Grids[n] = Grid{Scale: -float64(s.Node + 1), Bits: ResidualBits, Signed: true}
			continue
		}
		q.Grids[n] = inputs[s.Layer]
	}
	return lower(q.graph())
}

// lowering turns the steps of an integer graph into ops.
type lowering struct {
	g   *integerGraph
	out *workload.Workload
	// from lists the ops that the values of each node come from.
	from [][]int
	// elements is how many values reading a node means reading; padding is not read.
	elements []int
}

func lower(g *integerGraph) *workload.Workload {
	l := newLayout(g.net, rules{fuse: g.fuse})
	lo := lowering{g: g, out: &workload.Workload{Name: g.net.Name}, from: make([][]int, len(g.net.Nodes)), elements: make([]int, len(g.net.Nodes))}
	for i := range l.steps {
		lo.step(&l.steps[i])
	}
	return lo.out
}

func (l *lowering) step(s *step) {
	n, node := s.last(), &l.g.net.Nodes[s.first()]
	l.elements[n] = l.g.net.Nodes[n].Shape.Size()
	var from []int
	in, width := 0, uint8(0)
	for _, i := range s.inputs {
		from = union(from, l.from[i])
		in += l.elements[i]
		width = max(width, l.g.grids[i].Bits)
	}
	switch node.Op {
	case OpInput:
		l.from[n] = []int{-1}
		return
	case OpConcat, OpFlatten, OpPad:
		l.from[n], l.elements[n] = from, in
		return
	case OpSlice:
		l.from[n] = from
		return
	}
	op := workload.Op{
		Name: l.g.net.Nodes[s.first()].Name, Groups: 1, Batch: 1, From: from,
		ActBits: width, OutBits: l.g.grids[n].Bits, ActSigned: l.g.grids[s.inputs[0]].Signed,
	}
	after := len(s.chain) - 1 // clamps
	if layer := l.g.layer[s.first()]; layer >= 0 {
		l.product(&op, s.first(), &l.g.q.Layers[layer])
		op.VectorOps = 1 + after + l.furtherPoints(&op)
	} else {
		op.Kind, op.ElementsIn, op.ElementsOut = workload.Vector, in, l.elements[n]
		op.VectorOps = l.elements[n] * (node.operations(l.g.net) + after)
	}
	l.from[n] = []int{len(l.out.Ops)}
	l.out.Ops = append(l.out.Ops, op)
}

// furtherPoints is how many additions the points of a channel cost, on average, rounded up.
func (l *lowering) furtherPoints(op *workload.Op) int {
	m := op.Channels()
	return max((op.VirtualChannels()-1)/m, 0)
}

// product describes a convolution or dense layer.
func (l *lowering) product(op *workload.Op, n int, layer *QLayer) {
	node := &l.g.net.Nodes[n]
	op.WeightBits, op.Points = layer.RowBits, layer.Points
	op.ActBits, op.ActSigned = layer.In.Bits, layer.In.Signed
	op.M, op.K, op.N = node.Shape.C, node.Reduction(), node.Shape.H*node.Shape.W
	if node.Op == OpDense {
		op.Kind = workload.MatMul
		return
	}
	op.Kind, op.Groups = workload.Conv, node.Groups
	if l.g.net.Depthwise(n) {
		op.Kind = workload.Depthwise
	}
	op.M /= node.Groups
	in := l.g.net.Nodes[node.Inputs[0]].Shape
	op.In, op.Out = [3]int{in.C, in.H, in.W}, [2]int{node.Shape.H, node.Shape.W}
	op.Kernel, op.Stride, op.Pad, op.Dilation = node.Kernel, node.Stride, node.Pad, node.Dilation
}

// operations returns the element operations on each output of a node without
// weights: one for every value that enters it, and one to requantize where the
// result leaves the grid of its inputs.
func (node *Node) operations(net *Network) int {
	switch node.Op {
	case OpAdd:
		return 2
	case OpMaxPool:
		return node.Kernel[0] * node.Kernel[1]
	case OpAvgPool:
		return node.Kernel[0]*node.Kernel[1] + 1
	case OpGlobalPool:
		in := net.Nodes[node.Inputs[0]].Shape
		return in.H*in.W + 1
	case OpSoftmax:
		return 3 // subtract the largest, exponential, divide
	case OpLRN:
		return node.LRNSize + 2 // squares, power, product
	}
	return 1
}

// union appends the members of b that a lacks.
func union(a, b []int) []int {
	out := append([]int(nil), a...)
	for _, x := range b {
		known := false
		for _, y := range out {
			known = known || x == y
		}
		if !known {
			out = append(out, x)
		}
	}
	return out
}
