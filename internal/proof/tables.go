package proof

import "bitcycle/reports"

// ClaimTable shows claims.
func ClaimTable(title string, claims []Claim) *reports.Table {
	t := &reports.Table{Title: title, Columns: []reports.Column{
		reports.Prose("claim", "claim", 44), reports.Prose("paper", "paper", 36), reports.Prose("ours", "ours", 36),
		reports.Text("holds", "holds"), reports.Prose("note", "note", 44),
	}}
	for _, c := range claims {
		t.Add(c.Text, c.Paper, c.Ours, c.Holds, c.Note)
	}
	return t
}

// SourceTable shows a line for each source.
func SourceTable(title string, sources []Source) *reports.Table {
	t := &reports.Table{Title: title, Columns: []reports.Column{
		reports.Text("name", "source"), reports.Number("rows", "rows"), reports.Number("exact", "exact"),
		reports.Percent("mean_error", "mean [%]", 3), reports.Percent("median_error", "median [%]", 3), reports.Percent("p95_error", "p95 [%]", 2),
		reports.Percent("worst_error", "worst [%]", 2), reports.Text("worst_row", "worst row"), reports.Text("bar", "bar"), reports.Text("pass", "pass"),
	}}
	for _, s := range sources {
		t.Add(s.Name, s.Rows, s.Exact, s.MeanError, s.MedianError, s.P95Error, s.WorstError, worst(&s), s.Bar, s.Pass)
		if s.Note != "" {
			t.Notes = append(t.Notes, s.Name+": "+s.Note)
		}
	}
	return t
}

// worst names the worst row of a source that is not exact throughout.
func worst(s *Source) string {
	if s.Exact == s.Rows {
		return ""
	}
	if len(s.WorstRow) > 60 {
		return s.WorstRow[:57] + "..."
	}
	return s.WorstRow
}

// RowTable shows every row of the sources.
func RowTable(title string, sources []Source) *reports.Table {
	t := &reports.Table{Title: title, Columns: []reports.Column{
		reports.Text("source", "source"), reports.Text("id", "id"), reports.Text("what", "what"),
		reports.Significant("want", "want", 8), reports.Significant("got", "got", 8), reports.Percent("error", "error [%]", 4),
		reports.Text("exact", "exact"), reports.Text("verdict", "verdict"), reports.Text("note", "note"),
	}}
	for _, s := range sources {
		for _, r := range s.Detail {
			t.Add(s.Name, r.ID, r.What, r.Want, r.Got, r.Error, r.Exact, string(r.Verdict), r.Note)
		}
	}
	return t
}
