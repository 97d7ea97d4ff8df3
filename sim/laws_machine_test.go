package sim

import (
	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/simtest"

	"pgregory.net/rapid"
)

// machineLaws are what every machine obeys; docs/machine-model.md, section 14, states them with
// their exceptions, which are named here at the law that they break.
var machineLaws = []struct {
	name string
	hold func(t *rapid.T)
}{
	{"parts are never negative and sum up", partsSumUp},
	{"bytes are at least compulsory", func(t *rapid.T) { bytesAtLeast(t, lawMachine(t, everyTensorOnce)) }},
	{"the same product costs the same", sameProductSameCost},
	{"batches commute", batchesCommute},
	{"sums read are those written but not final", sumsReadAreWritten},
	{"more lanes do not work longer", moreLanes},
	{"a faster vector unit is not slower", moreVectorLanes},
	{"wider operands are not cheaper", widerOperands},
	{"more memory is not slower", moreMemory},
}

// everyTensorOnce is a machine on which every tensor crosses the memory's port.
func everyTensorOnce(acc *arch.Accelerator) {
	acc.Buffers.LayerReuse, acc.Memory.OutBits = false, "next"
}

func partsSumUp(t *rapid.T) {
	ops := []workload.Op{lawOp(t), lawOp(t)}
	ops[1].From = []int{rapid.IntRange(-1, 0).Draw(t, "from")}
	n := int(ops[1].OutputElements())
	ops = append(ops, workload.Op{Name: "add", Kind: workload.Vector, Batch: 1, ActBits: 8, VectorOps: n, ElementsIn: 2 * n, ElementsOut: n, From: []int{0, 1}})
	addsUp(t, run(t, lawMachine(t), ops...))
}

// addsUp holds a result to its own sums.
func addsUp(t rapid.TB, r *Result) {
	var sum Layer
	for i := range r.Layers {
		l := &r.Layers[i]
		sound(t, l)
		sum.sum(l)
	}
	sound(t, &r.Totals)
	if got := &r.Totals; got.Cycles != sum.Cycles || got.Stalls != sum.Stalls || got.Energy != sum.Energy || got.SRAM != sum.SRAM || got.DRAMRead != sum.DRAMRead || got.DRAMWrite != sum.DRAMWrite {
		t.Fatalf("totals %+v, the layers sum to %+v", got, sum)
	}
	if r.IntervalCycles > r.Totals.Cycles || r.IntervalCycles < 0 {
		t.Fatalf("a batch every %d cycles, which takes %d", r.IntervalCycles, r.Totals.Cycles)
	}
}

// sound holds a layer to its own sums.
func sound(t rapid.TB, l *Layer) {
	s, e := &l.Stalls, &l.Energy
	if s.Total() != l.Cycles {
		t.Fatalf("%s: causes %+v sum to %d, not to %d", l.Name, s, s.Total(), l.Cycles)
	}
	for _, n := range []int64{
		s.Compute, s.Fill, s.Imbalance, s.WeightLoad, s.Input, s.Output, s.DRAM, l.MACs, l.DRAMRead, l.DRAMWrite,
		l.SRAM.WeightsRead, l.SRAM.InputsRead, l.SRAM.OutputsRead, l.SRAM.OutputsWritten, l.Fit.Weights, l.Fit.Activations,
	} {
		if n < 0 {
			t.Fatalf("%s: negative part in %+v", l.Name, l)
		}
	}
	for _, x := range []float64{e.MAC, e.Register, e.SRAMWeights, e.SRAMInputs, e.SRAMOutputs, e.NoC, e.DRAM, e.Vector, e.Leakage} {
		if !(x >= 0) {
			t.Fatalf("%s: energy %+v", l.Name, e)
		}
	}
	if l.work > float64(l.busy)*(1+1e-9) || l.MACs > 0 && !(l.Utilisation > 0) {
		t.Fatalf("%s: %v cycles of the full array in %d, utilisation %v", l.Name, l.work, l.busy, l.Utilisation)
	}
}

// Imitations of peers price a layer as it is written: Bit Fusion's simulator and HAQ's
// table do.
func sameProductSameCost(t *rapid.T) {
	acc := lawMachine(t)
	if acc.Memory.OwnNotation() {
		t.Skip("imitates a peer")
	}
	a, b := notations(t)
	one, two := run(t, acc, a), run(t, acc, b)
	one.Totals.Fit = two.Totals.Fit // rows of a map are kept, which a product has not
	if one.Totals != two.Totals {
		t.Fatalf("%+v costs %+v\n%+v costs %+v", a, one.Totals, b, two.Totals)
	}
}

// notations draws a product, written in two ways.
func notations(t *rapid.T) (a, b workload.Op) {
	size := rapid.IntRange(1, 9)
	in, out, high, wide := size.Draw(t, "in"), size.Draw(t, "out"), size.Draw(t, "high"), size.Draw(t, "wide")
	act := uint8(rapid.IntRange(1, workload.MaxBits).Draw(t, "act"))
	groups := rapid.IntRange(1, 3).Draw(t, "groups")
	a = workload.Op{
		Name: "op", Kind: workload.Conv, M: out, Groups: groups, Batch: rapid.IntRange(1, 2).Draw(t, "batch"), ActBits: act, VectorOps: 1,
		Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, WeightBits: simtest.Bits(t, out*groups),
	}
	shape := func(channels, h, w, kh, kw int) {
		a.In, a.Kernel, a.K = [3]int{channels * groups, h, w}, [2]int{kh, kw}, channels*kh*kw
		for i := range 2 {
			a.Out[i] = (a.In[i+1]+a.Pad[i]+a.Pad[i+2]-a.Kernel[i])/a.Stride[i] + 1
		}
		a.N = a.Out[0] * a.Out[1]
	}
	switch rapid.SampledFrom([]string{"pointwise", "patches", "whole map", "depthwise", "along an axis"}).Draw(t, "notation") {
	case "pointwise":
		shape(in, high, wide, 1, 1)
	case "patches":
		a.Stride = [2]int{rapid.IntRange(1, 3).Draw(t, "stride"), rapid.IntRange(1, 3).Draw(t, "stride")}
		shape(in, high*a.Stride[0], wide*a.Stride[1], a.Stride[0], a.Stride[1])
	case "whole map":
		shape(in, high, wide, high, wide)
	case "depthwise":
		a.Pad = [4]int{1, 1, 1, 1}
		shape(1, high+2, wide+2, 3, 3)
		b = a
		b.Kind = workload.Depthwise
		return a, b
	default:
		a.Pad = [4]int{1, 0, 1, 0}
		a.Stride[0] = rapid.IntRange(1, 3).Draw(t, "stride")
		shape(in, high+2, 1, 3, 1)
		b = a
		b.In[1], b.In[2] = a.In[2], a.In[1]
		b.Kernel, b.Out, b.Stride = [2]int{1, 3}, [2]int{a.Out[1], a.Out[0]}, [2]int{1, a.Stride[0]}
		b.Pad = [4]int{0, 1, 0, 1}
		return a, b
	}
	b = workload.Op{
		Name: "op", Kind: workload.MatMul, M: a.M, K: a.K, N: a.N, Groups: groups, Batch: a.Batch,
		ActBits: act, VectorOps: 1, WeightBits: a.WeightBits,
	}
	return a, b
}

func batchesCommute(t *rapid.T) {
	acc := lawMachine(t)
	op := lawOp(t)
	op.Batch = rapid.IntRange(1, 4).Draw(t, "images")
	acc = changed(t, acc, func(acc *arch.Accelerator) { acc.Batch = rapid.IntRange(1, 4).Draw(t, "batch") })
	other := changed(t, acc, func(acc *arch.Accelerator) { acc.Batch = op.Batch })
	swapped := op
	swapped.Batch = acc.Batch
	if one, two := run(t, acc, op), run(t, other, swapped); one.Totals != two.Totals {
		t.Fatalf("batch %d of the op and %d of the machine: %+v\nthe other way round: %+v", op.Batch, acc.Batch, one.Totals, two.Totals)
	}
}

// Fusion and row-stationary arrays read and write every sum once a stretch of the
// reduction, the first included: Bit Fusion's and Eyeriss' organisation.
func sumsReadAreWritten(t *rapid.T) {
	acc := lawMachine(t)
	if acc.Engine == arch.Fusion || acc.Engine == arch.RowStationary {
		t.Skip("reads sums that are zero")
	}
	op := lawOp(t)
	l := run(t, acc, op).Layers[0]
	e, err := engine.New(acc)
	if err != nil {
		t.Fatal(err)
	}
	m := machine{acc: acc}
	m.become(acc)
	var of layer.Layer
	if err := of.Reset(acc, e.Lanes(), &op, true, m.together(&op)); err != nil {
		t.Fatal(err)
	}
	layer := &of
	layer.SetActs(int(op.ActBits), int(op.ActBits), int(op.ActBits))
	layer.SetBits(op.WeightBits)
	width := layer.SumBits()
	if acc.Engine == arch.Streaming {
		width = int64(op.ActBits) // thresholds are part of the unit
	}
	final := int64(layer.Active()) * layer.Positions() * m.passes(&op) * width
	if l.SRAM.OutputsRead != l.SRAM.OutputsWritten-final {
		t.Fatalf("%d bits of sums read, %d written, %d of them final: %s", l.SRAM.OutputsRead, l.SRAM.OutputsWritten, final, l.Mapping)
	}
}

// More lanes fill and drain longer: what falls is the time in which channels work or wait
// for the widest beside them. They are a multiple, since in step and in order a few lanes
// more may put channels together that were better apart; so may the choice to put the
// groups of a depthwise convolution side by side, which looks at their number alone.
// Groups that wait for each other have to become a multiple too. NE16 takes the channels of a
// depthwise convolution one after the other, at the width of the widest beside them.
func moreLanes(t *rapid.T) {
	acc := lawMachine(t, alone)
	more := changed(t, acc, func(acc *arch.Accelerator) {
		a, times := &acc.Array, rapid.IntRange(2, 3).Draw(t, "times")
		a.Rows, a.Cols, a.Dot, a.PE, a.SIMD, a.Cores = times*a.Rows, times*a.Cols, times*a.Dot, times*a.PE, times*a.SIMD, times*a.Cores
		a.DepthwiseLanes *= times
	})
	if together(t, more)%together(t, acc) != 0 {
		t.Skip("groups of lanes are no multiple")
	}
	op := lawOp(t)
	if acc.Engine == arch.NE16 && (op.Kind == workload.Depthwise || op.Groups > 1) {
		t.Skip("one channel after the other")
	}
	if sideBySide(t, acc, &op) != sideBySide(t, more, &op) {
		t.Skip("groups are put side by side")
	}
	if one, two := engineCycles(run(t, acc, op)), engineCycles(run(t, more, op)); two > one {
		t.Fatalf("%d cycles of work, %d on a larger array", one, two)
	}
}

// together is the number of lanes that wait for each other, of those that wait in groups.
func together(t *rapid.T, acc *arch.Accelerator) int {
	if acc.Array.Sync != "group" {
		return 1
	}
	e, err := engine.New(acc)
	if err != nil {
		t.Fatal(err)
	}
	return min(acc.Array.GroupSize, e.Lanes())
}

// sideBySide tells whether the groups of a depthwise convolution share the array.
func sideBySide(t *rapid.T, acc *arch.Accelerator, op *workload.Op) bool {
	e, err := engine.New(acc)
	if err != nil {
		t.Fatal(err)
	}
	return acc.Array.SideBySide(op.Groups, op.M, e.Lanes())
}

func moreVectorLanes(t *rapid.T) {
	acc := lawMachine(t, alone, func(acc *arch.Accelerator) { acc.Vector.Lanes = max(1, acc.Vector.Lanes) })
	more := changed(t, acc, func(acc *arch.Accelerator) { acc.Vector.Lanes *= 2 })
	op := lawOp(t)
	op.VectorOps = rapid.IntRange(0, 40).Draw(t, "vector ops")
	if one, two := run(t, acc, op).Totals, run(t, more, op).Totals; two.Cycles > one.Cycles || two.Energy.Total() > one.Energy.Total()*(1+1e-12) {
		t.Fatalf("%d cycles, %g pJ; with twice the lanes %d, %g", one.Cycles, one.Energy.Total(), two.Cycles, two.Energy.Total())
	}
}

// A bit more of a channel's weights or of the activations never takes less of what the
// mapping is searched for, nor fewer bytes where memory takes no time. Machines have a
// reason to take less that is left out here: a fusion array that changes its mode less
// often; an input-stationary one that holds its inputs for fewer widths; indices of
// widths, which a layer whose channels become alike has not; idle elements, which are
// charged a share of what busy ones take in a cycle; and cores that unpack narrow
// operands in software.
func widerOperands(t *rapid.T) {
	acc := lawMachine(t, rapid.SampledFrom([]func(acc *arch.Accelerator){alone, onFlatTiles}).Draw(t, "memory"), func(acc *arch.Accelerator) {
		acc.Memory.Metadata, acc.Energy.IdleFraction = false, arch.Constant{Source: "left out"}
	})
	if acc.Name == "pulp-8bit" {
		t.Skip("8 bits are faster than 4")
	}
	op := lawOp(t)
	oneFrame(acc, &op)
	if acc.Engine == arch.Fusion && acc.Array.ReconfigCycles > 0 || acc.Engine == arch.NE16 || acc.Engine == arch.Systolic && acc.Array.Dataflow == "is" {
		op.WeightBits = op.WeightBits[:1]
	}
	less, more := run(t, acc, op), run(t, acc, wider(t, op))
	notWorse(t, "fewer bits", acc, more, less)
	if acc.Memory.Kind != "ideal" {
		return
	}
	one, two := &less.Totals, &more.Totals
	if two.Cycles < one.Cycles || two.DRAMRead < one.DRAMRead || two.DRAMWrite < one.DRAMWrite || two.Energy.Total() < one.Energy.Total()*(1-1e-12) {
		t.Fatalf("%d cycles, %d and %d bytes, %g pJ; a bit wider %d, %d and %d, %g", one.Cycles, one.DRAMRead, one.DRAMWrite, one.Energy.Total(),
			two.Cycles, two.DRAMRead, two.DRAMWrite, two.Energy.Total())
	}
}

// oneFrame leaves units that stream frames one of them.
func oneFrame(acc *arch.Accelerator, op *workload.Op) {
	if acc.Engine == arch.Streaming {
		acc.Batch, op.Batch = 1, 1
	}
}

// wider is an op with a bit more of one channel, or of the activations.
func wider(t *rapid.T, op workload.Op) workload.Op {
	at := rapid.IntRange(0, len(op.WeightBits)-1).Draw(t, "channel")
	if rapid.Bool().Draw(t, "weight") {
		if op.WeightBits[at] == 0 || op.WeightBits[at] == workload.MaxBits {
			t.Skip("pruned, or widest")
		}
		op.WeightBits = append(workload.Widths{}, op.WeightBits...)
		op.WeightBits[at]++
	} else if op.ActBits++; op.ActBits > workload.MaxBits {
		t.Skip("widest")
	}
	return op
}

// Larger scratchpads, faster ports and less latency never take more of what the mapping
// is searched for, at the same price of an access. Bit Fusion's simulator fills a larger
// scratchpad before the first pass, and waits for that: its imitation is held to faster
// ports alone.
func moreMemory(t *rapid.T) {
	system := rapid.SampledFrom([]string{"tiles", "tiles", "max", "steady", "fitted"}).Draw(t, "memory")
	acc := lawMachine(t, func(acc *arch.Accelerator) { onSystem(acc, system) })
	fixedPrices(acc)
	parts := []string{"weights", "inputs", "outputs", "scratchpads", "latency", "ports"}
	if system == "steady" {
		parts = parts[len(parts)-1:]
	}
	part := rapid.SampledFrom(parts).Draw(t, "more of")
	op := simtest.Op(t)
	oneFrame(acc, &op)
	more := changed(t, acc, func(acc *arch.Accelerator) { enlarge(t, acc, part) })
	notWorse(t, "more "+part, acc, run(t, acc, op), run(t, more, op))
}

// onSystem gives a machine a memory system; imitations search for the fewest cycles.
func onSystem(acc *arch.Accelerator, system string) {
	for _, s := range simtest.Systems {
		if s.Name == system {
			s.Have(acc)
		}
	}
	acc.Memory.External, acc.Memory.FlashBytes, acc.Energy.DRAMModel = true, 0, "flat"
	if acc.Memory.OwnNotation() {
		acc.Mapping.Objective = "cycles"
	}
}

// enlarge gives a machine more of a part of its memory system.
func enlarge(t *rapid.T, acc *arch.Accelerator, part string) {
	b, m := &acc.Buffers, &acc.Memory
	grow := func(x *int) { *x += rapid.IntRange(0, 2*(*x)).Draw(t, "bytes") }
	faster := func(x *float64) { *x *= rapid.SampledFrom([]float64{1, 1.01, 1.5, 2, 7}).Draw(t, "rate") }
	switch part {
	case "weights":
		grow(&b.Weights.Bytes)
	case "inputs":
		grow(&b.Inputs.Bytes)
	case "outputs":
		grow(&b.Outputs.Bytes)
	case "scratchpads":
		grow(&b.Weights.Bytes)
		grow(&b.Inputs.Bytes)
		grow(&b.Outputs.Bytes)
	case "latency":
		m.LatencyCycles /= 2
	default:
		faster(&m.BitsPerCycle)
		faster(&m.WeightBitsPerCycle)
		faster(&m.InputBitsPerCycle)
		faster(&m.OutputBitsPerCycle)
	}
}
