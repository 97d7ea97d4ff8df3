package reports

import (
	"fmt"
	"strings"

	"bitcycle/evaluate"
)

// LUT is the report of what layers cost at pairs of widths: people see some pairs, files
// all of them.
func LUT(o Origin, t *evaluate.LUT) *Document {
	pairs := shownPairs(t.WeightBits, t.ActBits)
	first, last := 0.0, 0.0
	for l := range t.Layers {
		wide, narrow := t.At(l, t.WeightBits, t.ActBits), t.At(l, pairs[len(pairs)-1][0], pairs[len(pairs)-1][1])
		first, last = first+float64(wide.Cycles), last+float64(narrow.Cycles)
	}
	doc := &Document{
		Title: fmt.Sprintf("%s on %s: cost of layers by widths", t.Workload, t.Machine),
		Answer: []string{
			fmt.Sprintf("%d layers × %d weight widths × %d activation widths, a batch of %d", len(t.Layers), t.WeightBits, t.ActBits, t.Batch),
			fmt.Sprintf("all layers together: w%da%d takes %.3g of the cycles of w%da%d", pairs[len(pairs)-1][0], pairs[len(pairs)-1][1], last/first, t.WeightBits, t.ActBits),
		},
		Tables: []*Table{lutTable(t, pairs)},
		Charts: []Chart{lutChart(t)},
		Assumptions: append([]string{
			"a layer's neighbours have its widths: what it writes is as wide as what it reads",
		}, t.Assumptions...),
		Identity: []Field{{"machine", t.Machine}, {"set", strings.Join(o.Set, " ")}, {"network", t.Workload}, {"batch", t.Batch}, {"seed", o.Seed}},
	}
	doc.Result = lutResult{t.Machine, t.Workload, t.Batch, t.ClockHz, doc.Tables[0].rows()}
	return doc
}

// lutResult is the "result" of lut in JSON.
type lutResult struct {
	Machine  string  `json:"machine"`  // name
	Workload string  `json:"workload"` // name of the network or workload
	Batch    int     `json:"batch"`    // images of a run
	ClockHz  float64 `json:"clock_hz"` // of the machine
	TableRows
}

// shownPairs are the pairs of widths that people see, from wide to narrow.
func shownPairs(w, a int) [][2]int {
	var pairs [][2]int
	for _, p := range [][2]int{{8, 8}, {4, 8}, {8, 4}, {4, 4}, {2, 4}, {2, 2}, {1, 1}} {
		if p[0] <= w && p[1] <= a {
			pairs = append(pairs, p)
		}
	}
	return pairs
}

// lutTable has a row a layer; files have one for each pair of widths too.
func lutTable(t *evaluate.LUT, pairs [][2]int) *Table {
	var all float64
	for l := range t.Layers {
		all += float64(t.At(l, t.WeightBits, t.ActBits).Cycles) / t.ClockHz
	}
	unit := scaleOf(all, timeUnits)
	out := &Table{Name: "lut", Title: heading("latency", unit.name) + " by weight and activation bits", Columns: []Column{Text("layer", "layer")}}
	for i, p := range pairs {
		out.Columns = append(out.Columns, Scaled(fmt.Sprintf("w%da%d", p[0], p[1]), fmt.Sprintf("w%da%d", p[0], p[1]), unit.size, unit.decimals).Ranked(90-10*i))
	}
	out.Files = &Table{Columns: []Column{Text("layer", "").ID(), Number("weight_bits", "").ID(), Number("act_bits", "").ID(), Number("cycles", ""), Number("latency_s", ""), Number("energy_pj", "")}}
	total := make([]any, len(pairs)+1)
	total[0] = "total"
	for l, name := range t.Layers {
		row := []any{name}
		for i, p := range pairs {
			s := float64(t.At(l, p[0], p[1]).Cycles) / t.ClockHz
			sum, _ := total[i+1].(float64)
			row, total[i+1] = append(row, s), sum+s
		}
		out.Add(row...)
		for w := 1; w <= t.WeightBits; w++ {
			for a := 1; a <= t.ActBits; a++ {
				c := t.At(l, w, a)
				out.Files.Add(name, w, a, c.Cycles, float64(c.Cycles)/t.ClockHz, c.EnergyPJ)
			}
		}
	}
	out.Footer = total
	return out
}

func lutChart(t *evaluate.LUT) Chart {
	return Chart{
		Kind: "points", Title: "Layers at every pair of widths", Table: "lut", Label: []string{"layer", "weight_bits", "act_bits"}, Groups: []string{"layer", "weight_bits", "act_bits"},
		Axes: []Axis{{Key: "latency_s", Name: "latency [µs]", Unit: 1e-6, Log: true, Best: "min"}, {Key: "energy_pj", Name: "energy [µJ]", Unit: 1e6, Log: true, Best: "min"}, {Key: "weight_bits", Name: "weight bits", Unit: 1}, {Key: "act_bits", Name: "activation bits", Unit: 1}},
	}
}
