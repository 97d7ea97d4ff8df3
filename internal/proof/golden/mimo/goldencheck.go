// Package goldencheck runs package mimo on golden vectors.
package goldencheck

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"bitcycle/internal/proof/golden"
	"bitcycle/mimo"
)

// Row is the verdict on one case.
type Row = golden.Row

// Check judges every case of a golden file of the precoders. Tolerances bound the
// absolute error of floats; antenna signals and decisions must be equal.
func Check(r io.Reader) ([]Row, error) {
	file, err := golden.Read(r)
	if err != nil {
		return nil, err
	}
	file.Absolute = true
	shortfalls := map[string]float64{}
	rows := golden.Check(file, func(c *golden.Case, v *golden.Verdict) error {
		run, ok := kinds[c.Op]
		if !ok {
			return fmt.Errorf("unknown kind %q", c.Op)
		}
		in := arguments{QAMD: 2, P: 1, Iters: -1}
		if err := json.Unmarshal(c.Inputs, &in); err != nil {
			return err
		}
		in.id, in.shortfalls = c.Name, shortfalls
		return run(&in, v)
	})
	for i := range rows {
		if short, ok := shortfalls[rows[i].ID]; ok {
			rows[i].Exact, rows[i].Error, rows[i].Tolerance = false, short, marginShare
		}
	}
	return rows, nil
}

// arguments joins the inputs of all kinds.
type arguments struct {
	Theta0, Spacing, NoiseVar, P, AMax, Lam, N0, Tau, Rho, FS float64

	N, K, D, QAMD, Levels, Blocks, Order, Iters int

	Theta, Psi         scalars
	AbsAlpha, W, Sigma []float64
	Bits               []int
	XBar, H, Alpha     values
	S, Z               values
	Cases              []struct {
		D        int     `json:"D"`
		Half     float64 `json:"d"`
		NoiseVar float64 `json:"noise_var"`
	}

	id         string
	shortfalls map[string]float64 // of the optimum, by case
}

// UnmarshalJSON takes keys as they are written: "S" and "s" are both the symbols,
// "d" and "D" are not one key.
func (a *arguments) UnmarshalJSON(data []byte) error {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	for key, to := range map[string]any{
		"theta0_deg": &a.Theta0, "N": &a.N, "d_over_lambda": &a.Spacing, "xbar": &a.XBar, "psi": &a.Psi, "h": &a.H, "H": &a.H,
		"levels": &a.Levels, "blocks": &a.Blocks, "order": &a.Order, "alpha": &a.Alpha, "abs_alpha": &a.AbsAlpha,
		"S": &a.S, "s": &a.S, "theta_deg": &a.Theta, "noise_var": &a.NoiseVar, "P": &a.P, "qam_D": &a.QAMD, "D": &a.D,
		"amax": &a.AMax, "cases": &a.Cases, "z": &a.Z, "w": &a.W, "lam": &a.Lam, "N0": &a.N0, "iters": &a.Iters,
		"tau": &a.Tau, "rho": &a.Rho, "sigma": &a.Sigma, "bits": &a.Bits, "fs": &a.FS, "K": &a.K,
	} {
		if raw, ok := m[key]; ok {
			if err := json.Unmarshal(raw, to); err != nil {
				return fmt.Errorf("input %s: %w", key, err)
			}
		}
	}
	return nil
}

// scalars is a number or a list of them.
type scalars []float64

func (s *scalars) UnmarshalJSON(data []byte) error {
	var one float64
	if json.Unmarshal(data, &one) == nil {
		*s = scalars{one}
		return nil
	}
	return json.Unmarshal(data, (*[]float64)(s))
}

// first is the only number, 0 if there is none.
func (s scalars) first() float64 {
	if len(s) == 0 {
		return 0
	}
	return s[0]
}

// values is a complex number, vector or matrix, written {"re": …, "im": …}.
type values struct {
	rows, cols int // of a matrix; a vector is one row
	re, im     []float64
}

func (v *values) UnmarshalJSON(data []byte) error {
	var planes struct{ Re, Im any }
	if err := json.Unmarshal(data, &planes); err != nil {
		return err
	}
	var err error
	if v.re, v.rows, v.cols, err = flatten(planes.Re); err != nil {
		return err
	}
	var rows, cols int
	if v.im, rows, cols, err = flatten(planes.Im); err != nil {
		return err
	}
	if rows != v.rows || cols != v.cols {
		return fmt.Errorf("the planes differ in shape")
	}
	return nil
}

// flatten reads a number, a list or a list of lists.
func flatten(value any) (flat []float64, rows, cols int, err error) {
	switch value := value.(type) {
	case float64:
		return []float64{value}, 1, 1, nil
	case []any:
		nested := false
		for _, item := range value {
			row, _, n, err := flatten(item)
			if err != nil {
				return nil, 0, 0, err
			}
			_, inner := item.([]any)
			nested = nested || inner
			flat, cols = append(flat, row...), n
		}
		if nested {
			if rows = len(value); rows*cols != len(flat) {
				return nil, 0, 0, fmt.Errorf("rows of different lengths")
			}
			return flat, rows, cols, nil
		}
		return flat, 1, len(flat), nil
	}
	return nil, 0, 0, fmt.Errorf("%v is neither a number nor a list", value)
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

// closeTo compares complex numbers, row by row, at the case's tolerance.
func closeTo(v *golden.Verdict, name string, got []complex128) {
	var want values
	if !v.Want(name, &want) {
		return
	}
	re, im := make([]float64, len(got)), make([]float64, len(got))
	for i, c := range got {
		re[i], im[i] = real(c), imag(c)
	}
	v.CloseTo(name+".re", want.re, re)
	v.CloseTo(name+".im", want.im, im)
}

// equal compares complex numbers that must not differ at all.
func equal(v *golden.Verdict, name string, got []complex128) error {
	var want values
	if !v.Want(name, &want) {
		return nil
	}
	if !slices.Equal(want.vector(), got) {
		return fmt.Errorf("output %s differs", name)
	}
	return nil
}

// flat lists the elements of a matrix row by row.
func flat(m *mimo.Matrix) []complex128 { return slices.Concat(m.Nested()...) }

// line lists the elements of an n×1 matrix.
func line(m *mimo.Matrix) []complex128 { return flat(m) }
