package sim

import (
	"context"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

// Layers that overlap within a frame: a 1×1 and a 3×3 convolution of 8 channels on a map of
// 10×10, folded to 16 and 100 cycles a position and one.
func TestOverlapLayers(t *testing.T) {
	conv := func(name string, kind workload.Kind, k, groups int) workload.Op {
		return workload.Op{
			Name: name, Kind: kind, M: 8 / groups, K: 8 / groups * k * k, N: 100, Groups: groups, Batch: 1, In: [3]int{8, 10, 10}, Out: [2]int{10, 10},
			Kernel: [2]int{k, k}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Pad: [4]int{k / 2, k / 2, k / 2, k / 2}, WeightBits: workload.Widths{8}, ActBits: 8,
		}
	}
	w := &workload.Workload{Name: "w", Ops: []workload.Op{conv("a", workload.Conv, 1, 1), conv("b", workload.Depthwise, 3, 8), conv("c", workload.Conv, 1, 1)}}
	acc := arch.Default(arch.Streaming, 28)
	acc.Memory.Kind, acc.Memory.Overlap, acc.Vector.Lanes = "ideal", "none", 0
	acc.Array.Folding = map[string]float64{"1x8x8": 4, "8x1x9": 72}
	run := func(overlap bool, batch int) *Result {
		acc.Array.OverlapLayers, acc.Batch = overlap, batch
		r, err := Run(context.Background(), &acc, w, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if got := run(false, 1).Totals.Cycles; got != 1600+100+1600 {
		t.Errorf("one after the other: %d cycles", got)
	}
	// b begins with 12 of a's positions, 192 cycles, and ends a cycle after a; c begins with
	// b's first of 100 positions, and takes its 1600.
	r := run(true, 1)
	begins := 192 + (1601-192)/100.0
	if got, want := r.Totals.Cycles, int64(begins+1600+0.5); got != want {
		t.Errorf("overlapping: %d cycles, want %d", got, want)
	}
	var sum int64
	for i := range r.Layers {
		sum += r.Layers[i].Cycles
	}
	if sum != r.Totals.Cycles || r.IntervalCycles != 1600 {
		t.Errorf("layers sum to %d of %d, a frame every %d", sum, r.Totals.Cycles, r.IntervalCycles)
	}
	if got := run(true, 3).Totals.Cycles; got != r.Totals.Cycles+2*1600 {
		t.Errorf("three frames: %d cycles, one %d", got, r.Totals.Cycles)
	}
}
