package reports

import (
	"fmt"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/mimo"
	"bitcycle/sim"
)

// frontEndRow is one point of an error-rate curve in JSON.
type frontEndRow struct {
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

// FrontEnds is the report of a front end under one or more precoders.
func FrontEnds(o Origin, fe *arch.FrontEnd, runs []evaluate.FrontEndOutcome) *Document {
	result := &frontEndsResult{FrontEnd: fe.Name, Rows: frontEndRows(runs), Costs: frontEndCosts(runs)}
	return &Document{
		Title:  fe.Name + " under " + precoders(runs),
		Answer: frontEndLines(runs),
		Tables: frontEndTables(result),
		Charts: rateCharts(fe.Name),
		Result: result,
		Assumptions: append([]string{
			"SNR is transmit power over receiver noise at users of gain 1, directions drawn anew on every channel, four groups of symbols on each; 95 % Wilson intervals count symbols of one channel as dependent",
			fmt.Sprintf("energy per correctly delivered bit: all power at %.4g W radiated over the bits that arrive right, of one symbol a user in every symbol interval, without coding or pilots", fe.PA.RadiatedW),
			o.String(),
		}, runs[0].Cost.Assumptions...),
		Identity: []Field{{"frontend", fe.Name}, {"set", strings.Join(o.Set, " ")}, {"seed", o.Seed}},
	}
}

func frontEndTables(r *frontEndsResult) []*Table {
	return []*Table{rateTable(r.FrontEnd, r.Rows), timingTable(r.Costs), powerTable(r.Costs)}
}

// rateCharts are the error rates with their intervals beside the closed form, and the
// energy of a bit that arrives right.
func rateCharts(name string) []Chart {
	snr := Axis{Key: "snr_db", Name: "transmit power over noise [dB]", Unit: 1}
	return []Chart{
		{
			Kind: "curves", Title: "Symbol error rate on " + name, Table: "rates", Groups: []string{"precoder"}, Label: []string{"precoder"},
			Axes: []Axis{snr, {Key: "ser", Name: "SER", Unit: 1, Log: true, Best: "min", Low: "ser_ci95_low", High: "ser_ci95_high"}, {Key: "predicted_ser", Name: "closed form", Unit: 1, Log: true}},
		},
		{
			Kind: "curves", Title: "Energy per correctly delivered bit", Note: "converters by figure of merit", Table: "rates", Groups: []string{"precoder"}, Label: []string{"precoder"},
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
	for i := range runs {
		m := &runs[i]
		line := fmt.Sprintf("%s: latency %s, %.4g W by fom, %.4g by binw", m.FrontEnd.Precoder, inUnits(m.Cost.LatencyS, timeUnits), m.Cost.Total("fom"), m.Cost.Total("binw"))
		if n := len(m.Curve); n > 0 {
			last := &m.Curve[n-1]
			line += fmt.Sprintf("; SER %.3g at %g dB", last.SER, last.SNRdB)
		}
		lines = append(lines, line)
		if !m.Cost.Deadline {
			lines = append(lines, fmt.Sprintf("%s misses the symbol deadline: the %s takes %.3g symbol intervals for each vector; its power is that of as many as would keep up", m.FrontEnd.Precoder, m.Cost.Bottleneck, 1-m.Cost.Slack))
		}
	}
	return lines
}

func frontEndRows(runs []evaluate.FrontEndOutcome) []frontEndRow {
	var rows []frontEndRow
	for _, m := range runs {
		for _, r := range m.Curve {
			rows = append(rows, frontEndRow{m.FrontEnd.Precoder, r, m.Cost.EnergyPerBit("fom", r.BER), m.Cost.EnergyPerBit("binw", r.BER)})
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
		Text("precoder", "precoder").ID(), Scaled("snr_db", "SNR [dB]", 1, 1).Ranked(Must),
		Significant("ser", "SER", 3).Ranked(Must), Significant("ser_ci95_low", "95 % from", 3).Ranked(60), Significant("ser_ci95_high", "to", 3).Ranked(60),
		Significant("ber", "BER", 3).Ranked(80), Significant("predicted_ser", "SEP formula", 3).Ranked(40), Number("symbols", "symbols").Ranked(20),
		Scaled("energy_per_bit_fom_j", "fom [nJ/bit]", 1e-9, 3).Ranked(90), Scaled("energy_per_bit_binw_j", "binw [nJ/bit]", 1e-9, 3).Ranked(70),
	}}
	for _, r := range rows {
		var predicted any
		if r.HasPredicted {
			predicted = r.PredictedSER
		}
		t.Add(r.Precoder, r.SNRdB, r.SER, r.SER95[0], r.SER95[1], r.BER, predicted, r.Tally.Symbols, r.FOMBitJ, r.BinwBitJ)
	}
	return t
}

func timingTable(costs []frontEndCost) *Table {
	t := &Table{Name: "latency", Title: "latency and symbol deadline", Columns: []Column{
		Text("precoder", "precoder").ID(), Scaled("latency_s", "latency [µs]", 1e-6, 3).Ranked(Must),
		Scaled("accelerator_latency_s", "accelerator [µs]", 1e-6, 3).Ranked(50), Scaled("modulator_latency_s", "modulator [µs]", 1e-6, 3).Ranked(50),
		Scaled("matrix_s", "matrix [µs]", 1e-6, 3).Ranked(30), Scaled("vectors_s", "vectors [µs]", 1e-6, 3).Ranked(30), Scaled("block_s", "of block [µs]", 1e-6, 3).Ranked(30),
		Text("deadline", "deadline").Ranked(90), Significant("load", "load", 3).Ranked(80), Text("bottleneck", "slowest").Ranked(70), Text("stalled", "stalls most").Ranked(20),
	}}
	for _, k := range costs {
		t.Add(k.Precoder, k.LatencyS, k.Stages[0].LatencyS, k.Stages[1].LatencyS, k.MatrixS, k.VectorsS, k.BlockS, k.Deadline, 1-k.Slack, k.Bottleneck, k.Stalled)
	}
	return t
}

// powerTable has a row a component and a column a precoder; files have a row for both.
func powerTable(costs []frontEndCost) *Table {
	t := &Table{Name: "power", Title: "power by component [W]", Columns: []Column{Text("component", "component")}}
	t.Files = &Table{Columns: []Column{Text("precoder", "").ID(), Text("model", ""), Text("component", ""), Number("power_w", "")}}
	for _, k := range costs {
		t.Columns = append(t.Columns, Scaled(k.Precoder+"_w", k.Precoder, 1, 3))
		for _, model := range arch.ConverterModels() {
			for _, part := range k.Power[model] {
				t.Files.Add(k.Precoder, model, part.Name, part.W)
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
	for _, part := range costs[0].Power["fom"][1:] {
		row(part.Name, func(k frontEndCost) float64 { return k.PowerOf("fom", part.Name) })
	}
	for _, model := range arch.ConverterModels() {
		row("total, "+model, func(k frontEndCost) float64 { return k.Total(model) })
	}
	return t
}
