package lplr

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// MaxBits is the widest factor entry.
const MaxBits = 16

// Factor is a matrix of Rows×Cols integer codes on one affine grid:
// value = Lo + code·Step.
type Factor struct {
	Rows, Cols, Bits int
	Codes            []uint16 // row-major
	Lo, Hi           float64
}

// Step returns the grid increment (Hi−Lo)/(2^Bits−1).
func (f *Factor) Step() float64 { return (f.Hi - f.Lo) / float64(int(1)<<f.Bits-1) }

// Dense returns the values of the factor.
func (f *Factor) Dense() *mat.Dense {
	values := make([]float64, len(f.Codes))
	step := f.Step()
	for i, c := range f.Codes {
		values[i] = f.Lo + float64(c)*step
	}
	return mat.NewDense(f.Rows, f.Cols, values)
}

// MinMax quantizes x to 2^bits levels from its smallest to its largest entry,
// to the nearest level, ties to the upper one. A constant matrix has codes 0.
func MinMax(x *mat.Dense, bits int) *Factor {
	return Range(x, bits, mat.Min(x), mat.Max(x))
}

// Range quantizes x to 2^bits levels from lo to hi; entries outside saturate.
func Range(x *mat.Dense, bits int, lo, hi float64) *Factor {
	f := newFactor(x, bits, lo, hi)
	if hi == lo {
		return f
	}
	step, top := f.Step(), float64(int(1)<<bits-1)
	f.fill(x, func(v float64) float64 { return math.Floor((v-lo)/step + 0.5) }, top)
	return f
}

// Dither quantizes x to the 2^bits points −r + j·Δ, Δ = 2r/(2^bits−1), up or
// down at random so that the expected value is x: up where the next uniform of
// u is below the fraction. Entries beyond r are clipped first. The variance of
// an entry is at most Δ²/4.
func Dither(x *mat.Dense, bits int, r float64, u func() float64) *Factor {
	f := newFactor(x, bits, -r, r)
	step, top := f.Step(), float64(int(1)<<bits-1)
	f.fill(x, func(v float64) float64 {
		position := (min(max(v, -r), r) + r) / step
		lower := min(math.Floor(position), top-1)
		if u() < position-lower {
			return lower + 1
		}
		return lower
	}, top)
	return f
}

func newFactor(x *mat.Dense, bits int, lo, hi float64) *Factor {
	if bits < 1 || bits > MaxBits {
		panic(fmt.Sprintf("lplr: %d bits out of range", bits))
	}
	rows, cols := x.Dims()
	return &Factor{Rows: rows, Cols: cols, Bits: bits, Codes: make([]uint16, rows*cols), Lo: lo, Hi: hi}
}

func (f *Factor) fill(x *mat.Dense, level func(v float64) float64, top float64) {
	for i := range f.Rows {
		codes := f.Codes[i*f.Cols : (i+1)*f.Cols]
		for j, v := range x.RawRowView(i) {
			codes[j] = uint16(min(max(level(v), 0), top))
		}
	}
}

// Naive quantizes every entry of a between its smallest and largest entry.
func Naive(a *mat.Dense, bits int) *Factor { return MinMax(a, bits) }

// RelativeError returns ‖x − y‖_F/‖x‖_F.
func RelativeError(x, y *mat.Dense) float64 {
	rows, _ := x.Dims()
	var diff, norm float64
	for i := range rows {
		a, b := x.RawRowView(i), y.RawRowView(i)
		d := floats.Distance(a, b, 2)
		n := floats.Norm(a, 2)
		diff += d * d
		norm += n * n
	}
	if diff == 0 {
		return 0
	}
	return math.Sqrt(diff / norm)
}
