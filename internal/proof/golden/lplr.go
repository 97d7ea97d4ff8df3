package golden

import (
	"slices"

	"gonum.org/v1/gonum/mat"

	experiments "bitcycle/internal/proof/experiments/lplr"
	"bitcycle/quantizers/lplr"
)

// lplrOperations repeats the vectors of package lplr. Parameters are B, B1, B2
// (bits), m (rank), power, R (range), cr (compression ratio), N (pixels).
var lplrOperations = map[string]func(c *Case){
	"quant_minmax": func(c *Case) {
		f := lplr.MinMax(c.matrix("X"), c.whole("B", 0))
		factor(c, f, "Y", "codes")
		c.close("lo", f.Lo)
		c.close("hi", f.Hi)
	},
	"quant_dither": func(c *Case) {
		u := c.list("u")
		next := func() float64 { first := u[0]; u = u[1:]; return first }
		f := lplr.Dither(c.matrix("X"), c.whole("B", 0), c.number("R", 0), next)
		factor(c, f, "Y", "codes")
		c.close("max_var", f.Step()*f.Step()/4)
	},
	"sketch_size": func(c *Case) {
		var ranks []int
		for _, s := range c.rows("n_d_B_B2_Bnq") {
			budget := lplr.Budget{N: int(s[0]), D: int(s[1]), BitsPerEntry: s[4], Ratio: c.number("cr", 0)}
			ranks = append(ranks, budget.Rank(int(s[2]), int(s[3])))
		}
		c.equal("m", ranks...)
	},
	"bits": func(c *Case) {
		var bits []float64
		for _, s := range c.rows("n_d_m_B_B2") {
			bits = append(bits, lplr.Bits(int(s[0]), int(s[1]), int(s[2]), int(s[3]), int(s[4])))
		}
		c.close("bits", bits...)
	},
	"lplr": func(c *Case) {
		a, o := c.matrix("A"), factorization(c)
		o.Power = c.whole("power", 0)
		f := lplr.Sketched(a, c.matrix("S"), o)
		factor(c, f.L, "L", "codesL")
		factor(c, f.R, "R", "codesR")
		c.close("W", f.Fitted.RawMatrix().Data...)
		c.close("rangeL", f.L.Lo, f.L.Hi)
		c.close("rangeR", f.R.Lo, f.R.Hi)
		c.close("relerr", lplr.RelativeError(a, f.Dense()))
	},
	"lplr_svd": fittedSVD,
	"dsvd":     directSVD,
	"ls_right": func(c *Case) {
		c.close("W", lplr.LeastSquares(c.matrix("L"), c.matrix("A")).RawMatrix().Data...)
	},
	"affine_fit": affineFit,
	"phantom": func(c *Case) {
		n := c.whole("N", 0)
		p := experiments.Phantom(n)
		c.close("sum", mat.Sum(p))
		c.close("min", mat.Min(p))
		c.close("max", mat.Max(p))
		c.close("row_mid", p.RawRowView(n/2)...)
		c.close("nq1", lplr.RelativeError(p, lplr.Naive(p, 1).Dense()))
		c.close("nq2", lplr.RelativeError(p, lplr.Naive(p, 2).Dense()))
	},
	"decode_matvec": func(c *Case) {
		f := lplr.Factors{L: decoded(c, "codesL", "B1", "rangeL"), R: decoded(c, "codesR", "B2", "rangeR")}
		dense, x := f.Dense(), c.list("x")
		var y mat.VecDense
		y.MulVec(dense, mat.NewVecDense(len(x), x))
		c.close("y", y.RawVector().Data...)
		c.close("LR", dense.RawMatrix().Data...)
	},
}

// factorization is what the parameters ask for.
func factorization(c *Case) lplr.Options {
	return lplr.Options{Rank: c.whole("m", 0), BitsL: c.whole("B1", 0), BitsR: c.whole("B2", 0)}
}

// fittedSVD fits the second factor to the quantized SVD basis, with a square
// Gaussian sketch of the case's and without.
func fittedSVD(c *Case) {
	a, o := c.matrix("A"), factorization(c)
	rows, cols := a.Dims()
	svd := lplr.LeadingSVD(a, min(rows, cols), 1)
	triplets(c, svd, o.Rank)
	plain := mat.DenseCopyOf(svd.U.Slice(0, rows, 0, o.Rank))
	plain.Apply(func(_, j int, x float64) float64 { return x * svd.S[j] }, plain)
	var mixed mat.Dense
	mixed.Mul(plain, c.matrix("S"))
	for suffix, basis := range map[string]*mat.Dense{"": &mixed, "_nosketch": plain} {
		f := lplr.Fit(a, basis, o)
		factor(c, f.L, "L"+suffix, "codesL"+suffix)
		factor(c, f.R, "R"+suffix, "codesR"+suffix)
		c.close("relerr"+suffix, lplr.RelativeError(a, f.Dense()))
	}
}

// triplets compares as many singular triplets as the case lists, rank of the
// right ones where it does not say.
func triplets(c *Case, svd lplr.SVD, rank int) {
	n, _ := svd.U.Dims()
	d, _ := svd.V.Dims()
	left, right := len(svd.S), rank
	var u, v [][]float64
	if c.output("U", &u) && len(u) > 0 {
		left = len(u[0])
	}
	if c.output("Vt", &v) {
		right = len(v)
	}
	c.close("U", mat.DenseCopyOf(svd.U.Slice(0, n, 0, left)).RawMatrix().Data...)
	c.close("s", svd.S...)
	c.close("Vt", mat.DenseCopyOf(svd.V.Slice(0, d, 0, right).T()).RawMatrix().Data...)
}

// directSVD quantizes the factors of the decomposition without a fit.
func directSVD(c *Case) {
	a := c.matrix("A")
	svd := lplr.LeadingSVD(a, c.whole("m", 0), 1)
	for name, basis := range map[string]lplr.Basis{"U|SV": lplr.DirectUSV, "US|V": lplr.DirectSU, "sqrt": lplr.DirectSqrt} {
		var want struct {
			L, R   [][]float64
			RelErr float64
		}
		if !c.output(name, &want) {
			continue
		}
		o := factorization(c)
		o.Basis = basis
		f := lplr.FromSVD(a, svd, o)
		c.near(name+".L", slices.Concat(want.L...), f.L.Dense().RawMatrix().Data)
		c.near(name+".R", slices.Concat(want.R...), f.R.Dense().RawMatrix().Data)
		c.near(name+".relerr", []float64{want.RelErr}, []float64{lplr.RelativeError(a, f.Dense())})
	}
}

// affineFit is the least squares of the method on the columns y and 1: x ≈ α·y + β.
func affineFit(c *Case) {
	x, y := c.matrix("X"), c.matrix("Y")
	n := len(c.list("X"))
	design := mat.NewDense(n, 2, nil)
	for i, v := range c.list("Y") {
		design.SetRow(i, []float64{v, 1})
	}
	w := lplr.LeastSquares(design, mat.NewDense(n, 1, c.list("X")))
	alpha, beta := w.At(0, 0), w.At(1, 0)
	c.close("alpha", alpha)
	c.close("beta", beta)
	y.Apply(func(_, _ int, v float64) float64 { return alpha*v + beta }, y)
	c.close("relerr", lplr.RelativeError(x, y))
}

// factor compares the values and the codes of f.
func factor(c *Case, f *lplr.Factor, values, codes string) {
	c.close(values, f.Dense().RawMatrix().Data...)
	c.equal(codes, integers[int](f.Codes)...)
}

// decoded is the factor of codes on a grid of the case.
func decoded(c *Case, codes, bits, ends string) *lplr.Factor {
	span := c.list(ends)
	f := &lplr.Factor{Bits: c.whole(bits, 0), Lo: span[0], Hi: span[1]}
	f.Rows, f.Cols = len(c.rows(codes)), len(c.rows(codes)[0])
	f.Codes = integers[uint16](c.list(codes))
	return f
}
