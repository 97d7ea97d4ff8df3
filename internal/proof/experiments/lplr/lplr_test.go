package lplr

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"bitcycle/quantizers/lplr"
)

// Relative errors at equal budget on 512×384 with Haar factors: mean of 3
// sketches against reference figures.
func TestErrorsAtEqualBudget(t *testing.T) {
	power := func(i int) float64 { return math.Pow(0.95, float64(i)) }
	inverse := func(i int) float64 { return 1 / float64(i+1) }
	tests := []struct {
		name                       string
		s                          func(int) float64
		bl, br                     int
		budget                     float64
		rank                       int
		lplr, direct, naive, tight float64
	}{
		{"0.95^i", power, 8, 8, 1, 27, .448, .251, 4.37, .615},
		{"0.95^i", power, 4, 4, 1, 54, .325, 0, 4.37, .615}, // direct: .278 to .350 by draw
		{"1/i", inverse, 8, 8, 1, 27, .231, .147, 7.37, .684},
	}
	for _, test := range tests {
		a := Spectral(512, 384, test.s, 9)
		if got := (lplr.Budget{N: 512, D: 384, BitsPerEntry: test.budget, Ratio: 1}).Rank(test.bl, test.br); got != test.rank {
			t.Errorf("%s: rank %d, want %d", test.name, got, test.rank)
		}
		opts := lplr.Options{Rank: test.rank, BitsL: test.bl, BitsR: test.br}
		mean := 0.0
		for seed := range 3 {
			opts.Seed = int64(seed)
			mean += errorOf(t, a, opts) / 3
		}
		check := func(what string, got, want, tolerance float64) {
			if math.Abs(got/want-1) > tolerance {
				t.Errorf("%s %d,%d,%v %s: %.4f, reference %.4f", test.name, test.bl, test.br, test.budget, what, got, want)
			}
		}
		check("lplr", mean, test.lplr, 0.10)
		opts.Basis = lplr.DirectUSV
		if test.direct > 0 {
			check("direct", errorOf(t, a, opts), test.direct, 0.05)
		}
		check("naive", lplr.RelativeError(a, lplr.Naive(a, int(test.budget)).Dense()), test.naive, 0.15)
		check("naive clipped", lplr.RelativeError(a, NaiveClipped(a, int(test.budget)).Dense()), test.tight, 0.03)
	}
}

func errorOf(t *testing.T, a *mat.Dense, opts lplr.Options) float64 {
	t.Helper()
	f, err := lplr.Factorize(a, opts)
	if err != nil {
		t.Fatal(err)
	}
	return lplr.RelativeError(a, f.Dense())
}

// TestRangeErrorFromSums: the error of a symmetric grid from running sums is the
// error of quantizing on it.
func TestRangeErrorFromSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	a := mat.NewDense(17, 23, nil)
	a.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, a)
	sums := newSortedSums(a)
	for _, bits := range []int{1, 2, 4, 8} {
		for _, c := range []float64{0.05, 0.7, 3} {
			var diff mat.Dense
			diff.Sub(a, lplr.Range(a, bits, -c, c).Dense())
			want := mat.Norm(&diff, 2)
			if got := sums.rangeError(bits, c); math.Abs(got-want*want) > 1e-9*(1+want*want) {
				t.Errorf("%d bits, c = %v: error %v, want %v", bits, c, got, want*want)
			}
		}
	}
}

func TestRecall(t *testing.T) {
	a := mat.NewDense(5, 1, []float64{0, 1, 3, 7, 15})
	if got := Recall(a, a, 2); got != 1 {
		t.Errorf("recall of itself %v", got)
	}
	// The nearest of rows 0..4 are 1 0 1 2 3; with row 1 moved away 2 0 0 2 3.
	b := mat.NewDense(5, 1, []float64{0, 100, 3, 7, 15})
	if got := Recall(a, b, 1); got != 0.6 {
		t.Errorf("recall %v, want 0.6", got)
	}
}
