package gemm

import (
	"testing"

	"pgregory.net/rapid"
)

func drawFormat(t *rapid.T, name string) BitFormat {
	switch rapid.IntRange(0, 2).Draw(t, name) {
	case 0:
		return BitFormat{Bits: 1, Binary: true}
	case 1:
		return BitFormat{Bits: rapid.IntRange(1, 8).Draw(t, name), Signed: true}
	}
	return BitFormat{Bits: rapid.IntRange(1, 8).Draw(t, name)}
}

func TestBits(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		var s Scratch
		rapid.Check(t, func(t *rapid.T) {
			d, r := drawDims(t), rng(t)
			transB := rapid.Bool().Draw(t, "transB")
			fa, fb := drawFormat(t, "a"), drawFormat(t, "b")
			rowsB, ldb := swapIf(transB, d.k, d.n)
			b := drawInts[int8](r, rowsB, ldb, -128, 127)
			a := drawInts[uint8](r, d.m, d.k, 0, 255)
			codes := at[int8, int64](b, ldb, transB)
			want := reference[uint8, int8](d.m, d.n, d.k,
				func(i, j int) int64 { return int64(fa.Value(a[i*d.k+j])) },
				func(i, j int) int64 { return int64(fb.Value(uint8(codes(i, j)))) })
			c := make([]int32, d.m*d.n)
			PackBits(d.k, d.n, b, ldb, transB, fb).Mul(d.m, &DenseU8{A: a, LDA: d.k}, fa, nil, &IntDst{I32: c, LD: d.n}, &s)
			checkSums(t, d.n, c, d.n, want)
		})
	})
}

func TestConvBits(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		var s Scratch
		rapid.Check(t, func(t *rapid.T) {
			shape, r := drawShape(t), rng(t)
			fa, fb := drawFormat(t, "a"), drawFormat(t, "b")
			m, k, n := shape.Rows(), shape.K(), rapid.IntRange(1, 40).Draw(t, "n")
			w := drawInts[int8](r, k, n, -128, 127)
			x := drawInts[uint8](r, shape.N*shape.H*shape.W, shape.C, 0, 255)
			zero := rapid.Uint8().Draw(t, "zero")
			p := patches(&shape, x, zero)
			want := reference[uint8, int8](m, n, k,
				func(i, j int) int64 { return int64(fa.Value(p[i*k+j])) },
				func(i, j int) int64 { return int64(fb.Value(uint8(w[i*n+j]))) })
			row0, row1 := drawRows(t, m)
			b, src := PackConvBits(&shape, n, w, n, false, fb), &ConvU8{shape, x, zero}
			checkDst(t, r, row0, row1, m, n, n, want, func(q *Requant, dst *IntDst) { b.MulRows(row0, row1, src, fa, q, dst, &s) })
		})
	})
}

func TestBitFormatValue(t *testing.T) {
	for _, c := range []struct {
		f    BitFormat
		code uint8
		want int32
	}{
		{BitFormat{Bits: 3}, 0xff, 7},
		{BitFormat{Bits: 3, Signed: true}, 0xff, -1},
		{BitFormat{Bits: 3, Signed: true}, 4, -4},
		{BitFormat{Bits: 1, Signed: true}, 1, -1},
		{BitFormat{Bits: 1, Binary: true}, 0, -1},
		{BitFormat{Bits: 1, Binary: true}, 1, 1},
		{BitFormat{Bits: 8}, 255, 255},
	} {
		if got := c.f.Value(c.code); got != c.want {
			t.Errorf("%+v.Value(%d) = %d, want %d", c.f, c.code, got, c.want)
		}
	}
}
