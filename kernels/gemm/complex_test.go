package gemm

import (
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func drawComplex(r *rand.Rand, n int) []complex128 {
	x := make([]complex128, n)
	for i := range x {
		x[i] = complex(r.Float64()*2-1, r.Float64()*2-1)
	}
	return x
}

// read is element (i, j) of op(A), by definition.
func read(op Op, a []complex128, lda, i, j int) complex128 {
	if op != NoTrans {
		i, j = j, i
	}
	v := a[i*lda+j]
	if op == ConjTrans {
		v = cmplx.Conj(v)
	}
	return v
}

func TestComplex128(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			r := rng(t)
			m, n, k := rapid.IntRange(0, 20).Draw(t, "m"), rapid.IntRange(0, 40).Draw(t, "n"), rapid.IntRange(0, 150).Draw(t, "k")
			op := rapid.SampledFrom([]Op{NoTrans, Trans, ConjTrans})
			opA, opB, acc, gap := op.Draw(t, "opA"), op.Draw(t, "opB"), rapid.Bool().Draw(t, "acc"), rapid.IntRange(0, 2).Draw(t, "gap")
			rowsA, lda := swapIf(opA != NoTrans, m, k)
			rowsB, ldb := swapIf(opB != NoTrans, k, n)
			lda, ldb, ldc := lda+gap, ldb+gap, n+gap
			a, b, c := drawComplex(r, rowsA*lda), drawComplex(r, rowsB*ldb), drawComplex(r, m*ldc)
			was := append([]complex128(nil), c...)
			Complex128(opA, opB, m, n, k, a, lda, b, ldb, acc, c, ldc)
			for i, v := range c {
				row, col := i/ldc, i%ldc
				var want complex128
				if acc || col >= n {
					want = was[i]
				}
				for p := 0; p < k && col < n; p++ {
					want += read(opA, a, lda, row, p) * read(opB, b, ldb, p, col)
				}
				if cmplx.Abs(v-want) > 1e-13 {
					t.Fatalf("row %d column %d: %v, want %v", row, col, v, want)
				}
			}
		})
	})
}
