package kernels

import "fmt"

// compilerInt makes workers of an integer graph; they share packed weights.
type compilerInt struct {
	*layout
	g         *integerGraph
	opt       IntOptions
	elem      []element     // of each buffer
	offsets   []int         // of each buffer in the arena of its type
	totals    [elements]int // elements of each arena, one image
	tile      int
	constants map[int]any // of nodes: packed weights by group, tables
	paths     map[int]Path
	collect   bool // products keep their sums, for the tuner
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
	c := &compilerInt{layout: l, g: g, opt: opt, tile: opt.Tile, constants: map[int]any{}, paths: map[int]Path{}}
	c.pack()
	bytes := c.totals[elemU8] + c.totals[elemI8] + 2*c.totals[elemI16] + 4*c.totals[elemI32]
	if c.tile <= 0 {
		c.tile = min(max(cacheBytes/max(bytes, 1), 1), 16)
	}
	return c, fits(g.net, float64(bytes), c.tile, workerCount(opt.Workers))
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

// tensors makes arenas and returns where the values of each node lie in them.
func (c *compilerInt) tensors() func(n int) tensor {
	m := memory{
		make([]uint8, c.totals[elemU8]*c.tile), make([]int8, c.totals[elemI8]*c.tile),
		make([]int16, c.totals[elemI16]*c.tile), make([]int32, c.totals[elemI32]*c.tile),
	}
	return func(n int) tensor {
		p := c.places[n]
		return m.tensor(c.elem[p.buf], c.offsets[p.buf]*c.tile+p.off, p.ld, c.net.Nodes[n].Shape)
	}
}

func (c *compilerInt) worker() *intWorker {
	w, at := &intWorker{}, c.tensors()
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

// shared returns what all workers need for node n, made once.
func (c *compilerInt) shared(n int, make func() any) any {
	if _, ok := c.constants[n]; !ok {
		c.constants[n] = make()
	}
	return c.constants[n]
}

// stepInt is a step on codes as the operator that begins it sees it.
type stepInt struct {
	c      *compilerInt
	w      *intWorker
	index  int // of the operator's node in the integer graph
	x      []tensor
	from   []Grid // of x
	y      tensor
	to     Grid  // of y
	lo, hi int32 // codes that the step may write
}

// op returns what computes a step, nil if there is nothing to compute.
func (c *compilerInt) op(s *step, at func(int) tensor, w *intWorker) op {
	i := stepInt{c: c, w: w, index: s.first(), y: at(s.last()), to: c.g.grids[s.last()]}
	for _, n := range s.inputs {
		i.x, i.from = append(i.x, at(n)), append(i.from, c.g.grids[n])
	}
	i.lo, i.hi = c.g.codeLimits(s)
	return c.net.Nodes[i.index].Op.integer(&i)
}

// moved returns the op of an operator that moves codes, all on one grid, made by
// the function for the type that they have.
func moved[O any](s *stepInt, o O,
	u8 func(O, []view[uint8], view[uint8]) op, i8 func(O, []view[int8], view[int8]) op,
	i16 func(O, []view[int16], view[int16]) op, i32 func(O, []view[int32], view[int32]) op,
) op {
	switch s.y.elem {
	case elemU8:
		return u8(o, views(s.x, func(t *tensor) view[uint8] { return t.u8 }), s.y.u8)
	case elemI8:
		return i8(o, views(s.x, func(t *tensor) view[int8] { return t.i8 }), s.y.i8)
	case elemI16:
		return i16(o, views(s.x, func(t *tensor) view[int16] { return t.i16 }), s.y.i16)
	}
	return i32(o, views(s.x, func(t *tensor) view[int32] { return t.i32 }), s.y.i32)
}

func views[T code](ts []tensor, of func(*tensor) view[T]) []view[T] {
	out := make([]view[T], len(ts))
	for i := range ts {
		out[i] = of(&ts[i])
	}
	return out
}
