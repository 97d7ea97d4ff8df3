package gemm

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// eachPath runs a test once for every path of this machine.
func eachPath(t *testing.T, test func(t *testing.T)) {
	was := active
	defer func() { active = was }()
	for _, p := range paths {
		active = p
		t.Run(p.name, test)
	}
}

// reference is the plain triple loop, in float64 or int64.
func reference[A, B number, C int64 | float64](m, n, k int, a, b func(i, j int) C) []C {
	c := make([]C, m*n)
	for i := range m {
		for j := range n {
			for p := range k {
				c[i*n+j] += a(i, p) * b(p, j)
			}
		}
	}
	return c
}

func at[E number, C int64 | float64](x []E, ld int, trans bool) func(i, j int) C {
	if trans {
		return func(i, j int) C { return C(x[j*ld+i]) }
	}
	return func(i, j int) C { return C(x[i*ld+j]) }
}

// matrix is a random matrix whose rows lie ld apart.
func matrix[E number](r *rand.Rand, rows, ld int, draw func() E) []E {
	x := make([]E, rows*ld)
	for i := range x {
		x[i] = draw()
	}
	return x
}

// dims draws a shape. Small sizes hit all tails, the rare large ones the block edges.
type dims struct{ m, n, k int }

func drawDims(t *rapid.T) dims {
	side := rapid.OneOf(rapid.IntRange(0, 5), rapid.IntRange(1, 70))
	k := rapid.OneOf(rapid.IntRange(0, 9), rapid.IntRange(1, 70), rapid.IntRange(250, 600), rapid.IntRange(1020, 1060))
	return dims{side.Draw(t, "m"), side.Draw(t, "n"), k.Draw(t, "k")}
}

func rng(t *rapid.T) *rand.Rand { return rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)) }

func swapIf(swap bool, a, b int) (int, int) {
	if swap {
		return b, a
	}
	return a, b
}

// testFloat checks a product of numbers in [−1, 1] against the triple loop: sums of k roundings that are
// eps times a partial sum of about √k.
func testFloat[E float32 | float64](t *testing.T, eps float64, mul func(transA, transB bool, m, n, k int, a []E, lda int, b []E, ldb int, acc bool, c []E, ldc int)) {
	eachPath(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			d, r := drawDims(t), rng(t)
			transA, transB, acc := rapid.Bool().Draw(t, "transA"), rapid.Bool().Draw(t, "transB"), rapid.Bool().Draw(t, "acc")
			gap := rapid.IntRange(0, 3).Draw(t, "gap")
			draw := func() E { return E(r.Float64()*2 - 1) }
			rowsA, lda := swapIf(transA, d.m, d.k)
			rowsB, ldb := swapIf(transB, d.k, d.n)
			lda, ldb, ldc := lda+gap, ldb+gap, d.n+gap
			a, b, c := matrix(r, rowsA, lda, draw), matrix(r, rowsB, ldb, draw), matrix(r, d.m, ldc, draw)
			want := reference[E, E](d.m, d.n, d.k, at[E, float64](a, lda, transA), at[E, float64](b, ldb, transB))
			was := append([]E(nil), c...)
			mul(transA, transB, d.m, d.n, d.k, a, lda, b, ldb, acc, c, ldc)
			for i, v := range c {
				row, col := i/ldc, i%ldc
				if col >= d.n {
					if v != was[i] {
						t.Fatalf("wrote outside: row %d column %d", row, col)
					}
					continue
				}
				w := want[row*d.n+col]
				if acc {
					w += float64(was[i])
				}
				if math.Abs(float64(v)-w) > 4*eps*float64(d.k+1) {
					t.Fatalf("row %d column %d: %v, want %v", row, col, v, w)
				}
			}
		})
	})
}

func TestFloat32(t *testing.T) { testFloat(t, 0x1p-24, Float32) }
func TestFloat64(t *testing.T) { testFloat(t, 0x1p-53, Float64) }
