package reports

// comparisonResult is the "result" of compare in JSON: the table of rows, and others.
type comparisonResult struct {
	TableRows
	Totals  TableRows  `json:"totals"`            // a row's cycles by cause and energy by component, per run
	Factors *TableRows `json:"factors,omitempty"` // with --baseline
}

func comparisonOf(tables []*Table) comparisonResult {
	var r comparisonResult
	for _, t := range tables {
		switch rows := t.rows(); t.Name {
		case "compare":
			r.TableRows = rows
		case "totals":
			r.Totals = rows
		case "factors":
			r.Factors = &rows
		}
	}
	return r
}
