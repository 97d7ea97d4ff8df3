package reports

import (
	"fmt"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
)

// Compare is the report of methods × machines, of a network or of a workload.
func Compare(o Origin, of string, footing *arch.Footing, p *evaluate.Plan, entries []evaluate.Entry, images Images) *Document {
	doc := &Document{
		Tables:      []*Table{Cross(of+": methods × machines", entries)},
		Summary:     []string{footingLine(footing)},
		Assumptions: crossAssumptions(p, entries),
	}
	if first := &entries[0]; first.Measured() {
		doc.Summary[0] = fmt.Sprintf("float top-1 %.2f %% on %d images; %s", 100*first.Accuracy.FloatTop1, first.Accuracy.Images, doc.Summary[0])
		doc.Assumptions = append(provenance(o, images), doc.Assumptions...)
	}
	return doc
}

// Cross makes the table of methods × machines. Costs are per image; the best of
// each column over all ranked rows is named. Costs per run are shown too where the
// batches differ, and are in CSV and JSON always.
func Cross(title string, entries []evaluate.Entry) *Table {
	t := &Table{Title: title, Columns: []Column{
		Text("machine", "machine"), Text("method", "method"), Number("batch", "batch"), Text("memory", "memory"),
		Scaled("memory_bytes_per_s", "GB/s", 1e9, 1), Scaled("weight_bytes", "weights [KiB]", 1<<10, 1),
		Number("cycles", "cycles/run"), Scaled("latency_s", "latency/run [ms]", 1e-3, 4),
		Scaled("energy_pj", "energy/run [µJ]", 1e6, 2), Scaled("dram_bytes", "DRAM/run [KiB]", 1<<10, 1),
		Scaled("latency_per_image_s", "latency/image [ms]", 1e-3, 4), Scaled("energy_per_image_pj", "energy/image [µJ]", 1e6, 2),
		Percent("top1", "top-1 [%]", 2), Percent("drop", "drop [%]", 2), Text("best_in", "best"),
		Text("best_latency", ""), Text("best_energy", ""), Text("best_top1", ""), Text("per_machine", ""),
	}}
	for i, best := range evaluate.BestOf(entries) {
		e := &entries[i]
		r := &e.Cost.Totals
		var bandwidth any
		if e.Ranked() {
			bandwidth = e.MemoryBytesPerS
		}
		var top1, drop any
		if e.Measured() {
			top1, drop = e.Accuracy.Top1, e.Accuracy.FloatTop1-e.Accuracy.Top1
		}
		t.Add(e.Machine, e.Method, e.Cost.Batch, e.Memory, bandwidth, e.WeightBytes, r.Cycles, r.LatencyS, r.Energy.Total(), e.DRAMBytes(),
			e.LatencyPerImageS(), e.EnergyPerImagePJ(), top1, drop,
			bestIn(best), best.Latency, best.Energy, best.Top1, e.PerMachine)
	}
	t.hide("best_latency", "best_energy", "best_top1", "per_machine")
	if sameBatch(entries) {
		t.hide("latency_s", "energy_pj")
	}
	return t
}

func sameBatch(entries []evaluate.Entry) bool {
	for i := range entries {
		if entries[i].Cost.Batch != entries[0].Cost.Batch {
			return false
		}
	}
	return true
}

// bestIn names the columns in which an entry is the best.
func bestIn(b evaluate.Best) string {
	var in []string
	for _, one := range []struct {
		name string
		is   bool
	}{{"*latency", b.Latency}, {"*energy", b.Energy}, {"*top-1", b.Top1}} {
		if one.is {
			in = append(in, one.name)
		}
	}
	return strings.Join(in, ", ")
}

// footingLine says in a line what the machines of a comparison have in common.
func footingLine(f *arch.Footing) string {
	if f == nil {
		return "every machine as published, with its own batch and memory: not on one footing"
	}
	images := "1 image"
	if f.Batch != 1 {
		images = fmt.Sprintf("%d images", f.Batch)
	}
	return "costs per image on one footing: " + images + " per run, memory as in its column"
}

// crossAssumptions lists which methods ran for each machine, what the footing
// replaced, and the assumptions behind every machine's costs.
func crossAssumptions(p *evaluate.Plan, entries []evaluate.Entry) []string {
	var list []string
	for _, m := range p.Methods {
		if m.PerMachine {
			list = append(list, fmt.Sprintf("%s looks at the machine: run %d times, once for each machine", m.Name, len(p.Machines)))
		}
	}
	for i, machine := range p.Machines {
		for _, replaced := range machine.Replaced {
			list = append(list, fmt.Sprintf("machine %s on one footing: %s", machine.Name, replaced))
		}
		list = append(list, entries[i].Cost.Assumptions...)
	}
	return list
}
