package learn

import (
	"fmt"
	"math"
	"runtime"

	"gonum.org/v1/gonum/mat"

	"bitcycle/kernels/gemm"
)

// Ridge returns the p×t weights W that minimise ‖F·W − Y‖² + mu·‖W‖² for n×p
// features F and n×t targets Y, t regressions at once. It solves the smaller of
//
//	(FᵀF + mu·I)·W = FᵀY   and   W = Fᵀα, (F·Fᵀ + mu·I)·α = Y.
func Ridge(f, y *mat.Dense, mu float64) (*mat.Dense, error) {
	n, p := f.Dims()
	if ny, _ := y.Dims(); ny != n {
		return nil, fmt.Errorf("ridge regression: %d points but %d targets", n, ny)
	}
	if p <= n {
		return KernelRidge(product(f, true, f, false), product(f, true, y, false), mu)
	}
	alpha, err := KernelRidge(product(f, false, f, true), y, mu)
	if err != nil {
		return nil, err
	}
	return product(f, true, alpha, false), nil
}

// KernelRidge returns the solution of (G + mu·I)·α = Y for a symmetric positive
// semidefinite matrix G, for example the exact kernel of the training points;
// predictions are k(test, train)·α.
func KernelRidge(g, y *mat.Dense, mu float64) (*mat.Dense, error) {
	n, _ := g.Dims()
	if !(mu > 0) || math.IsInf(mu, 1) {
		return nil, fmt.Errorf("ridge regression: mu = %v: must be positive and finite", mu)
	}
	a := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			a.SetSym(i, j, g.At(i, j))
		}
		a.SetSym(i, i, g.At(i, i)+mu)
	}
	var chol mat.Cholesky
	if !chol.Factorize(a) {
		return nil, fmt.Errorf("ridge regression: the %d×%d matrix is not positive definite with mu = %g", n, n, mu)
	}
	var alpha mat.Dense
	if err := chol.SolveTo(&alpha, y); err != nil {
		return nil, fmt.Errorf("ridge regression: %w", err)
	}
	return &alpha, nil
}

// product returns op(a)·op(b), op a transposition where it is asked for.
func product(a *mat.Dense, transA bool, b *mat.Dense, transB bool) *mat.Dense {
	m, k := a.Dims()
	if transA {
		m, k = k, m
	}
	kb, n := b.Dims()
	if transB {
		kb, n = n, kb
	}
	if k != kb {
		panic("learn: matrices do not fit")
	}
	c := mat.NewDense(m, n, nil)
	ra, rb := a.RawMatrix(), b.RawMatrix()
	gemm.Float64Parallel(runtime.GOMAXPROCS(0), transA, transB, m, n, k, ra.Data, ra.Stride, rb.Data, rb.Stride, false, c.RawMatrix().Data, n)
	return c
}
