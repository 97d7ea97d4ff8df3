package gemm

import (
	"sync"

	"bitcycle/internal/crew"
)

// Float32 computes the m×n matrix C = op(A)·op(B), or C += op(A)·op(B) if acc. Matrices are row-major
// with leading dimensions lda, ldb, ldc; op transposes if its flag is set, so A is m×k, or k×m if
// transA, and B is k×n, or n×k if transB.
func Float32(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, acc bool, c []float32, ldc int) {
	s := scratches.Get().(*Scratch)
	s.f32.dense = DenseF32{a, lda}
	s.f32.product(active.f32, &s.f32.dense, transA, transB, m, n, k, b, ldb, acc, c, ldc)
	scratches.Put(s)
}

// Float64 is Float32 in double precision.
func Float64(transA, transB bool, m, n, k int, a []float64, lda int, b []float64, ldb int, acc bool, c []float64, ldc int) {
	s := scratches.Get().(*Scratch)
	s.f64.dense = Dense[float64]{a, lda}
	s.f64.product(active.f64, &s.f64.dense, transA, transB, m, n, k, b, ldb, acc, c, ldc)
	scratches.Put(s)
}

// scratches serves the functions that take no Scratch.
var scratches = sync.Pool{New: func() any { return new(Scratch) }}

// Float64Parallel is Float64 on up to the given number of goroutines. The result is the same, bit for
// bit, for any number of them.
func Float64Parallel(workers int, transA, transB bool, m, n, k int, a []float64, lda int, b []float64, ldb int, acc bool, c []float64, ldc int) {
	parallel(workers, transA, transB, m, n, a, lda, b, ldb, c, ldc, func(m, n int, a, b, c []float64) {
		Float64(transA, transB, m, n, k, a, lda, b, ldb, acc, c, ldc)
	})
}

// parallel splits the longer side of C into equal parts and multiplies each on its own goroutine.
func parallel[E any](workers int, transA, transB bool, m, n int, a []E, lda int, b []E, ldb int, c []E, ldc int, mul func(m, n int, a, b, c []E)) {
	var wg crew.Group
	split(workers, max(m, n), func(lo, hi int) {
		wg.Go(func() {
			switch {
			case m >= n && transA:
				mul(hi-lo, n, from(a, lo), b, from(c, lo*ldc))
			case m >= n:
				mul(hi-lo, n, from(a, lo*lda), b, from(c, lo*ldc))
			case transB:
				mul(m, hi-lo, a, from(b, lo*ldb), from(c, lo))
			default:
				mul(m, hi-lo, a, from(b, lo), from(c, lo))
			}
		})
	})
	wg.Wait()
}

// from is s[at:], or nothing of an empty operand.
func from[E any](s []E, at int) []E { return s[min(at, len(s)):] }

// split cuts [0, n) into at most workers ranges.
func split(workers, n int, run func(lo, hi int)) {
	workers = max(1, min(workers, n))
	for w := range workers {
		if lo, hi := n*w/workers, n*(w+1)/workers; lo < hi {
			run(lo, hi)
		}
	}
}

// product multiplies a source by a matrix that is packed block by block on the way. Columns that only
// one strip of rows would meet are read in place.
func (w *work[A, B, C]) product(kn *kernel[A, B, C], src RowSource[A], transA, transB bool, m, n, k int, b []B, ldb int, acc bool, c []C, ldc int) {
	w.begin(kn, src, k, transA)
	if k == 0 && !acc {
		wipe(m, n, c, ldc)
	}
	for k0 := 0; k0 < k; {
		k1, j0 := w.a.depth(k0, k), 0
		if m <= kn.rows && !transB {
			j0 = n / kn.cols[0] * kn.cols[0]
			w.all(m, k0, k1, columns[B]{b: from(b, k0*ldb), pitch: right{cs: ldb}}, j0, c, ldc, acc || k0 > 0)
		}
		for nc := kn.blockColumns(); j0 < n; j0 += nc {
			cols, steps := min(nc, n-j0), kn.steps(k1-k0)
			panel := grow(&w.panel, steps*kn.group*kn.cols.padded(cols))
			packPanels(kn, panel, k0, k1, j0, j0+cols, b, ldb, transB)
			w.all(m, k0, k1, columns[B]{b: panel, depth: steps}, cols, from(c, j0), ldc, acc || k0 > 0)
		}
		k0 = k1
	}
}

// all multiplies a block of k of all rows.
func (w *work[A, B, C]) all(m, k0, k1 int, b columns[B], n int, c []C, ldc int, acc bool) {
	for row := 0; row < m && n > 0; {
		end := w.a.span(row, m)
		w.block(row, end, k0, k1, b, n, c[row*ldc:], ldc, acc)
		row = end
	}
}
