package reports

import (
	"cmp"
	"fmt"

	"bitcycle/sim"
)

// cause is one of sim.Stalls: its key in files and its head in tables.
type cause struct{ key, head string }

// causes are those of sim.Stalls in the order of the columns.
var causes = func() (list []cause) {
	brief := map[string]string{"compute": "comp", "imbalance": "imb", "weight_load": "wgt", "input": "in", "output": "out"}
	for _, c := range (sim.Stalls{}).Causes() {
		list = append(list, cause{c.Name, cmp.Or(brief[c.Name], c.Name)})
	}
	return list
}()

// byCause holds cycles by the causes' keys.
func byCause(s sim.Stalls) map[string]int64 {
	out := make(map[string]int64, len(causes))
	for _, c := range s.Causes() {
		out[c.Name] = c.Cycles
	}
	return out
}

// components names the parts of sim.Energy in the order of the columns.
var components = []struct {
	key, head string
	of        func(e sim.Energy) float64
}{
	{"mac", "MAC", func(e sim.Energy) float64 { return e.MAC }},
	{"register", "register", func(e sim.Energy) float64 { return e.Register }},
	{"sram_weights", "SRAM W", func(e sim.Energy) float64 { return e.SRAMWeights }},
	{"sram_inputs", "SRAM I", func(e sim.Energy) float64 { return e.SRAMInputs }},
	{"sram_outputs", "SRAM O", func(e sim.Energy) float64 { return e.SRAMOutputs }},
	{"noc", "NoC", func(e sim.Energy) float64 { return e.NoC }},
	{"dram", "DRAM", func(e sim.Energy) float64 { return e.DRAM }},
	{"vector", "vector", func(e sim.Energy) float64 { return e.Vector }},
	{"leakage", "leakage", func(e sim.Energy) float64 { return e.Leakage }},
}

// Layers is the table of what every layer of a workload costs, totals below. sqnr holds
// decibels by op of the workload, NaN or absent where it was not executed.
func Layers(title string, r *sim.Result, sqnr []float64) *Table {
	t := layersTable(Result(r, sqnr, nil))
	t.Title = title
	return t
}

// layersTable has a row an op, totals below.
func layersTable(r *RunResult) *Table {
	cycles, time, energy := scaleOf(float64(r.Totals.Cycles), cycleUnits), scaleOf(r.Totals.LatencyS, timeUnits), scaleOf(r.Totals.EnergyPJ, energyUnits)
	bytes := scaleOf(float64(r.Totals.DRAMReadBytes+r.Totals.DRAMWriteBytes), byteUnits)
	t := &Table{Name: "layers", Title: "layers", Columns: []Column{
		Text("name", "layer"), Text("shape", "shape").Ranked(20),
		Scaled("weight_bits_mean", "W", 1, 2).Ranked(70), Text("weight_bits_range", "W range").Ranked(10), Number("act_bits", "A").Ranked(65),
		Scaled("macs", "MMACs", 1e6, 2).Ranked(40),
		Scaled("cycles", heading("cycles", cycles.name), cycles.size, cycles.decimals).Ranked(75),
		Scaled("latency_s", heading("time", time.name), time.size, time.decimals).Ranked(Must),
		Percent("utilisation", "util [%]", 1).Ranked(55),
	}}
	for _, c := range causes {
		t.Columns = append(t.Columns, Percent("stall_"+c.key, c.head+" [%]", 0).Ranked(30))
	}
	t.Columns = append(t.Columns,
		Scaled("dram_bytes", heading("DRAM", bytes.name), bytes.size, bytes.decimals).Ranked(45),
		Scaled("energy_pj", heading("energy", energy.name), energy.size, energy.decimals).Ranked(Must),
		Scaled("sqnr_db", "SQNR [dB]", 1, 1).Ranked(60))
	executed := false
	for i := range r.Layers {
		t.Add(layerCells(&r.Layers[i])...)
		executed = executed || r.Layers[i].SQNRDB != nil
	}
	t.Footer = layerCells(&r.Totals)
	t.hideZero("stall_fill", "stall_imbalance", "stall_weight_load", "stall_input", "stall_output", "stall_dram", "stall_host")
	if !executed {
		t.hide("sqnr_db")
	}
	t.Files = &Table{Columns: layerFields()}
	t.Files.addLayers(r.Layers)
	return t
}

func layerCells(l *LayerResult) []any {
	var bits, span, act any
	if l.WeightBitsMax > 0 || l.WeightBitsMean > 0 {
		bits, span = l.WeightBitsMean, fmt.Sprintf("%d–%d", l.WeightBitsMin, l.WeightBitsMax)
		if l.WeightBitsMin == l.WeightBitsMax {
			span = fmt.Sprint(l.WeightBitsMin)
		}
	}
	if l.ActBits > 0 {
		act = l.ActBits
	}
	cells := []any{l.Name, l.Shape, bits, span, act, l.MACs, l.Cycles, l.LatencyS, l.Utilisation}
	for _, c := range causes {
		share := 0.0
		if l.Cycles > 0 {
			share = float64(l.Stalls[c.key]) / float64(l.Cycles)
		}
		cells = append(cells, share)
	}
	return append(cells, l.DRAMReadBytes+l.DRAMWriteBytes, l.EnergyPJ, orNil(l.SQNRDB))
}

func orNil(v *float64) any {
	if v == nil {
		return nil
	}
	return *v
}

// energyTable splits the energy of a run by component.
func energyTable(r *RunResult) *Table {
	total := r.Totals.EnergyPJ
	unit := scaleOf(total, energyUnits)
	t := &Table{Name: "energy", Title: "energy by component", Columns: []Column{
		Text("component", "component"), Scaled("energy_pj", heading("energy", unit.name), unit.size, unit.decimals), Percent("share", "share [%]", 1),
	}}
	t.Files = &Table{Columns: []Column{Text("component", ""), Number("energy_pj", "")}}
	for _, c := range components {
		e := r.Totals.Energy[c.key]
		if t.Files.Add(c.key, e); e > 0 {
			t.Add(c.head, e, e/total)
		}
	}
	t.Footer = []any{"total", total, 1.0}
	return t
}

// unit is a readable scale for a column.
type unit struct {
	name     string
	size     float64
	decimals int
}

var (
	cycleUnits  = []unit{{"", 1, 0}, {"k", 1e3, 1}, {"M", 1e6, 3}}
	timeUnits   = []unit{{"ns", 1e-9, 0}, {"µs", 1e-6, 2}, {"ms", 1e-3, 3}, {"s", 1, 3}}
	energyUnits = []unit{{"pJ", 1, 0}, {"nJ", 1e3, 2}, {"µJ", 1e6, 3}, {"mJ", 1e9, 3}, {"J", 1e12, 3}}
	byteUnits   = []unit{{"B", 1, 0}, {"KiB", 1 << 10, 1}, {"MiB", 1 << 20, 3}}
)

// scaleOf picks the largest unit in which the total is at least 10, the first
// otherwise. Cycles stay whole up to ten million.
func scaleOf(total float64, units []unit) unit {
	best := units[0]
	for _, u := range units[1:] {
		limit := 10 * u.size
		if units[0].name == "" {
			limit = 1e4 * u.size
		}
		if total >= limit {
			best = u
		}
	}
	return best
}

// inUnits shows a value in a readable unit.
func inUnits(x float64, units []unit) string {
	u := scaleOf(x, units)
	return fixed(x/u.size, u.decimals) + " " + u.name
}

func heading(name, unit string) string {
	if unit == "" {
		return name
	}
	return name + " [" + unit + "]"
}
