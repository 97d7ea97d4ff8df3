package gemm

import (
	"fmt"
	"testing"
)

// BenchmarkTileF32 is the inner loop alone, its operands in the first-level cache.
func BenchmarkTileF32(b *testing.B) {
	for _, p := range paths {
		for v, cols := range p.f32.cols {
			for _, rows := range []int{p.f32.rows, p.f32.rows / 2} {
				onPath(b, p, fmt.Sprintf("%dx%d", rows, cols), func(b *testing.B) {
					const steps, panels = 128, 2
					x, z := random32(rows*steps), make([]float32, rows*cols*panels)
					y := aligned[float32](steps * cols * panels)
					rate(b, "f32", 2*float64(rows*cols*steps*panels)*20, func() {
						for range 20 {
							p.f32.tile[v](rows, rows, panels, x, left{1, steps, steps, 1, 0}, y, right{steps * cols, cols, 0}, z, cols*panels, false)
						}
					})
				})
			}
		}
	}
}

// BenchmarkTileBits is the inner loop of bit products alone.
func BenchmarkTileBits(b *testing.B) {
	for _, p := range paths {
		for v, cols := range p.bits.cols {
			for _, steps := range []int{3, 9, 32, 64} {
				rows := p.bits.rows
				onPath(b, p, fmt.Sprintf("%dx%d-%d", rows, cols, steps), func(b *testing.B) {
					const panels = 2
					x, z := aligned[uint8](rows*steps*8), make([]int32, rows*cols*panels)
					y := aligned[uint64](steps * cols * panels)
					rate(b, "bits", 2*64*float64(rows*cols*steps*panels)*20, func() {
						for range 20 {
							p.bits.tile[v](rows, rows, panels, x, left{1, steps, steps * 8, 8, 0}, y, right{steps * cols, cols, 0}, z, cols*panels, 1)
						}
					})
				})
			}
		}
	}
}
