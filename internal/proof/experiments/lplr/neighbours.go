package lplr

import (
	"runtime"
	"slices"

	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/crew"
	"bitcycle/kernels/gemm"
)

// Neighbours classifies each row of queries by the majority label among its k
// nearest rows of base (Euclidean distance); the smallest label wins ties.
// Labels are 0..classes−1.
func Neighbours(base *mat.Dense, labels []int, queries *mat.Dense, k, classes int) []int {
	nearest := Nearest(base, queries, k)
	out := make([]int, len(nearest))
	votes := make([]int, classes)
	for i, rows := range nearest {
		clear(votes)
		for _, j := range rows {
			votes[labels[j]]++
		}
		for label, n := range votes {
			if n > votes[out[i]] {
				out[i] = label
			}
		}
	}
	return out
}

// Nearest returns the k nearest rows of base of each row of queries, nearest first
// (Euclidean distance, the earlier row among equals).
func Nearest(base, queries *mat.Dense, k int) [][]int {
	squares := rowSquares(base)
	rows, _ := queries.Dims()
	out := make([][]int, rows)
	const block = 256
	crew.Each(runtime.GOMAXPROCS(0), (rows+block-1)/block, func(i int) {
		start := i * block
		nearestBlock(out[start:min(start+block, rows)], base, squares, queries, start, k)
	})
	return out
}

// nearestBlock fills out for the queries from row start on: the distance to base
// row j is ‖b_j‖² − 2·⟨q, b_j⟩ plus a constant.
func nearestBlock(out [][]int, base *mat.Dense, squares []float64, queries *mat.Dense, start, k int) {
	_, cols := queries.Dims()
	n, _ := base.Dims()
	q, b, dots := queries.RawMatrix(), base.RawMatrix(), mat.NewDense(len(out), n, nil)
	gemm.Float64(false, true, len(out), n, cols, q.Data[start*q.Stride:], q.Stride, b.Data, b.Stride, false, dots.RawMatrix().Data, n)
	for i := range out {
		row := dots.RawRowView(i)
		for j := range row {
			row[j] = squares[j] - 2*row[j]
		}
		out[i] = smallest(make([]int, 0, k+1), row, k)
	}
}

// Recall returns the share of the k nearest rows of a, itself left out, that each
// row of a still has among its k nearest rows of the approximation b.
func Recall(a, b *mat.Dense, k int) float64 {
	want, got := Nearest(a, a, k+1), Nearest(b, a, k+1)
	kept, all := 0, 0
	for i := range want {
		for _, j := range others(want[i], i, k) {
			all++
			if slices.Contains(others(got[i], i, k), j) {
				kept++
			}
		}
	}
	return float64(kept) / float64(all)
}

// others are the first k rows but row i.
func others(rows []int, i, k int) []int {
	out := make([]int, 0, k)
	for _, j := range rows {
		if j != i && len(out) < k {
			out = append(out, j)
		}
	}
	return out
}

// smallest returns the indices of the k smallest values, earlier ones first
// among equals.
func smallest(into []int, values []float64, k int) []int {
	for j, v := range values {
		if len(into) == k && v >= values[into[k-1]] {
			continue
		}
		at := len(into)
		into = append(into, j)
		for at > 0 && values[into[at-1]] > v {
			into[at] = into[at-1]
			at--
		}
		into[at] = j
		if len(into) > k {
			into = into[:k]
		}
	}
	return into
}

func rowSquares(a *mat.Dense) []float64 {
	rows, _ := a.Dims()
	out := make([]float64, rows)
	for i := range out {
		for _, v := range a.RawRowView(i) {
			out[i] += v * v
		}
	}
	return out
}
