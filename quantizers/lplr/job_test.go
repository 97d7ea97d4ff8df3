package lplr

import (
	"math"
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
}
