package gemm

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// drawShape draws a convolution, often with padding, stride, dilation and a group of the channels.
func drawShape(t *rapid.T) ConvShape {
	i := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
	s := ConvShape{
		N: i("N", 1, 3), H: i("H", 1, 9), W: i("W", 1, 40), KH: i("KH", 1, 3), KW: i("KW", 1, 3), StrideH: i("StrideH", 1, 3), StrideW: i("StrideW", 1, 3),
		DilationH: i("DilationH", 1, 2), DilationW: 1, PadTop: i("PadTop", 0, 2), PadLeft: i("PadLeft", 0, 2),
	}
	if i("dilated", 0, 3) == 0 {
		s.DilationW = 2
	}
	s.CG = rapid.OneOf(rapid.IntRange(1, 6), rapid.SampledFrom([]int{8, 16, 20, 90, 260})).Draw(t, "CG")
	groups := i("groups", 1, 2)
	s.C, s.C0 = s.CG*groups, s.CG*i("group", 0, groups-1)
	s.OutH, s.OutW = i("OutH", 1, 6), i("OutW", 1, 33)
	switch i("fitting", 0, 3) {
	case 0: // no patch leaves the image
		s.PadTop, s.PadLeft = 0, 0
		s.H, s.W = s.reach(s.OutH)+i("below", 0, 1), s.paddedPixels()+i("right", 0, 1)
	case 1: // every pixel is a patch
		s.KH, s.KW, s.StrideH, s.StrideW, s.PadTop, s.PadLeft, s.OutH, s.OutW = 1, 1, 1, 1, 0, 0, s.H, s.W
	}
	return s
}

// patches is the whole im2col matrix of a shape.
func patches[E number](s *ConvShape, x []E, zero E) []E {
	var out []E
	for row := range s.Rows() {
		ox, oy, image := row%s.OutW, row/s.OutW%s.OutH, row/s.OutW/s.OutH
		for ky := range s.KH {
			for kx := range s.KW {
				for c := range s.CG {
					y, x0 := oy*s.StrideH-s.PadTop+ky*s.DilationH, ox*s.StrideW-s.PadLeft+kx*s.DilationW
					v := zero
					if y >= 0 && y < s.H && x0 >= 0 && x0 < s.W {
						v = x[((image*s.H+y)*s.W+x0)*s.C+s.C0+c]
					}
					out = append(out, v)
				}
			}
		}
	}
	return out
}

func drawRows(t *rapid.T, m int) (row0, row1 int) {
	row0 = rapid.IntRange(0, m).Draw(t, "row0")
	return row0, rapid.IntRange(row0, m).Draw(t, "row1")
}

func TestConvF32(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		var s Scratch
		rapid.Check(t, func(t *rapid.T) {
			shape, r := drawShape(t), rng(t)
			draw := func() float32 { return r.Float32()*2 - 1 }
			m, k, n := shape.Rows(), shape.K(), rapid.IntRange(1, 70).Draw(t, "n")
			x, w := matrix(r, shape.N*shape.H*shape.W, shape.C, draw), matrix(r, k, n, draw)
			ep := drawEpilogue(t, r, m, n)
			row0, row1 := drawRows(t, m)
			want := reference[float32, float32](m, n, k, at[float32, float64](patches(&shape, x, 0), k, false), at[float32, float64](w, n, false))
			ldc := n + rapid.IntRange(0, 2).Draw(t, "gap")
			c := make([]float32, m*ldc)
			PackF32(k, n, w, n, false).MulRows(row0, row1, &ConvF32{shape, x}, ep, c, ldc, &s)
			for i, v := range c {
				row, col := i/ldc, i%ldc
				y := 0.0
				if row >= row0 && row < row1 && col < n {
					y = applied(ep, row, col, want[row*n+col])
				}
				if math.Abs(float64(v)-y) > 1e-6*float64(k+1) {
					t.Fatalf("row %d column %d: %v, want %v", row, col, v, y)
				}
			}
		})
	})
}

// drawEpilogue draws terms that are there or not.
func drawEpilogue(t *rapid.T, r *rand.Rand, m, n int) *EpilogueF32 {
	draw := func() float32 { return r.Float32()*2 - 1 }
	maybe := func(name string, rows int) []float32 {
		if rapid.Bool().Draw(t, name) {
			return matrix(r, rows, n, draw)
		}
		return nil
	}
	if rapid.IntRange(0, 4).Draw(t, "plain") == 0 {
		return nil
	}
	return &EpilogueF32{Scale: maybe("scale", 1), Bias: maybe("bias", 1), Residual: maybe("residual", m), LDR: n, Clamp: rapid.Bool().Draw(t, "clamp"), Lo: -0.5, Hi: 1}
}

func applied(ep *EpilogueF32, row, col int, x float64) float64 {
	if ep == nil {
		return x
	}
	if ep.Scale != nil {
		x *= float64(ep.Scale[col])
	}
	if ep.Bias != nil {
		x += float64(ep.Bias[col])
	}
	if ep.Residual != nil {
		x += float64(ep.Residual[row*ep.LDR+col])
	}
	if ep.Clamp {
		x = min(max(x, float64(ep.Lo)), float64(ep.Hi))
	}
	return x
}

func TestEpilogueNaN(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		c := []float32{float32(math.NaN()), 3}
		active.epilogue(1, 2, c, 2, nil, nil, nil, 0, 0, 1)
		if !math.IsNaN(float64(c[0])) || c[1] != 1 {
			t.Fatalf("got %v, want [NaN 1]", c)
		}
	})
}

// drawRequant draws a map for sums up to 2³¹ in magnitude, or none.
func drawRequant(t *rapid.T, r *rand.Rand, n int, lo, hi int32) *Requant {
	q := &Requant{Lo: lo, Hi: hi}
	least := rapid.SampledFrom([]int{0, 31, 33}).Draw(t, "least shift") // from 33 on, no result leaves 32 bits
	for range n {
		q.Mult = append(q.Mult, int32(r.Uint32()))
		q.Shift = append(q.Shift, uint8(least+r.IntN(63-least)))
		q.Bias = append(q.Bias, r.Int64N(1<<61)-1<<60)
	}
	return q
}

func requantRef(q *Requant, col int, x int64) int64 {
	y := (x*int64(q.Mult[col]) + q.Bias[col]) >> q.Shift[col]
	return min(max(y, int64(q.Lo)), int64(q.Hi))
}

func TestConvBytes(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		var s Scratch
		rapid.Check(t, func(t *rapid.T) {
			shape, r := drawShape(t), rng(t)
			m, k, n := shape.Rows(), shape.K(), rapid.IntRange(1, 40).Draw(t, "n")
			size := shape.N * shape.H * shape.W
			limit := rapid.SampledFrom([]int64{127, 64}).Draw(t, "limit") // up to 64, sums of two products fit 16 bits
			w := drawInts[int8](r, k, n, -limit-limit/127, limit)
			var src RowSource8
			var value func(i, j int) int64
			if rapid.Bool().Draw(t, "signed") {
				x := drawInts[int8](r, size, shape.C, -128, 127)
				src, value = &ConvI8{shape, x}, at[int8, int64](patches(&shape, x, 0), k, false)
			} else {
				zero := rapid.SampledFrom([]uint8{0, 7, 255}).Draw(t, "zero")
				x := drawInts[uint8](r, size, shape.C, 0, 255)
				p := at[uint8, int64](patches(&shape, x, zero), k, false)
				src, value = &ConvU8{shape, x, zero}, func(i, j int) int64 { return p(i, j) - int64(zero) }
			}
			want := reference[uint8, int8](m, n, k, value, at[int8, int64](w, n, false))
			row0, row1 := drawRows(t, m)
			b, ld := PackI8(k, n, w, n, false), n+rapid.IntRange(0, 2).Draw(t, "gap")
			if rapid.Bool().Draw(t, "runs") {
				b = PackConvI8(&shape, n, w, n, false)
			}
			checkDst(t, r, row0, row1, m, n, ld, want, func(q *Requant, dst *IntDst) { b.MulRows(row0, row1, src, q, dst, &s) })
		})
	})
}

func TestConvI16(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		var s Scratch
		rapid.Check(t, func(t *rapid.T) {
			shape, r := drawShape(t), rng(t)
			m, k, n := shape.Rows(), shape.K(), rapid.IntRange(1, 40).Draw(t, "n")
			w := drawInts[int16](r, k, n, -300, 300)
			x := drawInts[int16](r, shape.N*shape.H*shape.W, shape.C, -1000, 1000)
			want := reference[int16, int16](m, n, k, at[int16, int64](patches(&shape, x, 0), k, false), at[int16, int64](w, n, false))
			row0, row1 := drawRows(t, m)
			b, src := PackI16(k, n, w, n, false), &ConvI16{shape, x}
			checkDst(t, r, row0, row1, m, n, n, want, func(q *Requant, dst *IntDst) { b.MulRows(row0, row1, src, q, dst, &s) })
		})
	})
}

// checkDst runs a product into each kind of destination, plain and requantized.
func checkDst(t *rapid.T, r *rand.Rand, row0, row1, m, n, ld int, want []int64, mul func(q *Requant, dst *IntDst)) {
	t.Helper()
	size := m * ld
	for _, kind := range []struct {
		name   string
		lo, hi int32
		dst    IntDst
		wrap   func(int64) int64
	}{
		{"u8", 0, 250, IntDst{U8: make([]uint8, size), LD: ld}, func(x int64) int64 { return int64(uint8(x)) }},
		{"i8", -128, 100, IntDst{I8: make([]int8, size), LD: ld}, func(x int64) int64 { return int64(int8(x)) }},
		{"i16", -30000, 32767, IntDst{I16: make([]int16, size), LD: ld}, func(x int64) int64 { return int64(int16(x)) }},
		{"i32", math.MinInt32, math.MaxInt32, IntDst{I32: make([]int32, size), LD: ld}, func(x int64) int64 { return int64(int32(x)) }},
	} {
		for _, q := range []*Requant{nil, drawRequant(t, r, n, kind.lo, kind.hi)} {
			mul(q, &kind.dst)
			for i := range size {
				row, col := i/ld, i%ld
				if row < row0 || row >= row1 || col >= n {
					continue
				}
				y := want[row*n+col]
				if q != nil {
					y = requantRef(q, col, y)
				}
				if v := kind.dst.at(i); v != kind.wrap(y) {
					t.Fatalf("%s, requantized %v: row %d column %d: %d, want %d", kind.name, q != nil, row, col, v, kind.wrap(y))
				}
			}
		}
	}
}

func (d *IntDst) at(i int) int64 {
	switch {
	case d.U8 != nil:
		return int64(d.U8[i])
	case d.I8 != nil:
		return int64(d.I8[i])
	case d.I16 != nil:
		return int64(d.I16[i])
	case d.I32 != nil:
		return int64(d.I32[i])
	}
	return d.I64[i]
}
