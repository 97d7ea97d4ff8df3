//go:build !noasm

package lanes

import (
	"golang.org/x/sys/cpu"

	"bitcycle/kernels/gemm"
)

//go:generate go run ./gen -out lanes_amd64.s -stubs lanes_amd64.go -pkg lanes

// assembly tells whether the passes in assembly are used: where products' are.
var assembly = gemm.Path() != "generic" && cpu.X86.HasAVX2

// vectors returns how many of n elements make whole groups; none without assembly.
func vectors(n, group int) int {
	if !assembly {
		return 0
	}
	return n / group * group
}

// The functions below work on the first elements and return how many.

func requantVectors[D Code](dst []D, x []int16, m *Map) int {
	n := vectors(len(dst), 16)
	if n == 0 {
		return 0
	}
	switch dst := any(dst).(type) {
	case []uint8:
		requantU8(n, &dst[0], &x[0], m.MultA, m.Bias, m.Shift, m.Lo, m.Hi)
	case []int8:
		requantI8(n, &dst[0], &x[0], m.MultA, m.Bias, m.Shift, m.Lo, m.Hi)
	case []int16:
		requantI16(n, &dst[0], &x[0], m.MultA, m.Bias, m.Shift, m.Lo, m.Hi)
	}
	return n
}

func sumVectors[D Code](dst []D, a, b []int16, m *Map) int {
	n := vectors(len(dst), 16)
	if n == 0 {
		return 0
	}
	mult := int32(uint16(m.MultA)) | m.MultB<<16
	switch dst := any(dst).(type) {
	case []uint8:
		sumU8(n, &dst[0], &a[0], &b[0], mult, m.Bias, m.Shift, m.Lo, m.Hi)
	case []int8:
		sumI8(n, &dst[0], &a[0], &b[0], mult, m.Bias, m.Shift, m.Lo, m.Hi)
	case []int16:
		sumI16(n, &dst[0], &a[0], &b[0], mult, m.Bias, m.Shift, m.Lo, m.Hi)
	}
	return n
}

func maxVectors[T Code | int32 | float32](dst, x []T) int {
	switch dst := any(dst).(type) {
	case []uint8:
		if n := vectors(len(dst), 32); n > 0 {
			maxU8(n, &dst[0], &any(x).([]uint8)[0])
			return n
		}
	case []int8:
		if n := vectors(len(dst), 32); n > 0 {
			maxI8(n, &dst[0], &any(x).([]int8)[0])
			return n
		}
	case []int16:
		if n := vectors(len(dst), 16); n > 0 {
			maxI16(n, &dst[0], &any(x).([]int16)[0])
			return n
		}
	case []float32:
		if n := vectors(len(dst), 8); n > 0 {
			maxF32(n, &dst[0], &any(x).([]float32)[0])
			return n
		}
	}
	return 0
}

func clampVectors(dst, a, b []float32, lo, hi float32) int {
	n := vectors(len(dst), 8)
	if n == 0 {
		return 0
	}
	var other *float32
	if b != nil {
		other = &b[:n][0]
	}
	clampF32(n, &dst[0], &a[0], other, lo, hi)
	return n
}

func quantizeVectors(dst []int32, x []float32, scale float64, lo, hi int32) int {
	n := vectors(len(dst), 4)
	if n > 0 {
		quantizeF32(n, &dst[0], &x[0], scale, float64(lo), float64(hi), 0.5)
	}
	return n
}

func addVectors[T Code | int32](sum []int32, x []T) int {
	n := vectors(len(sum), 8)
	if n == 0 {
		return 0
	}
	switch x := any(x).(type) {
	case []uint8:
		addU8(n, &sum[0], &x[0])
		return n
	case []int16:
		addI16(n, &sum[0], &x[0])
		return n
	}
	return 0
}
