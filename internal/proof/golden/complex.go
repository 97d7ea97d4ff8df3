package golden

import (
	"encoding/json"
	"fmt"
	"slices"

	"bitcycle/mimo"
)

// values is a complex number, vector or matrix, written {"re": …, "im": …}.
type values struct {
	rows, cols int // of a matrix; a vector is one row
	re, im     []float64
}

// UnmarshalJSON reads both planes, which must be of one shape.
func (v *values) UnmarshalJSON(data []byte) error {
	var planes struct{ Re, Im json.RawMessage }
	if err := json.Unmarshal(data, &planes); err != nil {
		return err
	}
	var err error
	if v.re, v.rows, v.cols, err = plane(planes.Re); err != nil {
		return err
	}
	im, rows, cols, err := plane(planes.Im)
	if v.im = im; err == nil && (rows != v.rows || cols != v.cols) {
		err = fmt.Errorf("the planes differ in shape")
	}
	return err
}

// plane reads a number, a list or a list of lists of one length.
func plane(raw json.RawMessage) (flat []float64, rows, cols int, err error) {
	if flat, err = numbers(raw); err != nil {
		return nil, 0, 0, err
	}
	var nested [][]float64
	if json.Unmarshal(raw, &nested) != nil {
		return flat, 1, len(flat), nil
	}
	for _, row := range nested {
		if len(row) != len(nested[0]) {
			return nil, 0, 0, fmt.Errorf("rows of different lengths")
		}
	}
	return flat, len(nested), len(flat) / max(len(nested), 1), nil
}

// values reads a complex input.
func (c *Case) values(name string) (v values) {
	c.decode(name, &v)
	return v
}

// matrix is the value as rows × cols.
func (v values) matrix() *mimo.Matrix {
	m := mimo.NewMatrix(v.rows, v.cols)
	for i := range v.re {
		m.Set(i/v.cols, i%v.cols, complex(v.re[i], v.im[i]))
	}
	return m
}

// column is a vector as an n×1 matrix.
func (v values) column() *mimo.Matrix {
	m := mimo.NewMatrix(len(v.re), 1)
	for i := range v.re {
		m.Set(i, 0, complex(v.re[i], v.im[i]))
	}
	return m
}

// vector is the value as a slice.
func (v values) vector() []complex128 {
	out := make([]complex128, len(v.re))
	for i := range out {
		out[i] = complex(v.re[i], v.im[i])
	}
	return out
}

// closeComplex compares complex numbers, row by row, at the case's tolerance.
func (c *Case) closeComplex(name string, got []complex128) {
	var want values
	if !c.output(name, &want) {
		return
	}
	re, im := make([]float64, len(got)), make([]float64, len(got))
	for i, z := range got {
		re[i], im[i] = real(z), imag(z)
	}
	c.near(name+".re", want.re, re)
	c.near(name+".im", want.im, im)
}

// sameComplex compares complex numbers that must not differ at all.
func (c *Case) sameComplex(name string, got []complex128) {
	var want values
	if c.output(name, &want) && !slices.Equal(want.vector(), got) {
		c.decided = false
		c.fail("output %s differs", name)
	}
}

// flat lists the elements of a matrix row by row.
func flat(m *mimo.Matrix) []complex128 { return slices.Concat(m.Nested()...) }
