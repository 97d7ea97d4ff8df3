package lplr

import (
	"math"
	"runtime"

	"gonum.org/v1/gonum/mat"

	"bitcycle/kernels/gemm"
)

// mul returns a·b; transA takes aᵀ·b. The result does not depend on the number
// of processors.
func mul(transA bool, a, b *mat.Dense) *mat.Dense {
	ra, rb := a.RawMatrix(), b.RawMatrix()
	m, k := ra.Rows, ra.Cols
	if transA {
		m, k = k, m
	}
	out := mat.NewDense(m, rb.Cols, nil)
	ro := out.RawMatrix()
	gemm.Float64Parallel(runtime.GOMAXPROCS(0), transA, false, m, rb.Cols, k,
		ra.Data, ra.Stride, rb.Data, rb.Stride, false, ro.Data, ro.Stride)
	return out
}

// normalLimit is the condition number of LᵀL up to which the normal equations
// lose no accuracy that matters (1e-8 relative).
const normalLimit = 1e7

// LeastSquares returns the minimum-norm W that minimizes ‖l·W − a‖_F. Well
// conditioned l use the normal equations; others a pseudo-inverse by SVD with
// relative cutoff max(n, m)·2.2e-16.
func LeastSquares(l, a *mat.Dense) *mat.Dense {
	right := mul(true, l, a)
	gram := mul(true, l, l)
	m, _ := gram.Dims()
	var chol mat.Cholesky
	if chol.Factorize(mat.NewSymDense(m, gram.RawMatrix().Data)) && chol.Cond() < normalLimit {
		var w mat.Dense
		if err := chol.SolveTo(&w, right); err == nil {
			return &w
		}
	}
	return pseudoSolve(l, a)
}

func pseudoSolve(l, a *mat.Dense) *mat.Dense {
	n, m := l.Dims()
	u, s, v := thinSVD(l)
	cutoff := float64(max(n, m)) * 2.2e-16
	coefficients := mul(true, u, a)
	for i, sigma := range s {
		row := coefficients.RawRowView(i)
		for j := range row {
			if sigma > cutoff*s[0] {
				row[j] /= sigma
			} else {
				row[j] = 0
			}
		}
	}
	return mul(false, v, coefficients)
}

// thinSVD returns U (n×r), s and V (m×r), r = min(n, m).
func thinSVD(a *mat.Dense) (u *mat.Dense, s []float64, v *mat.Dense) {
	var svd mat.SVD
	if !svd.Factorize(a, mat.SVDThin) {
		panic("lplr: singular value decomposition did not converge")
	}
	u, v = new(mat.Dense), new(mat.Dense)
	svd.UTo(u)
	svd.VTo(v)
	return u, svd.Values(nil), v
}

// orthonormalize replaces the columns of y by an orthonormal basis of their
// span: Cholesky QR, twice; by SVD where y is rank deficient.
func orthonormalize(y *mat.Dense) *mat.Dense {
	for range 2 {
		gram := mul(true, y, y)
		m, _ := gram.Dims()
		var chol mat.Cholesky
		if !chol.Factorize(mat.NewSymDense(m, gram.RawMatrix().Data)) || chol.Cond() > 1e14 {
			u, _, _ := thinSVD(y)
			return u
		}
		var upper mat.TriDense
		chol.UTo(&upper)
		var inverse mat.TriDense
		if err := inverse.InverseTri(&upper); err != nil {
			u, _, _ := thinSVD(y)
			return u
		}
		y = mul(false, y, mat.DenseCopyOf(&inverse))
	}
	return y
}

// exactLimit is the smaller dimension up to which SVD is exact by default.
const exactLimit = 512

// SVD is the leading part of a singular value decomposition A ≈ U·diag(S)·Vᵀ.
// The entry of largest magnitude in each column of U is positive.
type SVD struct {
	U *mat.Dense // n×k
	S []float64
	V *mat.Dense // d×k
}

// LeadingSVD returns the k leading singular triplets of a: exactly when the
// smaller dimension is at most 512, else by the randomized range finder of
// Halko, Martinsson, Tropp (SIAM Review 2011, algorithms 4.4 and 5.1) with 16
// extra columns and three power iterations.
func LeadingSVD(a *mat.Dense, k int, seed int64) SVD {
	n, d := a.Dims()
	k = min(k, n, d)
	if min(n, d) <= exactLimit || k+16 >= min(n, d) {
		return ExactSVD(a, k)
	}
	basis := mul(false, a, Gaussian(d, min(k+16, n, d), seed))
	for range 3 {
		basis = orthonormalize(basis)
		basis = mul(false, a, orthonormalize(mul(true, a, basis)))
	}
	basis = orthonormalize(basis)
	projected := mul(true, a, basis) // d×(k+16): Aᵀ·Q
	v, s, small := thinSVD(projected)
	return truncate(mul(false, basis, small), s, v, k)
}

// ExactSVD returns the k leading singular triplets of a by a full decomposition,
// whatever its size: O(n·d·min(n,d)).
func ExactSVD(a *mat.Dense, k int) SVD {
	u, s, v := thinSVD(a)
	return truncate(u, s, v, min(k, len(s)))
}

// leading returns the first k triplets.
func (s SVD) leading(k int) SVD {
	n, have := s.U.Dims()
	if k >= have {
		return s
	}
	d, _ := s.V.Dims()
	return SVD{U: mat.DenseCopyOf(s.U.Slice(0, n, 0, k)), S: s.S[:k], V: mat.DenseCopyOf(s.V.Slice(0, d, 0, k))}
}

func truncate(u *mat.Dense, s []float64, v *mat.Dense, k int) SVD {
	n, _ := u.Dims()
	d, _ := v.Dims()
	out := SVD{U: mat.DenseCopyOf(u.Slice(0, n, 0, k)), S: append([]float64(nil), s[:k]...), V: mat.DenseCopyOf(v.Slice(0, d, 0, k))}
	for j := range k {
		if largest(out.U, j) < 0 {
			negateColumn(out.U, j)
			negateColumn(out.V, j)
		}
	}
	return out
}

func largest(x *mat.Dense, j int) float64 {
	rows, _ := x.Dims()
	best := 0.0
	for i := range rows {
		if v := x.At(i, j); math.Abs(v) > math.Abs(best) {
			best = v
		}
	}
	return best
}

func negateColumn(x *mat.Dense, j int) {
	rows, _ := x.Dims()
	for i := range rows {
		x.Set(i, j, -x.At(i, j))
	}
}

// scaleColumns multiplies column j of x by f(j).
func scaleColumns(x *mat.Dense, f func(j int) float64) {
	rows, cols := x.Dims()
	factors := make([]float64, cols)
	for j := range factors {
		factors[j] = f(j)
	}
	for i := range rows {
		row := x.RawRowView(i)
		for j := range row {
			row[j] *= factors[j]
		}
	}
}
