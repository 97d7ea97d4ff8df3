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
	shape        gemm.ConvShape // of one group; C0 is set per group
	groups       int

	ahead []group // forward: output = patches of the input × weights
	back  []group // backward, if the stride is 1: input gradient = patches of the output gradient × flipped weights
	flip  []float32
}

// group is the product of one group of channels.
type group struct {
	source gemm.ConvF32
	packed *gemm.PackedF32
	ep     gemm.EpilogueF32
}

// convShape is the geometry of a node on one image.
func convShape(n *Node, in kernels.Shape) gemm.ConvShape {
	return gemm.ConvShape{
		N: 1, H: in.H, W: in.W, C: in.C, CG: in.C / n.Groups,
		KH: n.Kernel[0], KW: n.Kernel[1],
		StrideH: n.Stride[0], StrideW: n.Stride[1],
		DilationH: n.Dilation[0], DilationW: n.Dilation[1],
		PadTop: n.Pad[0], PadLeft: n.Pad[1],
		OutH: n.Shape.H, OutW: n.Shape.W,
	}
}

func newConv(n *Node, l link, weight, bias *Param) *conv {
	o := &conv{link: l, weight: weight, bias: bias, shape: convShape(n, l.in[0].shape), groups: n.Groups}
	o.ahead = make([]group, n.Groups)
	if o.mirrored() {
		o.back = make([]group, n.Groups)
		o.flip = make([]float32, len(weight.Value)/n.Groups)
	}
	return o
}

// mirrored reports whether the gradient of the input is itself a convolution.
func (o *conv) mirrored() bool {
	s := &o.shape
	return o.in[0].needs && s.StrideH == 1 && s.StrideW == 1 && o.backPad(0) >= 0 && o.backPad(1) >= 0
}

func (o *conv) backPad(d int) int {
	if d == 0 {
		return (o.shape.KH-1)*o.shape.DilationH - o.shape.PadTop
	}
	return (o.shape.KW-1)*o.shape.DilationW - o.shape.PadLeft
}

func (o *conv) setAdd(k int, add bool) { o.add[k] = add }

// bind points the products at the batch's buffers.
func (o *conv) bind(batch int) {
	cg := o.out.shape.C / o.groups
	for g := range o.ahead {
		s := o.shape
		s.N, s.C0 = batch, g*s.CG
		o.ahead[g].source = gemm.ConvF32{ConvShape: s, X: o.in[0].x}
		if o.bias != nil {
			o.ahead[g].ep.Bias = o.bias.Value[g*cg : (g+1)*cg]
		}
	}
	for g := range o.back {
		s := o.shape
		s.N, s.C, s.C0, s.CG = batch, o.out.shape.C, g*cg, cg
		s.H, s.W, s.OutH, s.OutW = s.OutH, s.OutW, s.H, s.W
		s.PadTop, s.PadLeft = o.backPad(0), o.backPad(1)
		o.back[g].source = gemm.ConvF32{ConvShape: s, X: o.out.g}
	}
}

// prepare transforms and packs the weights.
func (o *conv) prepare(training bool) {
	o.weight.prepare()
	k, cg := o.shape.K(), o.out.shape.C/o.groups
	for g := range o.ahead {
		w := o.weight.Used[g*cg*k : (g+1)*cg*k]
		o.ahead[g].packed = gemm.PackF32(k, cg, w, k, true)
		if training && o.back != nil {
			o.flipWeights(w, cg)
			o.back[g].packed = gemm.PackF32(len(w)/o.shape.CG, o.shape.CG, o.flip, o.shape.CG, false)
		}
	}
}

// flipWeights turns weights [channels][taps][c] into [taps, last first][channels][c].
func (o *conv) flipWeights(w []float32, channels int) {
	taps, c := o.shape.KH*o.shape.KW, o.shape.CG
	for m := range channels {
		for t := range taps {
			copy(o.flip[((taps-1-t)*channels+m)*c:][:c], w[(m*taps+t)*c:])
		}
	}
}

func (o *conv) chunk(s stage, w *worker, c, lo, hi int) {
	if s == forward {
		o.forward(w, lo, hi)
		return
	}
	if o.bias != nil {
		columnSums(o.bias.part(0, c), o.out.image(o.out.g, lo, hi))
	}
	o.weightGradient(w, c, lo, hi)
	switch {
	case !o.in[0].needs:
	case o.back != nil:
		o.inputGradient(w, lo, hi)
	default:
		o.scatterGradient(w, lo, hi)
	}
}

func (o *conv) forward(w *worker, lo, hi int) {
	y, channels := o.out.image(o.out.x, lo, hi), o.out.shape.C
	for g := range o.ahead {
		a := &o.ahead[g]
		var ep *gemm.EpilogueF32
		if o.bias != nil {
			ep = &a.ep
		}
		w.source = a.source
		w.source.X = o.in[0].image(o.in[0].x, lo, hi)
		a.packed.MulRows(0, len(y)/channels, &w.source, ep, y[g*channels/o.groups:], channels, &w.scratch)
	}
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

// block is the number of positions whose patches are worked on at once: they
// stay in the second-level cache.
func (o *conv) block() int { return max(16, 1<<16/o.shape.K()) }

// weightGradient computes ∂W = Σ over positions of ∂y ⊗ patch.
func (o *conv) weightGradient(w *worker, c, lo, hi int) {
	positions := o.out.shape.H * o.out.shape.W
	k, channels := o.shape.K(), o.out.shape.C
	cg, block := channels/o.groups, o.block()
	col := w.floats(block * k)
	for g := range o.ahead {
		dw := o.weight.part(0, c)[g*cg*k : (g+1)*cg*k]
		for r := lo * positions; r < hi*positions; r += block {
			rows := min(block, hi*positions-r)
			patches, ld := o.patches(col, &o.ahead[g].source, r, rows)
			gemm.Float32(true, false, cg, k, rows, o.out.g[r*channels+g*cg:], channels, patches, ld, r > lo*positions, dw, k)
		}
	}
}

// patches returns the patches of the positions [r, r+rows) as a matrix and its
// leading dimension, gathered into col unless they lie in the input as they are.
func (o *conv) patches(col []float32, source *gemm.ConvF32, r, rows int) ([]float32, int) {
	s := &source.ConvShape
	if s.KH*s.KW == 1 && s.StrideH == 1 && s.StrideW == 1 && s.PadTop == 0 && s.PadLeft == 0 && s.H == s.OutH && s.W == s.OutW {
		return source.X[r*s.C+s.C0:], s.C
	}
	k := s.K()
	source.PackRows(col, k, r, rows, 0, k)
	return col, k
}

// inputGradient computes ∂x as a convolution of ∂y with flipped weights.
func (o *conv) inputGradient(w *worker, lo, hi int) {
	in := o.in[0]
	rows, dx := (hi-lo)*in.shape.H*in.shape.W, in.image(in.g, lo, hi)
	if o.add[0] {
		dx = w.floats(len(dx))
	}
	for g := range o.back {
		w.source = o.back[g].source
		w.source.X = o.out.image(o.out.g, lo, hi)
		o.back[g].packed.MulRows(0, rows, &w.source, nil, dx[g*o.shape.CG:], in.shape.C, &w.scratch)
	}
	if o.add[0] {
		pass(in.image(in.g, lo, hi), dx, true)
	}
}

// scatterGradient computes the gradients of patches, ∂y·W, and adds them up
// where the patches overlap.
func (o *conv) scatterGradient(w *worker, lo, hi int) {
	positions := o.out.shape.H * o.out.shape.W
	k, channels := o.shape.K(), o.out.shape.C
	cg, block := channels/o.groups, o.block()
	if !o.add[0] {
		clear(o.in[0].image(o.in[0].g, lo, hi))
	}
	col := w.floats(block * k)
	for g := range o.ahead {
		used := o.weight.Used[g*cg*k : (g+1)*cg*k]
		for r := lo * positions; r < hi*positions; r += block {
			rows := min(block, hi*positions-r)
			gemm.Float32(false, false, rows, k, cg, o.out.g[r*channels+g*cg:], channels, used, k, false, col, k)
			scatter(&o.ahead[g].source.ConvShape, o.in[0].g, col, r, rows)
		}
	}
}

// scatter adds the patches of the positions [r, r+rows) to the images x.
func scatter(s *gemm.ConvShape, x, col []float32, r, rows int) {
	k := s.K()
	for i := range rows {
		row := r + i
		ox, oy, image := row%s.OutW, row/s.OutW%s.OutH, row/s.OutW/s.OutH
		for tap := range s.KH * s.KW {
			y := oy*s.StrideH - s.PadTop + tap/s.KW*s.DilationH
			xx := ox*s.StrideW - s.PadLeft + tap%s.KW*s.DilationW
			if uint(y) >= uint(s.H) || uint(xx) >= uint(s.W) {
				continue
			}
			at := ((image*s.H+y)*s.W+xx)*s.C + s.C0
			pass(x[at:at+s.CG], col[i*k+tap*s.CG:][:s.CG], true)
		}
	}
}

// tapsOutside turns weights [channels][c][taps] into [channels][taps][c].
func tapsOutside(w []float32, channels, c, taps int) []float32 {
	out := make([]float32, len(w))
	for m := range channels {
		for i := range c {
			for t := range taps {
				out[(m*taps+t)*c+i] = w[(m*c+i)*taps+t]
			}
		}
	}
	return out
}

// tapsInside is the inverse of tapsOutside.
func tapsInside(w []float32, channels, c, taps int) []float32 {
	return tapsOutside(w, channels, taps, c)
}
