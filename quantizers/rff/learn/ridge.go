package learn

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
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
	var w mat.Dense
	if p <= n {
		var right mat.Dense
		right.Mul(f.T(), y)
		return KernelRidge(product(f.T(), f), &right, mu)
	}
	alpha, err := KernelRidge(product(f, f.T()), y, mu)
	if err != nil {
		return nil, err
	}
	w.Mul(f.T(), alpha)
	return &w, nil
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

func product(a, b mat.Matrix) *mat.Dense {
	var c mat.Dense
	c.Mul(a, b)
	return &c
}
