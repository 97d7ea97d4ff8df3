package lplr

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// Basis names where the first factor comes from.
type Basis string

// The bases of the first factor.
const (
	SketchBasis Basis = "lplr"      // A·S, Algorithm 1
	SVDBasis    Basis = "lsvd"      // U·diag(s), the second factor fitted to its quantized form
	SVDSketched Basis = "lsvd-s"    // U·diag(s)·S with a square Gaussian S, as the authors' code
	SVDSqrt     Basis = "sqrt-ls"   // U·diag(√s), the second factor fitted: the balanced split
	DirectUSV   Basis = "dsvd"      // Q(U), Q'(diag(s)·Vᵀ), nothing fitted
	DirectSU    Basis = "dsvd-us"   // Q(U·diag(s)), Q'(Vᵀ)
	DirectSqrt  Basis = "dsvd-sqrt" // Q(U·diag(√s)), Q'(diag(√s)·Vᵀ)
)

// Bases lists the bases with a one-line description each.
var Bases = []struct {
	Basis Basis
	About string
}{
	{SketchBasis, "randomized sketch (Algorithm 1)"},
	{SVDBasis, "SVD basis, fitted second factor"},
	{SVDSketched, "SVD basis times a square Gaussian, fitted second factor"},
	{SVDSqrt, "balanced SVD basis, fitted second factor"},
	{DirectUSV, "direct SVD quantization, U | S·Vᵀ"},
	{DirectSU, "direct SVD quantization, U·S | Vᵀ"},
	{DirectSqrt, "direct SVD quantization, balanced"},
}

// Options tell how a matrix is factorized.
type Options struct {
	Rank     int // m, columns of L
	BitsL    int // B
	BitsR    int // B'
	Basis    Basis
	Power    int   // sketch only: power iterations Y ← A·(Aᵀ·Y) before quantization
	Sparse   int   // sketch only: nonzeros ±1/√s per row of a sparse sketch; 0 = Gaussian
	Dithered bool  // dithered second factor with range max|W|, as the analysis has it
	Seed     int64 // of the sketch and of the dither
}

// Factors is A ≈ L·R.
type Factors struct {
	L, R *Factor
	// Fitted is W = L⁺·A before its quantization; nil for direct SVD.
	Fitted *mat.Dense
}

// Dense returns L·R.
func (f *Factors) Dense() *mat.Dense { return mul(false, f.L.Dense(), f.R.Dense()) }

// Gaussian returns a rows×cols sketch with independent N(0, 1/cols) entries,
// drawn row by row from the seed.
func Gaussian(rows, cols int, seed int64) *mat.Dense {
	rng := rand.New(rand.NewPCG(uint64(seed), 0x6c706c72))
	values := make([]float64, rows*cols)
	scale := 1 / math.Sqrt(float64(cols))
	for i := range values {
		values[i] = rng.NormFloat64() * scale
	}
	return mat.NewDense(rows, cols, values)
}

// SparseSketch returns a rows×cols sketch with s entries ±1/√s at random places
// of each row.
func SparseSketch(rows, cols, s int, seed int64) *mat.Dense {
	rng := rand.New(rand.NewPCG(uint64(seed), 0x73706172))
	sketch := mat.NewDense(rows, cols, nil)
	s = min(s, cols)
	value := 1 / math.Sqrt(float64(s))
	for i := range rows {
		for _, j := range rng.Perm(cols)[:s] {
			sketch.Set(i, j, math.Copysign(value, rng.Float64()-0.5))
		}
	}
	return sketch
}

// Factorize compresses a under the options.
func Factorize(a *mat.Dense, opts Options) (*Factors, error) {
	n, d := a.Dims()
	switch {
	case opts.Rank < 1 || opts.Rank > min(n, d):
		return nil, fmt.Errorf("rank = %d: must be 1 to %d for a %d×%d matrix", opts.Rank, min(n, d), n, d)
	case opts.BitsL < 1 || opts.BitsL > MaxBits || opts.BitsR < 1 || opts.BitsR > MaxBits:
		return nil, fmt.Errorf("bits = %d,%d: must be 1 to %d", opts.BitsL, opts.BitsR, MaxBits)
	}
	switch opts.Basis {
	case SketchBasis, "":
		sketch := Gaussian(d, opts.Rank, opts.Seed)
		if opts.Sparse > 0 {
			sketch = SparseSketch(d, opts.Rank, opts.Sparse, opts.Seed)
		}
		return Sketched(a, sketch, opts), nil
	case DirectUSV, DirectSU, DirectSqrt, SVDBasis, SVDSketched, SVDSqrt:
		return FromSVD(a, LeadingSVD(a, opts.Rank, opts.Seed), opts), nil
	}
	var known []string
	for _, b := range Bases {
		known = append(known, string(b.Basis))
	}
	return nil, fmt.Errorf("basis = %q: must be one of %s", opts.Basis, strings.Join(known, ", "))
}

// FromSVD is [Factorize] for the bases that start from singular triplets, given at
// least opts.Rank leading ones of a.
func FromSVD(a *mat.Dense, svd SVD, opts Options) *Factors {
	svd = svd.leading(opts.Rank)
	switch opts.Basis {
	case DirectUSV, DirectSU, DirectSqrt:
		return direct(svd, opts)
	}
	return Fit(a, svdBasis(svd, opts), opts)
}

// Sketched runs Algorithm 1 with a given sketch S (d×m).
func Sketched(a, sketch *mat.Dense, opts Options) *Factors {
	y := mul(false, a, sketch)
	for range opts.Power {
		y = mul(false, a, mul(true, a, y))
	}
	return Fit(a, y, opts)
}

// Fit quantizes the basis y (n×m) to L and fits R to the quantized L.
func Fit(a, y *mat.Dense, opts Options) *Factors {
	l := MinMax(y, opts.BitsL)
	w := LeastSquares(l.Dense(), a)
	return &Factors{L: l, R: secondFactor(w, opts), Fitted: w}
}

func secondFactor(w *mat.Dense, opts Options) *Factor {
	if !opts.Dithered {
		return MinMax(w, opts.BitsR)
	}
	rng := rand.New(rand.NewPCG(uint64(opts.Seed), 0x64697468))
	return Dither(w, opts.BitsR, max(math.Abs(mat.Min(w)), math.Abs(mat.Max(w))), rng.Float64)
}

func svdBasis(svd SVD, opts Options) *mat.Dense {
	z := mat.DenseCopyOf(svd.U)
	if opts.Basis == SVDSqrt {
		scaleColumns(z, func(j int) float64 { return math.Sqrt(svd.S[j]) })
		return z
	}
	scaleColumns(z, func(j int) float64 { return svd.S[j] })
	if opts.Basis == SVDSketched {
		z = mul(false, z, Gaussian(opts.Rank, opts.Rank, opts.Seed))
	}
	return z
}

// direct quantizes the two halves of the decomposition, split as the basis says.
func direct(svd SVD, opts Options) *Factors {
	left, right := mat.DenseCopyOf(svd.U), mat.DenseCopyOf(svd.V)
	share := map[Basis]float64{DirectUSV: 0, DirectSU: 1, DirectSqrt: 0.5}[opts.Basis]
	scaleColumns(left, func(j int) float64 { return math.Pow(svd.S[j], share) })
	scaleColumns(right, func(j int) float64 { return math.Pow(svd.S[j], 1-share) })
	return &Factors{L: MinMax(left, opts.BitsL), R: MinMax(mat.DenseCopyOf(right.T()), opts.BitsR)}
}

// Sum returns the matrix that products stand for.
func Sum(products []*Factors) *mat.Dense {
	sum := products[0].Dense()
	for _, p := range products[1:] {
		sum.Add(sum, p.Dense())
	}
	return sum
}

// Iterate factorizes a, then the residual, and so on for rounds rounds; the sum
// of the products approximates a. Each round spends opts' bits.
func Iterate(a *mat.Dense, rounds int, opts Options) ([]*Factors, error) {
	residual := mat.DenseCopyOf(a)
	all := make([]*Factors, 0, rounds)
	for i := range rounds {
		opts.Seed += int64(i)
		f, err := Factorize(residual, opts)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
		residual.Sub(residual, f.Dense())
	}
	return all, nil
}
