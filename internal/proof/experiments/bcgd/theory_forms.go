package bcgd

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
)

// MonteCarlo compares the closed forms of loss, ∂f/∂v and the coarse gradients
// of the three derivatives with sample means: the largest distance over all
// entries, in standard errors.
func MonteCarlo(seed uint64, samples int) []Statement {
	rng := rand.New(rand.NewPCG(seed, 1))
	m := TwoLayer{VStar: direction(rng, 3, 1.3), WStar: direction(rng, 4, 1)}
	v, w := direction(rng, 3, 0.9), direction(rng, 4, 1.7)
	quantities := []struct {
		name string
		want []float64
	}{
		{"loss", []float64{m.Loss(v, w)}},
		{"∂f/∂v", m.GradV(v, w)},
		{"coarse gradient, ReLU", m.CoarseReLU(v, w)},
		{"coarse gradient, identity", m.CoarseIdentity(v, w)},
		{"coarse gradient, clipped ReLU", m.CoarseClipped(v, w)},
	}
	sums := make([][2][]float64, len(quantities))
	for i, q := range quantities {
		sums[i] = [2][]float64{make([]float64, len(q.want)), make([]float64, len(q.want))}
	}
	for range samples {
		for i, values := range draw(rng, m, v, w) {
			for k, x := range values {
				sums[i][0][k] += x
				sums[i][1][k] += x * x
			}
		}
	}
	var out []Statement
	for i, q := range quantities {
		worst := 0.0
		for k, want := range q.want {
			n := float64(samples)
			mean := sums[i][0][k] / n
			worst = max(worst, math.Abs(mean-want)/math.Sqrt((sums[i][1][k]/n-mean*mean)/(n-1)))
		}
		out = append(out, statement("closed form of "+q.name, samples, fmt.Sprintf("%.2f standard errors at most", worst), "below 4.5", worst < 4.5))
	}
	return out
}

// draw returns loss, ∂/∂v and the coarse gradients at one input.
func draw(rng *rand.Rand, m TwoLayer, v, w []float64) [5][]float64 {
	z := m.Draw(rng, 1)[0]
	residual := 0.0
	gradV := make([]float64, len(v))
	for i, row := range z {
		if floats.Dot(row, w) > 0 {
			gradV[i] = 1
			residual += v[i]
		}
		if floats.Dot(row, m.WStar) > 0 {
			residual -= m.VStar[i]
		}
	}
	floats.Scale(residual, gradV)
	coarse := func(derivative func(x float64) bool) []float64 {
		g := make([]float64, len(w))
		for i, row := range z {
			if derivative(floats.Dot(row, w)) {
				floats.AddScaled(g, residual*v[i], row)
			}
		}
		return g
	}
	return [5][]float64{
		{residual * residual / 2},
		gradV,
		coarse(func(x float64) bool { return x > 0 }),
		coarse(func(float64) bool { return true }),
		coarse(func(x float64) bool { return x > 0 && x < 1 }),
	}
}

// Gradients compares the gradients with central differences of the loss, and
// the correlation of coarse and true gradient with its formula.
func Gradients(seed uint64, points int) []Statement {
	rng := rand.New(rand.NewPCG(seed, 2))
	var difference, formula float64
	least := math.Inf(1)
	for range points {
		m := TwoLayer{VStar: direction(rng, 4, 1), WStar: direction(rng, 5, 1)}
		v, w := direction(rng, 4, 1), direction(rng, 5, 1)
		gw := m.GradW(v, w)
		difference = max(difference, differ(m, v, w, v, m.GradV(v, w)), differ(m, v, w, w, gw))
		correlation := floats.Dot(m.CoarseReLU(v, w), gw)
		least = min(least, correlation)
		formula = max(formula, math.Abs(correlation-m.Correlation(v, w)))
	}
	return []Statement{
		statement("gradients against central differences", points, fmt.Sprintf("%.1e at most", difference), "below 1e-8", difference < 1e-8),
		statement("correlation of coarse and true gradient", points, fmt.Sprintf("%.1e at least", least), "never negative", least >= -1e-15),
		statement("formula of the correlation", points, fmt.Sprintf("%.1e at most", formula), "below 1e-12", formula < 1e-12),
	}
}

// differ returns the largest deviation of the gradient in x, which is v or w,
// from central differences.
func differ(m TwoLayer, v, w, x, gradient []float64) float64 {
	const h = 1e-5
	worst := 0.0
	for i, at := range x {
		x[i] = at + h
		up := m.Loss(v, w)
		x[i] = at - h
		down := m.Loss(v, w)
		x[i] = at
		worst = max(worst, math.Abs((up-down)/(2*h)-gradient[i]))
	}
	return worst
}

// SpuriousMinimizer looks at the coarse gradients where θ = π and v is best: the
// ReLU's vanishes, the identity's does not.
func SpuriousMinimizer(seed uint64) Statement {
	rng := rand.New(rand.NewPCG(seed, 3))
	m := TwoLayer{VStar: direction(rng, 5, 1), WStar: direction(rng, 6, 1)}
	opposite := make([]float64, 6)
	floats.ScaleTo(opposite, -1, m.WStar)
	v := m.Spurious()
	relu, identity := floats.Norm(m.CoarseReLU(v, opposite), 2), floats.Norm(m.CoarseIdentity(v, opposite), 2)
	sum, k := floats.Sum(m.VStar), 5.0
	want := 2 * (k - 1) * sum * sum / (math.Sqrt(2*math.Pi) * (k + 1) * (k + 1))
	return statement(
		"coarse gradients at the spurious minimizer", 1, fmt.Sprintf("ReLU %.1e, identity %.3e", relu, identity),
		fmt.Sprintf("0 and %.3e", want), relu < 1e-12 && math.Abs(identity-want) < 1e-12)
}

// LocalDescent compares the fall of the loss over a short coarse step with
// η·(‖∂v‖² + ⟨coarse, ∂w⟩).
func LocalDescent(seed uint64, points int) Statement {
	rng := rand.New(rand.NewPCG(seed, 4))
	const eta = 1e-6
	lo, hi := math.Inf(1), math.Inf(-1)
	for range points {
		m := TwoLayer{VStar: direction(rng, 5, 1), WStar: direction(rng, 6, 1)}
		v, w := direction(rng, 5, 1), direction(rng, 6, 1)
		gv, gw := m.GradV(v, w), m.CoarseReLU(v, w)
		predicted := eta * (floats.Dot(gv, gv) + floats.Dot(gw, m.GradW(v, w)))
		before := m.Loss(v, w)
		floats.AddScaled(v, -eta, gv)
		floats.AddScaled(w, -eta, gw)
		ratio := (before - m.Loss(v, w)) / predicted
		lo, hi = min(lo, ratio), max(hi, ratio)
	}
	return statement(
		"descent of a short step over its prediction", points, fmt.Sprintf("%.6f to %.6f", lo, hi), "0.999 to 1.001", lo > 0.999 && hi < 1.001)
}

// EnergyBound looks for the largest ‖coarse‖²/(‖∂v‖² + ⟨coarse, ∂w⟩) at ‖v‖ ≤ 1,
// which the theory bounds by a constant.
func EnergyBound(seed uint64, points int) Statement {
	rng := rand.New(rand.NewPCG(seed, 5))
	top := 0.0
	for range points {
		m := TwoLayer{VStar: direction(rng, 5, 1), WStar: direction(rng, 6, 1)}
		v, w := direction(rng, 5, rng.Float64()), direction(rng, 6, 1)
		gv, gw := m.GradV(v, w), m.CoarseReLU(v, w)
		top = max(top, floats.Dot(gw, gw)/(floats.Dot(gv, gv)+floats.Dot(gw, m.GradW(v, w))))
	}
	return statement(
		"energy of the coarse gradient over the descent, ‖v‖ ≤ 1", points, fmt.Sprintf("%.2f at most", top), "bounded", !math.IsInf(top, 0) && !math.IsNaN(top))
}
