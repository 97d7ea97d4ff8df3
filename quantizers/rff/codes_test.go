package rff

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// drawScheme draws a valid scheme with integer codes and a number of features
// that may leave a tail.
func drawScheme(t *rapid.T) (Scheme, int) {
	a := Alphabet{K: rapid.IntRange(1, 9).Draw(t, "K")}
	s := Scheme{Method: rapid.SampledFrom([]Method{MSQ, StocQ}).Draw(t, "memoryless"), Alphabet: a}
	switch rapid.IntRange(0, 2).Draw(t, "kind") {
	case 1:
		r := rapid.IntRange(1, 3).Draw(t, "r")
		s = NewSigmaDelta(r, BlockLength(r, rapid.IntRange(1, 7).Draw(t, "lt")), a)
		if m, _ := s.Modulator(); r == 3 {
			step, err := m.SafeStep(1)
			if err != nil {
				t.Skip("no safe step")
			}
			s.Alphabet.Step = step * (1 + 1e-9)
		}
	case 2:
		s = NewBeta(rapid.Float64Range(1.01, 2*float64(a.K)-0.01).Draw(t, "beta"), rapid.IntRange(1, 12).Draw(t, "lambda"), a)
	}
	m := s.Lambda + rapid.IntRange(1, 300).Draw(t, "more")
	if err := s.Validate(m); err != nil {
		t.Fatalf("%v with m = %d: %v", s, m, err)
	}
	return s, m
}

func drawFeatures(t *rapid.T, n, m int) *mat.Dense {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	z := mat.NewDense(n, m, nil)
	z.Apply(func(_, _ int, _ float64) float64 { return math.Cos(2 * math.Pi * rng.Float64()) }, z)
	return z
}

// levels repeats a scheme the slow way: the modulator over the whole row, then
// the condenser, both in floating point.
func slowFeatures(s Scheme, z []float64) []float64 {
	c, condensed := s.Condenser()
	q, u := make([]float64, len(z)), make([]float64, len(z))
	if !condensed {
		factor := math.Sqrt(2 / float64(len(z)))
		if s.Alphabet.K == 1 {
			factor = math.Sqrt(1 / float64(len(z)))
		}
		for i, x := range z {
			q[i] = factor * s.Alphabet.Level(s.Alphabet.Nearest(x))
		}
		return q
	}
	m, _ := s.Modulator()
	m.Quantize(z, q, u)
	psi := make([]float64, s.Dim(len(z)))
	c.Condense(psi, q)
	return psi
}

// TestCodesAreLossless: features read back from packed codes are those computed
// without packing, streaming or integers.
func TestCodesAreLossless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, m := drawScheme(t)
		if s.Method == StocQ {
			t.Skip("random")
		}
		z := drawFeatures(t, 3, m)
		codes, _, err := Quantize(s, z, 1, 2)
		if err != nil {
			t.Fatal(err)
		}
		f := codes.Matrix()
		for i := range 3 {
			for j, want := range slowFeatures(s, z.RawRowView(i)) {
				if got := f.At(i, j); math.Abs(got-want) > 1e-12*(1+math.Abs(want)) {
					t.Fatalf("%v: feature %d of point %d: %v, want %v", s, j, i, got, want)
				}
			}
		}
	})
}

// TestKernelIsInnerProduct: the integer and popcount paths agree with features.
func TestKernelIsInnerProduct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, m := drawScheme(t)
		codes, _, err := Quantize(s, drawFeatures(t, 3, m), 7, 1)
		if err != nil {
			t.Fatal(err)
		}
		f, g := codes.Matrix(), codes.Gram(codes)
		for i := range 3 {
			for j := range 3 {
				want := dot(f.RawRowView(i), f.RawRowView(j))
				for _, got := range []float64{codes.Kernel(i, codes, j), g.At(i, j)} {
					if math.Abs(got-want) > 1e-10*(1+math.Abs(want)) {
						t.Fatalf("%v: kernel %v, features give %v", s, got, want)
					}
				}
			}
		}
	})
}

// TestStreamInPortions: codes do not depend on how a row is cut.
func TestStreamInPortions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, m := drawScheme(t)
		z := drawFeatures(t, 1, m).RawRowView(0)
		whole, parts := s.NewStream(3), s.NewStream(3)
		parts.Push(nil, z[:m/2]) // a row given up
		parts.Begin(0)
		want := whole.Push(nil, z)
		var got []int32
		for rest := z; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "portion")
			got = parts.Push(got, rest[:n])
			rest = rest[n:]
		}
		if len(got) != len(want) {
			t.Fatalf("%v: %d codes in portions, %d at once", s, len(got), len(want))
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("%v: code %d is %d in portions, %d at once", s, i, got[i], want[i])
			}
		}
	})
}

func TestWorkersDoNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := mat.NewDense(100, 5, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, x)
	f := Draw(Laplacian{Gamma: 0.3}, 5, 150, 9)
	for _, s := range []Scheme{NewSigmaDelta(2, 15, Alphabet{K: 1}), {Method: StocQ, Alphabet: Alphabet{K: 2}}} {
		for _, single := range []bool{false, true} {
			one := Encoder{Features: f, Scheme: s, Seed: 4, Workers: 1, Single: single}
			many := Encoder{Features: f, Scheme: s, Seed: 4, Workers: 7, Single: single}
			a, diagA, err := one.Encode(x)
			if err != nil {
				t.Fatal(err)
			}
			b, diagB, err := many.Encode(x)
			if err != nil {
				t.Fatal(err)
			}
			if diagA != diagB {
				t.Errorf("%v: diagnostics %+v with one worker, %+v with seven", s, diagA, diagB)
			}
			for i, w := range a.words {
				if w != b.words[i] {
					t.Fatalf("%v: word %d differs", s, i)
				}
			}
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	f := Draw(Gaussian{Gamma: 1}, 2, 30, 1)
	good := Scheme{Method: MSQ, Alphabet: Alphabet{K: 1}}
	for name, tc := range map[string]struct {
		s Scheme
		x *mat.Dense
	}{
		"float":     {Scheme{}, mat.NewDense(1, 2, nil)},
		"dimension": {good, mat.NewDense(1, 3, nil)},
		"NaN":       {good, mat.NewDense(1, 2, []float64{0, math.NaN()})},
		"K":         {Scheme{Method: MSQ}, mat.NewDense(1, 2, nil)},
		"lambda":    {NewSigmaDelta(1, 31, Alphabet{K: 1}), mat.NewDense(1, 2, nil)},
	} {
		e := Encoder{Features: f, Scheme: tc.s}
		if _, _, err := e.Encode(tc.x); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
