package lplr

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// A matrix of rank one is its factors but for their rounding, which more rounds make
// smaller; entries rounded one by one at the same bits are worse.
func TestJobCompresses(t *testing.T) {
	a := mat.NewDense(16, 12, nil)
	for i := range 16 {
		for k := range 12 {
			a.Set(i, k, math.Sin(float64(i+1))*math.Cos(float64(2*k+1)))
		}
	}
	last := math.Inf(1)
	for rounds := 1; rounds <= 3; rounds++ {
		c, err := Job{Options: Options{Rank: 1, BitsL: 6, BitsR: 6, Basis: SVDSqrt}, Rounds: rounds}.Compress("a", a)
		if err != nil {
			t.Fatal(err)
		}
		if want := float64(rounds) * 6 * (16 + 12) / (16 * 12); c.BitsPerEntry != want || c.Rows != 16 || c.Cols != 12 || len(c.Rounds) != rounds {
			t.Errorf("%d rounds: %+v, want %v bits an entry", rounds, c, want)
		}
		if c.RelativeError >= last || c.RelativeError >= c.NaiveError {
			t.Errorf("%d rounds: error %v after %v, naive %v", rounds, c.RelativeError, last, c.NaiveError)
		}
		last = c.RelativeError
	}
	planned, err := Job{BitsPerEntry: 2}.Compress("a", a)
	if err != nil || planned.Rank == 0 || planned.BitsPerEntry > 2 {
		t.Errorf("%+v, %v", planned, err)
	}
	zero, err := Job{BitsPerEntry: 2}.Compress("zero", mat.NewDense(6, 5, nil))
	if err != nil || zero.RelativeError != 0 || mat.Norm(Sum(zero.Rounds), 2) != 0 {
		t.Errorf("factors of zeros: %+v, %v", zero, err)
	}
}

func TestJobRejects(t *testing.T) {
	for want, v := range map[string]float64{"row 2, column 3: NaN": math.NaN(), "row 2, column 3: -Inf": math.Inf(-1), "too large": 1e200} {
		a := mat.NewDense(3, 4, []float64{1, 2, 3, 4, 5, 6, v, 8, 9, 10, 11, 12})
		if _, err := (Job{BitsPerEntry: 4, Rounds: 1}).Compress("a", a); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// The error never rises with the budget, whatever the spectrum, and no more is stored.
func TestErrorNeverRisesWithTheBudget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, d := rapid.IntRange(2, 24).Draw(t, "n"), rapid.IntRange(2, 24).Draw(t, "d")
		decay := rapid.Float64Range(0, 3).Draw(t, "decay")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		a := mat.NewDense(n, d, nil)
		for k := range min(n, d) {
			scale := math.Pow(float64(k+1), -decay)
			left, right := make([]float64, n), make([]float64, d)
			for i := range left {
				left[i] = rng.NormFloat64()
			}
			for i := range right {
				right[i] = scale * rng.NormFloat64()
			}
			for i := range n {
				floats.AddScaled(a.RawRowView(i), left[i], right)
			}
		}
		last, bits := math.Inf(1), rapid.Float64Range(0.3, 4).Draw(t, "bits")
		for range 3 {
			c, err := Job{BitsPerEntry: bits}.Compress("a", a)
			if err != nil {
				if !math.IsInf(last, 1) {
					t.Fatalf("%v bits: %v", bits, err)
				}
			} else {
				if c.RelativeError > last*(1+1e-12) || c.BitsPerEntry > bits*(1+1e-9) {
					t.Fatalf("%v bits: error %v after %v, %v stored", bits, c.RelativeError, last, c.BitsPerEntry)
				}
				last = c.RelativeError
			}
			bits *= rapid.Float64Range(1, 2).Draw(t, "more")
		}
	})
}

// The matrix of Hilbert of which more bits once made factors worse.
func TestHilbert(t *testing.T) {
	a := mat.NewDense(100, 100, nil)
	for i := range 100 {
		for k := range 100 {
			a.Set(i, k, 1/float64(i+k+1))
		}
	}
	last := math.Inf(1)
	for _, bits := range []float64{0.5, 1, 2, 4, 8} {
		c, err := Job{BitsPerEntry: bits}.Compress("hilbert", a)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%v bits: rank %d, %d and %d bits, %d rounds: %.4f; %s %.4f", bits, c.Rank, c.BitsL, c.BitsR, len(c.Rounds), c.RelativeError, c.Scalar.Name, c.Scalar.Error)
		if c.RelativeError > last || c.RelativeError > 0.03 {
			t.Errorf("%v bits: error %v after %v", bits, c.RelativeError, last)
		}
		last = c.RelativeError
	}
}

// Two values are exact at one bit; a normal matrix has the known error of Max's table at 1
// and 2 bits, .3634 and .1175 of its variance (Max, 1960); what is stored counts tables.
func TestBestScalar(t *testing.T) {
	two := mat.NewDense(40, 50, nil)
	for i := range 40 {
		for k := range 50 {
			two.Set(i, k, float64(3-5*((i*k)%2)))
		}
	}
	if s, ok := BestScalar(two, 1.1); !ok || s.Error > 1e-12 || s.Bits != 1 || s.BitsPerEntry > 1.1 {
		t.Errorf("two values: %+v, %v", s, ok)
	}
	if s, ok := BestScalar(two, 1); ok {
		t.Errorf("one bit and no room for a table: %+v", s)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	normal := mat.NewDense(300, 400, nil)
	for i := range 300 {
		for k := range 400 {
			normal.Set(i, k, rng.NormFloat64())
		}
	}
	for bits, want := range map[float64]float64{1.01: math.Sqrt(0.3634), 2.01: math.Sqrt(0.1175)} {
		if s, ok := BestScalar(normal, bits); !ok || math.Abs(s.Error-want) > 0.004 || s.Name != "lloyd" {
			t.Errorf("%v bits: %+v, want %v", bits, s, want)
		}
	}
}
