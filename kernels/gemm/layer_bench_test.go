package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"bitcycle/kernels/gemm/peak"
)

// layer is a convolution of a published network.
type layer struct {
	net             string
	out, in, kernel int // channels and kernel side
	size, stride    int // of the output
}

var layers = []layer{
	{"resnet20", 16, 3, 3, 32, 1},
	{"resnet20", 16, 16, 3, 32, 1},
	{"resnet20", 32, 32, 3, 16, 1},
	{"resnet20", 64, 64, 3, 8, 1},
	{"resnet18", 64, 3, 7, 112, 2},
	{"resnet18", 64, 64, 3, 56, 1},
	{"resnet18", 128, 128, 3, 28, 1},
	{"resnet18", 256, 256, 3, 14, 1},
	{"resnet18", 512, 512, 3, 7, 1},
	{"squeezenet", 16, 128, 1, 55, 1},
	{"squeezenet", 64, 16, 1, 55, 1},
	{"squeezenet", 64, 16, 3, 55, 1},
	{"squeezenet", 256, 64, 3, 13, 1},
	{"mobilenet", 32, 3, 3, 112, 2},
	{"mobilenet", 96, 16, 1, 112, 1},
	{"mobilenet", 24, 144, 1, 56, 1},
	{"mobilenet", 384, 64, 1, 14, 1},
	{"mobilenet", 320, 160, 1, 7, 1},
}

func (l layer) shape() ConvShape {
	return ConvShape{
		N: 1, H: l.size * l.stride, W: l.size * l.stride, C: l.in, KH: l.kernel, KW: l.kernel, StrideH: l.stride, StrideW: l.stride,
		DilationH: 1, DilationW: 1, PadTop: l.kernel / 2, PadLeft: l.kernel / 2, OutH: l.size, OutW: l.size, CG: l.in,
	}
}

func (l layer) ops() float64 {
	s := l.shape()
	return 2 * float64(s.Rows()) * float64(s.K()) * float64(l.out)
}

func (l layer) String() string {
	s := l.shape()
	return fmt.Sprintf("%s-M%d-K%d-N%d", l.net, l.out, s.K(), s.Rows())
}

// benchLayers runs every layer as its own benchmark and, for the average of shares, all of them as one.
func benchLayers(b *testing.B, kind string, newLayer func(l layer) func()) {
	for _, p := range paths[1:] {
		for _, l := range layers {
			onPath(b, p, l.String(), func(b *testing.B) { rate(b, kind, l.ops(), newLayer(l)) })
		}
		onPath(b, p, "average", func(b *testing.B) {
			top, sum, speed := peak.Measure(kind, 50*time.Millisecond), 0.0, 0.0
			for b.Loop() {
				sum, speed = 0, 0
				for _, l := range layers {
					f, best := newLayer(l), math.Inf(1)
					for begin := time.Now(); time.Since(begin) < 40*time.Millisecond; {
						t := time.Now()
						f()
						best = min(best, time.Since(t).Seconds())
					}
					sum += l.ops() / best / top / float64(len(layers))
					speed += l.ops() / best / float64(len(layers))
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(100*sum, "%peak")
			b.ReportMetric(speed/1e9, "Gop/s")
		})
	}
}

func BenchmarkLayersF32(b *testing.B) {
	benchLayers(b, "f32", func(l layer) func() {
		src := &ConvF32{l.shape(), random32(l.size * l.size * l.stride * l.stride * l.in)}
		k, m := src.K(), src.Rows()
		p := PackF32(k, l.out, random32(k*l.out), l.out, false)
		ep := &EpilogueF32{Scale: random32(l.out), Bias: random32(l.out), Clamp: true, Hi: float32(math.Inf(1))}
		c, s := make([]float32, m*l.out), new(Scratch)
		return func() { p.Mul(m, src, ep, c, l.out, s) }
	})
}

func BenchmarkLayersU8(b *testing.B) {
	for _, limit := range []int64{127, 64} { // up to 64, sums of two products fit 16 bits
		b.Run(fmt.Sprintf("w%d", limit), func(b *testing.B) {
			benchLayers(b, "f32", func(l layer) func() {
				r := rand.New(rand.NewPCG(1, 2))
				src := &ConvU8{ConvShape: l.shape(), X: drawInts[uint8](r, l.size*l.size*l.stride*l.stride, l.in, 0, 255)}
				k, m := src.K(), src.Rows()
				p := PackConvI8(&src.ConvShape, l.out, drawInts[int8](r, k, l.out, -limit, limit), l.out, false)
				q, dst, s := halving(l.out), &IntDst{U8: make([]uint8, m*l.out), LD: l.out}, new(Scratch)
				return func() { p.Mul(m, src, q, dst, s) }
			})
		})
	}
}

func BenchmarkLayersBits(b *testing.B) {
	for _, bits := range []int{1, 2} {
		b.Run(fmt.Sprintf("%dx%d", bits, bits), func(b *testing.B) {
			f := BitFormat{Bits: bits}
			benchLayers(b, "f32", func(l layer) func() {
				r := rand.New(rand.NewPCG(1, 2))
				src := &ConvU8{ConvShape: l.shape(), X: drawInts[uint8](r, l.size*l.size*l.stride*l.stride, l.in, 0, 255)}
				k, m := src.K(), src.Rows()
				p := PackConvBits(&src.ConvShape, l.out, drawInts[int8](r, k, l.out, -128, 127), l.out, false, f)
				q := halving(l.out)
				dst, s := &IntDst{U8: make([]uint8, m*l.out), LD: l.out}, new(Scratch)
				return func() { p.Mul(m, src, f, q, dst, s) }
			})
		})
	}
}

// BenchmarkBitsOrBytes compares products of planes with products of bytes where the choice is close: the
// lengths from which BitsPay says yes come from here.
func BenchmarkBitsOrBytes(b *testing.B) {
	for _, l := range layers[1:4] {
		r := rand.New(rand.NewPCG(1, 2))
		src := &ConvU8{ConvShape: l.shape(), X: drawInts[uint8](r, l.size*l.size, l.in, 0, 3)}
		k := src.K()
		w, q, s := drawInts[int8](r, k, l.out, 0, 1), halving(l.out), new(Scratch)
		dst := &IntDst{U8: make([]uint8, src.Rows()*l.out), LD: l.out}
		for _, p := range paths[1:] {
			for _, fw := range []BitFormat{{Bits: 1, Binary: true}, {Bits: 1, Signed: true}, {Bits: 2, Signed: true}} {
				for act := 1; act <= 2; act++ {
					onPath(b, p, fmt.Sprintf("%v/%dx%d-binary=%v", l, fw.Bits, act, fw.Binary), func(b *testing.B) {
						bits := PackConvBits(&src.ConvShape, l.out, w, l.out, false, fw)
						rate(b, "f32", l.ops(), func() { bits.Mul(src.Rows(), src, BitFormat{Bits: act}, q, dst, s) })
					})
				}
			}
			onPath(b, p, l.String()+"/bytes", func(b *testing.B) {
				bytes := PackConvI8(&src.ConvShape, l.out, w, l.out, false)
				rate(b, "f32", l.ops(), func() { bytes.Mul(src.Rows(), src, q, dst, s) })
			})
		}
	}
}

func BenchmarkLayersGrad(b *testing.B) {
	benchLayers(b, "f32", func(l layer) func() {
		s := l.shape()
		x, dy, dw := random32(l.size*l.size*l.stride*l.stride*l.in), random32(s.Rows()*l.out), make([]float32, l.out*s.K())
		scratch := new(Scratch)
		return func() { WeightGradF32(&s, 0, s.OutH, x, dy, l.out, l.out, true, dw, s.K(), scratch) }
	})
}
