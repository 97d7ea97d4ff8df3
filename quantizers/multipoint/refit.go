package multipoint

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Refit replaces the scales of the points by the least-squares solution of
// min_a ‖w − Σ a_i·c_i/T‖ and returns the error norm. It never increases the
// error; points whose vectors are linearly dependent keep their scales.
func Refit(w []float64, points []Point, b int) (scales []float64, errorNorm float64) {
	n, d := len(points), len(w)
	scales = make([]float64, n)
	top := float64(Top(b))
	design := mat.NewDense(d, max(n, 1), nil)
	for i, p := range points {
		scales[i] = p.A
		for j, c := range p.Codes {
			design.Set(j, i, float64(c)/top)
		}
	}
	if n > 0 {
		var solution mat.VecDense
		if err := solution.SolveVec(design, mat.NewVecDense(d, w)); err == nil {
			for i := range scales {
				scales[i] = solution.AtVec(i)
			}
		}
	}
	sum := 0.0
	for j, x := range w {
		for i, p := range points {
			x -= scales[i] * float64(p.Codes[j]) / top
		}
		sum += x * x
	}
	return scales, math.Sqrt(sum)
}
