package kernels

import (
	"math"
	"testing"
)

func TestOctaves(t *testing.T) {
	o := newOctaves(1<<40, func(u float64) float64 { return 1 / math.Sqrt(1+u) })
	for u := int64(0); u <= 1<<40; u += u/37 + 1 {
		want := 1 / math.Sqrt(1+float64(u))
		if got := math.Ldexp(float64(o.value(u)), -tableBits); math.Abs(got-want) > 1e-4*want+2*math.Ldexp(1, -tableBits) {
			t.Fatalf("f(%d) = %v, want %v", u, got, want)
		}
	}
}
