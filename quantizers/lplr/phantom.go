package lplr

import (
	"math"

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
