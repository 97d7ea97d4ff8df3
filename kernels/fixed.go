package kernels

import (
	"math"

	"bitcycle/kernels/internal/lanes"
)

// fixed is a fixed-point map from integers to a grid,
//
//	y = clamp((Σ_r x[r]·mult[r] + bias) >> shift, lo, hi),
//
// which rounds Σ x[r]·factor[r] + offset to nearest, halves up.
type fixed struct {
	mult  []int32
	bias  int64
	shift uint8
	round Rounding // HalfUp: a shift alone
	near  int64    // how far from a half still counts as one
}

// precision is how much room a fixed-point form may take.
type precision struct {
	shift int     // at most
	mult  float64 // largest multiplier
	sum   float64 // Σ|x·mult| + |bias| stays below
}

var (
	wide  = precision{62, math.MaxInt32, 1 << 62} // for the sums of products
	short = precision{30, 1 << 14, 1 << 30}       // for codes: 32-bit arithmetic
)

// newFixed finds the most precise fixed-point form of factors and an offset for
// inputs of magnitude up to bound[r]. It depends on nothing but its arguments
// and does no arithmetic that rounds differently on other machines.
func newFixed(factor []float64, offset float64, bound []int64) fixed {
	return wide.fixed(factor, offset, bound)
}

// moveCodes finds the form for codes of the given magnitudes, which are rescaled
// with 15-bit multipliers unless one of them exceeds 16 bits.
func moveCodes(factor []float64, magnitude []int64) fixed {
	for _, m := range magnitude {
		if m > 1<<15 {
			return wide.fixed(factor, 0, magnitude)
		}
	}
	return short.fixed(factor, 0, magnitude)
}

func (p precision) fixed(factor []float64, offset float64, bound []int64) fixed {
	const widest = 1 << 40 // far outside every grid
	offset = min(max(offset, -widest), widest)
	for shift := p.shift; ; shift-- {
		f := fixed{mult: make([]int32, len(factor)), shift: uint8(shift)}
		if f.fill(p, factor, offset, bound) || shift == 0 {
			return f
		}
	}
}

// fill computes the form for the shift of f and tells whether it has the room.
func (f *fixed) fill(p precision, factor []float64, offset float64, bound []int64) bool {
	shift := int(f.shift)
	bias := math.Round(math.Ldexp(offset, shift))
	largest := math.Abs(bias) + math.Ldexp(1, shift)
	fits := true
	for r, x := range factor {
		m := math.Round(math.Ldexp(x, shift))
		if math.Abs(m) > p.mult {
			fits = false
			m = math.Copysign(p.mult, m)
		}
		f.mult[r] = int32(m)
		largest += math.Abs(m) * float64(bound[r])
	}
	f.bias = int64(bias)
	if shift > 0 {
		f.bias += 1 << (shift - 1)
	}
	return fits && largest < p.sum
}

// rescaled finds the form that moves codes of several grids, added up, to another.
// Grids of this package's own rounding are rescaled by [moveCodes]; foreign ones as
// precisely as possible.
func rescaled(from []Grid, to Grid) fixed {
	factor, magnitude := make([]float64, len(from)), make([]int64, len(from))
	for i, g := range from {
		factor[i], magnitude[i] = g.Scale/to.Scale, g.Magnitude()
	}
	if to.Round == HalfUp && !to.Bipolar {
		return moveCodes(factor, magnitude)
	}
	return newFixed(factor, 0, magnitude).closely(to, magnitude)
}

// meanFixed finds the form that takes the sum of n codes to their mean. Its
// offset makes up for the rounding of the multiplier, whatever the sum is, so
// that exact halves are rounded up also where 1/n is not exact. If the ratio r of
// the grids is a power of two, the code is that of the exact mean as long as the
// sums and the sums times r stay below 2²⁹: a mean that is below a half is so by
// min(r, ½)/n at least, and the form is off by less than 2⁻²⁹ of a sum times r/n.
func meanFixed(from, to Grid, n int) fixed {
	bound := from.Magnitude() * int64(n)
	f := newFixed([]float64{from.Scale / to.Scale / float64(n)}, 0, []int64{bound})
	if to.Round != HalfUp || to.Bipolar {
		return f.rounded(to, []int64{bound})
	}
	f.bias += (bound + 1) / 2
	return f
}

// apply maps one input.
func (f *fixed) apply(x int64, lo, hi int32) int32 {
	y := f.code(x*int64(f.mult[0]) + f.bias)
	return int32(min(max(y, int64(lo)), int64(hi)))
}

// lanes returns the form for the passes over 16-bit codes; ok is false if it
// needs more than 32 bits.
func (f *fixed) lanes(lo, hi int32) (m lanes.Map, ok bool) {
	m = lanes.Map{MultA: f.mult[0], Bias: int32(f.bias), Shift: int32(f.shift), Lo: lo, Hi: hi}
	if len(f.mult) > 1 {
		m.MultB = f.mult[1]
	}
	for _, x := range f.mult {
		ok = x >= -1<<14 && x <= 1<<14
		if !ok {
			break
		}
	}
	return m, ok && f.shift <= 30 && f.round == HalfUp && int64(m.Bias) == f.bias
}

// between maps codes of one grid to another.
func between(from, to Grid) fixed { return rescaled([]Grid{from}, to) }
