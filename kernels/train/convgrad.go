package train

import (
	"bitcycle/kernels/gemm"
	"bitcycle/kernels/internal/vector"
)

// weightGradient computes ∂W = Σ over positions of ∂y ⊗ patch.
func (o *conv) weightGradient(w *worker, dw []float32, lo, hi int) {
	x, g := o.in[0].images(lo, hi), o.out.grad(lo, hi)
	k, channels := o.shape.K(), o.out.shape.C
	cg := channels / len(o.ahead)
	for i := range o.ahead {
		s := w.read(&o.ahead[i], x)
		gemm.WeightGradF32(&s.ConvShape, 0, (hi-lo)*s.OutH, x, g[i*cg:], channels, cg, false, dw[i*cg*k:], k, &w.scratch)
	}
}

// inputGradient computes ∂x as a convolution of ∂y with flipped weights.
func (o *conv) inputGradient(w *worker, lo, hi int) {
	in := o.in[0]
	dx := in.grad(lo, hi)
	if o.add[0] {
		dx = w.floats(len(dx))
	}
	rows := len(dx) / in.shape.C
	for i := range o.back {
		b := &o.back[i]
		b.packed.MulRows(0, rows, w.read(b, o.out.grad(lo, hi)), nil, dx[i*o.shape.CG:], in.shape.C, &w.scratch)
	}
	if o.add[0] {
		vector.Add(in.grad(lo, hi), dx)
	}
}

// scatterGradient computes the gradients of patches, ∂y·W, and adds them up
// where the patches overlap.
func (o *conv) scatterGradient(w *worker, lo, hi int) {
	dx, g := o.in[0].grad(lo, hi), o.out.grad(lo, hi)
	k, channels := o.shape.K(), o.out.shape.C
	cg, total := channels/len(o.ahead), len(g)/channels
	block := max(16, 1<<16/k) // positions whose patches stay in the second-level cache
	if !o.add[0] {
		clear(dx)
	}
	col := w.floats(block * k)
	for i := range o.ahead {
		used := o.weight.Used[i*cg*k : (i+1)*cg*k]
		for r := 0; r < total; r += block {
			rows := min(block, total-r)
			gemm.Float32(false, false, rows, k, cg, g[r*channels+i*cg:], channels, used, k, false, col, k)
			scatter(&o.ahead[i].source.ConvShape, dx, col, r, rows)
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
			vector.Add(x[at:at+s.CG], col[i*k+tap*s.CG:][:s.CG])
		}
	}
}
