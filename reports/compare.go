package reports

import (
	"math"

	"bitcycle/evaluate"
)

// Cross makes the table of methods × machines. The least of each cost and the
// highest accuracy on each machine are marked with *.
func Cross(title string, entries []evaluate.Entry) *Table {
	best := bestPerMachine(entries)
	t := &Table{Title: title, Columns: []Column{
		Text("machine", "machine"), Text("method", "method"),
		Scaled("weight_bytes", "weights [KiB]", 1<<10, 1), Number("cycles", "cycles"), Scaled("latency_s", "latency [ms]", 1e-3, 4),
		Scaled("energy_pj", "energy [µJ]", 1e6, 2), Scaled("dram_bytes", "DRAM [KiB]", 1<<10, 1),
		Percent("top1", "top-1 [%]", 2), Percent("drop", "drop [%]", 2), Text("best", "best"),
	}}
	for i := range entries {
		e := &entries[i]
		r := &e.Cost.Totals
		t.Add(e.Machine, e.Method, e.WeightBytes, r.Cycles, r.LatencyS, r.Energy.Total(), r.DRAMRead+r.DRAMWrite,
			e.Accuracy.Top1, e.Accuracy.FloatTop1-e.Accuracy.Top1, best.of(e))
	}
	return t
}

// extremes are the best values on one machine.
type extremes struct{ latency, energy, top1 float64 }

type bestOf map[string]extremes

func bestPerMachine(entries []evaluate.Entry) bestOf {
	out := bestOf{}
	for i := range entries {
		e := &entries[i]
		x, ok := out[e.Machine]
		if !ok {
			x = extremes{math.Inf(1), math.Inf(1), 0}
		}
		x.latency = min(x.latency, e.Cost.Totals.LatencyS)
		x.energy = min(x.energy, e.Cost.Totals.Energy.Total())
		x.top1 = max(x.top1, e.Accuracy.Top1)
		out[e.Machine] = x
	}
	return out
}

// of names the columns in which an entry is the best on its machine.
func (b bestOf) of(e *evaluate.Entry) string {
	x, text := b[e.Machine], ""
	add := func(word string, is bool) {
		if !is {
			return
		}
		if text != "" {
			text += ", "
		}
		text += word
	}
	add("*latency", e.Cost.Totals.LatencyS == x.latency)
	add("*energy", e.Cost.Totals.Energy.Total() == x.energy)
	add("*top-1", e.Accuracy.Top1 == x.top1)
	return text
}
