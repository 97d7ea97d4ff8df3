// Package goldencheck runs the matrix factorizations on golden vectors.
package goldencheck

import (
	"encoding/json"
	"fmt"
	"io"

	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/proof/golden"
	"bitcycle/quantizers/lplr"
)

// Check judges every case of a golden file of the factorizations.
func Check(r io.Reader) ([]golden.Row, error) {
	file, err := golden.Read(r)
	if err != nil {
		return nil, err
	}
	return golden.Check(file, judge), nil
}

// arguments joins the parameters and inputs of all operations.
type arguments struct {
	B, M, B1, B2, Power, N int
	R, CR                  float64

	X, Y, A, S, L  matrix
	U              []float64
	Sizes          [][]int `json:"n_d_B_B2_Bnq"`
	Shapes         [][]int `json:"n_d_m_B_B2"`
	CodesL, CodesR [][]uint16
	RangeL, RangeR []float64
}

// matrix decodes nested lists, or a plain list as one row.
type matrix struct{ *mat.Dense }

// UnmarshalJSON reads [[row], …] or [row].
func (m *matrix) UnmarshalJSON(data []byte) error {
	var rows [][]float64
	if err := json.Unmarshal(data, &rows); err != nil {
		var row []float64
		if err := json.Unmarshal(data, &row); err != nil {
			return err
		}
		rows = [][]float64{row}
	}
	if len(rows) == 0 || len(rows[0]) == 0 {
		return fmt.Errorf("empty matrix")
	}
	var flat []float64
	for _, row := range rows {
		flat = append(flat, row...)
	}
	m.Dense = mat.NewDense(len(rows), len(rows[0]), flat)
	return nil
}

func judge(c *golden.Case, v *golden.Verdict) error {
	var args arguments
	for _, raw := range []json.RawMessage{c.Params, c.Inputs} {
		if len(raw) == 0 {
			continue
		}
		if err := json.Unmarshal(raw, &args); err != nil {
			return err
		}
	}
	run, ok := operations[c.Op]
	if !ok {
		return fmt.Errorf("unknown operation %q", c.Op)
	}
	return run(args, v)
}

var operations = map[string]func(in arguments, v *golden.Verdict) error{
	"quant_minmax": func(in arguments, v *golden.Verdict) error {
		f := lplr.MinMax(in.X.Dense, in.B)
		factor(v, f, "Y", "codes")
		v.Close("lo", f.Lo)
		v.Close("hi", f.Hi)
		return nil
	},
	"quant_dither": func(in arguments, v *golden.Verdict) error {
		next := 0
		f := lplr.Dither(in.X.Dense, in.B, in.R, func() float64 { next++; return in.U[next-1] })
		factor(v, f, "Y", "codes")
		v.Close("max_var", f.Step()*f.Step()/4)
		return nil
	},
	"sketch_size": func(in arguments, v *golden.Verdict) error {
		var ranks []int
		for _, s := range in.Sizes {
			budget := lplr.Budget{N: s[0], D: s[1], BitsPerEntry: float64(s[4]), Ratio: in.CR}
			ranks = append(ranks, budget.Rank(s[2], s[3]))
		}
		v.Equal("m", ranks...)
		return nil
	},
	"bits": func(in arguments, v *golden.Verdict) error {
		var bits []float64
		for _, s := range in.Shapes {
			bits = append(bits, lplr.Bits(s[0], s[1], s[2], s[3], s[4]))
		}
		v.Close("bits", bits...)
		return nil
	},
	"lplr": func(in arguments, v *golden.Verdict) error {
		f := lplr.Sketched(in.A.Dense, in.S.Dense, lplr.Options{Rank: in.M, BitsL: in.B1, BitsR: in.B2, Power: in.Power})
		factor(v, f.L, "L", "codesL")
		factor(v, f.R, "R", "codesR")
		v.Close("W", f.Fitted.RawMatrix().Data...)
		v.Close("rangeL", f.L.Lo, f.L.Hi)
		v.Close("rangeR", f.R.Lo, f.R.Hi)
		v.Close("relerr", lplr.RelativeError(in.A.Dense, f.Dense()))
		return nil
	},
	"lplr_svd": lplrSVD,
	"dsvd":     directSVD,
	"ls_right": func(in arguments, v *golden.Verdict) error {
		v.Close("W", lplr.LeastSquares(in.L.Dense, in.A.Dense).RawMatrix().Data...)
		return nil
	},
	"affine_fit": func(in arguments, v *golden.Verdict) error {
		alpha, beta := lplr.AffineFit(in.X.Dense, in.Y.Dense)
		v.Close("alpha", alpha)
		v.Close("beta", beta)
		fitted := mat.DenseCopyOf(in.Y.Dense)
		fitted.Apply(func(_, _ int, y float64) float64 { return alpha*y + beta }, fitted)
		v.Close("relerr", lplr.RelativeError(in.X.Dense, fitted))
		return nil
	},
	"phantom": func(in arguments, v *golden.Verdict) error {
		p := lplr.Phantom(in.N)
		v.Close("sum", mat.Sum(p))
		v.Close("min", mat.Min(p))
		v.Close("max", mat.Max(p))
		v.Close("row_mid", p.RawRowView(in.N/2)...)
		v.Close("nq1", lplr.RelativeError(p, lplr.Naive(p, 1).Dense()))
		v.Close("nq2", lplr.RelativeError(p, lplr.Naive(p, 2).Dense()))
		return nil
	},
	"decode_matvec": func(in arguments, v *golden.Verdict) error {
		f := lplr.Factors{L: decoded(in.CodesL, in.B1, in.RangeL), R: decoded(in.CodesR, in.B2, in.RangeR)}
		v.Close("y", f.Apply(in.X.RawRowView(0))...)
		v.Close("LR", f.Dense().RawMatrix().Data...)
		return nil
	},
}

func lplrSVD(in arguments, v *golden.Verdict) error {
	a := in.A.Dense
	rows, cols := a.Dims()
	svd := lplr.LeadingSVD(a, min(rows, cols), 1)
	opts := lplr.Options{Rank: in.M, BitsL: in.B1, BitsR: in.B2}
	compareSVD(v, svd, in.M)
	plain := mat.DenseCopyOf(svd.U.Slice(0, rows, 0, in.M))
	plain.Apply(func(_, j int, x float64) float64 { return x * svd.S[j] }, plain)
	var mixed mat.Dense
	mixed.Mul(plain, in.S.Dense)
	for suffix, basis := range map[string]*mat.Dense{"": &mixed, "_nosketch": plain} {
		f := lplr.Fit(a, basis, opts)
		factor(v, f.L, "L"+suffix, "codesL"+suffix)
		factor(v, f.R, "R"+suffix, "codesR"+suffix)
		v.Close("relerr"+suffix, lplr.RelativeError(a, f.Dense()))
	}
	return nil
}

// compareSVD compares as many singular triplets as the case lists.
func compareSVD(v *golden.Verdict, svd lplr.SVD, m int) {
	n, _ := svd.U.Dims()
	d, _ := svd.V.Dims()
	k := len(svd.S)
	var wantU [][]float64
	if v.Want("U", &wantU) && len(wantU) > 0 {
		k = len(wantU[0])
	}
	v.Close("U", mat.DenseCopyOf(svd.U.Slice(0, n, 0, k)).RawMatrix().Data...)
	v.Close("s", svd.S...)
	k = m
	var wantV [][]float64
	if v.Want("Vt", &wantV) {
		k = len(wantV)
	}
	v.Close("Vt", mat.DenseCopyOf(svd.V.Slice(0, d, 0, k).T()).RawMatrix().Data...)
}

func directSVD(in arguments, v *golden.Verdict) error {
	svd := lplr.LeadingSVD(in.A.Dense, in.M, 1)
	for name, basis := range map[string]lplr.Basis{"U|SV": lplr.DirectUSV, "US|V": lplr.DirectSU, "sqrt": lplr.DirectSqrt} {
		var want struct {
			L, R   matrix
			RelErr float64
		}
		if !v.Want(name, &want) {
			continue
		}
		f := lplr.DirectSplit(svd, lplr.Options{Rank: in.M, BitsL: in.B1, BitsR: in.B2, Basis: basis})
		v.CloseTo(name+".L", want.L.RawMatrix().Data, f.L.Dense().RawMatrix().Data)
		v.CloseTo(name+".R", want.R.RawMatrix().Data, f.R.Dense().RawMatrix().Data)
		v.CloseTo(name+".relerr", []float64{want.RelErr}, []float64{lplr.RelativeError(in.A.Dense, f.Dense())})
	}
	return nil
}

// factor compares the values and the codes of f.
func factor(v *golden.Verdict, f *lplr.Factor, values, codes string) {
	v.Close(values, f.Dense().RawMatrix().Data...)
	ints := make([]int, len(f.Codes))
	for i, c := range f.Codes {
		ints[i] = int(c)
	}
	v.Equal(codes, ints...)
}

func decoded(codes [][]uint16, bits int, span []float64) *lplr.Factor {
	f := &lplr.Factor{Rows: len(codes), Cols: len(codes[0]), Bits: bits, Lo: span[0], Hi: span[1]}
	for _, row := range codes {
		f.Codes = append(f.Codes, row...)
	}
	return f
}
