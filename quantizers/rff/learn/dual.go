package learn

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// SVM trains support vector machines by dual coordinate descent (Hsieh, Chang,
// Lin, Keerthi, Sundararajan, "A dual coordinate descent method for large-scale
// linear SVM", ICML 2008, algorithm 3: random order and shrinking). It minimises
//
//	½‖w‖² + C·Σ_i loss(y_i·w·x_i),   loss(t) = max(0, 1−t), or its square,
//
// where x carries one more coordinate of constant value Bias, whose weight is the
// threshold. The dual problem is solved one α_i at a time:
//
//	min ½αᵀQα − Σα,  0 ≤ α_i ≤ U,  Q_ij = y_i·y_j·x_i·x_j (+ D on the diagonal)
//
// with U = C, D = 0 for the hinge and U = ∞, D = 1/(2C) for its square.
type SVM struct {
	C         float64 // cost of an error; 0 = 1
	Bias      float64 // value of the constant coordinate; 0 = none
	Squared   bool    // squared hinge loss
	Tolerance float64 // largest violation of the optimality conditions at the end; 0 = 1e-3
	MaxPasses int     // passes over the points; 0 = 1000
	Seed      uint64  // order of the points
}

func (s SVM) defaults() SVM {
	if s.C == 0 {
		s.C = 1
	}
	if s.Tolerance == 0 {
		s.Tolerance = 1e-3
	}
	if s.MaxPasses == 0 {
		s.MaxPasses = 1000
	}
	return s
}

// Points is what coordinate descent sees of the data: inner products, so that
// features and Gram matrices serve. w = Σ_i change_i·x_i is kept implicitly.
type Points interface {
	Count() int
	Square(i int) float64      // x_i·x_i
	Margin(i int) float64      // w·x_i
	Add(i int, change float64) // w += change·x_i
}

// Descend returns the dual variables α for labels y_i = ±1, and the number of
// passes made.
func (s SVM) Descend(x Points, y []float64) (alpha []float64, passes int) {
	s = s.defaults()
	upper, ridge := s.C, 0.0
	if s.Squared {
		upper, ridge = math.Inf(1), 0.5/s.C
	}
	d := descent{x: x, y: y, upper: upper, ridge: ridge, alpha: make([]float64, x.Count())}
	for i := range x.Count() {
		d.active = append(d.active, i)
	}
	all := len(d.active)
	rng := rand.New(rand.NewPCG(s.Seed, 0x64636473766d))
	low, high := math.Inf(-1), math.Inf(1)
	for passes = 1; passes <= s.MaxPasses; passes++ {
		gap := d.pass(rng, &low, &high)
		if gap > s.Tolerance {
			continue
		}
		if len(d.active) == all {
			break
		}
		d.active = d.active[:all] // converged without the points put aside: take them back
		low, high = math.Inf(-1), math.Inf(1)
	}
	return d.alpha, passes
}

type descent struct {
	x            Points
	y            []float64
	upper, ridge float64
	alpha        []float64
	active       []int // points in play; those put aside follow in its capacity
}

// pass visits every active point once and returns the spread of the projected
// gradient. low and high are its extremes in the last pass: a bounded α whose
// gradient points outward by more is put aside.
func (d *descent) pass(rng *rand.Rand, low, high *float64) float64 {
	rng.Shuffle(len(d.active), func(i, j int) { d.active[i], d.active[j] = d.active[j], d.active[i] })
	least, most := math.Inf(1), math.Inf(-1)
	for k := 0; k < len(d.active); k++ {
		i := d.active[k]
		gradient := d.y[i]*d.x.Margin(i) - 1 + d.ridge*d.alpha[i]
		projected := gradient
		switch {
		case d.alpha[i] == 0 && gradient > *high, d.alpha[i] == d.upper && gradient < *low:
			last := len(d.active) - 1
			d.active[k], d.active[last] = d.active[last], i
			d.active = d.active[:last]
			k--
			continue
		case d.alpha[i] == 0:
			projected = min(gradient, 0)
		case d.alpha[i] == d.upper:
			projected = max(gradient, 0)
		}
		least, most = min(least, projected), max(most, projected)
		if math.Abs(projected) > 1e-12 {
			d.move(i, gradient)
		}
	}
	*low, *high = least, most
	if *low >= 0 {
		*low = math.Inf(-1)
	}
	if *high <= 0 {
		*high = math.Inf(1)
	}
	if len(d.active) == 0 {
		return 0
	}
	return most - least
}

func (d *descent) move(i int, gradient float64) {
	curvature := d.x.Square(i) + d.ridge
	if curvature == 0 {
		return
	}
	old := d.alpha[i]
	d.alpha[i] = min(max(old-gradient/curvature, 0), d.upper)
	d.x.Add(i, (d.alpha[i]-old)*d.y[i])
}

// featurePoints keeps w itself: a step costs two passes over a feature vector.
type featurePoints struct {
	f       *mat.Dense
	bias    float64
	squares []float64
	w       []float64
	b       float64 // weight of the constant coordinate
}

func newFeaturePoints(f *mat.Dense, bias float64, squares []float64) *featurePoints {
	_, p := f.Dims()
	return &featurePoints{f: f, bias: bias, squares: squares, w: make([]float64, p)}
}

// squareNorms returns ‖x_i‖² of all rows, constant coordinate included.
func squareNorms(f *mat.Dense, bias float64) []float64 {
	n, _ := f.Dims()
	squares := make([]float64, n)
	for i := range squares {
		row := f.RawRowView(i)
		squares[i] = floats.Dot(row, row) + bias*bias
	}
	return squares
}

// Count, Square, Margin and Add implement Points.
func (p *featurePoints) Count() int { return len(p.squares) }

func (p *featurePoints) Square(i int) float64 { return p.squares[i] }

func (p *featurePoints) Margin(i int) float64 {
	return floats.Dot(p.w, p.f.RawRowView(i)) + p.b*p.bias
}

func (p *featurePoints) Add(i int, change float64) {
	floats.AddScaled(p.w, change, p.f.RawRowView(i))
	p.b += change * p.bias
}
