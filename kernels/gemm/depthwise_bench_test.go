package gemm

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkDepthwise runs the 3×3 depthwise layers of MobileNetV2.
func BenchmarkDepthwise(b *testing.B) {
	for _, p := range paths {
		for _, l := range []struct{ size, c, stride int }{{112, 32, 1}, {56, 96, 2}, {56, 144, 1}, {28, 192, 1}, {14, 384, 1}, {7, 960, 1}} {
			s := ConvShape{
				N: 1, H: l.size * l.stride, W: l.size * l.stride, C: l.c, KH: 3, KW: 3, StrideH: l.stride, StrideW: l.stride,
				DilationH: 1, DilationW: 1, PadTop: 1, PadLeft: 1, OutH: l.size, OutW: l.size, CG: l.c,
			}
			pixels := s.H * s.W * s.C
			ops := float64(2 * 9 * s.Rows() * s.C)
			name := fmt.Sprintf("%dx%dx%d-s%d", l.size, l.size, l.c, l.stride)
			onPath(b, p, "f32-"+name, func(b *testing.B) {
				x, w, y := random32(pixels), random32(9*l.c), make([]float32, s.Rows()*l.c)
				ep := &EpilogueF32{Scale: random32(l.c), Bias: random32(l.c), Clamp: true, Hi: 6}
				rate(b, "f32", ops, func() { DepthwiseF32(&s, 0, s.OutH, x, w, ep, y) })
			})
			onPath(b, p, "u8-"+name, func(b *testing.B) {
				r := rand.New(rand.NewPCG(1, 2))
				x := &ConvU8{ConvShape: s, X: drawInts[uint8](r, 1, pixels, 0, 255)}
				w := PackDepthwise(&s, drawInts[int8](r, 9, l.c, -128, 127))
				dst, scratch := &IntDst{U8: make([]uint8, s.Rows()*l.c), LD: l.c}, new(Scratch)
				q := halving(l.c)
				rate(b, "f32", ops, func() { w.MulLines(0, s.OutH, x, q, dst, scratch) })
			})
		}
	}
}

// halving is a Requant to unsigned bytes for benchmarks.
func halving(n int) *Requant {
	q := &Requant{Hi: 255}
	for range n {
		q.Mult, q.Bias, q.Shift = append(q.Mult, 1<<20), append(q.Bias, 1<<30), append(q.Shift, 31)
	}
	return q
}
