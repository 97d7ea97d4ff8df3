package rff

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// TestDeterministicInequality: on every draw the features' quantization error is
// below its bound, and so is the kernel's.
func TestDeterministicInequality(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, m := drawScheme(t)
		if s.Method != SigmaDelta && s.Method != Beta {
			t.Skip("not condensed")
		}
		z := drawFeatures(t, 2, m)
		codes, diag, err := Quantize(s, z, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		psi, ideal := codes.Matrix(), floatCondensed(s, z)
		bound := s.ErrorBound(diag.Peak)
		e := mat.DenseCopyOf(psi)
		e.Sub(psi, ideal)
		var norm, err2 [2]float64
		for i := range 2 {
			norm[i], err2[i] = floats.Norm(ideal.RawRowView(i), 2), floats.Norm(e.RawRowView(i), 2)
			if err2[i] > bound*(1+1e-9)+1e-12 {
				t.Fatalf("%v: error %v of the features above its bound %v", s, err2[i], bound)
			}
		}
		diff := math.Abs(dot(psi.RawRowView(0), psi.RawRowView(1)) - dot(ideal.RawRowView(0), ideal.RawRowView(1)))
		if limit := norm[0]*err2[1] + err2[0]*norm[1] + err2[0]*err2[1]; diff > limit+1e-12 {
			t.Fatalf("%v: error %v of the kernel above its bound %v", s, diff, limit)
		}
	})
}

// floatCondensed are the condensed features of unquantized ones.
func floatCondensed(s Scheme, z *mat.Dense) *mat.Dense {
	c, _ := s.Condenser()
	c.Scale = 1
	n, m := z.Dims()
	psi := mat.NewDense(n, s.Dim(m), nil)
	for i := range n {
		c.Condense(psi.RawRowView(i), z.RawRowView(i))
	}
	return psi
}

// TestErrorBoundRate: for safe modulators the bound falls like λ^(−r+1/2) and
// like β^−λ.
func TestErrorBoundRate(t *testing.T) {
	for r := 1; r <= 3; r++ {
		a := Alphabet{K: 8, Step: 0.5}
		short, long := NewSigmaDelta(r, BlockLength(r, 100), a), NewSigmaDelta(r, BlockLength(r, 200), a)
		slope := math.Log2(long.ErrorBound(1) / short.ErrorBound(1))
		if want := -float64(r) + 0.5; math.Abs(slope-want) > 0.01 {
			t.Errorf("r=%d: bound falls like λ^%.3f, want λ^%.3f", r, slope, want)
		}
	}
	a := Alphabet{K: 2}
	if ratio := NewBeta(3.5, 9, a).ErrorBound(1) / NewBeta(3.5, 8, a).ErrorBound(1); math.Abs(ratio*3.5-1) > 1e-4 {
		t.Errorf("beta: one more entry changes the bound by %v, want 1/3.5", ratio)
	}
}
