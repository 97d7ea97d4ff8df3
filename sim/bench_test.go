package sim

import (
	"context"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

func benchRun(b *testing.B, acc *arch.Accelerator, w *workload.Workload) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		r, err := Run(context.Background(), acc, w, Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(r.Totals.Cycles), "cycles")
	}
}

// systolicMachine is a weight-stationary int8 array on flat memory.
func systolicMachine(b testing.TB, rows, cols string, set ...string) *arch.Accelerator {
	return load(b, "multipoint-int8-array", append([]string{"array.rows=" + rows, "array.cols=" + cols}, set...)...)
}

func BenchmarkResNet18Flat32x32(b *testing.B) {
	benchRun(b, systolicMachine(b, "32", "32"), resnet18(8, 8))
}

func BenchmarkResNet18Flat128x128(b *testing.B) {
	benchRun(b, systolicMachine(b, "128", "128"), resnet18(8, 8))
}

func BenchmarkResNet18DRAM32x32(b *testing.B) {
	benchRun(b, systolicMachine(b, "32", "32", "memory.kind=dram"), resnet18(8, 8))
}

func BenchmarkResNet18DRAM128x128(b *testing.B) {
	benchRun(b, systolicMachine(b, "128", "128", "memory.kind=dram"), resnet18(8, 8))
}

func BenchmarkMobileNetV2HAQ(b *testing.B) {
	benchRun(b, load(b, "haq-bismo-cloud"), mobilenetv2(4, 4))
}

func BenchmarkResNet18BitFusion(b *testing.B) {
	benchRun(b, load(b, "bitfusion-eyeriss-45nm"), resnet18(4, 4))
}

// benchPolicy changes the widths of one op at a time, as a search does.
func benchPolicy(b *testing.B, machine string, w *workload.Workload) {
	e, err := NewEvaluator(load(b, machine), w)
	if err != nil {
		b.Fatal(err)
	}
	var ops []int
	var bits [][]uint8
	for i := range w.Ops {
		if op := &w.Ops[i]; op.Kind != workload.Vector {
			ops = append(ops, i)
			bits = append(bits, make([]uint8, op.Channels()))
		}
	}
	e.Cost()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		at := n % len(ops)
		for c := range bits[at] {
			bits[at][c] = uint8(1 + (c*7+n)%8)
		}
		e.SetBits(ops[at], bits[at], 4)
		e.Cost()
		n++
	}
}

func BenchmarkPolicyMobileNetV2HAQ(b *testing.B) {
	benchPolicy(b, "haq-bismo-cloud", mobilenetv2(4, 4))
}

func BenchmarkPolicyResNet18HAQ(b *testing.B) { benchPolicy(b, "haq-bismo-cloud", resnet18(4, 4)) }

func BenchmarkPolicyResNet18Gemmini(b *testing.B) { benchPolicy(b, "gemmini-default", resnet18(4, 4)) }

func BenchmarkPolicyResNet18BISMO(b *testing.B) {
	benchPolicy(b, "bismo-pynqz1-8x256x8", resnet18(4, 4))
}

func BenchmarkPolicyResNet18BitFusion(b *testing.B) {
	benchPolicy(b, "bitfusion-eyeriss-45nm", resnet18(4, 4))
}
