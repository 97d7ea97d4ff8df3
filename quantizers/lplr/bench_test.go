package lplr

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// BenchmarkLPLR4096 factorizes a 4096×4096 matrix of a decaying spectrum at rank
// 128, 8 and 8 bits; a numpy prototype on OpenBLAS with two cores took 0.56 s.
// BenchmarkGonum4096 is the sketch A·S alone with gonum's own product, one of the
// two large products of the method.
func BenchmarkLPLR4096(b *testing.B) {
	a := large()
	opts := Options{Rank: 128, BitsL: 8, BitsR: 8}
	var f *Factors
	for b.Loop() {
		var err error
		if f, err = Factorize(a, opts); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(RelativeError(a, f.Dense()), "rel-error")
}

func BenchmarkGonum4096(b *testing.B) {
	a, s := large(), Gaussian(4096, 128, 0)
	var y mat.Dense
	for b.Loop() {
		y.Reset()
		y.Mul(a, s)
	}
}

// BenchmarkBalancedSVD4096 is the balanced SVD basis at the same size, by the
// randomized decomposition.
func BenchmarkBalancedSVD4096(b *testing.B) {
	a := large()
	for b.Loop() {
		if _, err := Factorize(a, Options{Rank: 128, BitsL: 8, BitsR: 8, Basis: SVDSqrt}); err != nil {
			b.Fatal(err)
		}
	}
}

// large is a signal of rank 256 with singular values 0.97^i plus noise.
func large() *mat.Dense {
	const n = 4096
	u, v := Gaussian(n, 256, 1), Gaussian(n, 256, 2)
	scaleColumns(u, func(j int) float64 { return math.Pow(0.97, float64(j)) })
	a := mul(false, u, mat.DenseCopyOf(v.T()))
	noise := Gaussian(n, n, 3)
	noise.Scale(1e-3, noise)
	a.Add(a, noise)
	return a
}
