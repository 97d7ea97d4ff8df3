// Package simtest draws machines and products at random, for the laws that tests hold
// the cost model to.
package simtest

import (
	"fmt"

	"bitcycle/arch"

	"pgregory.net/rapid"
)

// System is what a machine must have for a memory system.
type System struct {
	Name string
	Have func(acc *arch.Accelerator)
}

// Systems lists the memory systems: a new one is a row.
var Systems = []System{
	{"ideal", func(acc *arch.Accelerator) { acc.Memory.Kind = "ideal" }},
	{"tiles", func(acc *arch.Accelerator) {
		acc.Memory.Kind, acc.Memory.Overlap, acc.Mapping.Tiling = "flat", "tiles", "search"
	}},
	{"dram", func(acc *arch.Accelerator) {
		acc.Memory.Kind, acc.Memory.Overlap, acc.Memory.Ports, acc.Mapping.Tiling = "dram", "tiles", "shared", "search"
	}},
	{"max", func(acc *arch.Accelerator) {
		acc.Memory.Kind, acc.Memory.Overlap, acc.Mapping.Tiling = "flat", "max", "search"
	}},
	{"queues", func(acc *arch.Accelerator) {
		acc.Memory.Kind, acc.Memory.Overlap, acc.Memory.Ports, acc.Mapping.Tiling = "flat", "queues", "shared", "search"
	}},
	{"steady", func(acc *arch.Accelerator) {
		acc.Memory.Kind, acc.Memory.Overlap, acc.Memory.Ports = "flat", "steady", "shared"
		acc.Memory.ReadOutputs, acc.Memory.Metadata = true, false
		acc.Mapping.Objective, acc.Array.DepthwiseLanes = "cycles", 1
	}},
	{"fitted", func(acc *arch.Accelerator) {
		acc.Memory.Kind, acc.Memory.Overlap, acc.Memory.Ports = "flat", "fitted", "split"
		acc.Memory.ReadOutputs, acc.Memory.Metadata = false, false
		acc.Array.Sync, acc.Array.Serial, acc.Array.SerialBits, acc.Array.SerialWeightBits, acc.Array.OneBitSpeedup = "tile", "both", 1, 1, 1
	}},
	{"decoupled", func(acc *arch.Accelerator) {
		acc.Memory.Kind, acc.Memory.Overlap, acc.Memory.Ports, acc.Memory.Layout = "flat", "decoupled", "shared", "native"
		acc.Memory.ReadOutputs, acc.Memory.Metadata, acc.Mapping.Objective = false, false, "cycles"
		acc.Array.Dataflow, acc.Array.ReduceBy, acc.Array.FirstLayerFlat, acc.Array.Pack = "ws", "channel", false, false
		acc.Array.Sync, acc.Array.DepthwiseLanes, acc.Buffers.Unified, acc.Buffers.Weights.Bytes = "tile", 1, true, 0
	}},
}

// Refused counts the machines that arch has refused, Accepted those that it has let
// through, by "engine on memory system".
var (
	Refused  int
	Accepted = map[string]int{}
)

// Machine draws an accelerator of any combination of values and changes it as told.
// What arch refuses is drawn again, and counted.
func Machine(t *rapid.T, change ...func(acc *arch.Accelerator)) *arch.Accelerator {
	return accepted(t, rapid.SampledFrom(arch.Engines()), change)
}

// MachineOf is [Machine] with an engine.
func MachineOf(t *rapid.T, engine arch.Engine, change ...func(acc *arch.Accelerator)) *arch.Accelerator {
	return accepted(t, rapid.Just(engine), change)
}

func accepted(t *rapid.T, engines *rapid.Generator[arch.Engine], change []func(acc *arch.Accelerator)) *arch.Accelerator {
	for range 1000 {
		acc := anyMachine(t, engines.Draw(t, "engine"))
		for _, f := range change {
			f(acc)
		}
		if acc.Validate() == nil {
			Accepted[fmt.Sprintf("%s on %s", acc.Engine, acc.MemorySystem())]++
			return acc
		}
		Refused++
	}
	t.Fatal("a thousand machines in a row are refused")
	return nil
}

// anyMachine draws every value by itself; half of the machines then have what some
// memory system needs, since pairs that go together are rare otherwise.
func anyMachine(t *rapid.T, engine arch.Engine) *arch.Accelerator {
	acc := arch.Default(engine, 45)
	acc.Batch = rapid.IntRange(1, 3).Draw(t, "machine batch")
	drawArray(t, &acc)
	drawSoftware(t, &acc.Software)
	drawBuffers(t, &acc.Buffers)
	acc.Derive()
	drawMemory(t, &acc.Memory)
	acc.Mapping.Objective = rapid.SampledFrom([]string{"cycles", "cycles", "energy", "edp"}).Draw(t, "objective")
	acc.Mapping.Search = rapid.SampledFrom([]string{"default", "exhaustive", "fixed"}).Draw(t, "search")
	acc.Mapping.Tiling = rapid.SampledFrom([]string{"search", "gemmini-auto"}).Draw(t, "tiling")
	acc.Host.TrialCycles, acc.Host.CallCycles = float64(rapid.IntRange(0, 9).Draw(t, "trial")), rapid.IntRange(0, 9).Draw(t, "call")
	acc.Energy.DRAMModel = rapid.SampledFrom([]string{"flat", "flat", "flat", "idd"}).Draw(t, "dram model")
	acc.Vector.Lanes = rapid.SampledFrom([]int{0, 1, 8}).Draw(t, "lanes")
	acc.Vector.Overlapped = rapid.Bool().Draw(t, "overlapped")
	if rapid.Bool().Draw(t, "go together") {
		rapid.SampledFrom(Systems).Draw(t, "system").Have(&acc)
	}
	return &acc
}

// drawArray draws the keys of all engines: each reads its own.
func drawArray(t *rapid.T, acc *arch.Accelerator) {
	a := &acc.Array
	choose := func(name string, from ...string) string { return rapid.SampledFrom(from).Draw(t, name) }
	number := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
	a.Order, a.Sync, a.GroupSize = choose("order", "inorder", "sorted", "lpt"), choose("sync", "tile", "lane", "group"), number("group size", 1, 6)
	a.Rows, a.Cols, a.Dot = number("rows", 1, 6), number("cols", 1, 6), number("dot", 1, 32)
	a.Pixels, a.DepthwisePixels, a.Augment = number("pixels", 1, 6), number("depthwise pixels", 1, 6), rapid.Bool().Draw(t, "augment")
	a.PE, a.SIMD, a.Cores = number("pe", 1, 6), number("simd", 1, 6), number("cores", 1, 4)
	a.Dataflow, a.Serial = choose("dataflow", "ws", "os", "is"), choose("serial", "both", "weights", "activations")
	a.ReduceBy, a.FirstLayerFlat = choose("reduce", "flat", "channel"), rapid.Bool().Draw(t, "first layer flat")
	a.ShadowWeights, a.Pack = rapid.Bool().Draw(t, "shadow"), rapid.Bool().Draw(t, "pack")
	a.LatencyCycles, a.IssueCycles, a.StripeCycles = number("latency", 0, 9), number("issue", 0, 3), number("stripe", 0, 3)
	a.ReconfigCycles, a.FillCycles, a.DrainCycles = number("reconfig", 0, 20), number("fill", -1, 9), number("drain", 0, 9)
	a.SerialBits, a.SerialWeightBits, a.ParallelBits = number("serial bits", 1, 4), number("serial weight bits", 1, 4), number("parallel bits", 1, 16)
	a.DepthwiseLanes, a.Efficiency = number("depthwise lanes", 1, 6), rapid.SampledFrom([]float64{0.5, 1}).Draw(t, "efficiency")
	if acc.Engine == arch.Systolic && rapid.Bool().Draw(t, "steps") {
		a.StepCycles, a.PairCycles = number("step", 1, 9), float64(number("pair", 0, 9))
	}
	a.OneBitSpeedup = rapid.SampledFrom([]float64{1, 4.0 / 3}).Draw(t, "one bit")
	if native := rapid.SampledFrom([]int{4, 8, 16}); acc.Engine != arch.SIMD {
		a.NativeWeightBits, a.NativeActBits = native.Draw(t, "native weights"), native.Draw(t, "native acts")
		lists := rapid.SampledFrom([][]int{nil, {2, 4, 8}, {2, 4, 8, 16}, {1, 2, 3, 4, 5, 6, 7, 8}})
		a.WeightWidths, a.ActWidths = lists.Draw(t, "weight widths"), lists.Draw(t, "act widths")
	}
	if acc.Engine != arch.Systolic && acc.Engine != arch.Fusion {
		a.Pack = false // it is a key of these alone
	}
}

// drawSoftware draws loops of which that of one position takes no more than twice that of
// several, as a kernel without reuse does.
func drawSoftware(t *rapid.T, s *arch.Software) {
	cost := func(name string) float64 { return float64(rapid.IntRange(1, 40).Draw(t, name)) / 8 }
	s.Matrix.Value, s.Depthwise.Value, s.Gather.Value = cost("matrix"), cost("depthwise"), cost("gather")
	s.Dense.Value = s.Matrix.Value * float64(rapid.IntRange(4, 16).Draw(t, "dense")) / 8
	s.Output.Value, s.Layer.Value, s.CyclesPerInstruction.Value = cost("output"), cost("call"), cost("cycles per instruction")
	s.FlashBytesPerCycle = rapid.SampledFrom([]float64{0, 0.5, 4}).Draw(t, "flash")
}

func drawBuffers(t *rapid.T, b *arch.Buffers) {
	size := rapid.IntRange(1, 6)
	b.Weights.Bytes, b.Inputs.Bytes, b.Outputs.Bytes = 512<<size.Draw(t, "weights"), 1024<<size.Draw(t, "inputs"), 2048<<size.Draw(t, "outputs")
	b.Weights.Double, b.Inputs.Double = rapid.Bool().Draw(t, "double weights"), rapid.Bool().Draw(t, "double inputs")
	if rapid.IntRange(0, 3).Draw(t, "no weights") == 0 {
		b.Weights.Bytes = 0
	}
	b.Unified = rapid.IntRange(0, 3).Draw(t, "unified") == 0
	b.LayerReuse, b.FuseAdds = rapid.Bool().Draw(t, "reuse"), rapid.Bool().Draw(t, "fuse adds")
}

func drawMemory(t *rapid.T, m *arch.Memory) {
	choose := func(name string, from ...string) string { return rapid.SampledFrom(from).Draw(t, name) }
	rate := func(name string) float64 { return float64(8 * rapid.IntRange(1, 16).Draw(t, name)) }
	m.Kind = choose("kind", "ideal", "flat", "dram")
	m.Overlap = choose("overlap", "tiles", "max", "queues", "steady", "fitted", "decoupled", "none")
	m.Ports = choose("ports", "shared", "split")
	m.BitsPerCycle, m.WeightBitsPerCycle, m.InputBitsPerCycle, m.OutputBitsPerCycle = rate("bits"), rate("weight bits"), rate("input bits"), rate("output bits")
	m.LatencyCycles = rapid.IntRange(0, 20).Draw(t, "memory latency")
	m.LayerCycles, m.LayerBytes = rapid.IntRange(0, 50).Draw(t, "layer cycles"), rapid.IntRange(0, 500).Draw(t, "layer bytes")
	m.SharedBitsPerCycle = rapid.SampledFrom([]float64{0, 64, 640}).Draw(t, "shared")
	m.TileBuffers = rapid.IntRange(1, 4).Draw(t, "buffers")
	m.Layout, m.AlignBits = choose("layout", "padded", "native", "rows", "planes"), rapid.SampledFrom([]int{1, 8, 64}).Draw(t, "align")
	m.WordBits = rapid.SampledFrom([]int{0, 0, 8, 64}).Draw(t, "word")
	m.ActRound, m.OutBits = choose("act round", "none", "none", "pow2", "native"), choose("out bits", "next", "act", "32")
	m.CacheModel, m.Start = choose("caches", "lines", "footprint"), choose("start", "cold", "outer", "warm")
	m.Cache.Bytes, m.Requests.BaseBytes = rapid.SampledFrom([]int{0, 1 << 10, 1 << 14}).Draw(t, "cache"), rapid.IntRange(0, 40).Draw(t, "base")
	if m.Cache.Bytes > 0 {
		m.Outer.Bytes = rapid.SampledFrom([]int{0, 1 << 12, 1 << 16}).Draw(t, "outer cache")
	}
	m.Metadata, m.ReadOutputs = rapid.Bool().Draw(t, "metadata"), rapid.Bool().Draw(t, "read outputs")
}
