package sim

import (
	"context"
	"slices"
	"strings"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/simtest"
)

func mustRun(t *testing.T, acc *arch.Accelerator, ops ...workload.Op) *Result {
	t.Helper()
	r, err := Run(context.Background(), acc, &workload.Workload{Ops: ops}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A kernel of n points takes the array like n kernels, and the vector unit n sums.
func TestPointsAreVirtualChannels(t *testing.T) {
	acc := load(t, "gemmini-default", "memory.kind=ideal", "vector.lanes=1", "vector.overlapped=false")
	op := simtest.Conv("conv", 16, 8, 24, 3, 1, 4, 8)
	op.VectorOps = 1
	points := op
	points.Points = slices.Repeat([]uint8{1, 3}, 12)
	double := op
	double.M *= 2
	got, want := mustRun(t, acc, points).Totals, mustRun(t, acc, double).Totals
	if got.Stalls != want.Stalls || got.MACs != want.MACs {
		t.Errorf("24 kernels of 2 points on average: %+v, 48 kernels: %+v", got.Stalls, want.Stalls)
	}
	if single := mustRun(t, acc, op).Totals; got.DRAMWrite != single.DRAMWrite {
		t.Errorf("points write %d bytes, their kernels %d", got.DRAMWrite, single.DRAMWrite)
	}
}

// Images of a batch share stored weights, but no activations: their products cost what
// so many groups cost one image.
func TestBatchSharesNoActivations(t *testing.T) {
	for _, name := range []string{"gemmini-default", "haq-bismo-edge", "bitfusion-eyeriss-45nm", "eyeriss-v1-65nm", "pulp-8bit"} {
		one, batch := load(t, name, "batch=1"), load(t, name, "batch=3")
		op := workload.Op{
			Name: "qk", Kind: workload.MatMul, M: 40, K: 64, N: 5, Groups: 2, Batch: 1, Dynamic: true,
			WeightBits: slices.Repeat([]uint8{4, 2}, 40), ActBits: 4, ActSigned: true, VectorOps: 1,
		}
		groups, stored := op, op
		groups.Groups, groups.WeightBits = 6, slices.Repeat(op.WeightBits, 3)
		stored.Dynamic = false
		got, want := mustRun(t, batch, op).Totals, mustRun(t, one, groups).Totals
		if got.Stalls != want.Stalls || got.DRAMRead != want.DRAMRead || got.DRAMWrite != want.DRAMWrite || got.MACs != want.MACs {
			t.Errorf("%s: a batch of 3 takes %+v, 6 groups %+v", name, got, want)
		}
		if got.WeightBitsMean != 3 {
			t.Errorf("%s: %v bits", name, got.WeightBitsMean)
		}
		if shared := mustRun(t, batch, stored).Totals; shared.DRAMRead >= got.DRAMRead {
			t.Errorf("%s: %d bytes read with stored weights, %d without", name, shared.DRAMRead, got.DRAMRead)
		}
	}
}

func TestLayerReuseSavesTraffic(t *testing.T) {
	a, b := simtest.Conv("a", 8, 8, 8, 3, 1, 8, 8), simtest.Conv("b", 8, 8, 8, 3, 1, 8, 8)
	a.OutBits = 8
	acc := load(t, "multipoint-int8-array")
	apart := mustRun(t, acc, a, b)
	acc.Buffers.LayerReuse = true
	together := mustRun(t, acc, a, b)
	moved := int64(8 * 8 * 8) // bytes of the tensor between them
	if got, want := together.Layers[0].DRAMWrite, apart.Layers[0].DRAMWrite-moved; got != want {
		t.Errorf("the first layer writes %d bytes, want %d", got, want)
	}
	const weights = 8 * 640 / 8 // 72 weights of 8 bits in words of 128
	if got, want := together.Layers[1].DRAMRead, int64(weights); got != want {
		t.Errorf("the second layer reads %d bytes, want %d", got, want)
	}
	b.From = []int{-1}
	if alone := mustRun(t, acc, a, b); alone.Layers[0].DRAMWrite != apart.Layers[0].DRAMWrite {
		t.Error("an output that the next op does not read stayed on chip")
	}
}

// FINN: the first frame takes the sum of the layers, every further one the slowest.
func TestStreamingOverlapsFrames(t *testing.T) {
	ops := []workload.Op{simtest.Conv("a", 4, 8, 8, 3, 1, 2, 2), simtest.Conv("b", 8, 8, 16, 3, 1, 2, 2)}
	acc := load(t, "finn-streaming", "memory.kind=ideal", "vector.lanes=0", "batch=1")
	one := mustRun(t, acc, ops...)
	acc.Batch = 5
	five := mustRun(t, acc, ops...)
	want := one.Totals.Cycles + 4*max(one.Layers[0].Cycles, one.Layers[1].Cycles)
	if slowest := max(one.Layers[0].Cycles, one.Layers[1].Cycles); one.IntervalCycles != slowest || five.IntervalCycles != 5*slowest {
		t.Errorf("a frame every %d cycles, five every %d, the slowest unit takes %d", one.IntervalCycles, five.IntervalCycles, slowest)
	}
	if gemmini := mustRun(t, load(t, "gemmini-default"), ops...); gemmini.IntervalCycles != gemmini.Totals.Cycles {
		t.Errorf("layers one after the other take %d cycles, the next image starts after %d", gemmini.Totals.Cycles, gemmini.IntervalCycles)
	}
	if five.Totals.Cycles != want || five.Totals.MACs != 5*one.Totals.MACs {
		t.Errorf("five frames take %d cycles and %d MACs, want %d and %d", five.Totals.Cycles, five.Totals.MACs, want, 5*one.Totals.MACs)
	}
}

func TestVectorWorkCosts(t *testing.T) {
	add := workload.Op{Name: "add", Kind: workload.Vector, Batch: 1, ActBits: 8, OutBits: 8, VectorOps: 1000, ElementsIn: 2000, ElementsOut: 1000}
	for _, c := range []struct {
		set    []string
		cycles int64
		read   int64
	}{
		{[]string{"memory.kind=ideal", "vector.lanes=16"}, 63, 2000},
		{[]string{"vector.lanes=16", "memory.overlap=max"}, 188, 2000}, // 3000 bytes on a port of 16
		{[]string{"vector.lanes=0"}, 0, 0},
	} {
		l := mustRun(t, load(t, "multipoint-int8-array", c.set...), add).Layers[0]
		if l.Cycles != c.cycles || l.DRAMRead != c.read {
			t.Errorf("%v: %d cycles, %d bytes read, want %d and %d", c.set, l.Cycles, l.DRAMRead, c.cycles, c.read)
		}
	}
}

func TestEpilogueRunsBesideOrAfterTheArray(t *testing.T) {
	op := simtest.Conv("conv", 16, 8, 16, 1, 1, 8, 8)
	op.VectorOps = 2
	alone := mustRun(t, load(t, "multipoint-int8-array", "memory.kind=ideal", "vector.lanes=0"), op).Totals.Cycles
	work := int64(2 * 16 * 64)
	after := mustRun(t, load(t, "multipoint-int8-array", "memory.kind=ideal", "vector.lanes=1", "vector.overlapped=false"), op).Totals.Cycles
	beside := mustRun(t, load(t, "multipoint-int8-array", "memory.kind=ideal", "vector.lanes=1"), op).Totals.Cycles
	if after != alone+work || beside != max(alone, work) {
		t.Errorf("array %d, epilogue %d: after %d, beside %d", alone, work, after, beside)
	}
}

func TestWidthsWrittenBack(t *testing.T) {
	a, b := simtest.Conv("a", 8, 8, 8, 1, 1, 8, 8), simtest.Conv("b", 8, 8, 8, 1, 1, 8, 3)
	elements := int64(8 * 64)
	for _, c := range []struct {
		policy string
		set    uint8
		bits   int64
	}{{"next", 0, 3}, {"next", 5, 5}, {"act", 0, 8}, {"32", 5, 32}} {
		acc := load(t, "multipoint-int8-array", "memory.out_bits="+c.policy, "memory.act_round=none")
		a.OutBits = c.set
		if got, want := mustRun(t, acc, a, b).Layers[0].DRAMWrite, elements*c.bits/8; got != want {
			t.Errorf("out_bits = %s, op asks for %d: %d bytes, want %d", c.policy, c.set, got, want)
		}
	}
	acc := load(t, "multipoint-int8-array", "memory.out_bits=act", "memory.act_round=pow2")
	if got, want := mustRun(t, acc, b).Layers[0].DRAMWrite, elements*4/8; got != want {
		t.Errorf("3 bits rounded to a power of two: %d bytes, want %d", got, want)
	}
}

// An array of 8-bit operands stores narrower numbers at 8 bits: they save nothing.
func TestNarrowOperandsOnFixedArray(t *testing.T) {
	acc := load(t, "gemmini-default")
	op := workload.Op{Name: "fc", Kind: workload.MatMul, M: 32, K: 144, N: 64, Groups: 1, Batch: 1, WeightBits: []uint8{8}, ActBits: 8}
	wide := mustRun(t, acc, op).Totals
	op.WeightBits, op.ActBits = []uint8{3}, 2
	if narrow := mustRun(t, acc, op).Totals; narrow.Cycles != wide.Cycles || narrow.DRAMRead != wide.DRAMRead || narrow.Energy.Total() != wide.Energy.Total() {
		t.Errorf("3/2 bits: %d cycles, %d bytes, %g pJ; 8/8: %d, %d, %g", narrow.Cycles, narrow.DRAMRead, narrow.Energy.Total(), wide.Cycles, wide.DRAMRead, wide.Energy.Total())
	}
}

// Sums that need more than 31 bits are kept, and written, in 64.
func TestWideAccumulators(t *testing.T) {
	op := workload.Op{Name: "fc", Kind: workload.MatMul, M: 4, K: 64, N: 1, Groups: 1, Batch: 1, WeightBits: []uint8{8}, ActBits: 8}
	acc := load(t, "gemmini-default", "memory.kind=ideal", "array.weight_widths=[16]", "array.act_widths=[16]")
	narrow := mustRun(t, acc, op).Layers[0].SRAM.OutputsWritten
	op.WeightBits, op.ActBits = []uint8{16}, 16
	wide := mustRun(t, acc, op).Layers[0].SRAM.OutputsWritten
	if wide != 2*narrow {
		t.Errorf("16 × 16 bits × 64 terms: %d bits of sums, 8 × 8: %d", wide, narrow)
	}
}

// Behind the fitted ports a width that the array does not have takes the planes, and
// the time, of the one that it is processed at: here two passes of eight bits.
func TestFittedPortsMoveProcessedPlanes(t *testing.T) {
	acc := load(t, "haq-bismo-edge")
	op := workload.Op{Name: "fc", Kind: workload.MatMul, M: 100, K: 64, N: 2, Groups: 1, Batch: 1, ActBits: 8}
	took := func(w uint8) Stalls {
		op.WeightBits = workload.Widths{w}
		return mustRun(t, acc, op).Totals.Stalls
	}
	const array = 13 * 8 * 16 // sets of 8 channels, activation planes, weight planes
	if got, want := took(12), took(16); got != want || got.Compute != array || got.Fill < 0 {
		t.Errorf("12 bits take %+v, 16 bits %+v, the array %d", got, want, array)
	}
}

// An op that writes its outputs at its own width may outgrow the scratchpad in which
// its reader finds them.
func TestEvaluatorFollowsOutputsOffTheChip(t *testing.T) {
	acc := load(t, "gemmini-default", "memory.out_bits=act", "memory.act_round=none", "buffers.layer_reuse=true", "buffers.inputs.bytes=4096")
	w := &workload.Workload{Ops: []workload.Op{simtest.Conv("a", 8, 16, 8, 1, 1, 8, 4), simtest.Conv("b", 8, 16, 8, 1, 1, 8, 8)}}
	e, err := NewEvaluator(acc, w)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := e.OpCost(1)
	w.Ops[0].ActBits = 16 // 4 KiB of outputs on half of 4 KiB
	e.SetBits(0, w.Ops[0].WeightBits, 16)
	after, _ := e.OpCost(1)
	if want := mustRun(t, acc, w.Ops...).Layers[1].Cycles; after != want || before >= after {
		t.Errorf("the reader takes %d cycles, and %d when its inputs come from memory; a fresh run says %d", before, after, want)
	}
}

func TestDRAMIsSlowerThanItsPeak(t *testing.T) {
	op := workload.Op{Name: "fc", Kind: workload.MatMul, M: 1000, K: 2048, N: 1, Groups: 1, Batch: 1, WeightBits: []uint8{8}, ActBits: 8}
	acc := load(t, "multipoint-int8-array", "memory.kind=dram", "array.rows=64", "array.cols=64")
	l := mustRun(t, acc, op).Layers[0]
	least := float64(l.DRAMRead+l.DRAMWrite) / machinePort(acc).BytesPerCycle
	if c := float64(l.Cycles); c < least || c > 1.2*least {
		t.Errorf("%v cycles for %d bytes, %v at the peak rate", c, l.DRAMRead+l.DRAMWrite, least)
	}
	if perBit := l.Energy.DRAM / float64(8*(l.DRAMRead+l.DRAMWrite)); perBit < 5 || perBit > 12 {
		t.Errorf("%v pJ per bit of DRAM, published streams take 8.5", perBit)
	}
	half := mustRun(t, load(t, "multipoint-int8-array", "memory.kind=dram", "memory.channels=2", "array.rows=64", "array.cols=64"), op).Layers[0]
	if half.Cycles >= l.Cycles {
		t.Errorf("two channels take %d cycles, one %d", half.Cycles, l.Cycles)
	}
}

func TestRunRefuses(t *testing.T) {
	op := simtest.Conv("conv", 512, 8, 16, 3, 1, 8, 8)
	for _, c := range []struct {
		change func(acc *arch.Accelerator)
		ops    []workload.Op
		want   string
	}{
		{func(a *arch.Accelerator) {}, nil, "has no ops"},
		{func(a *arch.Accelerator) { a.Engine = "quantum" }, []workload.Op{op}, `engine = "quantum"`},
		{func(a *arch.Accelerator) { a.Array.Rows = 0 }, []workload.Op{op}, "array.rows"},
		{func(a *arch.Accelerator) { a.Array.Dataflow = "xs" }, []workload.Op{op}, `array.dataflow = "xs"`},
		{func(a *arch.Accelerator) { a.Memory.Overlap = "some" }, []workload.Op{op}, `memory.overlap = "some"`},
		{func(a *arch.Accelerator) { a.Buffers.Inputs.Bytes = 8 }, []workload.Op{op}, "does not fit the scratchpads"},
		{func(a *arch.Accelerator) { a.Memory.Kind, a.Memory.Preset = "dram", "ddr9" }, []workload.Op{op}, "memory.preset"},
	} {
		acc := load(t, "multipoint-int8-array")
		c.change(acc)
		_, err := Run(context.Background(), acc, &workload.Workload{Name: "w", Ops: c.ops}, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}

func TestRunStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, load(t, "gemmini-default"), resnet18(8, 8), Options{}); err == nil {
		t.Error("a cancelled run gave a result")
	}
}

// Every objective finds what is at least as good by its own measure.
func TestObjectives(t *testing.T) {
	w := resnet18(8, 8)
	measure := map[string]func(l *Layer) float64{
		"cycles": func(l *Layer) float64 { return float64(l.Cycles) },
		"energy": func(l *Layer) float64 { return l.Energy.Total() },
		"edp":    func(l *Layer) float64 { return l.Energy.Total() * float64(l.Cycles) },
	}
	found := map[string]*Result{}
	for name := range measure {
		r, err := Run(context.Background(), load(t, "multipoint-int8-array", "mapping.search=exhaustive", "mapping.objective="+name), w, Options{})
		if err != nil {
			t.Fatal(err)
		}
		found[name] = r
	}
	for name, of := range measure {
		for other, r := range found {
			if own, its := of(&found[name].Totals), of(&r.Totals); own > 1.01*its {
				t.Errorf("by %s: %g when minimised, %g when %s is", name, own, its, other)
			}
		}
	}
}
