// Package lanes holds the element-wise passes of the executors: fixed-point
// maps of 16-bit codes, maxima, sums, clamps and quantization. They exist in
// plain Go and in AVX2 assembly and give the same results, bit for bit.
package lanes

import "math"

// Code is what integer tensors of at most 16 bits are made of.
type Code interface{ uint8 | int8 | int16 }

// Map is a fixed-point map that stays within 32 bits,
//
//	y = min(max((a·MultA + b·MultB + Bias) >> Shift, Lo), Hi),
//
// where |a·MultA + b·MultB + Bias| < 2³¹, the multipliers fit 16 bits and the
// limits the result's type.
type Map struct {
	MultA, MultB, Bias, Shift, Lo, Hi int32
}

// Requant maps x to dst, with one multiplier.
func Requant[D Code](dst []D, x []int16, m Map) {
	x = x[:len(dst)]
	for i := requantVectors(dst, x, &m); i < len(dst); i++ {
		dst[i] = D(m.clamp((int32(x[i])*m.MultA + m.Bias) >> m.Shift))
	}
}

// Sum maps pairs of a and b to dst.
func Sum[D Code](dst []D, a, b []int16, m Map) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := sumVectors(dst, a, b, &m); i < len(dst); i++ {
		dst[i] = D(m.clamp((int32(a[i])*m.MultA + int32(b[i])*m.MultB + m.Bias) >> m.Shift))
	}
}

func (m *Map) clamp(y int32) int32 { return min(max(y, m.Lo), m.Hi) }

// Max raises dst to x where that is larger.
func Max[T Code | int32 | float32](dst, x []T) {
	x = x[:len(dst)]
	for i := maxVectors(dst, x); i < len(dst); i++ {
		if x[i] > dst[i] {
			dst[i] = x[i]
		}
	}
}

// Clamp writes a, or a + b if b is not nil, to dst, limited to lo to hi.
func Clamp(dst, a, b []float32, lo, hi float32) {
	a = a[:len(dst)]
	i := clampVectors(dst, a, b, lo, hi)
	for ; i < len(dst); i++ {
		x := a[i]
		if b != nil {
			x += b[i]
		}
		if x < lo {
			x = lo
		}
		if x > hi {
			x = hi
		}
		dst[i] = x
	}
}

// Quantize writes ⌊x/scale + ½⌋, limited to lo to hi, to dst.
func Quantize(dst []int32, x []float32, scale float64, lo, hi int32) {
	x = x[:len(dst)]
	for i := quantizeVectors(dst, x, scale, lo, hi); i < len(dst); i++ {
		dst[i] = Code32(float64(x[i]), scale, lo, hi)
	}
}

// Add adds x to sum.
func Add[T Code | int32](sum []int32, x []T) {
	x = x[:len(sum)]
	for i := addVectors(sum, x); i < len(sum); i++ {
		sum[i] += int32(x[i])
	}
}

// Code32 returns ⌊x/scale + ½⌋, limited to lo to hi.
func Code32(x, scale float64, lo, hi int32) int32 {
	q := math.Floor(float64(x/scale) + 0.5)
	return int32(min(max(q, float64(lo)), float64(hi)))
}
