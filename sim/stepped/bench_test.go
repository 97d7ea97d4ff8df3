package stepped

import (
	"math/rand/v2"
	"testing"

	"bitcycle/arch"
)

// BenchmarkRun steps one layer on full arrays and reports the elements stepped
// and the multiply-accumulates simulated each second.
func BenchmarkRun(b *testing.B) {
	systolic := func(flow string, shadow bool) arch.Accelerator {
		acc := systolicArray(32, 32)
		acc.Array.Dataflow, acc.Array.ShadowWeights = flow, shadow
		acc.Array.Pack, acc.Array.WeightWidths, acc.Array.ActWidths = true, []int{2, 4, 8}, []int{2, 4, 8}
		return acc
	}
	fusion := systolic("", false)
	fusion.Engine, fusion.Array.Rows, fusion.Array.FillCycles = arch.Fusion, 16, -1
	for _, c := range []struct {
		name string
		acc  arch.Accelerator
		bits uint8
	}{
		{"systolic-ws-8bit", systolic("ws", false), 8},
		{"systolic-ws-shadow-8bit", systolic("ws", true), 8},
		{"systolic-ws-4bit", systolic("ws", false), 4},
		{"systolic-os-8bit", systolic("os", false), 8},
		{"systolic-is-8bit", systolic("is", false), 8},
		{"bitserial-8x256x8", serialArray(8, 256, 8), 4},
		{"bitserial-16x64x16", serialArray(16, 64, 16), 4},
		{"fusion-16x32-8bit", fusion, 8},
		{"fusion-16x32-2bit", fusion, 2},
	} {
		b.Run(c.name, func(b *testing.B) {
			one := Case{Machine: c.acc, Op: matmul(64, 576, 196, c.bits)}
			one.Op.ActBits = c.bits
			one.draw(rand.New(rand.NewPCG(1, 1)))
			var steps int64
			for b.Loop() {
				r, err := one.Run()
				if err != nil {
					b.Fatal(err)
				}
				steps += r.PESteps
			}
			b.ReportMetric(float64(steps)/b.Elapsed().Seconds(), "PE-steps/s")
			if c.acc.Engine == arch.Fusion {
				b.ReportMetric(bricks*float64(steps)/b.Elapsed().Seconds(), "brick-steps/s")
			}
			b.ReportMetric(float64(b.N)*float64(one.Op.MACs())/b.Elapsed().Seconds(), "MAC/s")
		})
	}
}
