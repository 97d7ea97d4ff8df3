package silicon

import (
	"context"
	"fmt"
	"io/fs"
	"math"
	"strings"

	"bitcycle/arch"
	"bitcycle/internal/proof"
	"bitcycle/kernels/workload"
	"bitcycle/kernels/workload/zoo"
	"bitcycle/sim"
)

// bitmodMachine is an accelerator of BitMoD's simulator.
type bitmodMachine struct {
	machine string  // as it decodes
	prefill string  // settings of its array for many tokens
	decode  float64 // bits of a weight as they decode
	many    float64 // and for many tokens
	kv      uint8   // bits of keys and values
	other   map[string]float64
}

// bitmodMachines are the accelerators by the words of the rows (abdelfattah-lab/
// BitMoD-HPCA-25@e445a5f). Groups of BitMoD's weights carry a sixteenth of a bit more,
// which is the machine's.
var bitmodMachines = map[string]bitmodMachine{
	"fp16":            {machine: "bitmod-fp16-28nm", prefill: "array.rows=32 array.cols=24", decode: 16, many: 16, kv: 16},
	"ant":             {machine: "bitmod-ant-28nm", prefill: "array.rows=32 array.cols=32", decode: 5, many: 5, kv: 16, other: map[string]float64{"Llama-2-13B": 4, "Yi-6B": 5.25}},
	"olive":           {machine: "bitmod-olive-28nm", prefill: "array.rows=36 array.cols=32", decode: 4, many: 4, kv: 16, other: map[string]float64{"Llama-3-8B": 4.5}},
	"bitmod_lossless": {machine: "bitmod-28nm-decode", prefill: "array.rows=32 array.cols=32", decode: 6, many: 6, kv: 8},
	"bitmod_lossy":    {machine: "bitmod-28nm-decode", prefill: "array.rows=32 array.cols=32", decode: 3, many: 4, kv: 8},
}

func (m *bitmodMachine) figure(phase string) string {
	return "BitMoD simulator, " + m.machine + ", " + phase
}

// bitmod is the simulator of BitMoD (Chen et al., HPCA 2025): cycles of language models
// with a context of 256 tokens, as its notebooks store them.
var bitmod = Set{
	File: "bitmod_sim.csv", Figures: bitmodFigures(), Title: "BitMoD's simulator",
	Includes: `Cycles that abdelfattah-lab/BitMoD-HPCA-25@e445a5f stores in its notebooks: language models with a context of 256 tokens, batch 1, all tokens
decoded to words, on the accelerator of the paper and three that it compares with. A simulator, no silicon: a layer takes as long as the slower of
its array and of 256 bits of memory a cycle. Decode rows are compared without attention: what the stored figures have beyond the matrices and what
they read and write is .1 to .7 % of them, the same for keys and values of 8 and of 16 bits, so that those were not read from memory.`,
	Unexplained: `The stored prefill figures come from another version than the published code, which gives 9 to 26 % less, in attention: they are reported alone.
OliVe's decode rows follow weights of 3.75, 3.875 and 4.25 bits, to the cycle of the rest; the published code has 4 for all of them.`,
	Open: func(fs.FS) (Comparer, error) { return bitmodRow, nil },
}

func bitmodFigures() []Figure {
	var list []Figure
	for _, name := range []string{"fp16", "ant", "olive", "bitmod_lossless"} {
		m := bitmodMachines[name]
		decode := Figure{Name: m.figure("decode"), Machine: m.machine, Kind: "simulator", Bar: Bar{Mean: 0.04, Each: 0.05}, Note: bitmodNote}
		if name == "olive" {
			decode.Bar, decode.Note = Bar{}, "the stored rows follow weights of 3.75, 3.875 and 4.25 bits, the published code has 4; "+bitmodNote
		}
		list = append(list, decode,
			Figure{Name: m.figure("prefill"), Kind: "simulator", Note: "stored figures come from another version than the published code, which gives 9 to 26 % less: attention"})
	}
	return list
}

// bitmodNote is what the decode figures hold.
const bitmodNote = "the matrices and what they read and write, without attention: what the stored figures have beyond is .1 to .3 % of them, the same " +
	"with keys and values of 8 and of 16 bits, so that these were not read from memory as the published code does"

func bitmodRow(r proof.Record) ([]Reading, error) {
	m, known := bitmodMachines[r.Text("accelerator")]
	if !known {
		return nil, Skip("of accelerator %s", r.Text("accelerator"))
	}
	model, known := zoo.FindDecoder(r.Text("model"))
	if !known {
		return nil, Skip("of model %s", r.Text("model"))
	}
	phase, context, batch := r.Text("phase"), r.Whole("context"), r.Whole("batch")
	fresh, bits, set := 1, m.decode, []string{fmt.Sprintf("batch=%d", batch)}
	switch phase {
	case "decode":
	case "prefill":
		fresh, bits = context, m.many
		set = append(set, strings.Fields(m.prefill)...)
	default:
		return nil, Skip("of phase %s", phase)
	}
	if own, is := m.other[model.Name]; is {
		bits = own
	}
	const mostTokens, mostBatch = 1 << 16, 1 << 10
	if context < 1 || context > mostTokens || batch < 1 || batch > mostBatch {
		return nil, Skip("of a context or batch out of bounds")
	}
	w := withWidths(model.Workload(fresh, context, true), bits, m.kv)
	if phase == "decode" {
		w = withoutAttention(w)
	}
	cycles, err := bitmodCycles(m.machine, set, w)
	if err != nil {
		return nil, err
	}
	return []Reading{{
		Figure: m.figure(phase), ID: r.Text("id") + " " + r.Text("accelerator") + " " + model.Name, What: phase + " cycles", Unit: "cycles",
		Want: r.Number("cycles"), Got: float64(cycles),
	}}, nil
}

func bitmodCycles(machine string, set []string, w *workload.Workload) (int64, error) {
	acc, err := arch.Load(machine, set)
	if err != nil {
		return 0, err
	}
	res, err := sim.Run(context.Background(), acc, w, sim.Options{})
	if err != nil {
		return 0, err
	}
	return res.Totals.Cycles, nil
}

// withWidths gives weights a mean of so many bits, mixing channels of the two widths
// around it, keys and values theirs, and activations 16.
func withWidths(w *workload.Workload, bits float64, kv uint8) *workload.Workload {
	for i := range w.Ops {
		op := &w.Ops[i]
		op.ActBits = 16
		if op.Dynamic {
			op.WeightBits = workload.Widths{kv}
		} else if len(op.WeightBits) > 0 {
			op.WeightBits = meanWidths(op.VirtualChannels(), bits)
		}
	}
	return w
}

// withoutAttention keeps the matrices alone.
func withoutAttention(w *workload.Workload) *workload.Workload {
	matrices := &workload.Workload{Name: w.Name}
	for _, op := range w.Ops {
		if op.Kind == workload.MatMul && !op.Dynamic {
			op.From = nil
			matrices.Ops = append(matrices.Ops, op)
		}
	}
	return matrices
}

func meanWidths(channels int, bits float64) workload.Widths {
	least := math.Floor(bits)
	wider := int(math.Round((bits - least) * float64(channels)))
	if wider == 0 {
		return workload.Widths{uint8(least)}
	}
	widths := make(workload.Widths, channels)
	for i := range widths {
		widths[i] = uint8(least)
		if i < wider {
			widths[i]++
		}
	}
	return widths
}
