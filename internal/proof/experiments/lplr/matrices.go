package lplr

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Phantom returns the modified Shepp-Logan phantom of size×size pixels, whose
// sums of intensities lie between 0 and 1 (Shepp and Logan 1974, intensities of
// Toft 1996).
func Phantom(size int) *mat.Dense {
	ellipses := [][6]float64{ // intensity, half axes, centre, angle in degrees
		{1, .69, .92, 0, 0, 0},
		{-.8, .6624, .874, 0, -.0184, 0},
		{-.2, .11, .31, .22, 0, -18},
		{-.2, .16, .41, -.22, 0, 18},
		{.1, .21, .25, 0, .35, 0},
		{.1, .046, .046, 0, .1, 0},
		{.1, .046, .046, 0, -.1, 0},
		{.1, .046, .023, -.08, -.605, 0},
		{.1, .023, .023, 0, -.606, 0},
		{.1, .023, .046, .06, -.605, 0},
	}
	image := mat.NewDense(size, size, nil)
	at := func(i int) float64 { return -1 + 2*float64(i)/float64(size-1) }
	for _, e := range ellipses {
		sin, cos := math.Sincos(e[5] * math.Pi / 180)
		for i := range size {
			for j := range size {
				dx, dy := at(j)-e[3], -at(i)-e[4]
				u, v := (dx*cos+dy*sin)/e[1], (dy*cos-dx*sin)/e[2]
				if u*u+v*v <= 1 {
					image.Set(i, j, image.At(i, j)+e[0])
				}
			}
		}
	}
	return image
}

// Spectral returns an n×d matrix with singular values s(0), s(1), … and singular
// vectors at random (Haar).
func Spectral(n, d int, s func(i int) float64, seed uint64) *mat.Dense {
	rng := rand.New(rand.NewPCG(seed, 11))
	u, v := orthonormal(n, min(n, d), rng), orthonormal(d, min(n, d), rng)
	u.Apply(func(_, j int, x float64) float64 { return x * s(j) }, u)
	a := mat.NewDense(n, d, nil)
	a.Mul(u, v.T())
	return a
}

// orthonormal draws columns that span a random subspace: Q of the decomposition
// of a Gaussian matrix, with the signs at which R has a positive diagonal.
func orthonormal(rows, cols int, rng *rand.Rand) *mat.Dense {
	x := mat.NewDense(rows, cols, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, x)
	var qr mat.QR
	qr.Factorize(x)
	var q, r mat.Dense
	qr.QTo(&q)
	qr.RTo(&r)
	out := mat.DenseCopyOf(q.Slice(0, rows, 0, cols))
	out.Apply(func(_, j int, v float64) float64 { return math.Copysign(v, v*r.At(j, j)) }, out)
	return out
}
