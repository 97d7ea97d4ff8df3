package reports

import (
	"context"
	"math"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/kernels/train"
	"bitcycle/kernels/workload"
	"bitcycle/mimo"
	"bitcycle/quantizers"
	"bitcycle/quantizers/lplr"
	"bitcycle/quantizers/rff"
	"bitcycle/quantizers/rff/learn"
	"bitcycle/sim"
)

var origin = Origin{Command: "a command", Version: "v1", Seed: 1, Set: []string{"array.rows=8"}}

// documents holds a document a verb, of invented numbers, so that golden texts change
// with the reports alone. Names have what formats must escape.
func documents() map[string]*Document {
	cost := costOfTwoLayers()
	machine := &arch.Accelerator{Name: "machine-one", Batch: 16, Memory: arch.Memory{Kind: "flat", Overlap: "tiles"}, Unconfirmed: []string{"clock_hz", "energy.dram_pj_per_bit"}}
	outcome := &evaluate.Outcome{Cost: cost, SQNR: []float64{31.24, 22.5, math.NaN()}, Accuracy: accuracy()}
	return map[string]*Document{
		"run":         Run(origin, machine, "net_1", "uniform:w=4,a=4", outcome, Images{"glyphs[:1000]", "glyphs:calib[:256]", 256}, 0.3),
		"cost":        Cost(origin, machine, cost, "uniform:w=4,a=4", 0),
		"compare":     compared(cost),
		"stepped":     Stepped(origin, "work_load", "machine|1", twins()),
		"quantize":    Quantized(origin, "net_1", "bcgd:w=1,a=4", "calibrated on 256 images of glyphs", storage(), training()),
		"factors":     Factors(origin, "a_b.npz", factors()),
		"features":    Features(origin, "d.csv", encoding(), holdout()),
		"mimo":        FrontEnds(origin, measured("array", "array"), 0),
		"frontends":   FrontEnds(origin, measured("array-one", "array_two"), 0.2),
		"list":        List([]Listed{{"a_machine", "systolic", "16×16, 8 bits; 100 % ours & \"nobody's\""}, {"b", "simd", "a long description, which says at length what there is to say of a machine that has a short name and nothing to hide from those who read it"}}),
		"method":      Method(quantizers.Info{Name: "a_method", Usage: "a_method:w=4", About: "what it does | and how", Keys: map[string]string{"w": "weight bits", "rule": "how codes are found, which takes a sentence to say"}}, []quantizers.Argument{{Key: "w", Default: "4", Allowed: "0 to 16"}, {Key: "rule", Default: "fast", Allowed: "one of fast, exact, hybrid"}}),
		"check":       Checked([]Listed{{"in/w.toml", "workload", "w: 1 ops, 0.02 MMACs"}}),
		"lut":         LUT(origin, lookUp()),
		"sensitivity": Sensitivity(origin, sensitivity(), Images{"glyphs[:1000]", "glyphs:calib[:256]", 256}),
		"version":     Versions("v1", "go1.26 linux/amd64", "avx2"),
	}
}

func accuracy() evaluate.Accuracy {
	return evaluate.Accuracy{Images: 1000, Top1: 0.95, FloatTop1: 0.956, Agreement: 0.979, CI95: [2]float64{0.9347, 0.9619}}
}

// convShape is 3×3 windows at stride 1 on so many channels of 32×32.
func convShape(in int) sim.Shape {
	return sim.ShapeOf(&workload.Op{
		Kind: workload.Conv, M: 16, Groups: 1, In: [3]int{in, 32, 32}, Out: [2]int{32, 32}, Kernel: [2]int{3, 3}, Stride: [2]int{1, 1},
	})
}

// oneTile is the mapping of a machine whose memory takes no time.
func oneTile() sim.Mapping {
	acc := arch.Default(arch.Systolic, 45)
	acc.Memory.Kind = "ideal"
	op := workload.Op{Kind: workload.MatMul, M: 1, K: 1, N: 1, Groups: 1, Batch: 1, WeightBits: workload.Widths{8}, ActBits: 8}
	r, err := sim.Run(context.Background(), &acc, &workload.Workload{Ops: []workload.Op{op}}, sim.Options{})
	if err != nil {
		panic(err)
	}
	return r.Layers[0].Mapping
}

func costOfTwoLayers() *sim.Result {
	layers := []sim.Layer{
		{
			Name: "stem.conv|1", Kind: "conv", Shape: convShape(1), Cycles: 131184, Stalls: sim.Stalls{Compute: 65592, Fill: 1000, WeightLoad: 592, Input: 64000},
			MACs: 2359296, Utilisation: 0.018, WeightBitsMean: 8, WeightBitsMin: 8, WeightBitsMax: 8, ActBits: 8, DRAMRead: 6454528, DRAMWrite: 2000000,
			Energy: sim.Energy{MAC: 3e8, SRAMInputs: 4.5e6, DRAM: 4.2e8}, LatencyS: 655.92e-6, Mapping: oneTile(),
		},
		{
			Name: "stage1.block1_a.conv", Kind: "conv", Shape: convShape(16), Cycles: 65584, Stalls: sim.Stalls{Compute: 16396, Fill: 600, Input: 48588},
			MACs: 37748736, Utilisation: 0.141, WeightBitsMean: 3.625, WeightBitsMin: 2, WeightBitsMax: 4, ActBits: 4, DRAMRead: 2132160, DRAMWrite: 2097152,
			Energy: sim.Energy{MAC: 8e8, SRAMInputs: 2e6, DRAM: 1.1e8}, LatencyS: 327.92e-6,
			Fit: sim.Fit{Weights: 1044, WeightRoom: 32768, Activations: 20480, ActivationRoom: 327680},
		},
		{Name: "add", Kind: "vector", Shape: sim.ShapeOf(&workload.Op{Kind: workload.Vector, ElementsIn: 32768, ElementsOut: 16384}), ActBits: 16},
	}
	total := sim.Layer{
		Name: "total", Cycles: 196768, Stalls: sim.Stalls{Compute: 81988, Fill: 1600, WeightLoad: 592, Input: 112588}, MACs: 40108032, Utilisation: 0.1,
		WeightBitsMean: 3.7, WeightBitsMin: 2, WeightBitsMax: 8, DRAMRead: 8586688, DRAMWrite: 4097152,
		Energy: sim.Energy{MAC: 11e8, SRAMInputs: 6.5e6, DRAM: 5.3e8}, LatencyS: 983.84e-6,
		Fit: sim.Fit{Verdict: sim.Spills, Weights: 39568, WeightRoom: 32768, Activations: 20480, ActivationRoom: 327680},
	}
	return &sim.Result{Machine: "machine-one", Workload: "net_1", Batch: 16, ClockHz: 2e8, Layers: layers, Totals: total, IntervalCycles: total.Cycles, IntervalS: total.LatencyS, Assumptions: []string{
		"machine machine-one: batch 16, clock 200 MHz", "a layer takes as long as the slowest of the array and the memory ports",
	}}
}

// compared has a method that looks at the machine and one that does not, on a machine
// with memory and an ideal one.
func compared(cost *sim.Result) *Document {
	fast := *cost
	fast.Batch = 1
	slow := fast
	slow.Totals.LatencyS, slow.Totals.Cycles, slow.IntervalS = 1e-3, 200000, 1e-3
	ideal := slow
	ideal.Totals.Fit = sim.Fit{Verdict: sim.DoesNotFit, Weights: 39568, WeightRoom: 65536, Activations: 421888, ActivationRoom: 327680}
	ideal.IntervalS = 2.5e-4 // its layers work on different images at a time
	ideal.Assumptions = []string{"machine machine-two: batch 1", "memory takes no time"}
	plan := &evaluate.Plan{
		Machines: []evaluate.Standing{{Accelerator: &arch.Accelerator{Name: "machine-one"}, Replaced: []string{"the tile pipeline in place of ports"}}, {Accelerator: &arch.Accelerator{Name: "machine-two"}}},
		Methods:  []evaluate.Contender{{Name: "uniform:w=4,a=4"}, {Name: "autoq:budget=0.3", PerMachine: true}},
	}
	entries := []evaluate.Entry{
		{Machine: "machine-one", Method: "uniform:w=4,a=4", Memory: "tiles", MemoryBytesPerS: 2.5e10, Cost: &fast, Accuracy: accuracy(), WeightBytes: 40000},
		{Machine: "machine-two", Method: "uniform:w=4,a=4", Memory: "ideal", Cost: &ideal, Accuracy: accuracy(), WeightBytes: 40000},
		{Machine: "machine-one", Method: "autoq:budget=0.3", Memory: "tiles", MemoryBytesPerS: 2.5e10, PerMachine: true, Cost: &slow, Accuracy: accuracy(), WeightBytes: 35000},
		{Machine: "machine-two", Method: "autoq:budget=0.3", Memory: "ideal", PerMachine: true, Cost: &ideal, Accuracy: accuracy(), WeightBytes: 36000},
	}
	for i := range entries {
		entries[i].Network = "net_1"
		entries[i].Doubt = evaluate.DoubtOf(&arch.Accelerator{Unconfirmed: []string{"clock_hz", "energy.mac"}[i%2:]}, 0.3)
	}
	doc, err := Compare(origin, Comparison{
		Subjects: []Subject{{Name: "net_1", Plan: plan, Entries: entries}},
		Footing:  &arch.Footing{Batch: 1}, Images: Images{"glyphs[:1000]", "glyphs:calib[:256]", 256}, Baseline: "machine-one",
	})
	if err != nil {
		panic(err)
	}
	return doc
}

func twins() []evaluate.Twin {
	same := sim.Stalls{Compute: 900, Fill: 35}
	return []evaluate.Twin{
		{Op: "conv", Fast: same, Stepped: same, MACs: 1e6, PESteps: 20_000_000, SameCycles: true, SameIntegers: true},
		{Op: "fc", Fast: same, Stepped: sim.Stalls{Compute: 901, Fill: 35}, MACs: 4096, PESteps: 300_000, SameIntegers: true},
		{Op: "big", MACs: 9e9, Skipped: "too large"},
	}
}

func storage() []quantizers.Storage {
	return []quantizers.Storage{{Layer: "stem.conv", Channels: 16, MeanBits: 8, ActBits: 8, Bytes: 144}, {Layer: "a_1", Channels: 16, MeanBits: 1, ActBits: 4, Bytes: 288}}
}

func training() *Training {
	return &Training{Images: 8000, Set: "glyphs:train[:8000]", Resolutions: []float64{0.125, 0.0625}, Epochs: train.History{
		{Rate: 0.01, Train: train.Metrics{Images: 8000, Correct: 7000, Sum: 4000}},
		{Rate: 0.0033333, Train: train.Metrics{Images: 8000, Correct: 7777, Sum: 1234.5}},
	}}
}

func factors() []*lplr.Compressed {
	return []*lplr.Compressed{{
		Stored: lplr.Stored{Name: "w_0"}, Options: lplr.Options{Rank: 16, BitsL: 8, BitsR: 4, Basis: lplr.SketchBasis},
		Rows: 512, Cols: 256, BitsPerEntry: 0.625, RelativeError: 0.0312, NaiveError: 0.7,
	}}
}

func encoding() *rff.Encoding {
	s := rff.NewSigmaDelta(1, 12, rff.Alphabet{K: 1})
	return &rff.Encoding{
		Encoder: rff.Encoder{Features: &rff.Features{M: 96}, Scheme: s}, Kernel: "gaussian", Gamma: 0.5, Points: 20, D: 2,
		Codes: rff.NewCodes(s, 96, 20), Diagnostics: rff.Diagnostics{Steps: 1920, Peak: 0.9987}, KernelError: 0.1234567, Compared: 20,
	}
}

func holdout() *learn.Holdout {
	return &learn.Holdout{About: "ridge regression, μ = 1", Metric: "test R²", Train: 16, Test: 4, Rows: []learn.HoldoutRow{
		{Features: "sd r=1 K=1 λ=12", Dim: 8, BitsPerPoint: 32, Score: 0.8125}, {Features: "float", Dim: 96, BitsPerPoint: 3072, Score: 0.875},
	}}
}

// measured are two precoders on front ends of these names.
func measured(first, second string) []evaluate.FrontEndOutcome {
	frontEnd := func(name string) *arch.FrontEnd {
		return &arch.FrontEnd{Name: name, PA: arch.PA{RadiatedW: 0.5}, Antennas: arch.Antennas{Count: 64}, Job: arch.Job{Users: 4, QAM: 16}, Converter: arch.Converter{Bits: 1}}
	}
	power := func(fom, binw float64) map[string][]sim.Component {
		rest := []sim.Component{{Name: "rf", W: 12}, {Name: "amplifiers", W: 1.25}}
		return map[string][]sim.Component{
			"fom":  append([]sim.Component{{Name: sim.PowerConverters, W: fom}}, rest...),
			"binw": append([]sim.Component{{Name: sim.PowerConverters, W: binw}}, rest...),
		}
	}
	point := func(snr, ser float64) mimo.Result {
		return mimo.Result{
			SNRdB: snr, SER: ser, SER95: [2]float64{0.9 * ser, 1.1 * ser}, BER: ser / 4, BER95: [2]float64{0.2 * ser, 0.3 * ser}, DesignEffect: 1.5,
			Tally: mimo.Tally{Channels: 8, Errors: mimo.Errors{Symbols: 640}},
		}
	}
	cost := &sim.FrontEndResult{
		FrontEnd: "array", Machine: "m", SymbolHz: 1e6, BitHz: 3.2e7, Stages: []sim.Stage{{Name: "accelerator", LatencyS: 3e-6}, {Name: "modulator", LatencyS: 5e-7}, {Name: "fronthaul", LatencyS: 1e-7}},
		MatrixS: 1e-4, VectorsS: 2e-4, BlockS: 1e-3, LatencyS: 3.6e-6, Deadline: true, Slack: 0.25, Bottleneck: "accelerator", Stalled: "fill",
		Stalls: sim.Stalls{Compute: 1000, Fill: 300}, Power: power(0.02, 1.1), Model: "fom", Assumptions: []string{"converters: 1 bit"},
	}
	cost.FrontEnd = first
	late := *cost
	late.FrontEnd = second
	late.Deadline, late.Slack = false, -0.5
	predicted := point(10, 1.25e-3)
	predicted.PredictedSER, predicted.HasPredicted = 1.3e-3, true
	return []evaluate.FrontEndOutcome{
		{FrontEnd: evaluate.FrontEnd{FrontEnd: frontEnd(first), Precoder: "sd-zf"}, Cost: cost, Curve: []mimo.Result{point(0, 0.25), predicted}},
		{FrontEnd: evaluate.FrontEnd{FrontEnd: frontEnd(second), Precoder: "direct"}, Cost: &late, Curve: []mimo.Result{point(0, 0.5), point(10, 0.125)}},
	}
}

// lookUp is two layers at widths to 4, what they take in proportion to both.
func lookUp() *evaluate.LUT {
	t := &evaluate.LUT{Machine: "machine-one", Workload: "net_1", Batch: 16, ClockHz: 2e8, WeightBits: 4, ActBits: 4, Layers: []string{"stem.conv|1", "fc"}, Assumptions: []string{"machine machine-one: batch 16"}}
	for layer := range 2 {
		for w := 1; w <= 4; w++ {
			for a := 1; a <= 4; a++ {
				t.Costs = append(t.Costs, evaluate.LayerCost{Cycles: int64((layer + 1) * w * a * 10000), EnergyPJ: float64(w * a * 1000)})
			}
		}
	}
	return t
}

func sensitivity() *evaluate.Sensitivity {
	a := accuracy()
	a.Top1 = 0.9
	return &evaluate.Sensitivity{Network: "net_1", Images: 1000, Bits: 8, Reference: accuracy(), Rows: []evaluate.SensitivityRow{
		{Layer: "stem.conv|1", Operand: "weights", Bits: 4, Accuracy: a, Drop: 0.05, DropCI: [2]float64{0.03, 0.07}, LayerSQNR: 20.25, OutputSQNR: 17},
		{Layer: "stem.conv|1", Operand: "activations", Bits: 1, Accuracy: a, Drop: 0.25, DropCI: [2]float64{0.2, 0.3}, LayerSQNR: math.NaN(), OutputSQNR: 3.5},
	}}
}
