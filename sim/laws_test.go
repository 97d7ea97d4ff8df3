package sim

import (
	"context"
	"math"
	"slices"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/simtest"

	"pgregory.net/rapid"
)

func onIdeal(acc *arch.Accelerator) { acc.Memory.Kind = "ideal" }

func onTiles(acc *arch.Accelerator) {
	if acc.Memory.Kind == "ideal" {
		acc.Memory.Kind = "flat"
	}
	acc.Memory.Overlap = "tiles"
}

// run charges one op; drawn machines whose scratchpads are too small are skipped.
func run(t *rapid.T, acc *arch.Accelerator, ops ...workload.Op) *Result {
	r, err := Run(context.Background(), acc, &workload.Workload{Ops: ops}, Options{})
	if err != nil {
		t.Skip(err.Error())
	}
	return r
}

// reached returns the input elements that some window covers: Bit Fusion's simulator
// leaves out rows and columns between windows that are further apart than they are wide.
func reached(op *workload.Op) int64 {
	if op.Kind == workload.MatMul {
		return op.InputElements()
	}
	n := int64(op.In[0])
	for i := range 2 {
		n *= int64(min(op.In[i+1], (op.Out[i]-1)*min(op.Stride[i], op.Kernel[i])+op.Kernel[i]))
	}
	return n
}

// busyGroups counts the convolution groups with a kernel that is not pruned.
func busyGroups(op *workload.Op) (n int64) {
	for g := range op.Groups {
		for c := range op.M {
			if op.WeightBits.At(g*op.M+c) > 0 {
				n++
				break
			}
		}
	}
	return n
}

func engineCycles(r *Result) int64 { return r.Totals.Stalls.Compute + r.Totals.Stalls.Imbalance }

func TestSortedNeverLosesToInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		acc := simtest.Machine(t, onIdeal)
		acc.Array.Sync = "tile"
		op := simtest.Op(t)
		acc.Array.Order = "inorder"
		plain := engineCycles(run(t, acc, op))
		acc.Array.Order = "sorted"
		if sorted := engineCycles(run(t, acc, op)); sorted > plain {
			t.Fatalf("sorted %d cycles, in order %d", sorted, plain)
		}
	})
}

func TestMoreBitsNeverTakeFewerCycles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		acc := simtest.Machine(t, onIdeal)
		if acc.Engine == arch.BitSerial && rapid.Bool().Draw(t, "fitted") {
			acc.Memory.Kind, acc.Memory.Overlap, acc.Memory.Ports, acc.Array.Serial = "flat", "fitted", "split", "both"
		}
		acc.Array.ReconfigCycles = 0 // wider kernels may need fewer changes of mode
		op := simtest.Op(t)
		if acc.Engine == arch.Systolic && acc.Array.Dataflow == "is" {
			op.WeightBits = op.WeightBits[:1] // inputs are loaded again for each width in use
		}
		before := run(t, acc, op).Totals.Cycles
		at := rapid.IntRange(0, len(op.WeightBits)-1).Draw(t, "kernel")
		if op.WeightBits[at] == 0 {
			t.Skip("one kernel more shifts the others")
		}
		op.WeightBits = slices.Clone(op.WeightBits)
		if rapid.Bool().Draw(t, "weight") {
			op.WeightBits[at]++
		} else {
			op.ActBits++
		}
		if after := run(t, acc, op).Totals.Cycles; after < before {
			t.Fatalf("%d cycles before, %d after one bit more", before, after)
		}
	})
}

func TestUniformBitsAreTheSameAtEveryGranularity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		acc := simtest.Machine(t)
		op := simtest.Op(t)
		w := uint8(rapid.IntRange(0, 8).Draw(t, "uniform"))
		op.WeightBits = []uint8{w}
		one := run(t, acc, op).Layers[0]
		op.WeightBits = slices.Repeat([]uint8{w}, op.Channels())
		if each := run(t, acc, op).Layers[0]; each != one {
			t.Fatalf("one width for all: %+v\none for each: %+v", one, each)
		}
	})
}

func TestPrunedKernelsCostNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		acc := simtest.Machine(t, onIdeal)
		acc.Vector.Lanes = 0
		op := simtest.Op(t)
		op.Kind, op.Groups, op.Batch = workload.MatMul, 1, 1
		op.WeightBits = simtest.Bits(t, op.M)
		with := run(t, acc, op).Totals.Cycles
		op.WeightBits = slices.DeleteFunc(slices.Clone(op.WeightBits), func(b uint8) bool { return b == 0 })
		if op.M = len(op.WeightBits); op.M == 0 {
			if with != 0 {
				t.Fatalf("%d cycles for pruned kernels", with)
			}
			return
		}
		if without := run(t, acc, op).Totals.Cycles; with != without {
			t.Fatalf("%d cycles with pruned kernels, %d without", with, without)
		}
	})
}

func TestBatchScaling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		acc := simtest.Machine(t, onIdeal)
		op := simtest.Op(t)
		op.Batch, acc.Batch = 1, 1
		one := run(t, acc, op).Totals.Cycles
		n := rapid.IntRange(2, 5).Draw(t, "images")
		if rapid.Bool().Draw(t, "in the op") {
			op.Batch = n
		} else {
			acc.Batch = n
		}
		many := run(t, acc, op).Totals
		if many.Cycles < one || many.Cycles > int64(n)*one {
			t.Fatalf("%d images take %d cycles, one takes %d", n, many.Cycles, one)
		}
		if many.MACs != op.MACs()*int64(acc.Batch) {
			t.Fatalf("%d MACs for %d images of %d", many.MACs, n, op.MACs())
		}
	})
}

// TestTraceAgrees replays every tile by itself: skipping periodic repetitions must
// not change a cycle or a cause.
func TestTraceAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		acc := simtest.Machine(t, onTiles)
		w := &workload.Workload{Ops: []workload.Op{simtest.Op(t)}}
		var traced pipeline.Timeline
		var tiles []pipeline.Tile
		r, err := Run(context.Background(), acc, w, Options{Trace: func(_ int, list []pipeline.Tile, line pipeline.Timeline) { tiles, traced = list, line }})
		if err != nil {
			t.Skip(err.Error())
		}
		l := r.Layers[0]
		whole := acc.Engine != arch.Streaming && acc.Engine != arch.Pixels // else the trace is of one image
		if whole && (l.Cycles != traced.Cycles || l.Stalls != traced.Parts) {
			t.Fatalf("run %d %+v, trace of %d tiles %d %+v: %s", l.Cycles, l.Stalls, len(tiles), traced.Cycles, traced.Parts, l.Mapping)
		}
		if whole && acc.Memory.Kind == "flat" {
			if again := pipeline.Run(tiles, machinePort(acc)); again.Cycles != l.Cycles || again.Parts != l.Stalls {
				t.Fatalf("pipeline of the traced tiles: %d %+v, run %d %+v", again.Cycles, again.Parts, l.Cycles, l.Stalls)
			}
		}
	})
}

func machinePort(acc *arch.Accelerator) pipeline.Port {
	m, err := newMachine(acc)
	if err != nil {
		panic(err)
	}
	return m.tiles.Port()
}

// TestEvaluatorAgrees changes widths at random: the cost must be that of a fresh run.
func TestEvaluatorAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		acc := simtest.Machine(t)
		w := &workload.Workload{Ops: []workload.Op{simtest.Op(t), simtest.Op(t), simtest.Op(t)}}
		e, err := NewEvaluator(acc, w)
		if err != nil {
			t.Skip(err.Error())
		}
		for range 4 {
			i := rapid.IntRange(0, 2).Draw(t, "op")
			w.Ops[i].WeightBits = simtest.Bits(t, w.Ops[i].Channels())
			w.Ops[i].ActBits = uint8(rapid.IntRange(1, 8).Draw(t, "act"))
			e.SetBits(i, w.Ops[i].WeightBits, w.Ops[i].ActBits)
			cycles, energy := e.Cost()
			r, err := Run(context.Background(), acc, w, Options{})
			if err != nil {
				t.Skip(err.Error())
			}
			if cycles != r.Totals.Cycles || math.Abs(energy-r.Totals.Energy.Total()) > 1e-9*energy {
				t.Fatalf("evaluator %d cycles %g pJ, run %d cycles %g pJ", cycles, energy, r.Totals.Cycles, r.Totals.Energy.Total())
			}
		}
	})
}

func TestPolicyEvaluationAllocatesNothing(t *testing.T) {
	for _, machine := range []string{"haq-bismo-cloud", "bitfusion-eyeriss-45nm", "gemmini-default", "bismo-pynqz1-8x256x8", "eyeriss-v1-65nm", "unpu-65nm", "xpulpnn-8core-22nm", "finn-streaming"} {
		w := mobilenetv2(4, 4)
		e, err := NewEvaluator(load(t, machine), w)
		if err != nil {
			t.Fatal(err)
		}
		bits := make([]uint8, 960)
		n := 0
		change := func() {
			at := n % len(w.Ops)
			for i := range bits {
				bits[i] = uint8((i + n) % 9)
			}
			e.SetBits(at, bits[:w.Ops[at].Channels()], uint8(1+n%8))
			e.Cost()
			n++
		}
		bits = make([]uint8, 1280)
		for range 3 * len(w.Ops) {
			change()
		}
		if allocs := testing.AllocsPerRun(len(w.Ops), change); allocs > 0 {
			t.Errorf("%s: %v allocations for a change of one op", machine, allocs)
		}
		if err := e.Err(); err != nil {
			t.Errorf("%s: %v", machine, err)
		}
	}
}
