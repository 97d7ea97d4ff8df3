package reproduce

import (
	"fmt"

	"bitcycle/internal/proof"
	experiments "bitcycle/internal/proof/experiments/rff"
	"bitcycle/reports"
)

// addExperiment adds an experiment's rows as a table and its findings and
// judged rows as claims.
func (r *Report) addExperiment(t *experiments.Table) {
	table := &reports.Table{Title: t.Title, Columns: []reports.Column{
		reports.Text("setting", "setting"), reports.Text("scheme", "scheme"), reports.Number("features", "features"),
		reports.Scaled("bits_per_point", "bits/point", 1, 0), reports.Significant("paper", "paper", 4), reports.Significant("ours", "ours", 4),
		reports.Significant("ci95", "± 95 %", 2), reports.Text("window", "window"), reports.Text("pass", "in window"), reports.Text("note", "note"),
	}}
	var rows []proof.Row
	last := ""
	for _, row := range t.Rows {
		rows = append(rows, row.Row)
		var paper any
		if row.Published {
			paper = row.Want
		}
		if row.Verdict == proof.Fails {
			last = row.ID + " " + row.What
		}
		window, pass := verdict(&row.Row)
		table.Add(row.ID, row.What, positive(row.Features), positive(row.Bits), paper, row.Got, positive(row.Half()), window, pass, row.Note)
	}
	judged, passed := tally(rows)
	table.Notes = append([]string{t.Protocol}, t.Findings...)
	r.Tables = append(r.Tables, table)
	if judged > 0 {
		note := t.Metric
		if last != "" {
			note += "; outside: " + last
		}
		r.Claims = append(r.Claims, proof.Claim{
			Text: t.Title, Paper: "figures of the table", Ours: fmt.Sprintf("%d of %d rows inside their windows", passed, judged), Holds: passed == judged, Note: note, Evidence: rows,
		})
	}
}

// positive leaves out what does not apply to a row: features and bits of a slope,
// the interval of a single draw, a reference that is not there.
func positive[T int | float64](v T) any {
	if v > 0 {
		return v
	}
	return nil
}

// duelTable is the empty table of where condensed schemes win and lose.
func duelTable() *reports.Table {
	return &reports.Table{
		Title: "condensed schemes against quantizing each feature for itself, both within the same bits per point",
		Columns: []reports.Column{
			reports.Text("experiment", "experiment"), reports.Text("metric", "metric"), reports.Scaled("bits_per_point", "bits/point", 1, 0),
			reports.Text("condensed", "best condensed"), reports.Scaled("condensed_bits", "its bits", 1, 0), reports.Significant("condensed_figure", "ours", 4),
			reports.Text("direct", "best other"), reports.Significant("direct_figure", "ours", 4), reports.Text("condensation", "condensation"),
		},
		Notes: []string{
			"the best of the settings tried on either side, so that both profit alike from being chosen; level: the 95 % intervals overlap",
			"condensed schemes compute λ times the features for the same codes; semi-quantized and float features are no competitors here, since a side of them stays float",
		},
	}
}

// addDuels adds an experiment's duels to the table, and their score as a claim.
func (r *Report) addDuels(table *reports.Table, t *experiments.Table) {
	score := map[experiments.Outcome]int{}
	duels := t.Duels()
	for _, d := range duels {
		score[d.Outcome]++
		table.Add(t.ID, t.Metric, d.Bits, d.Condensed.ID+" "+d.Condensed.What, d.Condensed.Bits, d.Condensed.Got, d.Direct.ID+" "+d.Direct.What, d.Direct.Got, string(d.Outcome))
	}
	if len(duels) == 0 {
		return
	}
	paper, holds := "condensed codes win per stored bit", score[experiments.Wins] > score[experiments.Loses]
	switch {
	case t.ID == "mnist" || t.ID == "phoneme":
		paper = "wins in its learning tasks; not this one"
	case experiments.KernelError(t.ID):
		paper, holds = "StocQ has the smaller kernel error", score[experiments.Loses] > score[experiments.Wins]
	}
	r.Claims = append(r.Claims, proof.Claim{
		Text: t.Title + ": condensation at equal bits", Paper: paper, Holds: holds, Note: t.Metric,
		Ours: fmt.Sprintf("wins %d, level %d, loses %d of %d budgets", score[experiments.Wins], score[experiments.Level], score[experiments.Loses], len(duels)),
	})
}
