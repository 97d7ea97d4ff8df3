package gemm

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// drawInts fills a matrix with extreme or uniform values.
func drawInts[E int8 | uint8 | int16 | int32](r *rand.Rand, rows, ld int, lo, hi int64) []E {
	extreme := r.IntN(3) == 0
	return matrix(r, rows, ld, func() E {
		if extreme {
			return E([]int64{lo, hi}[r.IntN(2)])
		}
		return E(lo + r.Int64N(hi-lo+1))
	})
}

// checkSums compares int32 sums modulo 2³².
func checkSums(t *rapid.T, n int, got []int32, ld int, want []int64) {
	t.Helper()
	for i, w := range want {
		if v := got[i/n*ld+i%n]; v != int32(w) {
			t.Fatalf("row %d column %d: %d, want %d", i/n, i%n, v, int32(w))
		}
	}
}

func TestI8(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		var s Scratch
		rapid.Check(t, func(t *rapid.T) {
			d, r := drawDims(t), rng(t)
			transB, signed := rapid.Bool().Draw(t, "transB"), rapid.Bool().Draw(t, "signed")
			zero := uint8(0)
			if !signed {
				zero = rapid.SampledFrom([]uint8{0, 0, 3, 255}).Draw(t, "zero")
			}
			rowsB, ldb := swapIf(transB, d.k, d.n)
			limit := rapid.SampledFrom([]int64{127, 64}).Draw(t, "limit") // up to 64, sums of two products fit 16 bits
			b := drawInts[int8](r, rowsB, ldb, -limit-limit/127, limit)
			u := drawInts[uint8](r, d.m, d.k, 0, 255)
			var src RowSource8 = &DenseU8{u, d.k, zero}
			value := func(i, j int) int64 { return int64(u[i*d.k+j]) - int64(zero) }
			if signed {
				i8 := drawInts[int8](r, d.m, d.k, -128, 127)
				src, value = &DenseI8{i8, d.k}, at[int8, int64](i8, d.k, false)
			}
			want := reference[uint8, int8](d.m, d.n, d.k, value, at[int8, int64](b, ldb, transB))
			c := make([]int32, d.m*d.n)
			PackI8(d.k, d.n, b, ldb, transB).Mul(d.m, src, nil, &IntDst{I32: c, LD: d.n}, &s)
			checkSums(t, d.n, c, d.n, want)
		})
	})
}

func TestI16(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		var s Scratch
		rapid.Check(t, func(t *rapid.T) {
			d, r := drawDims(t), rng(t)
			transB := rapid.Bool().Draw(t, "transB")
			rowsB, ldb := swapIf(transB, d.k, d.n)
			b := drawInts[int16](r, rowsB, ldb, math.MinInt16, math.MaxInt16)
			a := drawInts[int16](r, d.m, d.k, math.MinInt16, math.MaxInt16)
			want := reference[int16, int16](d.m, d.n, d.k, at[int16, int64](a, d.k, false), at[int16, int64](b, ldb, transB))
			c := make([]int32, d.m*d.n)
			PackI16(d.k, d.n, b, ldb, transB).Mul(d.m, &DenseI16{a, d.k}, nil, &IntDst{I32: c, LD: d.n}, &s)
			checkSums(t, d.n, c, d.n, want)
		})
	})
}

func TestI32(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		var s Scratch
		rapid.Check(t, func(t *rapid.T) {
			d, r := drawDims(t), rng(t)
			transB := rapid.Bool().Draw(t, "transB")
			rowsB, ldb := swapIf(transB, d.k, d.n)
			b := drawInts[int32](r, rowsB, ldb, -1<<20, 1<<20)
			a := drawInts[int32](r, d.m, d.k, math.MinInt32, math.MaxInt32)
			want := reference[int32, int32](d.m, d.n, d.k, at[int32, int64](a, d.k, false), at[int32, int64](b, ldb, transB))
			c := make([]int64, d.m*d.n)
			PackI32(d.k, d.n, b, ldb, transB).Mul(d.m, &DenseI32{a, d.k}, nil, &IntDst{I64: c, LD: d.n}, &s)
			for i, w := range want {
				if c[i] != w {
					t.Fatalf("element %d: %d, want %d", i, c[i], w)
				}
			}
		})
	})
}
