package multipoint

import (
	"fmt"
	"math"
	"slices"
)

// Solver names the rule that picks the scale of each point.
type Solver string

// The solvers.
const (
	// Exact takes the global optimum of ‖r − a·c/T‖ over scale and codes at every point.
	Exact Solver = "exact"
	// GridSearch tries GridSteps equidistant scales up to (2^b−2)·max|r|, as the paper does.
	GridSearch Solver = "grid"
	// MaxAbsRule takes a = max|r|: ‖r_{n+1}‖∞ ≤ (2^b−2)^−n · ‖w‖∞.
	MaxAbsRule Solver = "maxabs"
	// Hybrid takes MaxAbsRule for all points but the last and Exact for the last:
	// an exact first scale clips outliers, which then dominate the next residual.
	Hybrid Solver = "hybrid"
)

// Solvers lists the solvers.
var Solvers = []Solver{Exact, GridSearch, MaxAbsRule, Hybrid}

// GridSteps is the default number of scales that GridSearch tries.
const GridSteps = 1000

// BestScaleGrid returns the smallest a_k = (k/steps)·(2^b−2)·max|r|, k = 1..steps,
// that minimizes Objective.
func BestScaleGrid(r []float64, b, steps int) (a, objective float64) {
	limit := float64(2*Top(b)) * MaxAbs(r)
	if limit == 0 {
		return 0, 0
	}
	objective = math.Inf(1)
	for k := 1; k <= steps; k++ {
		candidate := float64(k) / float64(steps) * limit
		if f := Objective(r, candidate, b); f < objective {
			a, objective = candidate, f
		}
	}
	return a, objective
}

// Points returns the first n points of w at b bits (2 to 8) under the solver;
// steps is the number of scales that GridSearch tries, 0 = GridSteps. The points
// of a zero residual are zero.
func Points(w []float64, b, n int, solver Solver, steps int) []Point {
	if steps == 0 {
		steps = GridSteps
	}
	points := make([]Point, 0, n)
	r := slices.Clone(w)
	for i := range n {
		p := nextPoint(r, b, solver, steps, i == n-1)
		points = append(points, p)
		subtract(r, p, b)
	}
	return points
}

func nextPoint(r []float64, b int, solver Solver, steps int, last bool) Point {
	switch {
	case solver == MaxAbsRule, solver == Hybrid && !last:
		return pointAt(r, MaxAbs(r), b)
	case solver == GridSearch:
		a, _ := BestScaleGrid(r, b, steps)
		return pointAt(r, a, b)
	case solver == Exact, solver == Hybrid:
		return BestScaleExact(r, b)
	}
	panic(fmt.Sprintf("multipoint: unknown solver %q", solver))
}

// pointAt is the point of a given scale.
func pointAt(r []float64, a float64, b int) Point {
	p := Point{A: a, Codes: make([]int8, len(r))}
	Codes(p.Codes, r, a, b)
	return p
}
