package lplr

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
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
	planned, err := Job{BitsPerEntry: 2, Rounds: 1}.Compress("a", a)
	if err != nil || planned.Rank == 0 || planned.BitsPerEntry > 2 {
		t.Errorf("%+v, %v", planned, err)
	}
	zero, err := Job{BitsPerEntry: 2, Rounds: 1}.Compress("zero", mat.NewDense(6, 5, nil))
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
