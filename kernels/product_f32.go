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

// product compiles a layer with all that its step takes along.
func (s *stepF32) product() op {
	c, x, y, n := s.c, s.x[0], s.y, s.index
	node := &c.net.Nodes[n]
	p, _ := c.net.Product(n)
	ep := gemm.EpilogueF32{Bias: node.Bias, Clamp: s.limits != unlimited, Lo: s.limits.Lo, Hi: s.limits.Hi}
	if len(s.x) > 1 {
		ep.Residual, ep.LDR = s.x[1].data, s.x[1].ld
	}
	if p.Depthwise() && x.dense() && y.dense() {
		return &depthwiseF32{p.convShape(x.Shape, y.Shape, x.ld, c.tile, 0), x.data, tapMajor(node.Weight, p.K), ep, y.data}
	}
	if c.packed[n] == nil {
		c.packed[n] = packF32(inputOrder(c.layout, n, node.Weight, p.Channels), &p)
	}
	o := &productF32{rows: y.pixels(), ld: y.ld, scratch: &s.w.scratch}
	per := y.C / p.Groups
	for g, packed := range c.packed[n] {
		part := ep
		part.Bias = ep.Bias[g*per:]
		if ep.Residual != nil {
			part.Residual = ep.Residual[g*per:]
		}
		o.groups = append(o.groups, groupF32{packed, s.source(&p, g), part, y.data[g*per:]})
	}
	return o
}

// source returns the rows that group g of a layer multiplies.
func (s *stepF32) source(p *Product, g int) gemm.RowSource32 {
	x := &s.x[0]
	switch {
	case p.Whole:
		return &gemm.DenseF32{A: x.data, LDA: x.pixels() * x.ld}
	case p.pointwise():
		return &gemm.DenseF32{A: x.data[g*x.C/p.Groups:], LDA: x.ld}
	}
	return &gemm.ConvF32{ConvShape: p.convShape(x.Shape, s.y.Shape, x.ld, s.c.tile, g), X: x.data}
}

// convShape describes group g of a convolution over images whose pixels lie ld elements apart.
func (p *Product) convShape(in, out Shape, ld, images, g int) gemm.ConvShape {
	per := in.C / p.Groups
	return gemm.ConvShape{
		N: images, H: in.H, W: in.W, C: ld,
		KH: p.Kernel[0], KW: p.Kernel[1],
		StrideH: p.Stride[0], StrideW: p.Stride[1],
		DilationH: p.Dilation[0], DilationW: p.Dilation[1],
		PadTop: p.Pad[0], PadLeft: p.Pad[1],
		OutH: out.H, OutW: out.W,
		C0: g * per, CG: per,
	}
}

// packF32 packs the weights of a layer, one matrix per group.
func packF32(w []float32, p *Product) []*gemm.PackedF32 {
	k, m := p.K, p.Channels/p.Groups
	packed := make([]*gemm.PackedF32, p.Groups)
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
	p, _ := l.net.Product(n)
	k := p.K
	if k*rows != len(w) {
		panic(fmt.Sprintf("kernels: %d weights in %d rows", len(w), rows))
	}
	s := Shape{C: k / p.Area(), H: p.Kernel[0], W: p.Kernel[1]}
	if p.Whole {
		in := l.net.Nodes[n].Inputs[0]
		if l.places[in].rows {
			in = l.net.Nodes[in].Inputs[0]
		}
		s = l.net.Nodes[in].Shape
	}
	if s.Pixels() <= 1 {
		return w
	}
	out := make([]T, len(w))
	for r := range rows {
		fromCHW(out[r*k:(r+1)*k], w[r*k:(r+1)*k], s)
	}
	return out
}

// tapMajor returns the weights of a depthwise convolution as one row of channels per kernel position.
func tapMajor(weights []float32, taps int) []float32 {
	w, channels := make([]float32, len(weights)), len(weights)/taps
	for c := range channels {
		for t := range taps {
			w[t*channels+c] = weights[c*taps+t]
		}
	}
	return w
}
