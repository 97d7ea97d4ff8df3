package kernels

import "bitcycle/kernels/workload"

// Lower returns what a machine must do to execute the quantized network: one op
// for each convolution and dense layer, with requantization and activation, and
// one for every other step that computes. Concatenation, flattening, padding
// and slicing only say where values lie, so their readers read what they read.
func (q *Quantized) Lower() *workload.Workload { return lower(q.graph()) }

// LowerShape is Lower for widths alone, before there are weights: it gives the
// workload of any quantization of the network with these widths whose tensors
// are stored as Storage says. Behind the layers, entries may give the widths of
// products of tensors: of the first factor ActBits, of the second WeightBits; else
// both have [FactorWidth]. signed tells whether the input can be negative.
func LowerShape(net *Network, layers []workload.LayerWidths, signed bool) *workload.Workload {
	q := &Quantized{Net: net, Grids: make([]Grid, len(net.Nodes))}
	nonneg := net.Nonnegative(signed)
	// Scales only tell grids of different tensors apart.
	grid := func(node int, bits uint8) Grid {
		return Grid{Scale: float64(net.Origin(node) + 1), Bits: bits, Signed: !nonneg[node]}
	}
	var reads []Grid
	nodes := net.Layers()
	for i, node := range nodes {
		in := grid(net.Nodes[node].Inputs[0], layers[i].ActBits)
		reads = append(reads, in)
		p, _ := net.Product(node)
		q.Layers = append(q.Layers, QLayer{Node: node, In: in, RowBits: layers[i].WeightBits, Group: p.GroupOf(layers[i].Group)})
	}
	inputs, width := reads, FactorWidth(layers[:len(nodes)])
	for i, node := range net.MatMuls() {
		bits := [2]uint8{width, width}
		if more := layers[len(nodes):]; len(more) > i {
			bits = [2]uint8{more[i].ActBits, more[i].WeightBits.Max()}
		}
		var pair [2]Grid
		for j, from := range net.Nodes[node].Factors() {
			pair[j] = grid(from, bits[j])
		}
		q.Factors, reads = append(q.Factors, pair), append(reads, pair[:]...)
	}
	for n, s := range net.Storage(inputs, q.Factors) {
		if s.Read < 0 {
			q.Grids[n] = Grid{Scale: -float64(s.Node + 1), Bits: ResidualBits, Signed: true}
			continue
		}
		q.Grids[n] = reads[s.Read]
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
	if s.first() == 0 {
		l.from[n] = []int{-1}
		return
	}
	var from []int
	in, width := 0, uint8(0)
	for _, i := range s.inputs {
		from = union(from, l.from[i])
		in += l.elements[i]
		width = max(width, l.g.grids[i].Bits)
	}
	work := node.Op.ElementOps(l.g.net.inputShapes(s.first()), node.Shape)
	if work == Free {
		l.from[n] = from
		if _, opaque := node.Op.(Opaque); !opaque && len(s.inputs) > 0 {
			l.elements[n] = min(in, l.elements[n]) // padding is not read
		}
		return
	}
	if from == nil { // constants alone
		from = []int{-1}
	}
	op := workload.Op{
		Name: node.Name, Groups: 1, Batch: 1, From: from,
		ActBits: width, OutBits: l.g.grids[n].Bits, ActSigned: l.g.grids[s.inputs[0]].Signed,
	}
	after := len(s.chain) - 1 // clamps
	if p := stated(node.Op, l.g.net.inputShapes(s.first())); p != nil {
		l.stated(&op, s, p)
		op.VectorOps += after
	} else if layer := l.g.layer[s.first()]; layer >= 0 {
		l.product(&op, s.first(), &l.g.q.Layers[layer])
		op.VectorOps = work/l.elements[n] + after + l.zeroPoints(s.first(), l.elements[n])
		if q := &l.g.q.Layers[layer]; q.groups(op.K) > 1 {
			l.split(op, q)
			l.from[n] = []int{len(l.out.Ops) - 1}
			return
		}
		op.VectorOps += l.furtherPoints(&op)
	} else {
		op.Kind, op.ElementsIn, op.ElementsOut = workload.Vector, in, l.elements[n]
		op.VectorOps = work + l.elements[n]*after
	}
	l.from[n] = []int{len(l.out.Ops)}
	l.out.Ops = append(l.out.Ops, op)
}

// furtherPoints is how many additions the points of a channel cost, on average, rounded up.
func (l *lowering) furtherPoints(op *workload.Op) int {
	m := op.Channels()
	return max((op.VirtualChannels()-1)/m, 0)
}

// zeroPoints is how many operations of each output, on average, rounded up, the zero
// points of weights cost. Of
//
//	Σ_k (w[k] − z)·x[k] = Σ_k w[k]·x[k] − z·Σ_k x[k]
//
// the array computes the first sum (Jacob et al., CVPR 2018, eq. 7 and 8). The second
// is that of the inputs under a window: the channels of a group are added up pixel by
// pixel, then the pixels under each window, and every output takes it off times z.
// Zero points of inputs cost nothing: z·Σ_k w[k] is a constant of the bias, and what
// pads an image is the zero point.
func (l *lowering) zeroPoints(n, outputs int) int {
	if layer := l.g.layer[n]; layer < 0 || l.g.q.Layers[layer].RowZero == nil {
		return 0
	}
	node := &l.g.net.Nodes[n]
	p, _ := l.g.net.Product(n)
	in := l.g.net.Nodes[node.Inputs[0]].Shape
	sums := p.K
	if !p.Whole {
		sums = p.Groups * node.Shape.Pixels() * p.Area()
		if in.C > p.Groups {
			sums += in.Size()
		}
	}
	return (sums+outputs-1)/outputs + 1
}

// product describes a convolution or dense layer.
func (l *lowering) product(op *workload.Op, n int, layer *QLayer) {
	node := &l.g.net.Nodes[n]
	p, _ := l.g.net.Product(n)
	op.WeightBits, op.Points = layer.RowBits, layer.Points
	op.ActBits, op.ActSigned = layer.In.Bits, layer.In.Signed
	op.M, op.K, op.N, op.Groups = p.Channels/p.Groups, p.K, node.Shape.Pixels(), p.Groups
	if p.Whole {
		op.Kind = workload.MatMul
		return
	}
	op.Kind = workload.Conv
	if p.Depthwise() {
		op.Kind = workload.Depthwise
	}
	in := l.g.net.Nodes[node.Inputs[0]].Shape
	op.In, op.Out = [3]int{in.C, in.H, in.W}, [2]int{node.Shape.H, node.Shape.W}
	op.Kernel, op.Stride, op.Pad, op.Dilation = p.Kernel, p.Stride, p.Pad, p.Dilation
}

// stated returns the product that an operator says it is; nil if it has weights of
// its own, or is none.
func stated(o Operator, in []Shape) *OpaqueProduct {
	switch o := o.(type) {
	case Opaque:
		return o.Work
	case MatMul:
		return o.work(in)
	case Recurrent:
		return o.product(in)
	}
	return nil
}

// stated describes the product of two tensors, or of an operator that is not
// executed.
func (l *lowering) stated(op *workload.Op, s *step, p *OpaqueProduct) {
	op.Kind, op.VectorOps = workload.MatMul, 1 // requantization
	op.M, op.K, op.N, op.Groups, op.Dynamic = p.M, p.K, p.N, p.Groups, p.Dynamic
	if layer := l.g.layer[s.first()]; layer >= 0 {
		op.WeightBits, op.ActBits = l.g.q.Layers[layer].RowBits, l.g.q.Layers[layer].In.Bits
		return
	}
	if r, ok := l.g.net.Nodes[s.first()].Op.(Recurrent); ok {
		l.recurrent(op, s.inputs[0], &r)
		return
	}
	op.ActBits = l.g.grids[s.inputs[0]].Bits
	op.WeightBits = workload.Widths{l.g.grids[s.inputs[len(s.inputs)-1]].Bits}
}

// recurrent gives the product with the state the widths of that with the input, the
// layer behind node n: its gates are the same.
func (l *lowering) recurrent(op *workload.Op, n int, r *Recurrent) {
	op.VectorOps = r.perGate()
	for l.g.layer[n] < 0 && len(l.g.net.Nodes[n].Inputs) > 0 {
		n = l.g.net.Nodes[n].Inputs[0]
	}
	op.ActBits, op.WeightBits = FactorWidth(nil), workload.Widths{FactorWidth(nil)}
	if k := l.g.layer[n]; k >= 0 {
		op.ActBits = l.g.q.Layers[k].In.Bits
		if w := l.g.q.Layers[k].RowBits; len(w) == 1 || len(w) == op.Channels() {
			op.WeightBits = w
		} else if len(w) > 0 {
			op.WeightBits = workload.Widths{w.Max()}
		}
	}
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
