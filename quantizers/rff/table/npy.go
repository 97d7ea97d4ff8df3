package table

import (
	"fmt"
	"io"

	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/npy"
)

// ReadNPY reads a NumPy array of one dimension (a column without label) or two, of
// real numbers.
func ReadNPY(r io.Reader, name string, o Options) (*Table, error) {
	x, err := readArray(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if n, d := x.Dims(); o.full(n) {
		x = mat.DenseCopyOf(x.Slice(0, o.Limit, 0, d))
	}
	return splitLabel(x, name, o.Label)
}

func readArray(r io.Reader) (*mat.Dense, error) {
	a, err := npy.Read(r)
	if err != nil {
		return nil, err
	}
	if rank := len(a.Shape); rank < 1 || rank > 2 || a.Len() == 0 {
		return nil, fmt.Errorf("shape %v: want rows, or rows and columns, and at least one number", a.Shape)
	}
	cells, err := npy.Floats[float64](a)
	if err != nil {
		return nil, err
	}
	return mat.NewDense(a.Shape[0], a.Len()/a.Shape[0], cells), nil
}

// splitLabel takes column label (from 1, 0 = last, −1 = none) out of x.
func splitLabel(x *mat.Dense, name string, label int) (*Table, error) {
	n, d := x.Dims()
	if label < 0 || d == 1 && label == 0 {
		return &Table{X: x}, nil
	}
	if label > d || d == 1 {
		return nil, fmt.Errorf("%s: label column %d: the array has %d", name, label, d)
	}
	if label == 0 {
		label = d
	}
	t := &Table{X: mat.NewDense(n, d-1, nil), Y: mat.Col(nil, label-1, x)}
	for i := range n {
		from, to := x.RawRowView(i), t.X.RawRowView(i)
		copy(to, from[:label-1])
		copy(to[label-1:], from[label:])
	}
	return t, nil
}
