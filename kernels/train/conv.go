package train

import (
	"bitcycle/kernels"
	"bitcycle/kernels/gemm"
)

// conv is a convolution or dense layer. Its weights are [channels][kh][kw][c],
// so that a row of them matches a row of patches.
type conv struct {
	link
	weight, bias *Param
	shape        gemm.ConvShape // of the first group

	ahead []group   // forward: output = patches of the input × weights
	back  []group   // input gradient = patches of the output gradient × flipped weights; nil: scattered
	flip  []float32 // flipped weights of a group
}

// group is the product of one group of channels. The source's X is set for
// each chunk.
type group struct {
	source gemm.ConvF32
	packed *gemm.PackedF32
	ep     gemm.EpilogueF32
}

// pack takes the weights of a step, a k×n matrix or, if transposed, its n×k
// transpose.
func (g *group) pack(k, n int, w []float32, ld int, transposed bool) {
	if g.packed == nil {
		g.packed = gemm.PackF32(k, n, w, ld, transposed)
	} else {
		g.packed.Repack(w, ld, transposed)
	}
}

// convShape is the geometry of a layer on one image.
func convShape(p *kernels.Product, l link) gemm.ConvShape {
	in, out := l.in[0].shape, l.out.shape
	return gemm.ConvShape{
		N: 1, H: in.H, W: in.W, C: in.C, CG: in.C / p.Groups,
		KH: p.Kernel[0], KW: p.Kernel[1],
		StrideH: p.Stride[0], StrideW: p.Stride[1],
		DilationH: p.Dilation[0], DilationW: p.Dilation[1],
		PadTop: p.Pad[0], PadLeft: p.Pad[1],
		OutH: out.H, OutW: out.W,
	}
}

func newConv(p *kernels.Product, l link, weight, bias *Param) *conv {
	o := &conv{link: l, weight: weight, bias: bias, shape: convShape(p, l)}
	cg := p.Channels / p.Groups
	for g := range p.Groups {
		a := group{source: gemm.ConvF32{ConvShape: o.shape}}
		a.source.C0 = g * o.shape.CG
		if bias != nil {
			a.ep.Bias = bias.Value[g*cg : (g+1)*cg]
		}
		o.ahead = append(o.ahead, a)
		if l.in[0].needs && mirrored(&o.shape) {
			b := group{source: gemm.ConvF32{ConvShape: mirror(&o.shape, p.Channels)}}
			b.source.C0, b.source.CG = g*cg, cg
			o.back = append(o.back, b)
		}
	}
	o.flip = make([]float32, len(weight.Value)/p.Groups)
	return o
}

// mirrored reports whether the input gradient of a convolution is itself one.
func mirrored(s *gemm.ConvShape) bool {
	m := mirror(s, 1)
	return s.StrideH == 1 && s.StrideW == 1 && m.PadTop >= 0 && m.PadLeft >= 0
}

// mirror is the geometry of the convolution of the output gradient, which has
// c channels, that gives the input gradient.
func mirror(s *gemm.ConvShape, c int) gemm.ConvShape {
	m := *s
	m.C = c
	m.H, m.W, m.OutH, m.OutW = s.OutH, s.OutW, s.H, s.W
	m.PadTop = (s.KH-1)*s.DilationH - s.PadTop
	m.PadLeft = (s.KW-1)*s.DilationW - s.PadLeft
	return m
}

// prepare transforms and packs the weights.
func (o *conv) prepare(training bool) {
	o.weight.prepare()
	k, cg := o.shape.K(), o.out.shape.C/len(o.ahead)
	for g := range o.ahead {
		w := o.weight.Used[g*cg*k : (g+1)*cg*k]
		o.ahead[g].pack(k, cg, w, k, true)
		if training && o.back != nil {
			flipWeights(o.flip, w, cg, o.shape.KH*o.shape.KW, o.shape.CG)
			o.back[g].pack(len(w)/o.shape.CG, o.shape.CG, o.flip, o.shape.CG, false)
		}
	}
}

// flipWeights turns weights [channels][taps][c] into [taps, last first][channels][c].
func flipWeights(flip, w []float32, channels, taps, c int) {
	for m := range channels {
		for t := range taps {
			copy(flip[((taps-1-t)*channels+m)*c:][:c], w[(m*taps+t)*c:])
		}
	}
}

func (o *conv) chunk(s stage, w *worker, c, lo, hi int) {
	if s == forward {
		o.forward(w, lo, hi)
		return
	}
	if o.bias != nil {
		columnSums(o.bias.part(0, c), o.out.grad(lo, hi))
	}
	o.weightGradient(w, o.weight.part(0, c), lo, hi)
	switch {
	case !o.in[0].needs:
	case o.back != nil:
		o.inputGradient(w, lo, hi)
	default:
		o.scatterGradient(w, lo, hi)
	}
}

func (o *conv) forward(w *worker, lo, hi int) {
	y, channels := o.out.images(lo, hi), o.out.shape.C
	for g := range o.ahead {
		a := &o.ahead[g]
		var ep *gemm.EpilogueF32
		if o.bias != nil {
			ep = &a.ep
		}
		a.packed.MulRows(0, len(y)/channels, w.read(a, o.in[0].images(lo, hi)), ep, y[g*channels/len(o.ahead):], channels, &w.scratch)
	}
}

// read returns the group's source for the images x.
func (w *worker) read(g *group, x []float32) *gemm.ConvF32 {
	w.source = g.source
	w.source.X = x
	w.source.N = len(x) / (w.source.H * w.source.W * w.source.C)
	return &w.source
}

// columnSums writes the sums over positions of g's channels.
func columnSums(sums, g []float32) {
	clear(sums)
	for p := 0; p < len(g); p += len(sums) {
		for i, v := range g[p : p+len(sums)] {
			sums[i] += v
		}
	}
}

// tapsOutside turns weights [channels][c][taps] into [channels][taps][c].
func tapsOutside(w []float32, channels, c, taps int) []float32 {
	out := make([]float32, len(w))
	for m := range channels {
		transpose(out[m*c*taps:], w[m*c*taps:], c, taps)
	}
	return out
}

// tapsInside is the inverse of tapsOutside.
func tapsInside(w []float32, channels, c, taps int) []float32 {
	return tapsOutside(w, channels, taps, c)
}
