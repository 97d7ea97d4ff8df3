package kernels

import (
	"fmt"

	"bitcycle/kernels/gemm"
)

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

// op returns what computes a step, nil if there is nothing to compute.
func (c *compilerF32) op(s *step, at func(int) view[float32], w *workerF32) op {
	node := &c.net.Nodes[s.first()]
	y := at(s.last())
	if node.Op == OpInput {
		return nil
	}
	x := at(s.inputs[0])
	switch node.Op {
	case OpConv, OpDense:
		return c.product(s, x, y, at, w)
	case OpAdd:
		return &elementF32{x: x, other: at(s.inputs[1]), y: y, limits: c.clamp(s)}
	case OpScale:
		return &scaleF32{x, y, node.Scale, node.Bias, c.clamp(s)}
	case OpRelu, OpClip:
		return &elementF32{x: x, y: y, limits: node.limits()}
	case OpMaxPool:
		return newMaxPool(node, x, y)
	case OpAvgPool, OpGlobalPool:
		return newAvgPoolF32(node, x, y)
	case OpConcat:
		return concat(c.layout, node, y, at)
	case OpFlatten:
		return &flattenOp[float32]{x, y}
	case OpPad, OpSlice:
		return newCopy(node, x, y)
	case OpSoftmax:
		return &softmaxF32{x, y}
	case OpLRN:
		return newLRN(node, x, y)
	}
	panic(fmt.Sprintf("kernels: operator %v has no float kernel", node.Op))
}

// clamp returns the clamp at the end of a step.
func (c *compilerF32) clamp(s *step) limits {
	if n := &c.net.Nodes[s.last()]; n.Op == OpRelu || n.Op == OpClip {
		return n.limits()
	}
	return unlimited
}

// concat copies the inputs of a concatenation that lie elsewhere.
func concat[T number](l *layout, node *Node, y view[T], at func(int) view[T]) op {
	o := &concatOp[T]{}
	off := 0
	for _, k := range node.Inputs {
		in := at(k)
		if p := l.places[k]; !p.piece || &in.data[0] != &y.data[off] {
			o.add(in, y, off)
		}
		off += in.C
	}
	if len(o.parts) == 0 {
		return nil
	}
	return o
}
