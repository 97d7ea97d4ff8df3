package multipoint

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// sweepAll is the obvious form of BestScaleExact: every change of a code in turn.
func sweepAll(r []float64, b int) (a, reduction float64) {
	top := Top(b)
	var at []float64
	for _, x := range r {
		for k := 1; k <= top && x != 0; k++ {
			at = append(at, (float64(k)-0.5)/(math.Abs(x)*float64(top)))
		}
	}
	slices.Sort(at)
	for _, s := range at {
		var dot, norm float64
		for _, x := range r {
			c := min(math.Floor(math.Abs(x)*float64(top)*s*(1+1e-14)+0.5), float64(top))
			dot += math.Abs(x) * c
			norm += c * c
		}
		if norm > 0 && dot*dot/norm > reduction {
			a, reduction = float64(top)*dot/norm, dot*dot/norm
		}
	}
	return a, reduction
}

// TestExactVisitsTheOptimum: the bounds on the sweep never cut the optimum off,
// with outliers, tiny entries and zeros in the vector.
func TestExactVisitsTheOptimum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.IntRange(2, 8).Draw(t, "b")
		r := rapid.SliceOfN(rapid.OneOf(
			rapid.Float64Range(-1, 1), rapid.Float64Range(-30, 30), rapid.Float64Range(-1e-3, 1e-3), rapid.Just(0.0),
		), 1, 24).Draw(t, "r")
		p := BestScaleExact(r, b)
		square, got := 0.0, 0.0
		for j, x := range r {
			e := x - p.A*float64(p.Codes[j])/float64(Top(b))
			square += x * x
			got += e * e
		}
		_, reduction := sweepAll(r, b)
		if want := square - reduction; got > want+1e-9*square {
			t.Fatalf("b=%d: error %v, full sweep %v for %v", b, got, want, r)
		}
	})
}

// TestExactClipsFarBelowTheOutlier: the best scale can lie below half the largest
// entry.
func TestExactClipsFarBelowTheOutlier(t *testing.T) {
	r := append([]float64{3}, slices.Repeat([]float64{-1}, 50)...)
	p := BestScaleExact(r, 2)
	if want := 53.0 / 51; math.Abs(p.A-want) > 1e-12 || p.Codes[0] != 1 || p.Codes[50] != -1 {
		t.Errorf("a = %v, codes %d and %d; want %v, 1 and -1", p.A, p.Codes[0], p.Codes[50], want)
	}
}
