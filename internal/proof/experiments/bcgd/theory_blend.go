package bcgd

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	"bitcycle/quantizers/bcgd"
)

// SufficientDescent counts violations of
//
//	f(w') ≤ f(w) − ½(ρ/η − L)·‖w' − w‖²
//
// by blended steps with the exact binary projection on random quadratics.
func SufficientDescent(seed uint64, quadratics, steps int) Statement {
	violations, moved := 0, 0
	rhos := []float64{0, 1e-3, 0.05, 0.3, 1}
	for q := range quadratics {
		for _, rho := range rhos {
			rng := rand.New(rand.NewPCG(seed+uint64(q), 6))
			f := newQuadratic(rng, 4+q%9)
			wf := direction(rng, len(f.target), 1)
			eta := (0.05 + rng.Float64()) / f.lipschitz
			w := bcgd.Binary(wf).Values()
			for range steps {
				before, g := f.at(w)
				Step(wf, make([]float64, len(wf)), w, g, rho, SGD{Rate: eta})
				next := bcgd.Binary(wf).Values()
				after, _ := f.at(next)
				move := floats.Distance(next, w, 2)
				if move > 0 {
					moved++
				}
				if bound := before - (rho/eta-f.lipschitz)*move*move/2; after > bound+1e-12*(1+math.Abs(bound)) {
					violations++
				}
				w = next
			}
		}
	}
	return statement(
		"descent inequality of the blended step, ρ from 0 to 1", quadratics*steps*len(rhos),
		fmt.Sprintf("%d violations, weights moved in %d steps", violations, moved), "0 violations", violations == 0)
}

// quadratic is ½·‖B(w − target)‖², B with rows of length 1.
type quadratic struct {
	rows      [][]float64
	target    []float64
	lipschitz float64 // ‖BᵀB‖ ≤ Σ‖row‖²
}

func newQuadratic(rng *rand.Rand, n int) *quadratic {
	f := &quadratic{target: direction(rng, n, 2), lipschitz: float64(n)}
	for range n {
		f.rows = append(f.rows, direction(rng, n, 1))
	}
	return f
}

// at returns value and gradient.
func (f *quadratic) at(w []float64) (value float64, gradient []float64) {
	d := make([]float64, len(w))
	floats.SubTo(d, w, f.target)
	gradient = make([]float64, len(w))
	for _, row := range f.rows {
		dot := floats.Dot(row, d)
		value += dot * dot / 2
		floats.AddScaled(gradient, dot, row)
	}
	return value, gradient
}
