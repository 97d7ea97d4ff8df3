package proof

import "bitcycle/reports"

// ClaimTable shows claims in words; files have the figures as numbers.
func ClaimTable(claims []Claim) *reports.Table {
	t := &reports.Table{Name: "claims", Title: "claims", Columns: []reports.Column{
		reports.Prose("claim", "claim", 44).Ranked(reports.Must), reports.Prose("paper", "paper", 36).Ranked(reports.Must), reports.Prose("ours", "ours", 36).Ranked(reports.Must),
		reports.Text("holds", "holds").Ranked(reports.Must), reports.Prose("note", "note", 44),
	}}
	t.Files = &reports.Table{Columns: []reports.Column{
		reports.Text("claim", ""), reports.Text("paper", ""), reports.Text("ours", ""), reports.Text("unit", ""), reports.Number("ci95_low", ""), reports.Number("ci95_high", ""),
		reports.Text("holds", ""), reports.Text("paper_text", ""), reports.Text("ours_text", ""), reports.Text("note", ""),
	}}
	for i := range claims {
		c := &claims[i]
		t.Add(c.Text, c.Paper, c.Ours, c.Holds, c.Note)
		var paper, ours, low, high any = c.Paper, c.Ours, nil, nil
		unit := ""
		if f := c.Figures; f != nil {
			paper, ours, unit = figure(f.Paper, c.Paper), figure(f.Ours, c.Ours), f.Unit
		}
		if c.CI95 != nil {
			low, high = c.CI95[0], c.CI95[1]
		}
		t.Files.Add(c.Text, paper, ours, unit, low, high, c.Holds, c.Paper, c.Ours, c.Note)
	}
	return t
}

// SourceTable shows a line for each source.
func SourceTable(sources []Source) *reports.Table {
	t := &reports.Table{Name: "sources", Title: "the models against golden and published numbers", Columns: []reports.Column{
		reports.Text("name", "source"), reports.Number("rows", "rows").Ranked(70), reports.Number("exact", "exact").Ranked(60),
		reports.Percent("mean_error", "mean [%]", 3).Ranked(50), reports.Percent("median_error", "median [%]", 3).Ranked(20), reports.Percent("p95_error", "p95 [%]", 2).Ranked(30),
		reports.Percent("bias", "bias [%]", 2).Ranked(25), reports.Significant("rank", "rank", 4).Ranked(15), reports.Text("machine", "machine").Ranked(5),
		reports.Percent("worst_error", "worst [%]", 2).Ranked(80), reports.Text("worst_row", "worst row").Ranked(10), reports.Text("bar", "bar").Ranked(40), reports.Text("pass", "pass").Ranked(reports.Must),
	}}
	for _, s := range sources {
		t.Add(s.Name, s.Rows, s.Exact, s.MeanError, s.MedianError, s.P95Error, s.Bias, rank(&s), s.Machine, s.WorstError, worst(&s), s.Bar, s.Pass)
		if s.Note != "" {
			t.Notes = append(t.Notes, s.Name+": "+s.Note)
		}
	}
	return t
}

// rank is the rank correlation, nil where there is none.
func rank(s *Source) any {
	if s.Rank == nil {
		return nil
	}
	return *s.Rank
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
func RowTable(sources []Source) *reports.Table {
	t := &reports.Table{Name: "rows", Title: "every row", Columns: []reports.Column{
		reports.Text("source", "source"), reports.Text("id", "id").Ranked(reports.Must), reports.Text("what", "what").Ranked(20),
		reports.Significant("want", "want", 8).Ranked(reports.Must), reports.Significant("got", "got", 8).Ranked(reports.Must), reports.Percent("error", "error [%]", 4).Ranked(80),
		reports.Text("exact", "exact").Ranked(30), reports.Text("verdict", "verdict").Ranked(60), reports.Text("note", "note").Ranked(10),
	}}
	for _, s := range sources {
		for _, r := range s.Detail {
			t.Add(s.Name, r.ID, r.What, r.Want, r.Got, r.Error, r.Exact, string(r.Verdict), r.Note)
		}
	}
	return t
}

// RowChart sets ours against what is published or golden, with a band of ±10 %.
func RowChart() reports.Chart {
	return reports.Chart{
		Kind: "points", Title: "Ours against published and golden", Note: "the line is equality, the dashed ones ±10 %", Table: "rows", Label: []string{"source", "id", "what"}, Groups: []string{"source", "verdict", "what"},
		Axes:   []reports.Axis{{Key: "want", Name: "published or golden", Unit: 1, Log: true}, {Key: "got", Name: "ours", Unit: 1, Log: true}, {Key: "error", Name: "error [%]", Unit: 0.01, Log: true}},
		Guides: []float64{1, 0.9, 1.1},
	}
}
