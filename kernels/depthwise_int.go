package kernels

import (
	"math"

	"bitcycle/kernels/gemm"
)

// depthwise makes one pass over all channels for each point.
func (p *productCompiler) depthwise() {
	c := len(p.layer.Gain)
	passes := 1
	for _, n := range p.layer.Points {
		passes = max(passes, int(n))
	}
	for pass := range passes {
		w := make([]int16, p.o.k*c) // kernel position by channel
		for m := range c {
			if r := p.o.first[m] + pass; r < p.o.first[m+1] {
				for t := range p.o.k {
					w[t*c+m] = p.layer.W[r*p.o.k+t]
				}
			}
		}
		group := p.depthwisePass(w)
		group.column = pass * c
		p.o.groups = append(p.o.groups, group)
	}
}

func (p *productCompiler) depthwisePass(w []int16) groupInt {
	shape := p.shape(0)
	if p.path != PathI8 || !p.x.dense() {
		wide := &depthwiseWide{shape: shape, x: p.x, w: w, sum: make([]int64, p.x.C), buf: make([]int32, p.x.C)}
		return groupInt{seek: func(image int) { wide.image = image }, product: wide.run}
	}
	narrow := make([]int8, len(w))
	for i, v := range w {
		narrow[i] = int8(v)
	}
	packed, src, scratch := gemm.PackDepthwise(&shape, narrow), convSource(&p.x, shape, p.x.Size()), &p.w.scratch
	return groupInt{
		seek: src.seek,
		product: func(images int, q *gemm.Requant, dst *gemm.IntDst) {
			packed.MulLines(0, images*shape.OutH, src.row8, q, dst, scratch)
		},
	}
}

// depthwiseWide is the depthwise product for every width, in 64-bit sums.
type depthwiseWide struct {
	shape gemm.ConvShape
	x     tensor
	w     []int16 // kernel position by channel
	image int
	sum   []int64
	buf   []int32
}

func (d *depthwiseWide) run(images int, q *gemm.Requant, dst *gemm.IntDst) {
	s := &d.shape
	for row := range images * s.OutH * s.OutW {
		ox, oy, image := row%s.OutW, row/s.OutW%s.OutH, row/s.OutW/s.OutH+d.image
		clear(d.sum)
		for tap := range s.KH * s.KW {
			y := oy*s.StrideH - s.PadTop + tap/s.KW*s.DilationH
			x := ox*s.StrideW - s.PadLeft + tap%s.KW*s.DilationW
			if uint(y) >= uint(s.H) || uint(x) >= uint(s.W) {
				continue
			}
			d.x.load(d.buf, ((image*s.H+y)*s.W+x)*d.x.ld)
			for c, v := range d.buf {
				d.sum[c] += int64(v) * int64(d.w[tap*len(d.buf)+c])
			}
		}
		d.store(row*dst.LD, q, dst)
	}
}

// store requantizes the sums, if asked to, and stores them.
func (d *depthwiseWide) store(at int, q *gemm.Requant, dst *gemm.IntDst) {
	for c, v := range d.sum {
		if q != nil {
			v = min(max((v*int64(q.Mult[c])+q.Bias[c])>>q.Shift[c], int64(q.Lo)), int64(q.Hi))
		}
		switch i := at + c; {
		case dst.U8 != nil:
			dst.U8[i] = uint8(v)
		case dst.I8 != nil:
			dst.I8[i] = int8(v)
		case dst.I16 != nil:
			dst.I16[i] = int16(v)
		case dst.I32 != nil:
			dst.I32[i] = int32(v)
		default:
			dst.I64[i] = v
		}
	}
}

// reads returns the type of operand that a path reads; it leaves bytes alone.
func (p Path) reads(e element) element {
	switch p {
	case PathI16:
		return elemI16
	case PathI32:
		return elemI32
	}
	return e
}

// converted returns a tensor of a wider type for the codes of x, and what fills it.
func converted(x tensor, to element, tile int) (tensor, op) {
	n := tile * x.Size()
	m := memory{i16: make([]int16, n)}
	if to == elemI32 {
		m = memory{i32: make([]int32, n)}
	}
	y := m.tensor(to, 0, x.C, x.Shape)
	return y, newRequant(x, y, sameCodes, math.MinInt32, math.MaxInt32)
}
