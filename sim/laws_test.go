package sim

import (
	"context"
	"math"
	"slices"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/units"

	"pgregory.net/rapid"
)

// drawMachine draws an accelerator with any engine on any memory.
func drawMachine(t *rapid.T, kinds ...string) *arch.Accelerator {
	if len(kinds) == 0 {
		kinds = []string{"ideal", "flat", "max", "steady", "dram"}
	}
	engine := rapid.SampledFrom([]arch.Engine{arch.Systolic, arch.BitSerial, arch.Fusion, arch.RowStationary, arch.Streaming, arch.SIMD}).Draw(t, "engine")
	acc := arch.Default(engine, 45)
	acc.Name = string(engine)
	acc.Batch = rapid.IntRange(1, 3).Draw(t, "machine batch")
	a := &acc.Array
	small := rapid.IntRange(1, 6)
	a.Order = rapid.SampledFrom([]string{"inorder", "sorted", "lpt"}).Draw(t, "order")
	a.Sync = rapid.SampledFrom([]string{"tile", "lane", "group"}).Draw(t, "sync")
	a.GroupSize = small.Draw(t, "group size")
	switch engine {
	case arch.Systolic:
		a.Rows, a.Cols = small.Draw(t, "rows"), small.Draw(t, "cols")
		a.Dataflow = rapid.SampledFrom([]string{"ws", "os", "is"}).Draw(t, "dataflow")
		a.ShadowWeights = rapid.Bool().Draw(t, "shadow")
		a.Pack = rapid.Bool().Draw(t, "pack")
		a.WeightWidths, a.ActWidths = []int{2, 4, 8, 16}, []int{2, 4, 8, 16}
	case arch.BitSerial:
		a.Rows, a.Cols, a.Dot = small.Draw(t, "rows"), small.Draw(t, "cols"), rapid.IntRange(1, 32).Draw(t, "dot")
		a.Serial = rapid.SampledFrom([]string{"both", "weights", "activations"}).Draw(t, "serial")
		a.LatencyCycles, a.IssueCycles = rapid.IntRange(0, 9).Draw(t, "latency"), rapid.IntRange(0, 3).Draw(t, "issue")
	case arch.Fusion:
		a.Rows, a.Cols = small.Draw(t, "rows"), small.Draw(t, "cols")
		a.ReduceBy = rapid.SampledFrom([]string{"flat", "channel"}).Draw(t, "reduce")
		a.WeightWidths, a.ActWidths = []int{2, 4, 8, 16}, []int{2, 4, 8, 16}
	case arch.Streaming:
		a.PE, a.SIMD = small.Draw(t, "pe"), small.Draw(t, "simd")
	}
	b := &acc.Buffers
	b.Weights.Bytes, b.Inputs.Bytes, b.Outputs.Bytes = 512<<small.Draw(t, "weights"), 1024<<small.Draw(t, "inputs"), 2048<<small.Draw(t, "outputs")
	b.LayerReuse = rapid.Bool().Draw(t, "reuse")
	drawMemory(t, &acc, rapid.SampledFrom(kinds).Draw(t, "memory"))
	acc.Vector.Lanes = rapid.SampledFrom([]int{0, 1, 8}).Draw(t, "lanes")
	acc.Vector.Overlapped = rapid.Bool().Draw(t, "overlapped")
	return &acc
}

func drawMemory(t *rapid.T, acc *arch.Accelerator, kind string) {
	m := &acc.Memory
	m.Kind, m.Overlap = "flat", "tiles"
	switch kind {
	case "ideal", "dram":
		m.Kind = kind
	case "max":
		m.Overlap = "max"
	case "steady":
		if acc.Engine == arch.Fusion {
			m.Overlap = "steady"
		}
	}
	m.BitsPerCycle = float64(8 * rapid.IntRange(1, 16).Draw(t, "bytes per cycle"))
	m.Ports = rapid.SampledFrom([]string{"shared", "split"}).Draw(t, "ports")
	m.LatencyCycles = rapid.IntRange(0, 20).Draw(t, "memory latency")
	m.TileBuffers = rapid.IntRange(1, 4).Draw(t, "buffers")
	m.Layout = rapid.SampledFrom([]string{"padded", "rows", "planes"}).Draw(t, "layout")
	m.AlignBits = rapid.SampledFrom([]int{1, 8, 64}).Draw(t, "align")
	m.Metadata = rapid.Bool().Draw(t, "metadata")
	m.ReadOutputs = rapid.Bool().Draw(t, "read outputs")
}

// drawOp draws a product.
func drawOp(t *rapid.T) workload.Op {
	width := rapid.IntRange(1, 8)
	act := uint8(width.Draw(t, "act"))
	size := rapid.IntRange(1, 9)
	var op workload.Op
	switch rapid.SampledFrom([]string{"conv", "depthwise", "grouped", "matmul"}).Draw(t, "kind") {
	case "conv":
		op = convOp("conv", size.Draw(t, "in"), 2*size.Draw(t, "side")+1, size.Draw(t, "out"), rapid.SampledFrom([]int{1, 3, 5}).Draw(t, "kernel"), rapid.IntRange(1, 2).Draw(t, "stride"), 8, act)
	case "depthwise":
		op = depthwiseOp("depthwise", size.Draw(t, "channels"), 2*size.Draw(t, "side")+1, 3, rapid.IntRange(1, 2).Draw(t, "stride"), 8, act)
	case "grouped":
		op = convOp("grouped", size.Draw(t, "in"), 2*size.Draw(t, "side")+1, size.Draw(t, "out"), 3, 1, 8, act)
		op.Groups = rapid.IntRange(1, 4).Draw(t, "groups")
		op.In[0] *= op.Groups
	default:
		op = workload.Op{Name: "matmul", Kind: workload.MatMul, M: size.Draw(t, "m"), K: rapid.IntRange(1, 99).Draw(t, "k"), N: size.Draw(t, "n"), Groups: 1, ActBits: act, VectorOps: 1}
	}
	op.Batch = rapid.IntRange(1, 2).Draw(t, "batch")
	op.WeightBits = drawBits(t, op.Channels())
	return op
}

// drawBits draws a width for each kernel, pruned ones among them.
func drawBits(t *rapid.T, kernels int) []uint8 {
	bits := make([]uint8, kernels)
	for i := range bits {
		bits[i] = uint8(rapid.IntRange(0, 8).Draw(t, "bits"))
	}
	return bits
}

// run charges one op; drawn machines whose scratchpads are too small are skipped.
func run(t *rapid.T, acc *arch.Accelerator, ops ...workload.Op) *Result {
	r, err := Run(context.Background(), acc, &workload.Workload{Ops: ops}, Options{})
	if err != nil {
		t.Skip(err.Error())
	}
	return r
}

func TestCostsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		acc := drawMachine(t)
		ops := []workload.Op{drawOp(t), drawOp(t)}
		ops[1].From = []int{rapid.IntRange(-1, 0).Draw(t, "from")}
		r := run(t, acc, ops...)
		var cycles int64
		var energy float64
		for i := range r.Layers {
			l := &r.Layers[i]
			if l.Stalls.Total() != l.Cycles {
				t.Fatalf("%s: causes %+v sum to %d, not to %d", l.Name, l.Stalls, l.Stalls.Total(), l.Cycles)
			}
			for _, part := range []int64{l.Stalls.Compute, l.Stalls.Fill, l.Stalls.Imbalance, l.Stalls.WeightLoad, l.Stalls.Input, l.Stalls.Output, l.Stalls.DRAM} {
				if part < 0 {
					t.Fatalf("%s: negative cause in %+v", l.Name, l.Stalls)
				}
			}
			e := l.Energy
			for _, part := range []float64{e.MAC, e.Register, e.SRAMWeights, e.SRAMInputs, e.SRAMOutputs, e.NoC, e.DRAM, e.Vector, e.Leakage} {
				if part < 0 || math.IsNaN(part) {
					t.Fatalf("%s: energy %+v", l.Name, e)
				}
			}
			cycles += l.Cycles
			energy += e.Total()
		}
		if r.Totals.Cycles != cycles || math.Abs(r.Totals.Energy.Total()-energy) > 1e-9*energy {
			t.Fatalf("totals %d cycles, %g pJ; layers sum to %d, %g", r.Totals.Cycles, r.Totals.Energy.Total(), cycles, energy)
		}
	})
}

func TestBytesAreAtLeastCompulsory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		acc := drawMachine(t)
		acc.Buffers.LayerReuse = false
		op := drawOp(t)
		op.OutBits = uint8(rapid.IntRange(1, 32).Draw(t, "out bits"))
		l := run(t, acc, op).Layers[0]
		images := int64(op.Batch * acc.Batch)
		var weights int64
		for v := range op.VirtualChannels() {
			weights += int64(op.K) * int64(op.WeightBits.At(v))
		}
		if weights == 0 {
			return // nothing to compute: the inputs are not read
		}
		elements := op.InputElements()
		if acc.Engine == arch.Fusion && acc.Memory.Overlap == "steady" {
			elements = reached(&op)
		}
		elements = elements / int64(op.Groups) * busyGroups(&op)
		reads := units.Ceil(weights+elements*images*int64(op.ActBits), 8)
		writes := units.Ceil(op.OutputElements()*images*int64(op.OutBits), 8)
		if l.DRAMRead < reads || l.DRAMWrite < writes {
			t.Fatalf("read %d and wrote %d bytes, compulsory are %d and %d", l.DRAMRead, l.DRAMWrite, reads, writes)
		}
	})
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
		if slices.Max(op.WeightBits[g*op.M:(g+1)*op.M]) > 0 {
			n++
		}
	}
	return n
}

func engineCycles(r *Result) int64 { return r.Totals.Stalls.Compute + r.Totals.Stalls.Imbalance }

func TestSortedNeverLosesToInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		acc := drawMachine(t, "ideal")
		acc.Array.Sync = "tile"
		op := drawOp(t)
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
		acc := drawMachine(t, "ideal")
		if acc.Engine == arch.BitSerial && rapid.Bool().Draw(t, "fitted") {
			acc.Memory.Kind, acc.Memory.Overlap, acc.Memory.Ports, acc.Array.Serial = "flat", "fitted", "split", "both"
		}
		if acc.Array.Sync != "tile" && acc.Array.Order == "lpt" {
			t.Skip("longest first is a heuristic: more work may pack better")
		}
		acc.Array.ReconfigCycles = 0 // wider kernels may need fewer changes of mode
		op := drawOp(t)
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
		acc := drawMachine(t)
		op := drawOp(t)
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
		acc := drawMachine(t, "ideal")
		acc.Vector.Lanes = 0
		op := drawOp(t)
		op.Kind, op.Groups, op.Batch = workload.MatMul, 1, 1
		op.WeightBits = drawBits(t, op.M)
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
		acc := drawMachine(t, "ideal")
		op := drawOp(t)
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
		acc := drawMachine(t, "flat", "dram")
		w := &workload.Workload{Ops: []workload.Op{drawOp(t)}}
		var traced pipeline.Timeline
		var tiles []pipeline.Tile
		r, err := Run(context.Background(), acc, w, Options{Trace: func(_ int, list []pipeline.Tile, line pipeline.Timeline) { tiles, traced = list, line }})
		if err != nil {
			t.Skip(err.Error())
		}
		l := r.Layers[0]
		if l.Cycles != traced.Cycles && acc.Engine != arch.Streaming || l.Stalls != traced.Parts && acc.Engine != arch.Streaming {
			t.Fatalf("run %d %+v, trace of %d tiles %d %+v: %s", l.Cycles, l.Stalls, len(tiles), traced.Cycles, traced.Parts, l.Mapping)
		}
		if acc.Engine != arch.Streaming && acc.Memory.Kind == "flat" {
			if again := pipeline.Run(tiles, machinePort(acc)); again.Cycles != l.Cycles || again.Parts != l.Stalls {
				t.Fatalf("pipeline of the traced tiles: %d %+v, run %d %+v", again.Cycles, again.Parts, l.Cycles, l.Stalls)
			}
		}
	})
}

func machinePort(acc *arch.Accelerator) pipeline.Port {
	m, err := newMachine(acc, nil)
	if err != nil {
		panic(err)
	}
	return m.tiles.Port()
}

// TestEvaluatorAgrees changes widths at random: the cost must be that of a fresh run.
func TestEvaluatorAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		acc := drawMachine(t)
		w := &workload.Workload{Ops: []workload.Op{drawOp(t), drawOp(t), drawOp(t)}}
		e, err := NewEvaluator(acc, w)
		if err != nil {
			t.Skip(err.Error())
		}
		for range 4 {
			i := rapid.IntRange(0, 2).Draw(t, "op")
			w.Ops[i].WeightBits = drawBits(t, w.Ops[i].Channels())
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
