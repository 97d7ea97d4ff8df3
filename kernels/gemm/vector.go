package gemm

import "math"

// CosF32 writes scale·cos(x[i] + b[i]) to dst[i], the map of random Fourier features (Rahimi and Recht,
// NIPS 2007, algorithm 1). The slices have equal length; dst may be x.
func CosF32(dst, x, b []float32, scale float32) {
	for i, v := range x {
		dst[i] = float32(float64(scale) * math.Cos(float64(v)+float64(b[i])))
	}
}

// CosF64 is CosF32 in double precision.
func CosF64(dst, x, b []float64, scale float64) {
	for i, v := range x {
		dst[i] = scale * math.Cos(v+b[i])
	}
}
