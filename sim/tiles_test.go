package sim

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"time"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/price"
	"bitcycle/sim/internal/simtest"

	"pgregory.net/rapid"
)

// onFlatTiles puts a machine on tiles, or their roofline, with rates that nobody has
// fitted to a peer.
func onFlatTiles(acc *arch.Accelerator) {
	acc.Memory.Kind, acc.Energy.DRAMModel = "flat", "flat"
	if acc.Memory.Overlap != "max" {
		acc.Memory.Overlap = "tiles"
	}
}

// goal is what the machine's objective counts.
func goal(acc *arch.Accelerator, l *Layer) float64 {
	switch acc.Mapping.Objective {
	case "energy":
		return l.Energy.Total()
	case "edp":
		return l.Energy.Total() * float64(l.Cycles)
	}
	return float64(l.Cycles)
}

// fixedPrices keeps what an access costs when the scratchpads change: a larger one
// reads its own bits at a higher price, which is another law.
func fixedPrices(acc *arch.Accelerator) {
	s, p := &acc.Energy.SRAM, &price.List{}
	p.Read(acc)
	for _, x := range []struct {
		set  *arch.SRAMAccess
		have price.Access
	}{{&s.Weights, p.Weights}, {&s.Inputs, p.Inputs}, {&s.Outputs, p.Outputs}} {
		x.set.Read.Value, x.set.Write.Value = x.have.Read, x.have.Write
	}
	s.Model = "explicit"
}

// notWorse holds each layer of a machine's run to that of one with less: goals that the
// objective makes, to the rounding of sums of floats.
func notWorse(t interface {
	Helper()
	Errorf(string, ...any)
}, what string, acc *arch.Accelerator, less, more *Result,
) {
	t.Helper()
	for i := range more.Layers {
		a, b := goal(acc, &less.Layers[i]), goal(acc, &more.Layers[i])
		if b > a*(1+1e-12) {
			t.Errorf("%s: %s of %s rises from %v (%s) to %v (%s)", what, acc.Mapping.Objective, more.Layers[i].Name, a, less.Layers[i].Mapping, b, more.Layers[i].Mapping)
		}
	}
}

// TestLargerBuffersAreNeverWorseOnDRAM: with DRAM in the loop fewer bytes may take
// longer, and still larger scratchpads never take more cycles.
func TestLargerBuffersAreNeverWorseOnDRAM(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		acc := simtest.Machine(t, func(acc *arch.Accelerator) {
			acc.Memory.Kind, acc.Memory.Overlap, acc.Memory.Ports = "dram", "tiles", "shared"
			acc.Mapping.Objective = "cycles"
		})
		op := simtest.Op(t)
		less := run(t, acc, op)
		more := *acc
		for _, b := range []*int{&more.Buffers.Weights.Bytes, &more.Buffers.Inputs.Bytes, &more.Buffers.Outputs.Bytes} {
			*b += rapid.IntRange(0, 2*(*b)).Draw(t, "bytes")
		}
		notWorse(t, "larger scratchpads", acc, less, run(t, &more, op))
	})
}

// TestLargerBuffersAreNeverWorse goes through scratchpads of 2 KiB to 4 MiB.
func TestLargerBuffersAreNeverWorse(t *testing.T) {
	matmul := workload.Op{Name: "matmul", Kind: workload.MatMul, M: 300, K: 2000, N: 7, Groups: 1, Batch: 1, WeightBits: []uint8{8}, ActBits: 8}
	ops := []workload.Op{matmul, simtest.Conv("conv", 64, 28, 64, 3, 1, 8, 8), simtest.Depthwise("depthwise", 96, 56, 3, 2, 8, 8), simtest.Conv("pointwise", 64, 28, 128, 1, 2, 4, 4)}
	for _, c := range []struct {
		machine, buffer string
		set             []string
	}{
		{"stripes-16tile", "buffers.inputs.bytes", nil}, // DRAM in the loop
		{"stripes-16tile", "buffers.inputs.bytes", []string{"memory.kind=flat"}},
		{"stripes-16tile", "buffers.weights.bytes", []string{"memory.kind=flat"}},
		{"eyeriss-v1-65nm", "buffers.inputs.bytes", nil},
		{"eyeriss-v1-65nm", "buffers.inputs.bytes", []string{"memory.overlap=tiles"}},
		{"multipoint-int8-array", "buffers.inputs.bytes", nil},
		{"multipoint-int8-array", "buffers.outputs.bytes", nil},
		{"bitfusion-eyeriss-45nm", "buffers.inputs.bytes", []string{"memory.overlap=tiles"}},
		{"bitfusion-eyeriss-45nm", "buffers.weights.bytes", []string{"memory.overlap=tiles"}},
	} {
		for _, objective := range []string{"cycles", "energy", "edp"} {
			var less *Result
			for kib := 2; kib <= 4096; kib *= 2 {
				acc := load(t, c.machine, append(slices.Clone(c.set), "mapping.objective="+objective)...)
				fixedPrices(acc)
				for name, b := range map[string]*arch.Buffer{"buffers.weights.bytes": &acc.Buffers.Weights, "buffers.inputs.bytes": &acc.Buffers.Inputs, "buffers.outputs.bytes": &acc.Buffers.Outputs} {
					if name == c.buffer {
						b.Bytes = kib << 10
					}
				}
				more, err := Run(context.Background(), acc, &workload.Workload{Ops: ops}, Options{})
				if err != nil {
					t.Logf("%s, %s of %d KiB: %v", c.machine, c.buffer, kib, err)
					continue
				}
				if less != nil {
					notWorse(t, c.machine+" "+c.buffer, acc, less, more)
				}
				less = more
			}
		}
	}
}

// TestTilesAreNotListed: a product of 2⁴⁸ multiply-accumulates takes no more memory and
// hardly more time than a small one, also when every tile is as small as can be.
func TestTilesAreNotListed(t *testing.T) {
	op := workload.Op{Name: "matmul", Kind: workload.MatMul, M: 1 << 16, K: 1 << 16, N: 1 << 16, Groups: 1, Batch: 1, WeightBits: []uint8{8}, ActBits: 8}
	wide := op
	wide.Name, wide.Kind, wide.M, wide.K, wide.N, wide.VectorOps = "add", workload.Vector, 0, 0, 0, 1<<40
	wide.ElementsIn, wide.ElementsOut = 1<<40, 1<<40
	for _, set := range [][]string{nil, {"buffers.inputs.bytes=516", "buffers.outputs.bytes=256"}} {
		for _, op := range []workload.Op{op, wide} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			r := mustRun(t, load(t, "multipoint-int8-array", set...), op)
			took := time.Since(begin)
			runtime.ReadMemStats(&after)
			t.Logf("%s with %v: %s, %v, %d KiB allocated", op.Name, set, r.Layers[0].Mapping, took, (after.TotalAlloc-before.TotalAlloc)>>10)
			if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 16<<20 {
				t.Errorf("%s with %v: %d bytes allocated", op.Name, set, allocated)
			}
			if took > 2*time.Second {
				t.Errorf("%s with %v: takes %v", op.Name, set, took)
			}
		}
	}
}
