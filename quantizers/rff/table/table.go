// Package table reads labelled data sets into matrices: CSV, LIBSVM, NumPy and
// IDX (MNIST) files, plain or gzipped. Errors name the file and the line, or the
// byte, that they are about.
package table

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Table is n labelled points of d columns.
type Table struct {
	X       *mat.Dense // n×d
	Y       []float64  // label or target of every point; nil if there are none
	Classes []string   // if labels were words: Y is an index into these
	Names   []string   // of the columns of X, if the file has a header
}

// Options say how a file is read. The zero value takes all rows, the last column
// of a CSV file as label, and as many columns of a LIBSVM file as its largest
// index.
type Options struct {
	Label   int // CSV, NPY: column of the label from 1; 0 = the last, −1 = none
	Columns int // LIBSVM: number of columns; 0 = the largest index
	Limit   int // rows to read; 0 = all
}

// full reports whether n rows are enough.
func (o Options) full(n int) bool { return o.Limit > 0 && n >= o.Limit }

// maxCells bounds a dense matrix, 2 GB, against a file that asks for more than it
// holds.
const maxCells = 1 << 28

func checkSize(rows, columns int) error {
	if columns > 0 && rows > maxCells/columns {
		return fmt.Errorf("%d×%d is too large for a dense matrix (at most %d cells)", rows, columns, maxCells)
	}
	return nil
}

// Labels returns the classes of the points as integers from 0, in the order of
// the distinct labels, and their number.
func (t *Table) Labels() (labels []int, classes int, err error) {
	if t.Y == nil {
		return nil, 0, errors.New("the data have no labels")
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(t.Y)))
	const most = 1000
	if len(distinct) > most {
		return nil, 0, fmt.Errorf("the labels take %d values: too many for classes (at most %d)", len(distinct), most)
	}
	for _, y := range t.Y {
		label, _ := slices.BinarySearch(distinct, y)
		labels = append(labels, label)
	}
	return labels, len(distinct), nil
}

// Take returns a copy of the given rows in the given order.
func (t *Table) Take(rows []int) *Table {
	_, d := t.X.Dims()
	taken := &Table{X: mat.NewDense(len(rows), d, nil), Classes: t.Classes, Names: t.Names}
	for i, row := range rows {
		taken.X.SetRow(i, t.X.RawRowView(row))
		if t.Y != nil {
			taken.Y = append(taken.Y, t.Y[row])
		}
	}
	return taken
}

// Scaler moves and stretches columns to mean 0 and standard deviation 1.
type Scaler struct{ Mean, Deviation []float64 }

// FitScaler returns the scaler of the columns of x. A constant column keeps its
// width.
func FitScaler(x *mat.Dense) Scaler {
	n, d := x.Dims()
	s := Scaler{Mean: make([]float64, d), Deviation: make([]float64, d)}
	for i := range n {
		for j, v := range x.RawRowView(i) {
			s.Mean[j] += v / float64(n)
		}
	}
	for i := range n {
		for j, v := range x.RawRowView(i) {
			s.Deviation[j] += (v - s.Mean[j]) * (v - s.Mean[j]) / float64(n)
		}
	}
	for j, variance := range s.Deviation {
		s.Deviation[j] = math.Sqrt(variance)
		if s.Deviation[j] < 1e-12*(1+math.Abs(s.Mean[j])) {
			s.Deviation[j] = 1
		}
	}
	return s
}

// Apply scales the columns of x in place.
func (s Scaler) Apply(x *mat.Dense) {
	n, _ := x.Dims()
	for i := range n {
		row := x.RawRowView(i)
		for j := range row {
			row[j] = (row[j] - s.Mean[j]) / s.Deviation[j]
		}
	}
}
