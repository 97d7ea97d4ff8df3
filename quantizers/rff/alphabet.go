package rff

import (
	"fmt"
	"math"
)

// Alphabet is the mid-rise alphabet of 2K levels,
//
//	{ Step·(j+1/2) : j = −K..K−1 },
//
// which has no level at zero. Every level is an odd multiple, between −(2K−1)
// and 2K−1, of half a step; quantizers return these odd integers.
type Alphabet struct {
	K    int     `toml:"k" json:"k"`       // positive levels, at least 1
	Step float64 `toml:"step" json:"step"` // distance of levels; 0 = 2/(2K−1), outer levels at ±1
}

// Width returns the distance of neighbouring levels.
func (a Alphabet) Width() float64 {
	if a.Step == 0 {
		return 2 / float64(2*a.K-1)
	}
	return a.Step
}

// Half returns h, half the distance of neighbouring levels.
func (a Alphabet) Half() float64 { return a.Width() / 2 }

// Bits returns log2(2K), the information in one level.
func (a Alphabet) Bits() float64 { return math.Log2(float64(2 * a.K)) }

// Levels returns the alphabet in increasing order.
func (a Alphabet) Levels() []float64 {
	levels := make([]float64, 2*a.K)
	for i := range levels {
		levels[i] = a.Level(int32(2*(i-a.K) + 1))
	}
	return levels
}

// Level returns the level that is odd half steps from zero.
func (a Alphabet) Level(odd int32) float64 { return float64(odd) * a.Half() }

// Nearest is the memoryless scalar quantizer
//
//	Step·( clamp(⌊x/Step⌋, −K, K−1) + 1/2 ),
//
// returned in half steps: a value on a cell edge goes to the larger level, and a
// value beyond the outer levels saturates.
func (a Alphabet) Nearest(x float64) int32 {
	q := a.quantizer()
	return int32(q.odd(x))
}

// Stochastic rounds x, clipped to the outer levels, to one of the two levels
// around it so that the mean over uniform v ∈ [0,1) is x, and returns it in half
// steps.
func (a Alphabet) Stochastic(x, v float64) int32 {
	step := a.Width()
	top := (float64(a.K) - 0.5) * step
	x = min(max(x, -top), top)
	k := min(max(math.Floor((x+top)/step), 0), float64(2*a.K-2))
	below := -top + k*step
	odd := 2*(int32(k)-int32(a.K)) + 1
	if v < (x-below)/step {
		odd += 2
	}
	return odd
}

// Validate reports impossible values.
func (a Alphabet) Validate() error {
	if a.K < 1 || a.K > 1<<15 {
		return fmt.Errorf("alphabet K = %d: must be between 1 and %d", a.K, 1<<15)
	}
	if !(a.Step >= 0) || math.IsInf(a.Step, 1) {
		return fmt.Errorf("step = %v: must be positive, or 0 for 2/(2K-1)", a.Step)
	}
	return nil
}

// quantizer holds what the inner loops need of an alphabet.
type quantizer struct{ step, half, low, high float64 }

func (a Alphabet) quantizer() quantizer {
	return quantizer{step: a.Width(), half: a.Half(), low: float64(-a.K), high: float64(a.K - 1)}
}

// odd returns the nearest level to x in half steps.
func (q *quantizer) odd(x float64) float64 {
	if q.high == 0 && x != 0 { // one bit; -0 counts as 0
		return math.Copysign(1, x)
	}
	k := math.Floor(x / q.step)
	if !(k >= q.low) { // also a state that has run away to NaN
		k = q.low
	} else if k > q.high {
		k = q.high
	}
	return 2*k + 1
}
