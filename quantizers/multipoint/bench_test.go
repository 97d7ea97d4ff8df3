package multipoint

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkResNet20 finds two 4-bit points for all 688 kernels of ResNet-20's
// shapes on random weights. With the hybrid solver .07 s, exact .12 s on one core of
// an AMD EPYC (aim: 1 s).
func BenchmarkResNet20(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	var kernels [][]float64
	add := func(count, size int) {
		for range count {
			w := make([]float64, size)
			for i := range w {
				w[i] = rng.NormFloat64()
			}
			kernels = append(kernels, w)
		}
	}
	add(16, 27)
	add(16*6, 144)
	add(32, 144)
	add(32*5, 288)
	add(64, 288)
	add(64*5, 576)
	for _, solver := range []Solver{Exact, Hybrid, MaxAbsRule} {
		b.Run(string(solver), func(b *testing.B) {
			for b.Loop() {
				parallel(len(kernels), func(i int) { Points(kernels[i], 4, 2, solver, 0) })
			}
		})
	}
}
