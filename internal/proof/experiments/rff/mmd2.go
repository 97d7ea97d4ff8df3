package rff

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// MMD2 returns the squared maximum mean discrepancy of two samples,
//
//	mean k(X,X) + mean k(Y,Y) − 2·mean k(X,Y),
//
// means over all pairs, the diagonal included (Gretton et al., JMLR 13, 2012,
// equation 5).
func MMD2(kxx, kyy, kxy *mat.Dense) float64 { return meanOf(kxx) + meanOf(kyy) - 2*meanOf(kxy) }

// featureMMD2 is MMD2 for k = F·Fᵀ: the squared distance of the mean features.
func featureMMD2(fx, fy *mat.Dense) float64 {
	d := meanRow(fx)
	floats.Sub(d, meanRow(fy))
	return floats.Dot(d, d)
}

func meanOf(k *mat.Dense) float64 {
	r, c := k.Dims()
	return mat.Sum(k) / float64(r*c)
}

func meanRow(f *mat.Dense) []float64 {
	n, p := f.Dims()
	sum := make([]float64, p)
	for i := range n {
		floats.Add(sum, f.RawRowView(i))
	}
	floats.Scale(1/float64(n), sum)
	return sum
}
