package reproduce

import (
	"context"
	"fmt"

	"bitcycle/mimo/experiments"
	"bitcycle/reports"
)

// mimoReport repeats the precoding experiments and judges the paper's claims.
func mimoReport(ctx context.Context, o Options) (*Report, error) {
	options := experiments.Options{Quick: o.Quick, Seed: uint64(o.Seed), Workers: o.Workers}
	o.step("experiments", 0, 2)
	rows, err := experiments.Run(ctx, options)
	if err != nil {
		return nil, err
	}
	r := &Report{Assumptions: []string{"references are figures measured with an independent implementation of the same specification; the paper's own curves could not be read"}}
	t := &reports.Table{Title: "one-bit precoding: ours beside the reference", Columns: []reports.Column{
		reports.Text("experiment", "experiment"), reports.Text("quantity", "quantity"), reports.Text("unit", "unit"), reports.Significant("value", "ours", 4),
		reports.Significant("reference", "reference", 4), reports.Significant("tolerance", "tolerance", 2), reports.Text("pass", "pass"), reports.Text("note", "note"),
	}}
	passed, judged := 0, 0
	for _, row := range rows {
		var pass any
		if row.Judged {
			pass = row.Pass
			judged++
			if row.Pass {
				passed++
			}
		}
		t.Add(row.Experiment, row.Quantity, row.Unit, row.Value, row.Reference, row.Tolerance, pass, row.Note)
	}
	r.Tables = append(r.Tables, t)
	r.Claims = append(r.Claims, Claim{Claim: "reference figures R1 to R8", Paper: "within their tolerances", Ours: fmt.Sprintf("%d of %d", passed, judged), Holds: passed == judged})
	o.step("claims", 1, 2)
	claims, err := experiments.Claims(ctx, options)
	if err != nil {
		return nil, err
	}
	for _, c := range claims {
		r.Claims = append(r.Claims, Claim{Claim: c.ID, Paper: c.Paper, Ours: c.Verdict(), Holds: c.Holds, Note: c.Where})
	}
	return r, nil
}
