// Package multipoint approximates a weight vector by a sum of several low-bit
// vectors, so that important output channels get more precision while every
// multiplication stays narrow.
//
//	w ≈ Σ_{i=1..n} a_i · c_i/T,   c_i ∈ {−T, …, T}^d,   T = 2^(b−1) − 1
//
// Liu, Ye, Zhou, Liu: Post-training Quantization with Multiple Points: Mixed
// Precision without Mixed Precision, AAAI 2021 (arXiv 2002.09049). The points
// are chosen greedily; the number of points of a channel follows from its
// output error on calibration inputs.
package multipoint

import "math"

// Point is one low-bit vector with its scale: the vector a·code/T.
type Point struct {
	A     float64
	Codes []int8
}

// Top returns T = 2^(b−1) − 1, the largest code of b bits (2 ≤ b ≤ 8).
func Top(b int) int { return 1<<(b-1) - 1 }

// Code rounds x·T to the nearest code, half away from zero, and saturates:
//
//	code(x) = sign(x) · min(⌊|x|·T + 1/2⌋, T)
func Code(x float64, b int) int8 {
	top := Top(b)
	c := int8(min(math.Floor(math.Abs(x)*float64(top)+0.5), float64(top)))
	if x < 0 {
		return -c
	}
	return c
}

// Codes fills dst with the codes of r/a; all are 0 when a is 0.
func Codes(dst []int8, r []float64, a float64, b int) {
	for j, x := range r {
		if a == 0 {
			dst[j] = 0
		} else {
			dst[j] = Code(x/a, b)
		}
	}
}

// Naive quantizes w on one scaled and shifted grid: K·code((w−B)/K)/T + B.
func Naive(dst, w []float64, k, offset float64, b int) {
	top := float64(Top(b))
	for j, x := range w {
		if k == 0 {
			dst[j] = offset
			continue
		}
		dst[j] = k*float64(Code((x-offset)/k, b))/top + offset
	}
}

// Objective returns F(a) = ‖r − a·code(r/a)/T‖².
func Objective(r []float64, a float64, b int) float64 {
	top := float64(Top(b))
	sum := 0.0
	for _, x := range r {
		e := x
		if a != 0 {
			e -= a * float64(Code(x/a, b)) / top
		}
		sum += e * e
	}
	return sum
}

// subtract replaces r by r − a·codes/T.
func subtract(r []float64, p Point, b int) {
	step := p.A / float64(Top(b))
	for j, c := range p.Codes {
		r[j] -= step * float64(c)
	}
}

// Reconstruct returns Σ a_i·codes_i/T for vectors of length d.
func Reconstruct(points []Point, d, b int) []float64 {
	out := make([]float64, d)
	top := float64(Top(b))
	for _, p := range points {
		for j, c := range p.Codes {
			out[j] += p.A * float64(c) / top
		}
	}
	return out
}

// MaxAbs returns max|r_j|, 0 for an empty vector.
func MaxAbs(r []float64) float64 {
	m := 0.0
	for _, x := range r {
		m = max(m, math.Abs(x))
	}
	return m
}
