package gemm

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestWeightGradF32(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		var scratch Scratch
		rapid.Check(t, func(t *rapid.T) {
			s, r := drawShape(t), rng(t)
			draw := func() float32 { return r.Float32()*2 - 1 }
			outs, gap, acc := rapid.IntRange(1, 40).Draw(t, "outs"), rapid.IntRange(0, 2).Draw(t, "gap"), rapid.Bool().Draw(t, "acc")
			m, k := s.Rows(), s.K()
			x, dy := matrix(r, s.N*s.H*s.W, s.C, draw), matrix(r, m, outs+gap, draw)
			dw := matrix(r, outs, k+gap, draw)
			was := append([]float32(nil), dw...)
			line0, line1 := drawRows(t, s.N*s.OutH)
			p := patches(&s, x, 0)
			WeightGradF32(&s, line0, line1, x, dy, outs+gap, outs, acc, dw, k+gap, &scratch)
			for i, v := range dw {
				o, j, want := i/(k+gap), i%(k+gap), 0.0
				if acc || j >= k {
					want = float64(was[i])
				}
				for row := line0 * s.OutW; row < line1*s.OutW && j < k; row++ {
					want += float64(dy[row*(outs+gap)+o]) * float64(p[row*k+j])
				}
				if math.Abs(float64(v)-want) > 1e-6*float64(m+1) {
					t.Fatalf("output %d element %d: %v, want %v", o, j, v, want)
				}
			}
		})
	})
}
