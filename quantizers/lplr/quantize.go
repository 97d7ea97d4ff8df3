package lplr

import (
	"fmt"
	"math"
	"slices"
	"sort"

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

// NaiveClipped quantizes every entry of a on the symmetric range [−c, c] with
// the c among 200 equidistant values up to max|a| that has the least error: the
// fair naive baseline, since min/max ranges fail at one and two bits.
func NaiveClipped(a *mat.Dense, bits int) *Factor {
	limit := max(math.Abs(mat.Min(a)), math.Abs(mat.Max(a)))
	if limit == 0 {
		return Range(a, bits, 0, 0)
	}
	sums := newSortedSums(a)
	best, bestError := limit, math.Inf(1)
	const candidates = 200
	for i := 1; i <= candidates; i++ {
		c := limit * float64(i) / candidates
		if e := sums.rangeError(bits, c); e < bestError {
			best, bestError = c, e
		}
	}
	return Range(a, bits, -best, best)
}

// sortedSums are the entries of a matrix in increasing order, with the running sums
// of them and of their squares: with them the error of any grid takes a search for
// every level instead of a pass over the entries.
type sortedSums struct {
	values, sum, square []float64 // sum[i] of the first i entries
}

func newSortedSums(a *mat.Dense) *sortedSums {
	rows, cols := a.Dims()
	s := &sortedSums{values: make([]float64, 0, rows*cols), sum: make([]float64, rows*cols+1), square: make([]float64, rows*cols+1)}
	for i := range rows {
		s.values = append(s.values, a.RawRowView(i)...)
	}
	slices.Sort(s.values)
	for i, v := range s.values {
		s.sum[i+1], s.square[i+1] = s.sum[i]+v, s.square[i]+v*v
	}
	return s
}

// rangeError returns the squared error of quantizing the entries on [−c, c].
func (s *sortedSums) rangeError(bits int, c float64) float64 {
	levels := 1 << bits
	step := 2 * c / float64(levels-1)
	total, from := 0.0, 0
	for level := range levels {
		to := len(s.values)
		value := -c + float64(level)*step
		if level < levels-1 {
			to = from + sort.SearchFloat64s(s.values[from:], value+step/2)
		}
		total += s.square[to] - s.square[from] - 2*value*(s.sum[to]-s.sum[from]) + float64(to-from)*value*value
		from = to
	}
	return total
}

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

// AffineFit returns α, β that minimize ‖x − α·y − β·11ᵀ‖_F; α is 0 when y is
// constant.
func AffineFit(x, y *mat.Dense) (alpha, beta float64) {
	rows, cols := x.Dims()
	n := float64(rows * cols)
	mx, my := mat.Sum(x)/n, mat.Sum(y)/n
	var cross, square float64
	for i := range rows {
		a, b := x.RawRowView(i), y.RawRowView(i)
		for j := range a {
			cross += (a[j] - mx) * (b[j] - my)
			square += (b[j] - my) * (b[j] - my)
		}
	}
	if square > 0 {
		alpha = cross / square
	}
	return alpha, mx - alpha*my
}
