package engine_test

import (
	"math"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/simtest"
)

// layerOn puts an op of so many images on a machine, at its own widths.
func layerOn(t *testing.T, acc *arch.Accelerator, op *workload.Op) (engine.Engine, *layer.Layer) {
	t.Helper()
	e, err := engine.New(acc)
	if err != nil {
		t.Fatal(err)
	}
	l := &layer.Layer{}
	if err := l.Reset(acc, e.Lanes(), op, false, op.Batch); err != nil {
		t.Fatal(err)
	}
	l.SetActs(int(op.ActBits), int(op.ActBits), 8)
	l.SetBits(op.WeightBits)
	return e, l
}

func product(m, k, n int, w, a uint8) workload.Op {
	return workload.Op{Name: "product", Kind: workload.MatMul, M: m, K: k, N: n, Groups: 1, Batch: 1, WeightBits: workload.Widths{w}, ActBits: a, VectorOps: 1}
}

// The examples of docs/machine-model.md, section 4.10: a core of two cycles an instruction
// and a library of 1.5 a multiply-accumulate, 4 for a product of one position, 5 depthwise, 2
// an element gathered, 10 an output and 100 a call.
func TestKernels(t *testing.T) {
	acc := arch.Default(arch.Kernels, 45)
	s := &acc.Software
	s.CyclesPerInstruction.Value = 2
	s.Matrix.Value, s.Dense.Value, s.Depthwise.Value = 1.5, 4, 5
	s.Gather.Value, s.Output.Value, s.Layer.Value = 2, 10, 100
	for _, c := range []struct {
		name string
		op   workload.Op
		want int64
	}{
		{"convolution", simtest.Conv("", 2, 4, 6, 3, 1, 8, 8), 2 * (6*18*16*3/2 + 18*16*2 + 6*16*10)},
		{"pointwise", simtest.Conv("", 2, 4, 6, 1, 1, 8, 8), 2 * (6*2*16*3/2 + 6*16*10)},
		{"depthwise", simtest.Depthwise("", 6, 4, 3, 1, 8, 8), 2 * (6*9*16*5 + 6*16*10)},
		{"dense", product(6, 20, 1, 8, 8), 2 * (6*20*4 + 6*10)},
		{"product of positions", product(6, 20, 2, 8, 8), 2 * (6*20*2*3/2 + 6*2*10)},
		{"narrow operands take the 8-bit kernel", product(6, 20, 1, 2, 4), 2 * (6*20*4 + 6*10)},
		{"wide ones its passes", product(6, 20, 1, 16, 16), 2 * (6*20*4*4 + 6*10)},
	} {
		e, l := layerOn(t, &acc, &c.op)
		got := e.Time(engine.Whole(l))
		if got.Compute != c.want || got.Fill != 200 || got.Total() != c.want+200 {
			t.Errorf("%s: %+v, want %d and 200 for the call", c.name, got, c.want)
		}
	}
	s.FlashBytesPerCycle = 0.01
	op := product(6, 20, 1, 8, 8)
	e, l := layerOn(t, &acc, &op)
	if got := e.Time(engine.Whole(l)); got.Compute+got.WeightLoad != 12000 {
		t.Errorf("120 bytes from flash at 0.01 a cycle: %+v", got)
	}
}

// The examples of docs/machine-model.md, section 4.9, on B4096's array.
func TestPixels(t *testing.T) {
	acc := arch.Default(arch.Pixels, 45)
	for _, c := range []struct {
		name string
		op   workload.Op
		want int64
	}{
		{"rows of 13 take two steps", simtest.Conv("", 32, 13, 20, 3, 1, 8, 8), 13 * 2 * 9 * 2 * 2},
		{"positions of a product follow each other", simtest.Conv("", 32, 13, 20, 1, 1, 8, 8), 22 * 2 * 2},
		{"three channels share the rows", simtest.Conv("", 3, 16, 16, 7, 2, 8, 8), 8 * 1 * 7 * 2},
		{"depthwise", simtest.Depthwise("", 20, 16, 3, 1, 8, 8), 16 * 2 * 9 * 2},
		{"wide operands take passes", product(16, 16, 8, 16, 8), 2},
	} {
		e, l := layerOn(t, &acc, &c.op)
		if got := e.Time(engine.Whole(l)); got.Total() != c.want {
			t.Errorf("%s: %+v, want %d", c.name, got, c.want)
		}
	}
	// Eight outputs an input take eight passes through three inputs.
	op := simtest.Depthwise("", 3, 16, 7, 2, 8, 8)
	op.M = 8
	e, l := layerOn(t, &acc, &op)
	if got := e.Time(engine.Whole(l)); got.Total() != 8*49*8 {
		t.Errorf("eight outputs an input: %+v, want %d", got, 8*49*8)
	}
	acc.Array.Augment = false
	op = simtest.Conv("", 3, 16, 16, 7, 2, 8, 8)
	e, l = layerOn(t, &acc, &op)
	if got := e.Time(engine.Whole(l)); got.Total() != 8*49 {
		t.Errorf("without augmentation: %+v, want %d", got, 8*49)
	}
	if rate := e.Rate(8, 8); math.Abs(rate-2048) > 0 {
		t.Errorf("B4096 has %v multiply-accumulates a cycle", rate)
	}
}
