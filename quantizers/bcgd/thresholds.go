package bcgd

import (
	"math"

	"bitcycle/kernels"
)

// Thresholds returns, for each output channel of a layer that ends in an
// activation of n levels, the n accumulator values at which its code rises, so
// that the layer needs no arithmetic after its sums but comparisons:
//
//	code = #{ j : acc ≥ t_j },  or  #{ j : acc ≤ t_j }  for falling channels
//
// (gain below 0). t_j are the whole numbers nearest to where
// s·acc + shift = (j + ½)·α, in the scale and shift that batch normalization and
// ceiling left in the layer. A channel that does not depend on its accumulator
// has thresholds at ±∞.
func Thresholds(l *kernels.QLayer, out kernels.Grid) (t [][]float64, falling []bool) {
	_, n := out.Range()
	for c := range l.Bias {
		s := l.Gain[c] * l.RowScale[c] * l.In.Scale
		row := make([]float64, n)
		for j := range row {
			row[j] = threshold((float64(j)+0.5)*out.Scale-l.Bias[c], s)
		}
		t, falling = append(t, row), append(falling, s < 0)
	}
	return t, falling
}

// threshold is the least whole acc with s·acc ≥ level, the largest for s < 0.
func threshold(level, s float64) float64 {
	switch {
	case s > 0:
		return math.Ceil(level / s)
	case s < 0:
		return math.Floor(level / s)
	case level <= 0:
		return math.Inf(-1)
	}
	return math.Inf(1)
}
