package lanes

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func codes[T Code | int32](t *rapid.T, name string, n int) []T {
	seed := rapid.Uint64().Draw(t, name)
	x := make([]T, n)
	for i := range x {
		seed = seed*6364136223846793005 + 1442695040888963407
		x[i] = T(seed >> 32)
	}
	return x
}

func numbers(t *rapid.T, name string, n int) []float32 {
	x := make([]float32, n)
	for i, c := range codes[int16](t, name, n) {
		x[i] = float32(c) / 64
	}
	return x
}

func drawMap(t *rapid.T, lo, hi int32) Map {
	m := Map{
		MultA: rapid.Int32Range(-1<<14, 1<<14).Draw(t, "a"), MultB: rapid.Int32Range(-1<<14, 1<<14).Draw(t, "b"),
		Bias: rapid.Int32Range(-1<<29, 1<<29).Draw(t, "bias"), Shift: rapid.Int32Range(0, 30).Draw(t, "shift"),
	}
	m.Lo = rapid.Int32Range(lo, hi).Draw(t, "lo")
	m.Hi = rapid.Int32Range(m.Lo, hi).Draw(t, "hi")
	return m
}

func checkMaps[D Code](t *rapid.T, n int, lo, hi int32) {
	a, b, m := codes[int16](t, "x", n), codes[int16](t, "y", n), drawMap(t, lo, hi)
	one, two := make([]D, n), make([]D, n)
	Requant(one, a, m)
	Sum(two, a, b, m)
	for i := range n {
		x, y := int64(a[i])*int64(m.MultA)+int64(m.Bias), int64(b[i])*int64(m.MultB)
		if want := min(max(x>>m.Shift, int64(m.Lo)), int64(m.Hi)); int64(one[i]) != want {
			t.Fatalf("requant %d with %+v: %d, want %d", a[i], m, one[i], want)
		}
		if want := min(max((x+y)>>m.Shift, int64(m.Lo)), int64(m.Hi)); int64(two[i]) != want {
			t.Fatalf("sum %d, %d with %+v: %d, want %d", a[i], b[i], m, two[i], want)
		}
	}
}

func checkMax[T Code | int32 | float32](t *rapid.T, a, b []T) {
	got := slices.Clone(a)
	Max(got, b)
	for i := range a {
		if got[i] != max(a[i], b[i]) {
			t.Fatalf("max(%v, %v) = %v", a[i], b[i], got[i])
		}
	}
}

func checkAdd[T Code | int32](t *rapid.T, n int) {
	sum, x := codes[int32](t, "sum", n), codes[T](t, "x", n)
	got := slices.Clone(sum)
	Add(got, x)
	for i := range sum {
		if got[i] != sum[i]+int32(x[i]) {
			t.Fatalf("%v + %v = %v", sum[i], x[i], got[i])
		}
	}
}

// Every pass gives what its definition says, in vectors and in their tails.
func TestPasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 100).Draw(t, "n")
		checkMaps[uint8](t, n, 0, 255)
		checkMaps[int8](t, n, -128, 127)
		checkMaps[int16](t, n, -32768, 32767)
		checkMax(t, codes[uint8](t, "a", n), codes[uint8](t, "b", n))
		checkMax(t, codes[int8](t, "a", n), codes[int8](t, "b", n))
		checkMax(t, codes[int16](t, "a", n), codes[int16](t, "b", n))
		checkMax(t, codes[int32](t, "a", n), codes[int32](t, "b", n))
		checkMax(t, numbers(t, "a", n), numbers(t, "b", n))
		checkAdd[uint8](t, n)
		checkAdd[int8](t, n)
		checkAdd[int16](t, n)
		checkAdd[int32](t, n)
	})
}

func TestFloatPasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		a, b := numbers(t, "a", n), numbers(t, "b", n)
		one, two, q := make([]float32, n), make([]float32, n), make([]int32, n)
		Clamp(one, a, nil, -100, 50)
		Clamp(two, a, b, -100, 50)
		scale := rapid.Float64Range(0.01, 100).Draw(t, "scale")
		Quantize(q, a, scale, -128, 100)
		for i := range n {
			if one[i] != min(max(a[i], -100), 50) || two[i] != min(max(a[i]+b[i], -100), 50) {
				t.Fatalf("clamp of %v and %v: %v, %v", a[i], b[i], one[i], two[i])
			}
			if want := Code32(float64(a[i]), scale, -128, 100); q[i] != want {
				t.Fatalf("%v/%v: %d, want %d", a[i], scale, q[i], want)
			}
		}
	})
}
