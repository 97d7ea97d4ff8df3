package reports

import (
	"fmt"
	"slices"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/mimo"
	"bitcycle/sim"
)

// frontEndRow is one point of an error-rate curve in JSON.
type frontEndRow struct {
	FrontEnd string `json:"frontend"` // name
	Precoder string `json:"precoder"` // or detector
	mimo.Result
	FOMBitJ  float64 `json:"energy_per_bit_fom_j"`  // joules for each bit that arrives right, converters by figure of merit
	BinwBitJ float64 `json:"energy_per_bit_binw_j"` // the same, binary-weighted converters
}

// frontEndCost is what a precoder costs on the front end in JSON.
type frontEndCost struct {
	Precoder string `json:"precoder"` // or detector
	*sim.FrontEndResult
	FOMW   float64          `json:"total_fom_w"`  // watts, converters by figure of merit
	BinwW  float64          `json:"total_binw_w"` // watts, binary-weighted converters
	Stalls map[string]int64 `json:"stalls"`       // the accelerator's cycles for a coherence block by cause
}

// FrontEnds is the report of front ends under one or more precoders each. target is the
// symbol error rate whose ratio was looked for, 0 for none.
func FrontEnds(o Origin, runs []evaluate.FrontEndOutcome, target float64) *Document {
	names := frontEndNames(runs)
	result := &frontEndsResult{FrontEnd: strings.Join(names, ", "), Rows: frontEndRows(runs), Costs: frontEndCosts(runs), Needed: neededRows(runs, target)}
	doc := &Document{
		Title:  result.FrontEnd + " under " + precoders(runs),
		Answer: append(neededLines(result), frontEndLines(runs)...),
		Tables: frontEndTables(result),
		Charts: rateCharts(result.FrontEnd, parameters(runs)),
		Result: result,
		Assumptions: []string{
			"SNR is transmit power over receiver noise at users of gain 1, directions drawn anew on every channel, four groups of symbols on each; 95 % Wilson intervals count symbols of one channel as dependent",
			fmt.Sprintf("energy per correctly delivered bit: all power at %s radiated over the bits that arrive right, of one symbol a user in every symbol interval, without coding or pilots", radiated(runs)),
			o.String(),
		},
		Identity: []Field{{"frontend", result.FrontEnd}, {"set", strings.Join(o.Set, " ")}, {"seed", o.Seed}},
	}
	if len(names) == 1 {
		doc.Assumptions = append(doc.Assumptions, runs[0].Cost.Assumptions...)
		return doc
	}
	for i := range runs {
		if name := runs[i].FrontEnd.FrontEnd.Name; !slices.ContainsFunc(doc.ByMachine, func(g Group) bool { return g.Name == name }) {
			doc.ByMachine = append(doc.ByMachine, Group{Name: name, Lines: runs[i].Cost.Assumptions})
		}
	}
	return doc
}

// frontEndTables are those of a report; a column tells front ends apart where there are
// several.
func frontEndTables(r *frontEndsResult) []*Table {
	tables := []*Table{rateTable(r.FrontEnd, r.Rows), timingTable(r.Costs), powerTable(r.Costs)}
	if len(r.Needed) > 0 {
		tables = slices.Insert(tables, 1, neededTable(r))
	}
	if !r.several() {
		for _, t := range tables {
			t.without("frontend")
		}
	}
	return tables
}

// several tells whether there is more than one front end.
func (r *frontEndsResult) several() bool {
	return slices.ContainsFunc(r.Costs, func(c frontEndCost) bool { return c.FrontEnd != r.Costs[0].FrontEnd })
}

// without takes a column out of people's table and of files.
func (t *Table) without(key string) {
	for _, one := range []*Table{t, t.Files} {
		if one == nil {
			continue
		}
		i := slices.IndexFunc(one.Columns, func(c Column) bool { return c.Key == key })
		if i < 0 {
			continue
		}
		one.Columns = slices.Delete(one.Columns, i, i+1)
		for r := range one.Rows {
			one.Rows[r] = slices.Delete(one.Rows[r], i, i+1)
		}
	}
}

// rateCharts are the error rates with their intervals beside the closed form, and the
// energy of a bit that arrives right.
func rateCharts(name, note string) []Chart {
	snr := Axis{Key: "snr_db", Name: "transmit power over noise [dB]", Unit: 1}
	return []Chart{
		{
			Kind: "curves", Title: "Symbol error rate on " + name, Note: note, Table: "rates", Groups: []string{"curve"}, Label: []string{"curve"},
			Axes: []Axis{snr, {Key: "ser", Name: "SER", Unit: 1, Log: true, Best: "min", Low: "ser_ci95_low", High: "ser_ci95_high"}, {Key: "predicted_ser", Name: "closed form", Unit: 1, Log: true}},
		},
		{
			Kind: "curves", Title: "Energy per correctly delivered bit", Note: strings.TrimPrefix(note+"; converters by figure of merit", "; "), Table: "rates", Groups: []string{"curve"}, Label: []string{"curve"},
			Axes: []Axis{snr, {Key: "energy_per_bit_fom_j", Name: "nJ per bit", Unit: 1e-9, Log: true, Best: "min"}},
		},
	}
}

func precoders(runs []evaluate.FrontEndOutcome) string {
	names := make([]string, len(runs))
	for i := range runs {
		names[i] = runs[i].FrontEnd.Precoder
	}
	return strings.Join(names, ", ")
}

// frontEndLines say of each precoder how often it errs at the highest ratio, what it
// takes and whether it keeps up.
func frontEndLines(runs []evaluate.FrontEndOutcome) []string {
	var lines []string
	several := len(frontEndNames(runs)) > 1
	for i := range runs {
		m := &runs[i]
		name := m.FrontEnd.Precoder
		if several {
			name = m.FrontEnd.FrontEnd.Name + ", " + name
		}
		line := fmt.Sprintf("%s: latency %s, %.4g W by fom, %.4g by binw", name, inUnits(m.Cost.LatencyS, timeUnits), m.Cost.Total("fom"), m.Cost.Total("binw"))
		if n := len(m.Curve); n > 0 {
			last := &m.Curve[n-1]
			line += fmt.Sprintf("; SER %.3g at %g dB", last.SER, last.SNRdB)
		}
		lines = append(lines, line)
		if !m.Cost.Deadline {
			lines = append(lines, fmt.Sprintf("%s misses the symbol deadline: the %s takes %.3g symbol intervals for each vector; its power is that of as many as would keep up", name, m.Cost.Bottleneck, 1-m.Cost.Slack))
		}
	}
	return lines
}

func frontEndRows(runs []evaluate.FrontEndOutcome) []frontEndRow {
	var rows []frontEndRow
	for _, m := range runs {
		for _, r := range m.Curve {
			rows = append(rows, frontEndRow{m.FrontEnd.FrontEnd.Name, m.FrontEnd.Precoder, r, m.Cost.EnergyPerBit("fom", r.BER), m.Cost.EnergyPerBit("binw", r.BER)})
		}
	}
	return rows
}

func frontEndCosts(runs []evaluate.FrontEndOutcome) []frontEndCost {
	costs := make([]frontEndCost, len(runs))
	for i, m := range runs {
		costs[i] = frontEndCost{m.FrontEnd.Precoder, m.Cost, m.Cost.Total("fom"), m.Cost.Total("binw"), byCause(m.Cost.Stalls)}
	}
	return costs
}

func rateTable(name string, rows []frontEndRow) *Table {
	t := &Table{Name: "rates", Title: "error rates on " + name, Columns: []Column{
		Text("frontend", "front end").Ranked(Must).ID(), Text("precoder", "precoder").Ranked(Must).ID(), Scaled("snr_db", "SNR [dB]", 1, 1).Ranked(Must),
		Significant("ser", "SER", 3).Ranked(Must), Significant("ser_ci95_low", "95 % from", 3).Ranked(60), Significant("ser_ci95_high", "to", 3).Ranked(60),
		Significant("ber", "BER", 3).Ranked(80), Significant("predicted_ser", "SEP formula", 3).Ranked(40), Number("symbols", "symbols").Ranked(20),
		Scaled("energy_per_bit_fom_j", "fom [nJ/bit]", 1e-9, 3).Ranked(90), Scaled("energy_per_bit_binw_j", "binw [nJ/bit]", 1e-9, 3).Ranked(70),
		Text("curve", ""),
	}}
	several := slices.ContainsFunc(rows, func(r frontEndRow) bool { return r.FrontEnd != rows[0].FrontEnd })
	for _, r := range rows {
		var predicted any
		if r.HasPredicted {
			predicted = r.PredictedSER
		}
		curve := r.Precoder
		if several {
			curve = r.FrontEnd + ", " + curve
		}
		t.Add(r.FrontEnd, r.Precoder, r.SNRdB, r.SER, r.SER95[0], r.SER95[1], r.BER, predicted, r.Tally.Symbols, r.FOMBitJ, r.BinwBitJ, curve)
	}
	t.hide("curve")
	return t
}

func timingTable(costs []frontEndCost) *Table {
	t := &Table{Name: "latency", Title: "latency and symbol deadline", Columns: []Column{
		Text("frontend", "front end").Ranked(Must).ID(), Text("precoder", "precoder").Ranked(Must).ID(), Scaled("latency_s", "latency [µs]", 1e-6, 3).Ranked(Must),
		Scaled("accelerator_latency_s", "accelerator [µs]", 1e-6, 3).Ranked(50), Scaled("modulator_latency_s", "modulator [µs]", 1e-6, 3).Ranked(50),
		Scaled("matrix_s", "matrix [µs]", 1e-6, 3).Ranked(30), Scaled("vectors_s", "vectors [µs]", 1e-6, 3).Ranked(30), Scaled("block_s", "of block [µs]", 1e-6, 3).Ranked(30),
		Text("deadline", "deadline").Ranked(90), Significant("load", "load", 3).Ranked(80), Text("bottleneck", "slowest").Ranked(70), Text("stalled", "stalls most").Ranked(20),
	}}
	for _, k := range costs {
		t.Add(k.FrontEnd, k.Precoder, k.LatencyS, k.Stages[0].LatencyS, k.Stages[1].LatencyS, k.MatrixS, k.VectorsS, k.BlockS, k.Deadline, 1-k.Slack, k.Bottleneck, k.Stalled)
	}
	return t
}

// powerTable has a row a component and a column a precoder; files have a row for both.
func powerTable(costs []frontEndCost) *Table {
	t := &Table{Name: "power", Title: "power by component [W]", Columns: []Column{Text("component", "component")}}
	t.Files = &Table{Columns: []Column{Text("frontend", "").ID(), Text("precoder", "").ID(), Text("model", ""), Text("component", ""), Number("power_w", "")}}
	several := slices.ContainsFunc(costs, func(k frontEndCost) bool { return k.FrontEnd != costs[0].FrontEnd })
	for _, k := range costs {
		name := k.Precoder
		if several {
			name = k.FrontEnd + " " + name
		}
		t.Columns = append(t.Columns, Scaled(name+"_w", name, 1, 3))
		for _, model := range arch.ConverterModels() {
			for _, part := range k.Power[model] {
				t.Files.Add(k.FrontEnd, k.Precoder, model, part.Name, part.W)
			}
		}
	}
	row := func(name string, value func(k frontEndCost) float64) {
		values := []any{name}
		for _, k := range costs {
			values = append(values, value(k))
		}
		t.Add(values...)
	}
	for _, model := range arch.ConverterModels() {
		row("converters, "+model, func(k frontEndCost) float64 { return k.PowerOf(model, sim.PowerConverters) })
	}
	for _, name := range otherParts(costs) {
		row(name, func(k frontEndCost) float64 { return k.PowerOf("fom", name) })
	}
	for _, model := range arch.ConverterModels() {
		row("total, "+model, func(k frontEndCost) float64 { return k.Total(model) })
	}
	return t
}

// otherParts are the components of any front end beside the converters.
func otherParts(costs []frontEndCost) []string {
	var names []string
	for _, k := range costs {
		for _, part := range k.Power["fom"][1:] {
			if !slices.Contains(names, part.Name) {
				names = append(names, part.Name)
			}
		}
	}
	return names
}
