package rff

import "math"

// cosTurns replaces every phase t, in turns, by cos(2πt). The absolute error is
// below 2e-7 for exact phases; results stay in [−1,1]. |t| must be below 2²¹.
//
// With t reduced to [−1/2, 1/2] the cosine is sin 2πa for a = 1/4 − |t|, an odd
// polynomial of degree 9 through Chebyshev nodes.
func cosTurns(t []float32) {
	const (
		toInteger = 3 << 22 // adding it rounds to whole turns
		c1        = 6.283185280154407
		c3        = -41.34168061334652
		c5        = 81.60247636892544
		c7        = -76.58117264430322
		c9        = 39.75982708569192
	)
	for i, x := range t {
		whole := x + toInteger
		whole -= toInteger
		x -= whole
		a := 0.25 - math.Float32frombits(math.Float32bits(x)&^(1<<31))
		s := a * a
		y := a * (c1 + s*(c3+s*(c5+s*(c7+s*c9))))
		if y > 1 {
			y = 1
		} else if y < -1 {
			y = -1
		}
		t[i] = y
	}
}
