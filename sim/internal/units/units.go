// Package units is the arithmetic of bits, bytes and cycles in whole numbers.
package units

import "math/bits"

// Ceil returns a/b rounded up, for a at least 0 and b at least 1.
func Ceil[T int | int64](a, b T) T { return (a + b - 1) / b }

// Bytes returns bits in whole bytes.
func Bytes(bits int64) int64 { return Ceil(bits, 8) }

// Beats returns the cycles that n bits or bytes take at so many of them per cycle.
func Beats(n int64, rate float64) int64 {
	if whole := int64(rate); float64(whole) == rate {
		return Ceil(n, whole)
	}
	beats := int64(float64(n) / rate)
	for float64(beats)*rate < float64(n) {
		beats++
	}
	return beats
}

// Cycles is [Beats] on a port; a port without a rate takes no time.
func Cycles(n int64, rate float64) int64 {
	if rate <= 0 {
		return 0
	}
	return Beats(n, rate)
}

// Fits reports whether n is within a limit; 0 is no limit.
func Fits(n, limit int64) bool { return limit == 0 || n <= limit }

// Pow2 returns the power of two that is at least n, for n of at least 1.
func Pow2(n int) int { return 1 << bits.Len(uint(n-1)) }
