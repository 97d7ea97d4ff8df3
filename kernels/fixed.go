package kernels

import "math"

// fixed is a fixed-point map from integers to a grid,
//
//	y = clamp((Σ_r x[r]·mult[r] + bias) >> shift, lo, hi),
//
// which rounds Σ x[r]·factor[r] + offset to nearest, halves up.
type fixed struct {
	mult  []int32
	bias  int64
	shift uint8
}

// newFixed finds the most precise fixed-point form of factors and an offset for
// inputs of magnitude up to bound[r]: the largest shift with which multipliers
// fit 32 bits and sums 63. It depends on nothing but its arguments and does no
// arithmetic that rounds differently on other machines.
func newFixed(factor []float64, offset float64, bound []int64) fixed {
	const widest = 1 << 40 // far outside every grid
	offset = min(max(offset, -widest), widest)
	for shift := 62; ; shift-- {
		f := fixed{mult: make([]int32, len(factor)), shift: uint8(shift)}
		if f.fill(factor, offset, bound) || shift == 0 {
			return f
		}
	}
}

// fill computes the form for the shift of f and tells whether nothing can overflow.
func (f *fixed) fill(factor []float64, offset float64, bound []int64) bool {
	shift := int(f.shift)
	bias := math.Round(math.Ldexp(offset, shift))
	largest := math.Abs(bias) + math.Ldexp(1, shift)
	fits := true
	for r, x := range factor {
		m := math.Round(math.Ldexp(x, shift))
		if math.Abs(m) > math.MaxInt32 {
			fits = false
			m = math.Copysign(math.MaxInt32, m)
		}
		f.mult[r] = int32(m)
		largest += math.Abs(m) * float64(bound[r])
	}
	f.bias = int64(bias)
	if shift > 0 {
		f.bias += 1 << (shift - 1)
	}
	return fits && largest < 1<<62
}

// apply maps one input.
func (f *fixed) apply(x int64, lo, hi int32) int32 {
	y := (x*int64(f.mult[0]) + f.bias) >> f.shift
	return int32(min(max(y, int64(lo)), int64(hi)))
}

// Magnitude returns the largest absolute value of a code.
func (g Grid) Magnitude() int64 {
	lo, hi := g.Range()
	return max(-int64(lo), int64(hi))
}

// between maps codes of one grid to another.
func between(from, to Grid) fixed {
	return newFixed([]float64{from.Scale / to.Scale}, 0, []int64{from.Magnitude()})
}

// Quantize returns the code of a real number, rounded to nearest, halves up.
func (g Grid) Quantize(x float64) int32 {
	lo, hi := g.Range()
	q := math.Floor(float64(x/g.Scale) + 0.5)
	return int32(min(max(q, float64(lo)), float64(hi)))
}
