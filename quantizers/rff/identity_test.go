package rff

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// drawRow draws entries in [−1,1], often at its ends.
func drawRow(t *rapid.T, n int) []float64 {
	y := make([]float64, n)
	for i := range y {
		y[i] = rapid.OneOf(rapid.Float64Range(-1, 1), rapid.SampledFrom([]float64{-1, 0, 1})).Draw(t, "y")
	}
	return y
}

// residual returns v·(y−q) of the block that begins at from.
func residual(v, y, q []float64, from int) float64 {
	sum := 0.0
	for j, w := range v {
		sum += w * (y[from+j] - q[from+j])
	}
	return sum
}

// lagDifference is the r-fold lag-lt difference of w at index e; w is 0 before 0.
func lagDifference(w []float64, r, lt, e int) float64 {
	if e < 0 {
		return 0
	}
	if r == 0 {
		return w[e]
	}
	return lagDifference(w, r-1, lt, e) - lagDifference(w, r-1, lt, e-lt)
}

// convolve returns g∗u on the support of u.
func convolve(g, u []float64) []float64 {
	w := make([]float64, len(u))
	for i := range w {
		for j := range min(len(g), i+1) {
			w[i] += g[j] * u[i-j]
		}
	}
	return w
}

// TestSigmaDeltaTelescopes: v·(y−q) of a block is the r-fold lag difference of
// w = g∗u at its end, for greedy and sparse modulators of every order.
func TestSigmaDeltaTelescopes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, lt, blocks := rapid.IntRange(1, 4).Draw(t, "r"), rapid.IntRange(1, 6).Draw(t, "lt"), rapid.IntRange(1, 4).Draw(t, "p")
		a := Alphabet{K: rapid.IntRange(1, 9).Draw(t, "K")}
		m := Greedy(r, a)
		if rapid.Bool().Draw(t, "sparse") {
			m = Sparse(r, rapid.IntRange(1, 7).Draw(t, "sigma"), a)
		}
		if step, err := m.SafeStep(1); err == nil {
			m.Alphabet.Step = step * rapid.Float64Range(1, 1.5).Draw(t, "slack")
		} else if r > 2 {
			t.Skip("no safe step, the state grows beyond the precision of the identity")
		}
		lambda := BlockLength(r, lt)
		y := drawRow(t, blocks*lambda)
		q, u := make([]float64, len(y)), make([]float64, len(y))
		diag := m.Quantize(y, q, u)
		w, v := convolve(m.StateFilter(r), u), SigmaDeltaVector(r, lt)
		scale := 1 + diag.Peak*math.Pow(float64(lt), float64(r))
		for b := range blocks {
			got, want := residual(v, y, q, b*lambda), lagDifference(w, r, lt, (b+1)*lambda-1)
			if math.Abs(got-want) > 1e-12*scale {
				t.Fatalf("block %d: v·(y−q) = %v, difference of states %v", b, got, want)
			}
		}
	})
}

// TestDistributedTelescopes: v_β·(y−q) of a block is β^−λ·u at its end, and |u| ≤ h.
func TestDistributedTelescopes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Alphabet{K: rapid.IntRange(1, 6).Draw(t, "K")}
		beta := rapid.Float64Range(1.01, 2*float64(a.K)-0.01).Draw(t, "beta")
		lambda, blocks := rapid.IntRange(1, 12).Draw(t, "lambda"), rapid.IntRange(1, 4).Draw(t, "p")
		m := Distributed(beta, lambda, a)
		y := drawRow(t, blocks*lambda)
		q, u := make([]float64, len(y)), make([]float64, len(y))
		if diag := m.Quantize(y, q, u); diag.Overload > 0 {
			t.Fatalf("|u| = %v above h = %v", diag.Peak, a.Half())
		}
		scaled := make([]float64, len(y))
		for i := range y {
			scaled[i] = m.Scale * y[i]
		}
		v := BetaVector(beta, lambda)
		for b := range blocks {
			got := residual(v, scaled, q, b*lambda)
			want := math.Pow(beta, -float64(lambda)) * u[(b+1)*lambda-1]
			if math.Abs(got-want) > 1e-12 {
				t.Fatalf("block %d: v·(y−q) = %v, β^−λ·u = %v", b, got, want)
			}
		}
	})
}

// TestStateEquation recomputes u from y − q alone: u_i − Σ weights·u = y − q.
func TestStateEquation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Modulator{
			Alphabet: Alphabet{K: rapid.IntRange(1, 4).Draw(t, "K")}, Scale: rapid.Float64Range(0.1, 1).Draw(t, "scale"),
			Delays: []int{1, 3}, Weights: []float64{0.5, -0.25}, Block: rapid.IntRange(0, 5).Draw(t, "block"),
		}
		y := drawRow(t, 20)
		q, u := make([]float64, len(y)), make([]float64, len(y))
		m.Quantize(y, q, u)
		for i := range y {
			start := 0
			if m.Block > 0 {
				start = i / m.Block * m.Block
			}
			want := m.Scale*y[i] - q[i]
			for j, n := range m.Delays {
				if i-n >= start {
					want += m.Weights[j] * u[i-n]
				}
			}
			if math.Abs(u[i]-want) > 1e-12 {
				t.Fatalf("entry %d: u = %v, want %v", i, u[i], want)
			}
		}
	})
}

// TestStateFilter checks the published example: r = 2, σ = 6.
func TestStateFilter(t *testing.T) {
	m := Sparse(2, 6, Alphabet{K: 1})
	got := fmt.Sprintf("%.4f", m.StateFilter(2))
	if want := "[1.0000 0.8333 0.6667 0.5000 0.3333 0.1667]"; got != want {
		t.Errorf("g = %s, want %s", got, want)
	}
	defer func() {
		if recover() == nil {
			t.Error("order 3 of a modulator of order 2: no panic")
		}
	}()
	m.StateFilter(3)
}
