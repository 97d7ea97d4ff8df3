package kernels

import (
	"fmt"

	"bitcycle/kernels/gemm"
)

// productF32 is a convolution or dense layer with all that follows in its step.
type productF32 struct {
	groups  []groupF32
	rows    int // output positions of one image
	ld      int
	scratch *gemm.Scratch
}

// groupF32 is one group of a convolution: conv is used if the patches must be
// gathered, dense if they are rows already.
type groupF32 struct {
	packed *gemm.PackedF32
	source gemm.RowSource32
	ep     gemm.EpilogueF32
	y      []float32
}

func (o *productF32) run(images int) {
	for i := range o.groups {
		g := &o.groups[i]
		g.packed.Mul(images*o.rows, g.source, &g.ep, g.y, o.ld, o.scratch)
	}
}

// depthwiseF32 is a convolution with one kernel per channel.
type depthwiseF32 struct {
	shape gemm.ConvShape
	x     []float32
	w     []float32
	ep    gemm.EpilogueF32
	y     []float32
}

func (o *depthwiseF32) run(images int) {
	o.shape.N = images
	gemm.DepthwiseF32(&o.shape, 0, images*o.shape.OutH, o.x, o.w, &o.ep, o.y)
}

func (c *compilerF32) product(s *step, x, y view[float32], at func(int) view[float32], w *workerF32) op {
	n := s.first()
	node := &c.net.Nodes[n]
	limit := c.clamp(s)
	ep := gemm.EpilogueF32{Bias: node.Bias, Clamp: limit != unlimited, Lo: limit.lo, Hi: limit.hi}
	if len(s.inputs) > 1 {
		residual := at(s.inputs[1])
		ep.Residual, ep.LDR = residual.data, residual.ld
	}
	if c.net.Depthwise(n) && x.dense() && y.dense() {
		return &depthwiseF32{convShape(node, x.Shape, x.ld, c.tile, 0), x.data, tapMajor(node), ep, y.data}
	}
	if c.packed[n] == nil {
		c.packed[n] = packF32(c.layout, n)
	}
	o := &productF32{rows: y.pixels(), ld: y.ld, scratch: &w.scratch}
	per := y.C / len(c.packed[n])
	for g, packed := range c.packed[n] {
		part := ep
		part.Bias = ep.Bias[g*per:]
		if ep.Residual != nil {
			part.Residual = ep.Residual[g*per:]
		}
		o.groups = append(o.groups, groupF32{packed, c.source(node, x, g), part, y.data[g*per:]})
	}
	return o
}

// source returns the rows that group g of a layer multiplies.
func (c *compilerF32) source(node *Node, x view[float32], g int) gemm.RowSource32 {
	if node.Op == OpDense {
		return &gemm.DenseF32{A: x.data, LDA: x.pixels() * x.ld}
	}
	if node.pointwise() {
		return &gemm.DenseF32{A: x.data[g*x.C/node.Groups:], LDA: x.ld}
	}
	return &gemm.ConvF32{ConvShape: convShape(node, x.Shape, x.ld, c.tile, g), X: x.data}
}

// pointwise tells whether a convolution reads exactly one pixel per output, in order.
func (node *Node) pointwise() bool {
	one := [2]int{1, 1}
	return node.Kernel == one && node.Stride == one && node.Pad == [4]int{}
}

// convShape describes group g of a convolution over images whose pixels lie ld elements apart.
func convShape(node *Node, in Shape, ld, images, g int) gemm.ConvShape {
	per := in.C / node.Groups
	return gemm.ConvShape{
		N: images, H: in.H, W: in.W, C: ld,
		KH: node.Kernel[0], KW: node.Kernel[1],
		StrideH: node.Stride[0], StrideW: node.Stride[1],
		DilationH: node.Dilation[0], DilationW: node.Dilation[1],
		PadTop: node.Pad[0], PadLeft: node.Pad[1],
		OutH: node.Shape.H, OutW: node.Shape.W,
		C0: g * per, CG: per,
	}
}

// packF32 packs the weights of node n, one matrix per group.
func packF32(l *layout, n int) []*gemm.PackedF32 {
	node := &l.net.Nodes[n]
	w := inputOrder(l, n, node.Weight, node.Shape.C)
	groups := max(node.Groups, 1)
	if node.Op == OpDense {
		groups = 1
	}
	k, m := node.Reduction(), node.Shape.C/groups
	packed := make([]*gemm.PackedF32, groups)
	for g := range packed {
		packed[g] = gemm.PackF32(k, m, w[g*m*k:(g+1)*m*k], k, true)
	}
	return packed
}

// inputOrder returns rows of weights with each row reordered from channel, row,
// column to the order in which the executor meets the inputs: kernel row,
// kernel column, channel for convolutions, and for dense layers row, column,
// channel where the flattened image was left in that order.
func inputOrder[T any](l *layout, n int, w []T, rows int) []T {
	node := &l.net.Nodes[n]
	if node.Reduction()*rows != len(w) {
		panic(fmt.Sprintf("kernels: %d weights in %d rows", len(w), rows))
	}
	k := node.Reduction()
	s := Shape{k / (max(node.Kernel[0], 1) * max(node.Kernel[1], 1)), node.Kernel[0], node.Kernel[1]}
	if node.Op == OpDense {
		in := node.Inputs[0]
		if l.places[in].rows {
			in = l.net.Nodes[in].Inputs[0]
		}
		s = l.net.Nodes[in].Shape
	}
	if s.H*s.W <= 1 {
		return w
	}
	out := make([]T, len(w))
	for r := range rows {
		row, to := w[r*k:(r+1)*k], out[r*k:(r+1)*k]
		for c := range s.C {
			for p := range s.H * s.W {
				to[p*s.C+c] = row[c*s.H*s.W+p]
			}
		}
	}
	return out
}

// tapMajor returns the weights of a depthwise convolution as one row of channels per kernel position.
func tapMajor(node *Node) []float32 {
	taps := node.Reduction()
	w := make([]float32, len(node.Weight))
	for c := range node.Shape.C {
		for t := range taps {
			w[t*node.Shape.C+c] = node.Weight[c*taps+t]
		}
	}
	return w
}
