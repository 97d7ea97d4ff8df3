package sim

import (
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/simtest"
)

// residual is a block of two convolutions and the addition of its input, on maps of 512
// elements of a byte.
func residual() []workload.Op {
	ops := []workload.Op{
		simtest.Conv("stem", 8, 8, 8, 3, 1, 8, 8), simtest.Conv("a", 8, 8, 8, 3, 1, 8, 8), simtest.Conv("b", 8, 8, 8, 3, 1, 4, 8),
		{Name: "add", Kind: workload.Vector, Batch: 1, ActBits: 8, OutBits: 8, VectorOps: 512, ElementsIn: 1024, ElementsOut: 512, From: []int{0, 2}},
	}
	for i := range ops {
		ops[i].OutBits = 8
	}
	return ops
}

// small is a machine of two scratchpads of so many bytes for weights and activations.
func small(weights, activations int) *arch.Accelerator {
	acc := arch.Default(arch.SIMD, 45)
	acc.Memory.Kind, acc.Memory.External, acc.Memory.AlignBits, acc.Memory.Metadata = "ideal", false, 1, false
	acc.Buffers.Weights.Bytes, acc.Buffers.Inputs.Bytes, acc.Buffers.Outputs.Bytes = weights, activations/2, activations-activations/2
	return &acc
}

// The shortcut waits while the second convolution reads and writes; the addition writes in
// its place.
func TestTensorsAlive(t *testing.T) {
	r := mustRun(t, small(1440, 1536), residual()...)
	want := []Fit{
		{Weights: 576, Activations: 1024},
		{Weights: 576, Activations: 1024},
		{Weights: 288, Activations: 1536},
		{Activations: 1024},
	}
	for i, w := range want {
		w.WeightRoom, w.ActivationRoom = 1440, 1536
		if got := r.Layers[i].Fit; got != w {
			t.Errorf("%s: %+v, want %+v", r.Layers[i].Name, got, w)
		}
	}
	if got, want := r.Totals.Fit, (Fit{Weights: 1440, Activations: 1536, WeightRoom: 1440, ActivationRoom: 1536}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		acc  *arch.Accelerator
		want string
	}{
		{small(1440, 1536), "fits"},
		{small(1439, 1536), "does not fit: weights 1440 of 1439 bytes"},
		{small(1024, 1536), "does not fit: weights 1.41 of 1 KiB"},
		{small(1440, 1023), "does not fit: activations 1.5 KiB of 1023 bytes"},
		{small(512, 512), "does not fit: weights 1.41 KiB of 512 bytes, activations 1.5 KiB of 512 bytes"},
		{small(0, 0), "fits"}, // no limit
	} {
		if got := mustRun(t, c.acc, residual()...).Totals.Fit.String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
		c.acc.Memory.External = true
		if got := mustRun(t, c.acc, residual()...).Totals.Fit.Verdict; (got == Spills) != (c.want != "fits") || got == DoesNotFit {
			t.Errorf("with memory behind it: %v, without %q", got, c.want)
		}
	}
}

// Memory behind the scratchpads may be bounded too.
func TestRoomBehind(t *testing.T) {
	for behind, want := range map[int]string{
		0:    "spills to DRAM: weights 1.41 KiB of 512 bytes, activations 1.5 KiB of 512 bytes",
		2976: "fits behind: weights and activations 2.91 of 2.91 KiB",
		2975: "does not fit: weights and activations 2976 of 2975 bytes",
	} {
		acc := small(512, 512)
		acc.Memory.External, acc.Memory.BehindBytes = true, behind
		if got := mustRun(t, acc, residual()...).Totals.Fit.String(); got != want {
			t.Errorf("%d bytes behind: %q, want %q", behind, got, want)
		}
	}
}

// Flash takes the weights; images of a batch are kept together, weights once.
func TestRoomOfFlashAndBatch(t *testing.T) {
	acc := small(512, 3072)
	acc.Memory.FlashBytes, acc.Batch = 2048, 2
	r := mustRun(t, acc, residual()...).Totals.Fit
	if want := (Fit{Weights: 1440, Activations: 3072, WeightRoom: 2048, ActivationRoom: 3072}); r != want {
		t.Errorf("%+v, want %+v", r, want)
	}
}

func TestUnifiedRoom(t *testing.T) {
	acc := load(t, "gemmini-default", "buffers.inputs.bytes=2975", "memory.align_bits=1", "array.rows=8", "array.cols=8")
	r := mustRun(t, acc, residual()...).Totals.Fit // 4-bit weights are stored at 8
	if want := "spills to DRAM: weights and activations 3.19 of 2.91 KiB"; r.String() != want || r.Weights != 3*576 || r.Activations != 1536 {
		t.Errorf("%v, want %s", r, want)
	}
}

// A layer list may leave out what stands between its layers: what a layer says it reads
// is kept, be it more than the one before has written.
func TestInputsOfALayerList(t *testing.T) {
	ops := residual()[:2]
	ops[0].Stride, ops[0].Out, ops[0].N = [2]int{2, 2}, [2]int{4, 4}, 16
	r := mustRun(t, small(0, 0), ops...)
	if got := r.Layers[1].Fit.Activations; got != 512+512 {
		t.Errorf("%d bytes, want 1024", got)
	}
}

// A streaming unit keeps three of eight rows, and the shortcut waits for the two rows
// after which each of the two convolutions of its block begins: half a frame.
func TestStreamingKeepsWindows(t *testing.T) {
	r := mustRun(t, load(t, "finn-streaming"), residual()...)
	for i, want := range []int64{192, 192, 192, 256} {
		if got := r.Layers[i].Fit.Activations; got != want {
			t.Errorf("%s: %d bytes, want %d", r.Layers[i].Name, got, want)
		}
	}
	if got := r.Totals.Fit; got.Activations != 3*192+256 || got.Weights != 1440 || got.Verdict != Fits {
		t.Errorf("%+v", got)
	}
	whole := residual()
	pool := workload.Op{Name: "squeeze", Kind: workload.MatMul, M: 8, K: 8, N: 1, Groups: 1, Batch: 1, WeightBits: []uint8{8}, ActBits: 8, OutBits: 8}
	whole = append(whole, pool)
	whole = append(whole, workload.Op{Name: "excite", Kind: workload.Vector, Batch: 1, ActBits: 8, OutBits: 8, VectorOps: 512, ElementsIn: 520, ElementsOut: 512, From: []int{3, 4}})
	if got := mustRun(t, load(t, "finn-streaming"), whole...).Layers[5].Fit.Activations; got != 512 {
		t.Errorf("a map that waits for all of itself: %d bytes, want 512", got)
	}
}
