// Package lplr has what the low-rank factorization is measured with: test
// matrices, nearest neighbours among compressed rows, and the fair naive rival.
package lplr

import (
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/mat"

	"bitcycle/quantizers/lplr"
)

// NaiveClipped quantizes every entry of a on the symmetric range [−c, c] with
// the c among 200 equidistant values up to max|a| that has the least error: the
// fair naive baseline, since min/max ranges fail at one and two bits.
func NaiveClipped(a *mat.Dense, bits int) *lplr.Factor {
	limit := max(math.Abs(mat.Min(a)), math.Abs(mat.Max(a)))
	if limit == 0 {
		return lplr.Range(a, bits, 0, 0)
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
	return lplr.Range(a, bits, -best, best)
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
