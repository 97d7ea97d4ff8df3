package multipoint

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"
)

func drawVector(t *rapid.T) []float64 {
	return rapid.SliceOfN(rapid.Float64Range(-2, 2), 1, 24).Draw(t, "w")
}

func residual(w []float64, points []Point, b int) []float64 {
	r := slices.Clone(w)
	floats.Sub(r, Reconstruct(points, len(w), b))
	return r
}

// The exact step is optimal (its error is at most any other scale's), strictly
// reduces the residual, and leaves it orthogonal to the point.
func TestExactStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, b := drawVector(t), rapid.IntRange(2, 5).Draw(t, "b")
		if MaxAbs(w) < 1e-3 {
			return
		}
		p := BestScaleExact(w, b)
		r := residual(w, []Point{p}, b)
		err := floats.Dot(r, r)
		rival := rapid.Float64Range(1e-3, 4).Draw(t, "rival")
		if f := Objective(w, rival, b); err > f*(1+1e-12)+1e-15 {
			t.Fatalf("exact error %v exceeds %v at a = %v", err, f, rival)
		}
		if norm := floats.Dot(w, w); err >= norm {
			t.Fatalf("error %v did not fall below %v", err, norm)
		}
		dot := 0.0
		for j, c := range p.Codes {
			dot += r[j] * float64(c)
		}
		if math.Abs(dot) > 1e-9*(1+floats.Norm(w, 1)) {
			t.Fatalf("residual is not orthogonal to the point: %v", dot)
		}
	})
}

// The exact step contracts by at least 1 − 1/h_d, h_d = Σ(√k − √(k−1))².
func TestExactStepContracts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, b := drawVector(t), rapid.IntRange(2, 6).Draw(t, "b")
		h := 0.0
		for k := 1; k <= len(w); k++ {
			step := math.Sqrt(float64(k)) - math.Sqrt(float64(k-1))
			h += step * step
		}
		r := residual(w, []Point{BestScaleExact(w, b)}, b)
		if got, bound := floats.Dot(r, r), (1-1/h)*floats.Dot(w, w); got > bound+1e-12 {
			t.Fatalf("error %v exceeds (1−1/h)·‖w‖² = %v", got, bound)
		}
	})
}

func TestMaxAbsBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, b := drawVector(t), rapid.IntRange(2, 8).Draw(t, "b")
		n := rapid.IntRange(1, 4).Draw(t, "n")
		r := residual(w, Points(w, b, n, MaxAbsRule, 0), b)
		bound := MaxAbs(w) * math.Pow(float64(2*Top(b)), -float64(n))
		if got := MaxAbs(r); got > bound+1e-14 {
			t.Fatalf("‖r‖∞ = %v exceeds %v", got, bound)
		}
	})
}

func TestRefitNeverHurts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, b := drawVector(t), rapid.IntRange(2, 4).Draw(t, "b")
		points := Points(w, b, rapid.IntRange(1, 3).Draw(t, "n"), Exact, 0)
		_, err := Refit(w, points, b)
		if before := floats.Norm(residual(w, points, b), 2); err > before*(1+1e-9)+1e-12 {
			t.Fatalf("refit raised the error from %v to %v", before, err)
		}
	})
}

// A brute-force search over all code vectors finds nothing better.
func TestExactAgainstBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		w := []float64{rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()}
		r := residual(w, []Point{BestScaleExact(w, 3)}, 3)
		got, best := floats.Dot(r, r), bruteForce(w, 3)
		if math.Abs(got-best) > 1e-12 {
			t.Fatalf("w = %v: error %v, brute force %v", w, got, best)
		}
	}
}

func bruteForce(w []float64, b int) float64 {
	top := Top(b)
	best := floats.Dot(w, w)
	codes := make([]float64, len(w))
	var visit func(j int)
	visit = func(j int) {
		if j == len(w) {
			if n := floats.Dot(codes, codes); n > 0 {
				dot := floats.Dot(codes, w)
				best = min(best, floats.Dot(w, w)-dot*dot/n)
			}
			return
		}
		for c := -top; c <= top; c++ {
			codes[j] = float64(c)
			visit(j + 1)
		}
	}
	visit(0)
	return best
}

// Relative error ‖r‖/‖w‖ on 256 standard normal weights, mean of 200 draws,
// against reference figures of few draws: within 10 %.
func TestErrorTable(t *testing.T) {
	tests := []struct {
		b, n   int
		solver Solver
		want   float64
	}{
		{2, 1, Exact, .446},
		{2, 2, Exact, .201},
		{3, 2, Exact, .0668},
		{4, 1, Exact, .107},
		{2, 1, MaxAbsRule, .817},
		{2, 2, MaxAbsRule, .462},
		{2, 3, MaxAbsRule, .223},
		{3, 2, MaxAbsRule, .0493},
		{4, 1, MaxAbsRule, .122},
		{4, 2, MaxAbsRule, .0087},
		{4, 3, MaxAbsRule, 6.0e-4},
		{2, 2, Hybrid, .289},
		{3, 2, Hybrid, .0420},
		{4, 2, Hybrid, .0079},
	}
	for _, test := range tests {
		got := meanError(test.b, test.n, test.solver, 200)
		if math.Abs(got/test.want-1) > 0.10 {
			t.Errorf("b=%d %s n=%d: %.4g, reference %.4g", test.b, test.solver, test.n, got, test.want)
		}
	}
}

func meanError(b, n int, solver Solver, draws int) float64 {
	sum := 0.0
	for seed := range draws {
		rng := rand.New(rand.NewPCG(uint64(seed), 7))
		w := make([]float64, 256)
		for j := range w {
			w[j] = rng.NormFloat64()
		}
		sum += floats.Norm(residual(w, Points(w, b, n, solver, 0), b), 2) / floats.Norm(w, 2)
	}
	return sum / float64(draws)
}

func TestAdaptDoesNotDependOnOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	const d, channels, inputs = 12, 20, 50
	w, x := make([]float64, channels*d), make([]float64, inputs*d)
	for i := range w {
		w[i] = rng.NormFloat64()
	}
	for i := range x {
		x[i] = math.Abs(rng.NormFloat64())
	}
	moment := NewMoment(x, d)
	opts := Options{Bits: 3, MaxPoints: 4, Solver: Exact, Threshold: 0.02}
	first := slices.Repeat([]float64{MaxAbs(w)}, channels)
	all := Adapt(w, d, first, moment, opts)
	for c := range channels {
		one := Adapt(w[c*d:(c+1)*d], d, first[:1], moment, opts)[0]
		if !slices.Equal(one.Quantized, all[c].Quantized) {
			t.Fatalf("channel %d differs", c)
		}
		if one.OutputError > opts.Threshold && len(one.Points) < opts.MaxPoints {
			t.Fatalf("channel %d stopped at error %v with %d points", c, one.OutputError, len(one.Points))
		}
	}
}

func ExamplePoints() {
	w := []float64{1.088, 0.104, 0.236, -0.225, -0.438, -0.163, 1.78, -0.291}
	for n := 1; n <= 3; n++ {
		r := residual(w, Points(w, 4, n, Exact, 0), 4)
		fmt.Printf("%d points of 4 bits: relative error %.4f\n", n, floats.Norm(r, 2)/floats.Norm(w, 2))
	}
	// Output:
	// 1 points of 4 bits: relative error 0.0815
	// 2 points of 4 bits: relative error 0.0038
	// 3 points of 4 bits: relative error 0.0002
}
