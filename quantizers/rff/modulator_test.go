package rff

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func TestSafeStep(t *testing.T) {
	for _, tc := range []struct {
		r, k int
		want float64
	}{{1, 1, 2}, {2, 2, 2}, {2, 3, 2.0 / 3}, {2, 4, 0.4}, {3, 4, 2}, {3, 8, 2.0 / 9}} {
		m := Greedy(tc.r, Alphabet{K: tc.k})
		step, err := m.SafeStep(1)
		if err != nil || math.Abs(step-tc.want) > 1e-15 {
			t.Errorf("r=%d K=%d: safe step %v, %v; want %v", tc.r, tc.k, step, err, tc.want)
		}
		if safe := m.Safe(1); safe != (tc.r == 1) {
			t.Errorf("r=%d K=%d: default step safe %v", tc.r, tc.k, safe)
		}
	}
	m := Greedy(2, Alphabet{K: 1})
	if _, err := m.SafeStep(1); err == nil {
		t.Error("r=2 K=1: a safe step")
	}
}

// TestSafeMeansBounded: whatever the input, a safe modulator keeps |u| ≤ h.
func TestSafeMeansBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.IntRange(1, 4).Draw(t, "r")
		m := Greedy(r, Alphabet{K: rapid.IntRange(1<<(r-1), 20).Draw(t, "K")})
		m.Alphabet.Step, _ = m.SafeStep(1)
		y := drawRow(t, 40)
		q, u := make([]float64, len(y)), make([]float64, len(y))
		if diag := m.Quantize(y, q, u); diag.Overload > 0 {
			t.Fatalf("|u| = %v above h = %v", diag.Peak, m.Alphabet.Half())
		}
	})
}

// TestOverload compares peak states on 20000 features of random points with those
// that an independent program measured; they vary with the draw.
func TestOverload(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	f := Draw(Gaussian{Gamma: 0.2}, 10, 20000, 5)
	x := make([]float64, 10)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	z := make([]float64, f.M)
	f.Map(z, x, 0)
	for _, tc := range []struct {
		name           string
		m              Modulator
		peak           float64 // reported
		low, high      float64 // accepted
		share, shareTo float64 // of entries with |u| > h
	}{
		{"r=1 K=1", Greedy(1, Alphabet{K: 1}), 1, 0.99, 1, 0, 0},
		{"r=2 K=1 sparse", Sparse(2, 6, Alphabet{K: 1}), 2.45, 1.5, 4, 0.01, 0.06},
		{"r=2 K=1 greedy", Greedy(2, Alphabet{K: 1}), 33.7, 10, 200, 0.1, 0.6},
		{"r=2 K=2 step 1", Greedy(2, Alphabet{K: 2, Step: 1}), 1.57, 1, 3, 0.005, 0.05},
		{"r=2 K=2 step 2", Greedy(2, Alphabet{K: 2, Step: 2}), 1, 0.95, 1, 0, 0},
		{"r=2 K=3 step 2/3", Greedy(2, Alphabet{K: 3, Step: 2.0 / 3}), 1.0 / 3, 0.32, 1.0/3 + 1e-12, 0, 0},
		{"r=3 K=4", Greedy(3, Alphabet{K: 4}), 1.7e11, 1e8, 1e13, 0.9, 1},
		{"r=3 K=4 step 2", Greedy(3, Alphabet{K: 4, Step: 2}), 1, 0.95, 1, 0, 0},
	} {
		diag := tc.m.Quantize(z, make([]float64, len(z)), make([]float64, len(z)))
		share := float64(diag.Overload) / float64(diag.Steps)
		t.Logf("%-18s max|u| %.4g (reported %.4g), overload %.2f %%", tc.name, diag.Peak, tc.peak, 100*share)
		if diag.Peak < tc.low || diag.Peak > tc.high || share < tc.share || share > tc.shareTo {
			t.Errorf("%s: max|u| = %v outside [%v, %v] or overload %v outside [%v, %v]",
				tc.name, diag.Peak, tc.low, tc.high, share, tc.share, tc.shareTo)
		}
	}
}

func TestNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Alphabet{K: rapid.IntRange(1, 8).Draw(t, "K"), Step: rapid.SampledFrom([]float64{0, 0.3, 1, 2}).Draw(t, "step")}
		x := rapid.Float64Range(-3, 3).Draw(t, "x")
		got := a.Level(a.Nearest(x))
		for _, level := range a.Levels() {
			if math.Abs(level-x) < math.Abs(got-x)-1e-12 {
				t.Fatalf("nearest to %v is %v, not %v", x, level, got)
			}
		}
	})
	for _, zero := range []float64{0, math.Copysign(0, -1)} {
		if got := (Alphabet{K: 1}).Nearest(zero); got != 1 {
			t.Errorf("sign(%v) = %d, want 1", zero, got)
		}
	}
	if got := (Alphabet{K: 2, Step: 1}).Nearest(-1); got != -1 {
		t.Errorf("a value on an edge goes to the larger level: got %d half steps, want -1", got)
	}
}

// TestStochasticMean integrates over the uniform variable on a fine grid.
func TestStochasticMean(t *testing.T) {
	const n = 4096
	rapid.Check(t, func(t *rapid.T) {
		a := Alphabet{K: rapid.IntRange(1, 5).Draw(t, "K")}
		x := rapid.Float64Range(-1.2, 1.2).Draw(t, "x")
		sum := 0.0
		for i := range n {
			level := a.Level(a.Stochastic(x, (float64(i)+0.5)/n))
			if math.Abs(level-min(max(x, -1), 1)) > a.Width()+1e-12 {
				t.Fatalf("%v rounds to %v, not a neighbour", x, level)
			}
			sum += level
		}
		if want := min(max(x, -1), 1); math.Abs(sum/n-want) > a.Width()/n {
			t.Fatalf("mean of %v is %v", x, sum/n)
		}
	})
}
