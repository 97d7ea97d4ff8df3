package sim

import (
	"context"
	"strings"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/simtest"
)

// onCores is a machine of so many cores that takes such a batch.
func onCores(cores, batch int, change ...func(acc *arch.Accelerator)) *arch.Accelerator {
	acc := arch.Default(arch.Pixels, 45)
	acc.Memory.Overlap, acc.Memory.BitsPerCycle, acc.Memory.SharedBitsPerCycle = "queues", 64, 96
	acc.Memory.LayerCycles, acc.Memory.LayerBytes = 100, 64
	acc.Array.Cores, acc.Batch = cores, batch
	for _, f := range change {
		f(&acc)
	}
	return &acc
}

func charged(t *testing.T, acc *arch.Accelerator, ops ...workload.Op) *Result {
	t.Helper()
	if err := acc.Validate(); err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), acc, &workload.Workload{Name: "w", Ops: ops}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Section 8.8: a layer starts, then takes as long as the slower of the array and the port.
func TestQueues(t *testing.T) {
	op := simtest.Conv("conv", 16, 8, 16, 3, 1, 8, 8) // 72 cycles, 4352 bytes and 144 of weights a channel
	r := charged(t, onCores(1, 1), op)
	bytes := int64(16*9*16 + 2*1024 + 16*4) // weights, both maps, a scale a channel
	if want := 100 + 64/8 + bytes/8; r.Totals.Cycles != want || r.Totals.Stalls.Compute != 72 || r.Totals.Stalls.DRAM != 108 {
		t.Errorf("%d cycles %+v, want %d", r.Totals.Cycles, r.Totals.Stalls, want)
	}
	if r.Totals.DRAMRead != bytes-1024+64 {
		t.Errorf("%d bytes read, want %d and 64 of instructions", r.Totals.DRAMRead, bytes-1024)
	}
}

// Two cores take two images in the time of one on their part of the memory, a third image
// takes another turn.
func TestCoresTakeTurns(t *testing.T) {
	op := simtest.Conv("conv", 16, 8, 16, 3, 1, 8, 8)
	one := charged(t, onCores(1, 1), op)
	two := charged(t, onCores(2, 2), op)
	three := charged(t, onCores(2, 3), op)
	slow := charged(t, onCores(1, 1, func(acc *arch.Accelerator) { acc.Memory.BitsPerCycle = 48 }), op)
	if two.Totals.Cycles != slow.Totals.Cycles || three.Totals.Cycles != 2*two.Totals.Cycles || two.Totals.Cycles <= one.Totals.Cycles {
		t.Errorf("%d cycles for an image, %d for two on two cores, %d for three, %d on half of the memory", one.Totals.Cycles, two.Totals.Cycles, three.Totals.Cycles, slow.Totals.Cycles)
	}
	if two.Totals.DRAMRead != 2*one.Totals.DRAMRead || two.Totals.MACs != 2*one.Totals.MACs {
		t.Errorf("two images read %d bytes, one %d", two.Totals.DRAMRead, one.Totals.DRAMRead)
	}
	if peak := two.Totals.PeakMACs(); peak < 4095 || peak > 4097 {
		t.Errorf("%v multiply-accumulates a cycle on two cores", peak)
	}
}

// A sum of a product and another tensor is formed as the product leaves the array.
func TestFusedAdds(t *testing.T) {
	a, b := simtest.Conv("a", 16, 8, 16, 3, 1, 8, 8), simtest.Conv("b", 16, 8, 16, 3, 1, 8, 8)
	add := workload.Op{Name: "add", Kind: workload.Vector, Batch: 1, ActBits: 8, VectorOps: 2048, ElementsIn: 2048, ElementsOut: 1024, From: []int{1, 0}}
	apart := charged(t, onCores(1, 1), a, b, add)
	fused := charged(t, onCores(1, 1, func(acc *arch.Accelerator) { acc.Buffers.FuseAdds = true }), a, b, add)
	if got := apart.Totals.DRAMWrite - fused.Totals.DRAMWrite; got != 1024 {
		t.Errorf("%d bytes fewer written, want b's 1024", got)
	}
	if got := apart.Totals.DRAMRead - fused.Totals.DRAMRead; got != 1024 {
		t.Errorf("%d bytes fewer read, want b's 1024", got)
	}
	// The sum of products that others read too is an operation of its own.
	add.From = []int{0, 0}
	other := charged(t, onCores(1, 1, func(acc *arch.Accelerator) { acc.Buffers.FuseAdds = true }), a, b, add)
	if other.Totals.DRAMRead < apart.Totals.DRAMRead-1024 {
		t.Errorf("%d bytes read", other.Totals.DRAMRead)
	}
}

// The host's part is in an image's latency, and beside the machine in a long run.
func TestHostTime(t *testing.T) {
	op := simtest.Conv("conv", 16, 8, 16, 3, 1, 8, 8)
	host := func(acc *arch.Accelerator) { acc.Host.ImageUs, acc.Host.NsPerByte = 0.1, 0.05 }
	for _, cores := range []int{1, 2} {
		plain, with := charged(t, onCores(cores, 2), op), charged(t, onCores(cores, 2, host), op)
		const each = 100 + 52 // cycles at 1 GHz: 0.1 µs, and 0.05 ns for each of 1024 bytes
		turns := int64(2 / cores)
		if with.Totals.Stalls.Host != turns*each || with.Totals.Cycles != plain.Totals.Cycles+turns*each {
			t.Errorf("%d cores: host %d of %d cycles, without %d", cores, with.Totals.Stalls.Host, with.Totals.Cycles, plain.Totals.Cycles)
		}
		if with.IntervalCycles != plain.Totals.Cycles {
			t.Errorf("%d cores: an image every %d cycles, want %d", cores, with.IntervalCycles, plain.Totals.Cycles)
		}
	}
	slow := charged(t, onCores(1, 1, func(acc *arch.Accelerator) { acc.Host.ImageUs = 100 }), op)
	if slow.IntervalCycles != 100_000 {
		t.Errorf("a host of 100 µs: an image every %d cycles", slow.IntervalCycles)
	}
	if b, err := NewEvaluator(onCores(2, 2, host), &workload.Workload{Ops: []workload.Op{op}}); err != nil || b.Brief().IntervalCycles != charged(t, onCores(2, 2, host), op).IntervalCycles {
		t.Errorf("the brief differs from the run, %v", err)
	}
}

// A library says its name, and that it has no kernel for narrow operands.
func TestSoftwareSaysItsKernel(t *testing.T) {
	acc := arch.Default(arch.Kernels, 45)
	text := strings.Join(charged(t, &acc, simtest.Conv("conv", 16, 8, 16, 3, 1, 4, 8)).Assumptions, "\n")
	for _, want := range []string{"CMSIS-NN", "8-bit kernel", "narrower operands are widened"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q among the assumptions:\n%s", want, text)
		}
	}
}
