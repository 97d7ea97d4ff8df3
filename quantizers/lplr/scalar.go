package lplr

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Scalar is a quantizer of single entries: what a factorization is to be held against.
type Scalar struct {
	Name         string  // "lloyd", "lloyd by row", "lloyd by 64", "lloyd by 128"
	Bits         int     // of a code
	BitsPerEntry float64 // stored, with tables and scales
	Error        float64 // ‖A − Q(A)‖_F/‖A‖_F
}

// What side information takes: an entry of a matrix's table, of a row's, and the scale of
// a group.
const (
	tableBits    = 32
	rowTableBits = 16
	scaleBits    = 16
)

// equalBits is how much more, of the bits, a scalar quantizer may store: it has whole bits
// and tables, and one bit an entry is never less than one.
const equalBits = 1.02

// BestScalar returns the scalar quantizer of least error that stores as many bits for an
// entry, or 2 % more; not ok where one bit and its tables are more. There are four: 2^b
// levels of Lloyd and Max (Lloyd, "Least squares quantization in PCM", 1982) for the
// matrix, for each row, and for the matrix after each 64 or 128 entries of a row are
// divided by the largest of them, as formats of the kind of NF4 do.
func BestScalar(a *mat.Dense, bits float64) (best Scalar, ok bool) {
	n, d := a.Dims()
	entries := float64(n * d)
	best.Error = math.Inf(1)
	try := func(name string, side func(b int) float64, quantize func(levels int) *mat.Dense) {
		b := MaxBits
		for b > 0 && float64(b)+side(b) > bits*equalBits {
			b--
		}
		if b = min(b, 8); b < 1 {
			return
		}
		if e := RelativeError(a, quantize(1<<b)); e < best.Error {
			best, ok = Scalar{name, b, float64(b) + side(b), e}, true
		}
	}
	try("lloyd", func(b int) float64 { return math.Exp2(float64(b)) * tableBits / entries }, func(levels int) *mat.Dense {
		return byGroups(a, n*d, levels, false)
	})
	try("lloyd by row", func(b int) float64 { return math.Exp2(float64(b)) * rowTableBits / float64(d) }, func(levels int) *mat.Dense {
		out := mat.NewDense(n, d, nil)
		for i := range n {
			row := out.RawRowView(i)
			copy(row, a.RawRowView(i))
			book := lloyd(row, levels)
			for k := range book {
				book[k] = half(book[k])
			}
			apply(row, book)
		}
		return out
	})
	for _, group := range []int{64, 128} {
		scales := math.Ceil(float64(d)/float64(group)) * scaleBits / float64(d)
		try(map[int]string{64: "lloyd by 64", 128: "lloyd by 128"}[group], func(b int) float64 { return scales + math.Exp2(float64(b))*tableBits/entries }, func(levels int) *mat.Dense {
			return byGroups(a, group, levels, true)
		})
	}
	return best, ok
}

// byGroups quantizes to one table, after each group of a row is divided by its largest
// magnitude where scaled.
func byGroups(a *mat.Dense, group, levels int, scaled bool) *mat.Dense {
	n, d := a.Dims()
	out := mat.DenseCopyOf(a)
	var scales []float64
	if scaled {
		for i := range n {
			for g := range slices.Chunk(out.RawRowView(i), group) {
				s := 0.0
				for _, x := range g {
					s = max(s, math.Abs(x))
				}
				if s = half(s); s == 0 {
					s = 1
				}
				scales = append(scales, s)
				for k := range g {
					g[k] /= s
				}
			}
		}
	}
	values := out.RawMatrix().Data[:n*d]
	apply(values, lloyd(values, levels))
	if scaled {
		for i := range n {
			for g := range slices.Chunk(out.RawRowView(i), group) {
				for k := range g {
					g[k] *= scales[0]
				}
				scales = scales[1:]
			}
		}
	}
	return out
}

// half rounds to the 11 significant bits of a 16-bit float; its range is not limited.
func half(x float64) float64 {
	fraction, exponent := math.Frexp(x)
	return math.Ldexp(math.RoundToEven(fraction*(1<<11))/(1<<11), exponent)
}

// lloydSteps bounds the steps of an alternation, which gains little after some tens.
const lloydSteps = 60

// lloyd returns the rising levels that the alternation of nearest level and mean of a cell
// ends at, from the quantiles of the values. Values stay as they are.
func lloyd(values []float64, levels int) []float64 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	sums := make([]float64, len(sorted)+1)
	for i, x := range sorted {
		sums[i+1] = sums[i] + x
	}
	book := make([]float64, levels)
	for k := range book {
		book[k] = sorted[min((2*k+1)*len(sorted)/(2*levels), len(sorted)-1)]
	}
	for range lloydSteps {
		moved, from := 0.0, 0
		for k := range book {
			to := len(sorted)
			if k+1 < len(book) {
				to, _ = slices.BinarySearch(sorted, (book[k]+book[k+1])/2)
			}
			if to = max(to, from); to > from {
				mean := (sums[to] - sums[from]) / float64(to-from)
				moved = max(moved, math.Abs(mean-book[k]))
				book[k] = mean
			}
			from = to
		}
		if moved <= 1e-9*(sorted[len(sorted)-1]-sorted[0]) {
			break
		}
	}
	slices.Sort(book)
	return book
}

// apply puts the nearest level in the place of each value.
func apply(values, book []float64) {
	for i, x := range values {
		k, _ := slices.BinarySearch(book, x)
		if k == len(book) || k > 0 && x-book[k-1] < book[k]-x {
			k--
		}
		values[i] = book[k]
	}
}
