package train

import (
	"bitcycle/kernels/gemm"
	"bitcycle/kernels/internal/vector"
)

// depthwise is a convolution of every channel with its own kernel. Its weights
// are [channels][taps].
type depthwise struct {
	link
	weight, bias *Param
	shape        gemm.ConvShape
	w            []float32 // used weights as [taps][channels]
	ep           gemm.EpilogueF32
}

func (o *depthwise) bind(batch int) {
	o.shape.N = batch
	o.w = make([]float32, len(o.weight.Value))
	if o.bias != nil {
		o.ep.Bias = o.bias.Value
	}
}

func (o *depthwise) prepare(bool) {
	o.weight.prepare()
	transpose(o.w, o.weight.Used, o.shape.C, o.shape.KH*o.shape.KW)
}

// transpose turns the rows×columns matrix a into its transpose.
func transpose(t, a []float32, rows, columns int) {
	for i := range rows {
		for j := range columns {
			t[j*rows+i] = a[i*columns+j]
		}
	}
}

func (o *depthwise) chunk(s stage, w *worker, c, lo, hi int) {
	if s == forward {
		gemm.DepthwiseF32(&o.shape, lo*o.shape.OutH, hi*o.shape.OutH, o.in[0].x, o.w, &o.ep, o.out.x)
		return
	}
	if o.bias != nil {
		columnSums(o.bias.part(0, c), o.out.grad(lo, hi))
	}
	o.weightGradient(w, c, lo, hi)
	if o.in[0].needs {
		o.inputGradient(lo, hi)
	}
}

// weightGradient computes ∂W[tap][channel] = Σ over positions of ∂y·x.
func (o *depthwise) weightGradient(w *worker, c, lo, hi int) {
	s := &o.shape
	dw := w.floats(len(o.w))
	clear(dw)
	in, g := o.in[0].images(lo, hi), o.out.grad(lo, hi)
	o.eachTap(hi-lo, func(tap, x, y int) {
		vector.AddProduct(dw[tap*s.C:][:s.C], in[x:][:s.C], g[y:][:s.C])
	})
	transpose(o.weight.part(0, c), dw, s.KH*s.KW, s.C)
}

// inputGradient adds ∂y·W to the gradient of every pixel read.
func (o *depthwise) inputGradient(lo, hi int) {
	s := &o.shape
	dx, g := o.in[0].grad(lo, hi), o.out.grad(lo, hi)
	if !o.add[0] {
		clear(dx)
	}
	o.eachTap(hi-lo, func(tap, x, y int) {
		vector.AddProduct(dx[x:][:s.C], o.w[tap*s.C:][:s.C], g[y:][:s.C])
	})
}

// eachTap calls f with the positions in memory of input and output for every
// kernel tap that falls inside the first n images of a chunk.
func (o *depthwise) eachTap(n int, f func(tap, x, y int)) {
	s := &o.shape
	for row := range n * s.OutH * s.OutW {
		ox, oy, image := row%s.OutW, row/s.OutW%s.OutH, row/s.OutW/s.OutH
		for tap := range s.KH * s.KW {
			y := oy*s.StrideH - s.PadTop + tap/s.KW*s.DilationH
			x := ox*s.StrideW - s.PadLeft + tap%s.KW*s.DilationW
			if uint(y) < uint(s.H) && uint(x) < uint(s.W) {
				f(tap, ((image*s.H+y)*s.W+x)*s.C, row*s.C)
			}
		}
	}
}
