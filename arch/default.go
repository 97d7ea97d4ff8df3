package arch

import (
	"fmt"
	"strconv"

	"bitcycle/internal/strict"
)

const notCharged = "default: not charged, no figure published"

// Default returns a machine with this engine, named after it, at a technology of
// techNm: 7 to 130. It has the values of a file that says no more than these two,
// and validates. After changing its sizes call [Accelerator.Derive].
func Default(engine Engine, techNm float64) Accelerator {
	a := defaults(engine, techNm)
	a.Derive()
	return a
}

// defaults are the values of Default that follow from no others.
func defaults(engine Engine, techNm float64) Accelerator {
	a := Accelerator{
		Schema: 1, Name: string(engine), Engine: engine, ClockHz: 1e9, TechNm: techNm, Batch: 1,
		Array:   defaultArray(engine),
		Buffers: Buffers{Weights: defaultBuffer(64 << 10), Inputs: defaultBuffer(64 << 10), Outputs: defaultBuffer(64 << 10)},
		Memory: Memory{
			Kind: "flat", BitsPerCycle: 64, Ports: "shared", TileBuffers: 2, Overlap: "tiles",
			WeightBitsPerCycle: 64, InputBitsPerCycle: 64, OutputBitsPerCycle: 64,
			ActRound: "none", OutBits: "next", Layout: "rows", AlignBits: 64, Metadata: true, GroupSize: 128,
			CacheModel: "footprint", Start: "cold",
			Requests: Requests{MaxBytes: 64, BeatBytes: 16, InFlight: 16, Commands: 2, Calls: 2, ReadCycles: 20, WriteCycles: 20},
			Cache:    Cache{Ways: 8, Line: 64, Misses: 10, MissCycles: 70, Uneven: 1.25}, Outer: Outer{Ways: 8, Line: 128}, Main: Main{ReadCycles: 110, BlockCycles: 30, EvictCycles: 30},
			Preset: "DDR4-2400U-8Gb-x8", Mapping: "ro ba co bg", Window: 32, CtrlCycles: 2, Channels: 1, SkipUnused: true, External: true,
		},
		Vector:  Vector{Lanes: 16, Overlapped: true, ChainUnits: 1, ChainCycles: 1},
		Mapping: Mapping{Objective: "cycles", Search: "default", Tiling: "search"},
		Energy:  defaultEnergy(engine, techNm),
	}
	if engine == Kernels {
		a.Software = defaultSoftware()
	}
	return a
}

func defaultBuffer(bytes int) Buffer { return Buffer{Bytes: bytes, Banks: 1, Word: 64, Double: true} }

func defaultArray(engine Engine) Array {
	a := Array{Sync: "tile", GroupSize: 16, Order: "sorted", DepthwiseLanes: 1}
	switch engine {
	case Systolic:
		a.Rows, a.Cols, a.Dataflow, a.ShadowWeights = 16, 16, "ws", true
		a.NativeWeightBits, a.NativeActBits = 8, 8
		a.WeightWidths, a.ActWidths = []int{8}, []int{8}
		a.ReduceBy, a.FillCycles = "flat", -1
	case BitSerial:
		a.Rows, a.Cols, a.Dot = 8, 8, 64
		a.Serial, a.SerialBits, a.SerialWeightBits, a.ParallelBits, a.OneBitSpeedup = "both", 1, 1, 16, 1
		a.ReduceBy, a.DepthwiseLanes = "flat", 8
	case Fusion:
		a.Rows, a.Cols = 16, 32
		a.NativeWeightBits, a.NativeActBits, a.Pack = 8, 8, true
		a.WeightWidths, a.ActWidths = []int{2, 4, 8}, []int{2, 4, 8}
		a.ReduceBy, a.FillCycles, a.ReconfigCycles = "flat", -1, 16
	case RowStationary:
		a.Rows, a.Cols, a.Efficiency = 12, 14, 0.88
		a.NativeWeightBits, a.NativeActBits = 16, 16
		a.WeightWidths, a.ActWidths = []int{16}, []int{16}
	case Streaming:
		a.PE, a.SIMD = 16, 16
	case Pixels:
		a.Pixels, a.Rows, a.Cols, a.Cores, a.Augment, a.DepthwiseLanes, a.DepthwisePixels = 8, 16, 16, 1, true, 16, 8
		a.WeightWidths, a.ActWidths = []int{8}, []int{8}
	case Kernels:
		a.WeightWidths, a.ActWidths = []int{8}, []int{8}
	case SIMD:
		a.Cores, a.MACsPerCycle = 1, map[string]float64{"2": 9.14, "4": 4.57, "8": 2.29}
		a.WeightWidths, a.ActWidths = a.rated(), a.rated()
	case NE16:
		a.Cores, a.MACsPerCycle = 8, map[string]float64{"8": 1.94}
		a.WeightWidths, a.ActWidths = []int{2, 3, 4, 5, 6, 7, 8}, []int{8, 16}
		a.DepthwiseLanes = 16
	}
	return a
}

func defaultEnergy(engine Engine, techNm float64) Energy {
	return Energy{
		MAC:          defaultMAC(engine),
		IdleFraction: Constant{0.3, "default: assumption between perfect clock gating (0) and none (1), unconfirmed"},
		SRAM:         SRAM{Model: "cacti", Cell: "itrs-lop", Source: "CACTI 7, 1 read-write port, 1 bank, 360 K", LeakMW: Constant{0, notCharged}},
		Register:     scaled(0.009, 45, techNm, "Aladdin: register of 40 nm, per bit, taken as 45 nm"),
		NoC:          scaled(20.74/256, 32, techNm, "ISAAC: router of 32 nm, 20.74 pJ per 256-bit flit"),
		Hops:         Constant{0, "default: transfers between neighbours are inside the MAC figure"},
		DRAM:         Constant{20.3125, "Horowitz, ISSCC 2014: 1300 pJ per 64 bits; published figures run from 8 to 70 pJ per bit"},
		DRAMModel:    "flat",
		Vector: scaled(MultiplyPJ(32, 32)+AddPJ(32), 45, techNm,
			"Horowitz, ISSCC 2014: one 32-bit multiplication and addition, 45 nm"),
		LogicLeak: Constant{0, notCharged},
		Idle:      Constant{0, notCharged},
	}
}

// scaled is a constant of another technology at techNm.
func scaled(value, fromNm, techNm float64, source string) Constant {
	if fromNm != techNm {
		source = fmt.Sprintf("%s, scaled to %g nm (Stillmaker & Baas 2017)", source, techNm)
	}
	return Constant{digits(value * EnergyScale(fromNm, techNm)), source}
}

// digits keeps six significant digits: more would pretend.
func digits(x float64) float64 {
	var room [24]byte
	return mustParse(string(strconv.AppendFloat(room[:0], x, 'g', 6, 64)))
}

func defaultMAC(engine Engine) MACEnergy {
	m := MACEnergy{Model: "horowitz", SerialFactor: 1, SerialOperand: "both", DotBits: 64, Source: "Horowitz, ISSCC 2014"}
	switch engine {
	case Systolic:
		m.Model, m.Source = "synth45", "fit to Bit Fusion's synthesised PEs, 45 nm, 500 MHz"
	case Fusion:
		m.Model, m.Source = "fusion45", "Bit Fusion's synthesised Fusion Unit, 45 nm, 500 MHz"
	case BitSerial:
		m.Model, m.Source = "gates", "gate count of a dot-product unit, unconfirmed"
	}
	return m
}

// defaults picks the defaults that the tree's engine and technology ask for.
func (d *decoder) defaults(tree *strict.Node) Accelerator {
	engine := Engine(tree.Text("engine"))
	tech := 45.0
	if n := tree.Find("technology_nm"); n != nil {
		switch x := n.Leaf.(type) {
		case int64:
			tech = float64(x)
		case float64:
			tech = x
		}
	}
	if n := tree.Find("engine"); n != nil && engine.known() {
		d.engine, d.engineLayer = engine, n.At.Layer
	}
	return defaults(engine, tech)
}
