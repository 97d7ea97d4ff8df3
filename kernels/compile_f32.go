package kernels

import "bitcycle/kernels/gemm"

// compilerF32 makes workers of a layout; they share the packed weights.
type compilerF32 struct {
	*layout
	opt         PlanOptions
	offsets     []int
	total, tile int
	packed      [][]*gemm.PackedF32 // by node and group
}

func (c *compilerF32) worker() *workerF32 {
	w := &workerF32{}
	memory := make([]float32, c.total*c.tile)
	at := func(n int) view[float32] {
		p := c.places[n]
		return view[float32]{memory[c.offsets[p.buf]*c.tile+p.off:], p.ld, c.net.Nodes[n].Shape}
	}
	for i := range c.steps {
		s := &c.steps[i]
		if !c.aliased(s.last()) {
			if o := c.op(s, at, w); o != nil {
				w.ops = append(w.ops, o)
			}
		}
		for _, n := range c.opt.Watch {
			if n == s.last() {
				v := at(n)
				w.ops = append(w.ops, &watchF32{n, v, make([]float32, v.Size()), w, c.opt.Observe})
			}
		}
	}
	w.input, w.output = at(0), at(c.net.Output)
	return w
}

// watchF32 shows a node's values to an observer.
type watchF32 struct {
	node    int
	v       view[float32]
	buf     []float32
	w       *workerF32
	observe func(node, image int, values []float32)
}

func (o *watchF32) run(images int) {
	for i := range images {
		o.observe(o.node, o.w.image+i, o.v.gather(o.buf, i))
	}
}

// stepF32 is a step as the operator that begins it sees it.
type stepF32 struct {
	c      *compilerF32
	w      *workerF32
	index  int // of the operator's node
	x      []view[float32]
	y      view[float32]
	limits Limits // that the step ends with; unlimited if no clamp is fused
}

// op returns what computes a step, nil if there is nothing to compute.
func (c *compilerF32) op(s *step, at func(int) view[float32], w *workerF32) op {
	f := stepF32{c: c, w: w, index: s.first(), y: at(s.last()), limits: unlimited}
	for _, n := range s.inputs {
		f.x = append(f.x, at(n))
	}
	if l, ok := c.net.Nodes[s.last()].Op.Clamp(); ok {
		f.limits = l
	}
	return c.net.Nodes[f.index].Op.float(&f)
}
