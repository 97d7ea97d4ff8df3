package gemm

import "sync"

// Float32 computes the m×n matrix C = op(A)·op(B), or C += op(A)·op(B) if acc. Matrices are row-major
// with leading dimensions lda, ldb, ldc; op transposes if its flag is set, so A is m×k, or k×m if
// transA, and B is k×n, or n×k if transB.
func Float32(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, acc bool, c []float32, ldc int) {
	product(transA, transB, m, n, k, a, lda, b, ldb, acc, c, ldc)
}

// Float64 is Float32 in double precision.
func Float64(transA, transB bool, m, n, k int, a []float64, lda int, b []float64, ldb int, acc bool, c []float64, ldc int) {
	product(transA, transB, m, n, k, a, lda, b, ldb, acc, c, ldc)
}

// Float32Parallel is Float32 on up to the given number of goroutines. The result is the same, bit for
// bit, for any number of them.
func Float32Parallel(workers int, transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, acc bool, c []float32, ldc int) {
	parallel(workers, transA, transB, m, n, a, lda, b, ldb, c, ldc, func(m, n int, a, b, c []float32) {
		Float32(transA, transB, m, n, k, a, lda, b, ldb, acc, c, ldc)
	})
}

// Float64Parallel is Float64 on up to the given number of goroutines, with the same result for any
// number of them.
func Float64Parallel(workers int, transA, transB bool, m, n, k int, a []float64, lda int, b []float64, ldb int, acc bool, c []float64, ldc int) {
	parallel(workers, transA, transB, m, n, a, lda, b, ldb, c, ldc, func(m, n int, a, b, c []float64) {
		Float64(transA, transB, m, n, k, a, lda, b, ldb, acc, c, ldc)
	})
}

// parallel splits the longer side of C into equal parts and multiplies each on its own goroutine.
func parallel[E any](workers int, transA, transB bool, m, n int, a []E, lda int, b []E, ldb int, c []E, ldc int, mul func(m, n int, a, b, c []E)) {
	var wg sync.WaitGroup
	split(workers, max(m, n), func(lo, hi int) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			switch {
			case m >= n && transA:
				mul(hi-lo, n, a[lo:], b, c[lo*ldc:])
			case m >= n:
				mul(hi-lo, n, a[lo*lda:], b, c[lo*ldc:])
			case transB:
				mul(m, hi-lo, a, b[lo*ldb:], c[lo:])
			default:
				mul(m, hi-lo, a, b[lo:], c[lo:])
			}
		}()
	})
	wg.Wait()
}

// split cuts [0, n) into at most workers ranges.
func split(workers, n int, run func(lo, hi int)) {
	workers = max(1, min(workers, n))
	for w := range workers {
		if lo, hi := n*w/workers, n*(w+1)/workers; lo < hi {
			run(lo, hi)
		}
	}
}

func product[E float32 | float64 | complex128](transA, transB bool, m, n, k int, a []E, lda int, b []E, ldb int, acc bool, c []E, ldc int) {
	for i := range m {
		for j := range n {
			var sum E
			for p := range k {
				x, y := p, p
				if transA {
					x = p*lda + i
				} else {
					x = i*lda + p
				}
				if transB {
					y = j*ldb + p
				} else {
					y = p*ldb + j
				}
				sum += a[x] * b[y]
			}
			if acc {
				sum += c[i*ldc+j]
			}
			c[i*ldc+j] = sum
		}
	}
}

// Op says how Complex128 reads an operand.
type Op uint8

const (
	NoTrans   Op = iota // as it is
	Trans               // transposed
	ConjTrans           // conjugated and transposed
)

// Complex128 is Float64 for complex matrices, with conjugation.
func Complex128(opA, opB Op, m, n, k int, a []complex128, lda int, b []complex128, ldb int, acc bool, c []complex128, ldc int) {
	product(opA != NoTrans, opB != NoTrans, m, n, k, conj(a, opA), lda, conj(b, opB), ldb, acc, c, ldc)
}

func conj(a []complex128, op Op) []complex128 {
	if op != ConjTrans {
		return a
	}
	out := make([]complex128, len(a))
	for i, v := range a {
		out[i] = complex(real(v), -imag(v))
	}
	return out
}
