package gemm

import (
	"fmt"
	"testing"
)

func BenchmarkTrans(b *testing.B) {
	for _, n := range []int{64, 256, 1024} {
		x, y, z := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
		x32, y32, z32 := random32(n*n), random32(n*n), random32(n*n)
		ops := 2 * float64(n) * float64(n) * float64(n)
		for i := range 4 {
			b.Run(fmt.Sprint("f64-", n, "-", i&1 != 0, i&2 != 0), func(b *testing.B) {
				rate(b, "f64", ops, func() { Float64(i&1 != 0, i&2 != 0, n, n, n, x, n, y, n, false, z, n) })
			})
			b.Run(fmt.Sprint("f32-", n, "-", i&1 != 0, i&2 != 0), func(b *testing.B) {
				rate(b, "f32", ops, func() { Float32(i&1 != 0, i&2 != 0, n, n, n, x32, n, y32, n, false, z32, n) })
			})
		}
	}
}
