package kernels

import "fmt"

// compilerInt makes workers of an integer graph; they share packed weights.
type compilerInt struct {
	*layout
	g       *integerGraph
	opt     IntOptions
	elem    []element     // of each buffer
	offsets []int         // of each buffer in the arena of its type
	totals  [elements]int // elements of each arena, one image
	tile    int
	packed  map[int][]any // by node, then group
	paths   map[int]Path
	collect bool // products keep their sums, for the tuner
}

func newCompilerInt(q *Quantized, opt IntOptions) (*compilerInt, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	g := q.graph()
	keep := make([]bool, len(g.net.Nodes))
	for _, n := range opt.Watch {
		if n < 0 || n >= len(g.at) {
			return nil, fmt.Errorf("node %d of %d cannot be watched", n, len(g.at))
		}
		keep[g.at[n]] = true
	}
	l := newLayout(g.net, rules{fuse: g.fuse, keep: keep})
	c := &compilerInt{layout: l, g: g, opt: opt, tile: opt.Tile, packed: map[int][]any{}, paths: map[int]Path{}}
	c.pack()
	if c.tile <= 0 {
		bytes := c.totals[elemU8] + c.totals[elemI8] + 2*c.totals[elemI16] + 4*c.totals[elemI32]
		c.tile = min(max(cacheBytes/max(bytes, 1), 1), 16)
	}
	return c, nil
}

// pack places the buffers in the arena of their type.
func (c *compilerInt) pack() {
	c.elem, c.offsets = make([]element, len(c.sizes)), make([]int, len(c.sizes))
	for n, p := range c.places {
		if p.buf >= 0 {
			c.elem[p.buf] = c.g.grids[n].element()
		}
	}
	for e := range elements {
		var which, sizes []int
		var spans []span
		for b := range c.sizes {
			if c.elem[b] == e {
				which, sizes, spans = append(which, b), append(sizes, c.sizes[b]), append(spans, c.spans[b])
			}
		}
		offsets, total := arena(sizes, spans)
		for i, b := range which {
			c.offsets[b] = offsets[i]
		}
		c.totals[e] = total
	}
}

func (c *compilerInt) worker() *intWorker {
	w := &intWorker{}
	m := memory{
		make([]uint8, c.totals[elemU8]*c.tile), make([]int8, c.totals[elemI8]*c.tile),
		make([]int16, c.totals[elemI16]*c.tile), make([]int32, c.totals[elemI32]*c.tile),
	}
	at := func(n int) tensor {
		p := c.places[n]
		return m.tensor(c.elem[p.buf], c.offsets[p.buf]*c.tile+p.off, p.ld, c.net.Nodes[n].Shape)
	}
	for i := range c.steps {
		s := &c.steps[i]
		if !c.aliased(s.last()) {
			if o := c.op(s, at, w); o != nil {
				w.ops = append(w.ops, o)
			}
		}
		for _, n := range c.opt.Watch {
			if c.g.at[n] == s.last() {
				t := at(s.last())
				w.ops = append(w.ops, &watchInt{n, t, make([]int32, t.Size()), w, c.opt.Observe})
			}
		}
	}
	w.output = at(c.net.Output)
	return w
}

// op returns what computes a step, nil if there is nothing to compute.
func (c *compilerInt) op(s *step, at func(int) tensor, w *intWorker) op {
	node := &c.net.Nodes[s.first()]
	y, to := at(s.last()), c.g.grids[s.last()]
	lo, hi := c.g.codeLimits(s)
	if node.Op == OpInput {
		return &quantizeOp{w: w, y: y, grid: to}
	}
	x, from := at(s.inputs[0]), c.g.grids[s.inputs[0]]
	switch node.Op {
	case OpConv, OpDense:
		return c.product(s, x, y, w)
	case OpAdd:
		other := c.g.grids[s.inputs[1]]
		f := moveCodes([]float64{from.Scale / to.Scale, other.Scale / to.Scale}, []int64{from.Magnitude(), other.Magnitude()})
		return newSum(x, at(s.inputs[1]), y, f, lo, hi)
	case OpScale:
		o := &scaleOp{x: x, y: y, lo: lo, hi: hi, buf: make([]int32, x.C)}
		for i, scale := range node.Scale {
			factor := float64(scale) * from.Scale / to.Scale
			o.f = append(o.f, newFixed([]float64{factor}, float64(node.Bias[i])/to.Scale, []int64{from.Magnitude()}))
		}
		return o
	case OpRelu, OpClip:
		return newRequant(x, y, fixed{mult: []int32{1}}, lo, hi)
	case opRequant:
		return newRequant(x, y, between(from, to), lo, hi)
	case OpAvgPool, OpGlobalPool:
		return newMean(node, x, y, from, to, lo, hi)
	case OpSoftmax:
		return newSoftmaxInt(x, y, from, to, lo, hi)
	case OpLRN:
		return newLRNInt(node, x, y, from, to, lo, hi)
	}
	switch y.elem { // operators that select: all tensors have the same grid
	case elemU8:
		return selection(c, node, x.u8, y.u8, func(n int) view[uint8] { return at(n).u8 })
	case elemI8:
		return selection(c, node, x.i8, y.i8, func(n int) view[int8] { return at(n).i8 })
	case elemI16:
		return selection(c, node, x.i16, y.i16, func(n int) view[int16] { return at(n).i16 })
	}
	return selection(c, node, x.i32, y.i32, func(n int) view[int32] { return at(n).i32 })
}

// selection returns the op of a node that picks among its inputs' codes.
func selection[T code](c *compilerInt, node *Node, x, y view[T], at func(int) view[T]) op {
	switch node.Op {
	case OpMaxPool:
		return newMaxPool(node, x, y)
	case OpConcat:
		return concat(c.layout, node, y, at)
	case OpFlatten:
		return &flattenOp[T]{x, y}
	case OpPad, OpSlice:
		return newCopy(node, x, y)
	}
	panic(fmt.Sprintf("kernels: operator %v has no integer kernel", node.Op))
}
