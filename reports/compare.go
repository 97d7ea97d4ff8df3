package reports

import (
	"fmt"
	"slices"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/sim"
)

// Comparison is what [Compare] reports.
type Comparison struct {
	Subjects []Subject
	Footing  *arch.Footing // nil: as published
	Images   Images        // of measured entries
	Baseline string        // machine or method that factors are against; "" for none
}

// Subject is a network or workload with its costs and errors.
type Subject struct {
	Name        string
	Plan        *evaluate.Plan
	Entries     []evaluate.Entry
	Assumptions []string // of its own
}

// Compare is the report of methods × machines, of networks or workloads. Its error is
// about the baseline.
func Compare(o Origin, c Comparison) (*Document, error) {
	var names []string
	var entries []evaluate.Entry
	for i := range c.Subjects {
		names, entries = append(names, c.Subjects[i].Name), append(entries, c.Subjects[i].Entries...)
	}
	of := strings.Join(names, ", ")
	doc := &Document{
		Title:       of + ": methods × machines",
		Answer:      append(append(bestLines(entries), unfitLines(entries)...), footingLine(c.Footing)),
		Tables:      append([]*Table{Cross("", entries)}, crossFiles(entries)...),
		Charts:      crossCharts(entries),
		Assumptions: sharedAssumptions(c.Subjects),
		ByMachine:   ownAssumptions(c.Subjects),
		Identity:    []Field{{"set", strings.Join(o.Set, " ")}, {"network", of}, {"seed", o.Seed}},
	}
	if c.Baseline != "" {
		factors, err := evaluate.Against(entries, c.Baseline)
		if err != nil {
			return nil, err
		}
		doc.Tables = append(doc.Tables, factorTable(c.Baseline, factors))
	}
	doc.Result = comparisonOf(doc.Tables)
	for i := range c.Subjects[0].Plan.Machines {
		doc.Attachments = append(doc.Attachments, effective(c.Subjects[0].Plan.Machines[i].Accelerator)...)
	}
	if first := &entries[0]; first.Measured() {
		for i := range c.Subjects {
			e := &c.Subjects[i].Entries[0]
			doc.Answer = append(doc.Answer, prefixed(c.Subjects, i)+floatLine(e))
		}
		doc.Assumptions = append(provenance(o, c.Images, evaluate.Integers(nil)), doc.Assumptions...)
	}
	return doc, nil
}

// prefixed names a subject where there are several.
func prefixed(subjects []Subject, i int) string {
	if len(subjects) == 1 {
		return ""
	}
	return subjects[i].Name + ": "
}

// factorTable sets entries against the baseline.
func factorTable(baseline string, factors []evaluate.Factor) *Table {
	t := &Table{Name: "factors", Title: "times as good as " + baseline, Columns: []Column{
		Text("network", "network").Ranked(80).ID(), Text("machine", "machine").Ranked(Must).ID(), Text("method", "method").Ranked(Must).ID(),
		Scaled("speedup", "speed-up ×", 1, 3).Ranked(Must), Scaled("energy_gain", "energy ×", 1, 3).Ranked(Must),
	}}
	several := factors[len(factors)-1].Network == ""
	for _, f := range factors {
		network := f.Network
		if network == "" {
			network = "geometric mean"
		}
		t.Add(network, f.Machine, f.Method, f.Speedup, f.EnergyGain)
	}
	if !several {
		t.hide("network")
	}
	return t
}

// bestLines name the ranked rows with the best figures, of each network.
func bestLines(entries []evaluate.Entry) []string {
	var lines []string
	best, several := evaluate.BestOf(entries), severalNetworks(entries)
	for from := 0; from < len(entries); {
		to := from
		for to < len(entries) && entries[to].Network == entries[from].Network {
			to++
		}
		prefix := ""
		if several {
			prefix = entries[from].Network + ": "
		}
		for _, line := range bestOfNetwork(entries[from:to], best[from:to]) {
			lines = append(lines, prefix+line)
		}
		from = to
	}
	return lines
}

func severalNetworks(entries []evaluate.Entry) bool {
	return slices.ContainsFunc(entries, func(e evaluate.Entry) bool { return e.Network != entries[0].Network })
}

func bestOfNetwork(entries []evaluate.Entry, best []evaluate.Best) []string {
	var lines []string
	for _, c := range []struct {
		what   string
		is     func(evaluate.Best) bool
		of     func(*evaluate.Entry) string
		rivals func(entries []evaluate.Entry, best int) []int
	}{
		{"least latency", func(b evaluate.Best) bool { return b.Latency }, func(e *evaluate.Entry) string { return inUnits(e.LatencyPerImageS(), timeUnits) + " an image" }, evaluate.LatencyRivals},
		{"least energy", func(b evaluate.Best) bool { return b.Energy }, func(e *evaluate.Entry) string { return inUnits(e.EnergyPerImagePJ(), energyUnits) + " an image" }, evaluate.EnergyRivals},
		{bestTitle(entries), func(b evaluate.Best) bool { return b.Top1 }, headlineText, nil},
	} {
		var rows []string
		value, at := "", 0
		for i := range entries {
			if c.is(best[i]) {
				rows, value, at = append(rows, rowName(&entries[i])), c.of(&entries[i]), i
			}
		}
		switch {
		case len(rows) > 2:
			lines = append(lines, fmt.Sprintf("%s: %s, %d rows", c.what, value, len(rows)))
		case len(rows) > 0:
			lines = append(lines, fmt.Sprintf("%s: %s, %s", c.what, value, strings.Join(rows, " and ")))
		}
		if len(rows) == 1 && c.rivals != nil {
			lines[len(lines)-1] += survival(entries, c.rivals(entries, at), entries[at].Doubt.Share)
		}
	}
	return lines
}

func rowName(e *evaluate.Entry) string { return strings.TrimSpace(e.Method + " on " + e.Machine) }

// survival says whether the winner of a column stays one when constants are off.
func survival(entries []evaluate.Entry, rivals []int, share float64) string {
	switch {
	case share == 0:
		return ""
	case len(rivals) == 0:
		return fmt.Sprintf("; so with unconfirmed constants %g %% off", 100*share)
	case len(rivals) == 1:
		return fmt.Sprintf("; with unconfirmed constants %g %% off it may be %s", 100*share, rowName(&entries[rivals[0]]))
	}
	return fmt.Sprintf("; with unconfirmed constants %g %% off it may be %s or %d others", 100*share, rowName(&entries[rivals[0]]), len(rivals)-1)
}

// entryFields are the columns that tell an entry from others.
func entryFields() []Column {
	return []Column{Text("network", "").ID(), Text("machine", "").ID(), Text("method", "").ID(), Number("batch", "").ID(), Text("memory", "").ID()}
}

// crossFiles are the totals of every entry by cause and component, and its layers.
func crossFiles(entries []evaluate.Entry) []*Table {
	totals := &Table{Name: "totals", Title: "totals", FilesOnly: true, Columns: append(entryFields(), totalFields()...)}
	layers := &Table{Name: "layers", Title: "layers", FilesOnly: true, Columns: append(entryFields(), layerFields()...)}
	measured := entries[0].Measured()
	if measured {
		totals.Columns = append(totals.Columns, accuracyFields(entries[0].Quality)...)
	}
	for i := range entries {
		e := &entries[i]
		r := Result(e.Cost, nil, &e.Accuracy)
		r.Accuracy.quality = e.Quality
		is := []any{e.Network, e.Machine, e.Method, e.Cost.Batch, e.Memory}
		cells := slices.Concat(is, totalCells(r))
		if measured {
			cells = append(cells, accuracyCells(r.Accuracy)...)
		}
		totals.Add(cells...)
		layers.addLayers(r.Layers, is...)
	}
	return []*Table{totals, layers}
}

// crossCharts are the rows as points, and what their cycles and energy are made of.
func crossCharts(entries []evaluate.Entry) []Chart {
	var latency, energy, cycles, total float64
	for i := range entries {
		latency, energy = max(latency, entries[i].LatencyPerImageS()), max(energy, entries[i].EnergyPerImagePJ())
		cycles, total = max(cycles, float64(entries[i].Cost.Totals.Cycles)), max(total, entries[i].Cost.Totals.Energy.Total())
	}
	time, joules, perRun := scaleOf(latency, timeUnits), scaleOf(energy, energyUnits), scaleOf(total, energyUnits)
	label := []string{"machine", "method"}
	if severalNetworks(entries) {
		label = append([]string{"network"}, label...)
	}
	points := Chart{
		Kind: "points", Title: "Latency, energy and error", Table: "compare", Label: label, Groups: []string{"machine", "method"}, Shape: "machine",
		Axes: []Axis{
			{Key: "latency_per_image_s", Name: heading("latency/image", time.name), Unit: time.size, Log: true, Best: "min", Low: "latency_per_image_low_s", High: "latency_per_image_high_s"},
			{Key: "energy_per_image_pj", Name: heading("energy/image", joules.name), Unit: joules.size, Log: true, Best: "min", Low: "energy_per_image_low_pj", High: "energy_per_image_high_pj"},
			headlineAxis(entries),
			{Key: "weight_bytes", Name: "weights [KiB]", Unit: 1 << 10, Log: true, Best: "min"},
		},
	}
	count := scaleOf(cycles, cycleUnits)
	return []Chart{
		points,
		{Kind: "stack", Title: "Cycles of a run by cause", Note: heading("cycles", count.name), Table: "totals", Label: label, Axes: causeAxes(count)},
		{Kind: "stack", Title: "Energy of a run by component", Note: perRun.name, Table: "totals", Label: label, Axes: componentAxes(perRun)},
	}
}

// Cross makes the table of methods × machines. Costs are per image; the best of
// each column over all ranked rows is named. Costs per run are shown too where the
// batches differ, and are in CSV and JSON always.
func Cross(title string, entries []evaluate.Entry) *Table {
	t := &Table{Name: "compare", Title: title, Columns: append([]Column{
		Text("network", "network").Ranked(Must).ID(), Text("machine", "machine").Ranked(Must).ID(), Text("method", "method").Ranked(Must).ID(), Number("batch", "batch").Ranked(50).ID(), Text("memory", "memory").Ranked(Must).ID(),
		Scaled("memory_bytes_per_s", "GB/s", 1e9, 1).Ranked(40), Scaled("weight_bytes", "weights [KiB]", 1<<10, 1).Ranked(60),
		Number("cycles", "cycles/run").Ranked(20), Scaled("latency_s", "latency/run [ms]", 1e-3, 4).Ranked(30),
		Scaled("energy_pj", "energy/run [µJ]", 1e6, 2).Ranked(30), Scaled("dram_bytes", "DRAM/run [KiB]", 1<<10, 1).Ranked(10),
		Scaled("latency_per_image_s", "latency/image [ms]", 1e-3, 4).Ranked(Must), Scaled("interval_per_image_s", "interval/image [ms]", 1e-3, 4).Ranked(95), Scaled("energy_per_image_pj", "energy/image [µJ]", 1e6, 2).Ranked(Must),
		Percent("top1", "top-1 [%]", 2).Ranked(Must), Percent("drop", "drop [%]", 2).Ranked(55), Text("best_in", "best").Ranked(90),
		Scaled("images_per_s", "images/s", 1, 1).Ranked(15), Scaled("operations_per_j", "TOPS/W", 1e12, 3).Ranked(45), Scaled("area_mm2", "area [mm²]", 1, 2).Ranked(35),
		Number("top1_ci95_low", ""), Number("top1_ci95_high", ""),
		Number("latency_per_image_low_s", ""), Number("latency_per_image_high_s", ""), Number("energy_per_image_low_pj", ""), Number("energy_per_image_high_pj", ""),
		Text("best_latency", ""), Text("best_energy", ""), Text("best_top1", ""), Text("per_machine", ""),
	}, roomFields()...)}
	t.Columns = append(t.Columns, judgedFields(entries)...)
	for i, best := range evaluate.BestOf(entries) {
		e := &entries[i]
		r := &e.Cost.Totals
		var bandwidth any
		if e.Memory != "ideal" {
			bandwidth = e.MemoryBytesPerS
		}
		var top1, drop, low, high, area any
		if e.Accuracy.Images > 0 {
			top1, drop, low, high = e.Accuracy.Top1, e.Accuracy.FloatTop1-e.Accuracy.Top1, e.Accuracy.CI95[0], e.Accuracy.CI95[1]
		}
		figures := e.Cost.Figures()
		if figures.AreaMM2 > 0 {
			area = figures.AreaMM2
		}
		energy, latency := e.Doubt.Energy(&e.Cost.Totals.Energy), e.Doubt.Latency(e.LatencyPerImageS())
		t.Add(append([]any{
			e.Network, e.Machine, e.Method, e.Cost.Batch, e.Memory, bandwidth, e.WeightBytes, r.Cycles, r.LatencyS, r.Energy.Total(), e.DRAMBytes(),
			e.LatencyPerImageS(), e.IntervalPerImageS(), e.EnergyPerImagePJ(), top1, drop,
			bestIn(best, e), figures.ImagesPerS, figures.OperationsPerJ, area, low, high,
			latency.Low, latency.High, energy.Low / float64(max(e.Cost.Batch, 1)), energy.High / float64(max(e.Cost.Batch, 1)), best.Latency, best.Energy, best.Top1, e.PerMachine,
		}, append(roomCells(&e.Cost.Totals.Fit), judgedCells(entries, e)...)...)...)
	}
	t.hide("top1_ci95_low", "top1_ci95_high", "latency_per_image_low_s", "latency_per_image_high_s", "energy_per_image_low_pj", "energy_per_image_high_pj", "best_latency", "best_energy", "best_top1", "per_machine",
		"resident_weight_bytes", "weight_room_bytes", "resident_activation_bytes", "activation_room_bytes")
	if !slices.ContainsFunc(entries, func(e evaluate.Entry) bool { return e.IntervalPerImageS() < e.LatencyPerImageS() }) {
		t.hide("interval_per_image_s")
	}
	if !slices.ContainsFunc(entries, func(e evaluate.Entry) bool { return e.Cost.Totals.Fit.Verdict != sim.Fits }) {
		t.hide("fit")
	}
	if !severalNetworks(entries) {
		t.hide("network")
	}
	if sameBatch(entries) {
		t.hide("latency_s", "energy_pj")
	}
	if h := entries[0].Quality.Headline(); h != nil {
		t.hide(h.Name+"_ci95_low", h.Name+"_ci95_high", h.Name+"_change_ci95_low", h.Name+"_change_ci95_high")
	}
	if entries[0].Accuracy.Images == 0 {
		t.hide("top1", "drop")
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
func bestIn(b evaluate.Best, e *evaluate.Entry) string {
	var in []string
	for _, one := range []struct {
		name string
		is   bool
	}{{"*latency", b.Latency}, {"*energy", b.Energy}, {"*" + headlineTitle(e), b.Top1}} {
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

// sharedAssumptions list which methods ran for each machine, and what all machines and
// networks have in common.
func sharedAssumptions(subjects []Subject) []string {
	var list []string
	p := subjects[0].Plan
	for _, m := range p.Methods {
		if m.PerMachine {
			list = append(list, fmt.Sprintf("%s looks at the machine: run %d times, once for each machine", m.Name, len(p.Machines)))
		}
	}
	for _, line := range subjects[0].Entries[0].Cost.Assumptions {
		if ofAll(subjects, line) {
			list = append(list, line)
		}
	}
	for i := range subjects {
		for _, line := range subjects[i].Assumptions {
			list = append(list, prefixed(subjects, i)+line)
		}
	}
	return list
}

// ownAssumptions list what the footing replaced in each machine, what its costs rest on
// beside what all have in common, and the doubt about its constants.
func ownAssumptions(subjects []Subject) []Group {
	var groups []Group
	for i, machine := range subjects[0].Plan.Machines {
		g := Group{Name: machine.Name}
		for _, replaced := range machine.Replaced {
			g.Lines = append(g.Lines, "on one footing: "+replaced)
		}
		for s := range subjects {
			for _, line := range subjects[s].Entries[i].Cost.Assumptions {
				if own := strings.TrimPrefix(line, "machine "+machine.Name+": "); !ofAll(subjects, line) && !slices.Contains(g.Lines, own) {
					g.Lines = append(g.Lines, own)
				}
			}
		}
		g.Lines = append(g.Lines, doubtLines(&subjects[0].Entries[i].Doubt)...)
		if len(g.Lines) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// doubtLines say which constants the range of a machine's costs comes from.
func doubtLines(d *evaluate.Doubt) []string {
	if len(d.Keys) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("ranges of latency and energy: each of %s may be %g %% off; other unconfirmed values are not varied", strings.Join(d.Keys, ", "), 100*d.Share)}
}

// ofAll tells whether every machine's costs rest on an assumption, for every network.
func ofAll(subjects []Subject, line string) bool {
	for s := range subjects {
		for i := range subjects[s].Plan.Machines {
			if !slices.Contains(subjects[s].Entries[i].Cost.Assumptions, line) {
				return false
			}
		}
	}
	return true
}
