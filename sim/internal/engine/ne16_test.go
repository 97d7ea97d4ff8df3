package engine_test

import (
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
)

// Layers of keyword spotting by the published terms, added up by hand.
func TestNE16(t *testing.T) {
	conv := func(kind workload.Kind, in, out, groups, k, stride, h, w int, bits uint8) workload.Op {
		return workload.Op{
			Kind: kind, M: out / groups, K: in / groups * k * k, N: h * w, Groups: groups, Batch: 1,
			In: [3]int{in, h * stride, w * stride}, Out: [2]int{h, w}, Kernel: [2]int{k, k}, Stride: [2]int{stride, stride},
			Dilation: [2]int{1, 1}, WeightBits: workload.Widths{bits}, ActBits: 8,
		}
	}
	for _, c := range []struct {
		name string
		op   workload.Op
		act  int
		want int64
	}{
		{"1×1", conv(workload.Conv, 64, 64, 1, 1, 1, 25, 5, 8), 8, 14 * 2 * (4*(19+6+6+32+2) + 37 + 13)},
		{"1×1, 2 bits: no gain", conv(workload.Conv, 64, 64, 1, 1, 1, 25, 5, 2), 8, 14 * 2 * (4*(19+6+6+32+2) + 37 + 13)},
		{"depthwise", conv(workload.Depthwise, 64, 64, 64, 3, 1, 25, 5, 8), 8, 18 * 4 * (31 + 6 + 16 + 6 + 128 + 2 + 9 + 4 + 8 + 2 + 8 + 13)},
		{"3×3", conv(workload.Conv, 16, 32, 1, 3, 1, 32, 32, 8), 8, 121 * (31 + 6 + 6 + 256 + 2 + 37 + 13)},
		{"3×3, 4 bits", conv(workload.Conv, 16, 32, 1, 3, 1, 32, 32, 4), 8, 121 * (31 + 6 + 6 + 128 + 2 + 37 + 13)},
		{"3×3 at stride 2", conv(workload.Conv, 16, 32, 1, 3, 2, 16, 16, 8), 8, 64 * (31 + 6 + 6 + 256 + 2 + 37 + 13)},
		{"3×3, 16-bit inputs", conv(workload.Conv, 16, 32, 1, 3, 1, 32, 32, 8), 16, 121 * (31 + 6 + 6 + 2*256 + 2 + 37 + 13)},
		{"5×5 on the cores", conv(workload.Conv, 16, 32, 1, 5, 1, 30, 30, 8), 8, 16 * 25 * 32 * 900 / 16},
	} {
		acc := arch.Default(arch.NE16, 22)
		acc.Array.FillCycles, acc.Array.MACsPerCycle = 700, map[string]float64{"8": 2}
		e, err := engine.New(&acc)
		if err != nil {
			t.Fatal(err)
		}
		l := &layer.Layer{}
		if err := l.Reset(&acc, e.Lanes(), &c.op, true, 1); err != nil {
			t.Fatal(err)
		}
		l.SetActs(c.act, c.act, 8)
		l.SetBits(c.op.WeightBits)
		got := e.Time(engine.Whole(l))
		if got.Total() != c.want+700 || got.Compute == 0 || got == (cost.Stalls{Compute: got.Total()}) {
			t.Errorf("%s: %d cycles %+v, want %d", c.name, got.Total()-700, got, c.want)
		}
	}
}
