package kernels

import (
	"math"
	"math/bits"
)

// tableBits is the precision of tabulated factors: a factor f is stored as
// ⌊f·2^tableBits + ½⌋.
const tableBits = 30

// octaves tabulates a function of a nonnegative integer at 64 points between
// each two powers of two, and interpolates linearly between them. Values above
// 2^16 count as 2^16.
type octaves struct{ at []int64 }

// octaveSteps is the number of intervals of an octave.
const octaveSteps = 64

func newOctaves(most int64, f func(u float64) float64) octaves {
	var o octaves
	for i := 0; ; i++ {
		u := octavePoint(i)
		o.at = append(o.at, int64(math.Floor(math.Ldexp(min(f(u), 1<<16), tableBits)+0.5)))
		if u > float64(most) && i > octaveSteps {
			return o
		}
	}
}

// octavePoint is the argument of entry i: i itself in the first octave, then 64
// equal steps from each power of two to the next.
func octavePoint(i int) float64 {
	if i < octaveSteps {
		return float64(i)
	}
	octave, step := i/octaveSteps-1, i%octaveSteps
	return math.Ldexp(float64(octaveSteps+step), octave)
}

// value returns f(u)·2^tableBits, interpolated.
func (o *octaves) value(u int64) int64 {
	if u < octaveSteps {
		return o.at[u]
	}
	octave := bits.Len64(uint64(u)) - bits.Len(octaveSteps)
	i := (octave+1)*octaveSteps + int(u>>octave) - octaveSteps
	rest := u & (1<<octave - 1)
	return o.at[i] + ((o.at[i+1]-o.at[i])*(rest>>max(octave-20, 0)))>>min(octave, 20)
}
