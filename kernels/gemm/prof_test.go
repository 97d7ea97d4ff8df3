package gemm

import (
	"math/rand/v2"
	"testing"
)

func BenchmarkProf(b *testing.B) {
	l := layers[1]
	r := rand.New(rand.NewPCG(1, 2))
	src := &ConvU8{ConvShape: l.shape(), X: drawInts[uint8](r, l.size*l.size*l.stride*l.stride, l.in, 0, 255)}
	k, m := src.K(), src.Rows()
	p := PackConvI8(&src.ConvShape, l.out, drawInts[int8](r, k, l.out, -128, 127), l.out, false)
	q := halving(l.out)
	dst, s := &IntDst{U8: make([]uint8, m*l.out), LD: l.out}, new(Scratch)
	rate(b, "f32", l.ops(), func() { p.Mul(m, src, q, dst, s) })
}
func BenchmarkProfBits(b *testing.B) {
	l := layers[1]
	r := rand.New(rand.NewPCG(1, 2))
	f := BitFormat{Bits: 1}
	src := &ConvU8{ConvShape: l.shape(), X: drawInts[uint8](r, l.size*l.size*l.stride*l.stride, l.in, 0, 255)}
	k, m := src.K(), src.Rows()
	p := PackConvBits(&src.ConvShape, l.out, drawInts[int8](r, k, l.out, -128, 127), l.out, false, f)
	q := halving(l.out)
	dst, s := &IntDst{U8: make([]uint8, m*l.out), LD: l.out}, new(Scratch)
	rate(b, "f32", l.ops(), func() { p.Mul(m, src, f, q, dst, s) })
}
