package rff

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// extremes returns the smallest and the largest eigenvalue of a symmetric operator
// on ℝⁿ by Lanczos iteration with full reorthogonalisation. The extreme Ritz
// values settle long before steps reaches n.
func extremes(apply func(dst, x []float64), n, steps int, seed uint64) (least, most float64) {
	steps = min(steps, n)
	rng := rand.New(rand.NewPCG(seed, 0x6c616e63))
	q := make([]float64, n)
	for i := range q {
		q[i] = rng.NormFloat64()
	}
	floats.Scale(1/floats.Norm(q, 2), q)
	t := mat.NewSymDense(steps, nil)
	basis := [][]float64{q}
	size := 0
	for k := range steps {
		r := make([]float64, n)
		apply(r, basis[k])
		t.SetSym(k, k, floats.Dot(r, basis[k]))
		size = k + 1
		for range 2 {
			for _, b := range basis {
				floats.AddScaled(r, -floats.Dot(r, b), b)
			}
		}
		norm := floats.Norm(r, 2)
		if k == steps-1 || norm < 1e-12 {
			break
		}
		t.SetSym(k, k+1, norm)
		floats.Scale(1/norm, r)
		basis = append(basis, r)
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(t.SliceSym(0, size), false) {
		return math.NaN(), math.NaN()
	}
	values := eigen.Values(nil)
	return values[0], values[size-1]
}
