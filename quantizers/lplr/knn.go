package lplr

import (
	"runtime"
	"sync"

	"gonum.org/v1/gonum/mat"

	"bitcycle/kernels/gemm"
)

// Neighbours classifies each row of queries by the majority label among its k
// nearest rows of base (Euclidean distance); the smallest label wins ties.
// Labels are 0..classes−1.
func Neighbours(base *mat.Dense, labels []int, queries *mat.Dense, k, classes int) []int {
	squares := rowSquares(base)
	rows, _ := queries.Dims()
	out := make([]int, rows)
	const block = 256
	var wg sync.WaitGroup
	limit := make(chan struct{}, runtime.GOMAXPROCS(0))
	for start := 0; start < rows; start += block {
		limit <- struct{}{}
		wg.Go(func() {
			defer func() { <-limit }()
			classify(out[start:min(start+block, rows)], base, squares, labels, queries, start, k, classes)
		})
	}
	wg.Wait()
	return out
}

// classify fills out for the queries from row start on: the distance to base
// row j is ‖b_j‖² − 2·⟨q, b_j⟩ plus a constant.
func classify(out []int, base *mat.Dense, squares []float64, labels []int, queries *mat.Dense, start, k, classes int) {
	_, cols := queries.Dims()
	n, _ := base.Dims()
	q, b, dots := queries.RawMatrix(), base.RawMatrix(), mat.NewDense(len(out), n, nil)
	gemm.Float64(false, true, len(out), n, cols, q.Data[start*q.Stride:], q.Stride, b.Data, b.Stride, false, dots.RawMatrix().Data, n)
	nearest := make([]int, 0, k+1)
	votes := make([]int, classes)
	for i := range out {
		row := dots.RawRowView(i)
		for j := range row {
			row[j] = squares[j] - 2*row[j]
		}
		nearest = smallest(nearest[:0], row, k)
		clear(votes)
		for _, j := range nearest {
			votes[labels[j]]++
		}
		for label, n := range votes {
			if n > votes[out[i]] {
				out[i] = label
			}
		}
	}
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
