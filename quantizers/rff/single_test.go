package rff

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// TestFoldIsRecursion: folding block sums gives the codes of the first-order
// recursion over every feature, on features of 30 fraction bits, on which both
// are exact.
func TestFoldIsRecursion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom([]int{1, 1, 1, 2, 3, 8}).Draw(t, "K")
		s := NewSigmaDelta(1, rapid.IntRange(1, 40).Draw(t, "lambda"), Alphabet{K: k})
		f, ok := newFold(s)
		if !ok {
			t.Fatalf("%v does not fold", s)
		}
		z := make([]float32, s.Lambda*rapid.IntRange(1, 6).Draw(t, "p")+3)
		exact := make([]float64, len(z))
		for i := range z {
			z[i] = rapid.OneOf(rapid.Float32Range(-1, 1), rapid.SampledFrom([]float32{-1, 0, 1, 0.5})).Draw(t, "z")
			// the fixed-point feature in units of h, for a modulator with h = 1
			exact[i] = float64(int64(z[i]*f.gain)) / foldOne
		}
		m := Greedy(1, Alphabet{K: k, Step: 2})
		q, u := make([]float64, len(z)), make([]float64, len(z))
		m.Quantize(exact, q, u)
		cut := rapid.IntRange(0, len(z)).Draw(t, "cut")
		got := f.push(f.push(nil, z[:cut]), z[cut:])
		if len(got) != len(z)/s.Lambda {
			t.Fatalf("%d codes from %d features", len(got), len(z))
		}
		for b, code := range got {
			want := 0.0
			for _, v := range q[b*s.Lambda : (b+1)*s.Lambda] {
				want += v
			}
			if float64(code) != want {
				t.Fatalf("%v, block %d: %d folded, %v by recursion", s, b, code, want)
			}
		}
	})
}

func TestFoldOnlyWhereExact(t *testing.T) {
	for _, s := range []Scheme{
		NewSigmaDelta(2, 15, Alphabet{K: 4}), NewSigmaDelta(1, 4, Alphabet{K: 2, Step: 0.5}),
		NewBeta(1.5, 4, Alphabet{K: 1}),
		{Method: MSQ, Alphabet: Alphabet{K: 1}},
	} {
		if _, ok := newFold(s); ok {
			t.Errorf("%v folds", s)
		}
	}
}

// TestSingleFollowsDouble: the two precisions give nearly the same codes, and the
// same for schemes without feedback except where a feature touches a cell edge.
func TestSingleFollowsDouble(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	x := mat.NewDense(37, 20, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, x)
	for _, s := range []Scheme{
		NewSigmaDelta(1, 15, Alphabet{K: 1}), NewSigmaDelta(1, 15, Alphabet{K: 4}),
		NewBeta(1.9, 12, Alphabet{K: 1}),
		{Method: MSQ, Alphabet: Alphabet{K: 1}},
	} {
		e := Encoder{Features: Draw(Gaussian{Gamma: 0.05}, 20, 605, 1), Scheme: s}
		double, _, err := e.Encode(x)
		if err != nil {
			t.Fatal(err)
		}
		e.Single = true
		single, _, err := e.Encode(x)
		if err != nil {
			t.Fatal(err)
		}
		var worst, sum float64
		for i := range 37 {
			for j := range 37 {
				diff := math.Abs(double.Kernel(i, double, j) - single.Kernel(i, single, j))
				worst, sum = max(worst, diff), sum+diff/(37*37)
			}
		}
		t.Logf("%v: kernel estimates differ by %.2g on average, %.2g at most", s, sum, worst)
		if sum > 1e-3 {
			t.Errorf("%v: kernel estimates differ by %v on average", s, sum)
		}
	}
}
