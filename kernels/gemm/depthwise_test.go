package gemm

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// drawDepthwise draws a shape whose group is all channels.
func drawDepthwise(t *rapid.T) ConvShape {
	s := drawShape(t)
	s.KW = rapid.IntRange(1, 6).Draw(t, "KW6")
	s.C = rapid.IntRange(1, 70).Draw(t, "C")
	s.C0, s.CG = 0, s.C
	return s
}

// depthwiseRef is Σ x·w over the patch of every position and channel.
func depthwiseRef(s *ConvShape, x, w func(i int) float64) []float64 {
	y := make([]float64, s.Rows()*s.C)
	for i := range y {
		row, c := i/s.C, i%s.C
		ox, oy, image := row%s.OutW, row/s.OutW%s.OutH, row/s.OutW/s.OutH
		for ky := range s.KH {
			for kx := range s.KW {
				py, px := oy*s.StrideH-s.PadTop+ky*s.DilationH, ox*s.StrideW-s.PadLeft+kx*s.DilationW
				if py >= 0 && py < s.H && px >= 0 && px < s.W {
					y[i] += x(((image*s.H+py)*s.W+px)*s.C+c) * w((ky*s.KW+kx)*s.C+c)
				}
			}
		}
	}
	return y
}

func TestDepthwiseF32(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			s, r := drawDepthwise(t), rng(t)
			draw := func() float32 { return r.Float32()*2 - 1 }
			x, w := matrix(r, s.N*s.H*s.W, s.C, draw), matrix(r, s.KH*s.KW, s.C, draw)
			ep := drawEpilogue(t, r, s.Rows(), s.C)
			line0, line1 := drawRows(t, s.N*s.OutH)
			want := depthwiseRef(&s, func(i int) float64 { return float64(x[i]) }, func(i int) float64 { return float64(w[i]) })
			y := make([]float32, s.Rows()*s.C)
			DepthwiseF32(&s, line0, line1, x, w, ep, y)
			for i, v := range y {
				e := 0.0
				if line := i / s.C / s.OutW; line >= line0 && line < line1 {
					e = applied(ep, i/s.C, i%s.C, want[i])
				}
				if math.Abs(float64(v)-e) > 1e-5 {
					t.Fatalf("position %d channel %d: %v, want %v", i/s.C, i%s.C, v, e)
				}
			}
		})
	})
}

func TestDepthwiseBytes(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		var scratch Scratch
		rapid.Check(t, func(t *rapid.T) {
			s, r := drawDepthwise(t), rng(t)
			size := s.N * s.H * s.W
			w := drawInts[int8](r, s.KH*s.KW, s.C, -128, 127)
			var src RowSource8
			var value func(i int) float64
			if rapid.Bool().Draw(t, "signed") {
				x := drawInts[int8](r, size, s.C, -128, 127)
				src, value = &ConvI8{s, x}, func(i int) float64 { return float64(x[i]) }
			} else {
				x, zero := drawInts[uint8](r, size, s.C, 0, 255), rapid.SampledFrom([]uint8{0, 7, 255}).Draw(t, "zero")
				src, value = &ConvU8{s, x, zero}, func(i int) float64 { return float64(x[i]) - float64(zero) }
			}
			var want []int64
			for _, v := range depthwiseRef(&s, value, func(i int) float64 { return float64(w[i]) }) {
				want = append(want, int64(v))
			}
			line0, line1 := drawRows(t, s.N*s.OutH)
			p := PackDepthwise(&s, w)
			checkDst(t, r, line0*s.OutW, line1*s.OutW, s.Rows(), s.C, s.C, want, func(q *Requant, dst *IntDst) { p.MulLines(line0, line1, src, q, dst, &scratch) })
		})
	})
}
