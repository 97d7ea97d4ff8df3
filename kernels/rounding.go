package kernels

import (
	"math"
	"math/bits"
)

// Rounding tells which of the codes around a number stands for it.
type Rounding uint8

// The roundings. HalfUp is bitcycle's own, HalfEven that of ONNX's QuantizeLinear
// and of QONNX's ROUND; the others are those of QONNX (Pappalardo et al., AccML 2022).
const (
	HalfUp       Rounding = iota // to nearest, halves up
	HalfEven                     // to nearest, halves to the even code
	HalfOdd                      // to nearest, halves to the odd code: to the even one as stored, if the zero point is odd
	HalfAway                     // to nearest, halves away from zero
	HalfToZero                   // to nearest, halves toward zero
	Floor                        // down
	Ceil                         // up
	TowardZero                   // toward zero
	AwayFromZero                 // away from zero
	roundings

	// bySign gives +1 for what is not negative, else −1.
	bySign = roundings
)

// up tells whether the code above is taken, given the code below, whether anything
// remains above it, and how that compares with a half.
func (r Rounding) up(below int64, some bool, half int) bool {
	switch r {
	case HalfUp:
		return half >= 0
	case HalfEven:
		return half > 0 || half == 0 && below&1 != 0
	case HalfOdd:
		return half > 0 || half == 0 && below&1 == 0
	case HalfAway:
		return half > 0 || half == 0 && below >= 0
	case HalfToZero:
		return half > 0 || half == 0 && below < 0
	case Ceil:
		return some
	case TowardZero:
		return some && below < 0
	case AwayFromZero:
		return some && below >= 0
	}
	return false // Floor
}

// of rounds a number.
func (r Rounding) of(x float64) float64 {
	const most = 1 << 40 // far outside every grid
	x = min(max(x, -most), most)
	below := math.Floor(x)
	rest, half := x-below, 0
	switch {
	case rest < 0.5:
		half = -1
	case rest > 0.5:
		half = 1
	}
	if r.up(int64(below), rest > 0, half) {
		below++
	}
	return below
}

// shift rounds t/2^n; what is no more than near away from a half counts as a half.
func (r Rounding) shift(t int64, n uint8, near int64) int64 {
	if r == bySign {
		return t>>63 | 1
	}
	below := t >> n
	rest := t - below<<n
	half := -1 // of nothing: less than a half
	if n > 0 {
		switch beyond := rest - 1<<(n-1); {
		case beyond > near:
			half = 1
		case beyond >= -near:
			half = 0
		}
	}
	if r.up(below, rest != 0, half) {
		below++
	}
	return below
}

// rounded returns the map for a grid: f, which rounds halves up, with the grid's
// rounding; bound is the largest magnitude of the input of each multiplier. Where
// no input is a half, which is nearly always, that is a shift as well.
func (f fixed) rounded(to Grid, bound []int64) fixed {
	r := to.Round
	if to.Bipolar {
		r = bySign
	}
	if r == HalfUp {
		return f
	}
	if f.shift > 0 {
		f.bias -= 1 << (f.shift - 1)
	}
	switch {
	case r == Floor:
	case r == Ceil:
		f.bias += 1<<f.shift - 1
	case r <= HalfToZero && len(f.mult) == 1 && f.shift > 0 && !f.ties(bound[0]):
		f.bias += 1 << (f.shift - 1)
	default:
		f.round = r
	}
	return f
}

// closely returns the map for a foreign grid whose halves are those of float32: of
// what differs from a half by less than that can tell, x·5/6 of x = 3 for one, the
// even code is taken.
func (f fixed) closely(to Grid, bound []int64) fixed {
	if to.Bipolar || to.Round != HalfEven && to.Round != HalfOdd || f.shift == 0 {
		return f.rounded(to, bound)
	}
	most := 0.0
	for k, m := range f.mult {
		most += math.Abs(float64(m)) * float64(bound[k])
	}
	f.bias -= 1 << (f.shift - 1)
	f.round, f.near = to.Round, int64(math.Ldexp(most, -24))
	return f
}

// ties tells whether x·mult + bias can be half of 2^shift beyond a multiple of it
// for |x| up to bound: x is determined modulo what 2^shift leaves of the powers of
// two in mult.
func (f *fixed) ties(bound int64) bool {
	m, rest := uint64(int64(f.mult[0])), uint64(1)<<(f.shift-1)-uint64(f.bias)
	v := uint8(min(bits.TrailingZeros64(m), int(f.shift)))
	if rest&(1<<v-1) != 0 {
		return false
	}
	period := uint64(1) << (f.shift - v)
	x := rest >> v * inverse(m>>v) & (period - 1)
	return x <= uint64(bound) || period-x <= uint64(bound)
}

// inverse returns 1/x modulo 2^64 of an odd number, by Newton's iteration; each
// doubles the bits that are right.
func inverse(x uint64) uint64 {
	y := x
	for range 6 {
		y *= 2 - x*y
	}
	return y
}

// code rounds a sum of products.
func (f *fixed) code(t int64) int64 {
	if f.round == HalfUp { // the half is in the bias
		return t >> f.shift
	}
	return f.round.shift(t, f.shift, f.near)
}
