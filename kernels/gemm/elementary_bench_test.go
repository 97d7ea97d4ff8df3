package gemm

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// perSecond reports the best rate of n results a run.
func perSecond(b *testing.B, n int, f func()) {
	best := math.Inf(1)
	for b.Loop() {
		begin := time.Now()
		f()
		best = min(best, time.Since(begin).Seconds())
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(n)/best/1e6, "M/s")
}

func BenchmarkElementary(b *testing.B) {
	const n = 4096
	r := rand.New(rand.NewPCG(1, 2))
	x, y, z := matrix(r, 1, n, r.NormFloat64), make([]float64, n), make([]float64, n)
	x32, y32, z32 := random32(n), make([]float32, n), make([]float32, n)
	for _, p := range paths {
		onPath(b, p, "cos32", func(b *testing.B) { perSecond(b, n, func() { CosF32(z32, x32, y32, 1) }) })
		onPath(b, p, "cos64", func(b *testing.B) { perSecond(b, n, func() { CosF64(z, x, y, 1) }) })
	}
	b.Run("cos64/math", func(b *testing.B) {
		perSecond(b, n, func() {
			for i, v := range x {
				z[i] = math.Cos(v + y[i])
			}
		})
	})
}
