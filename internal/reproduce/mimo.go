package reproduce

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"bitcycle/mimo/experiments"
	"bitcycle/reports"
)

// mimoReport repeats the link-level experiments and examines the claims of M. Shao et
// al., "One-Bit Sigma-Delta MIMO Precoding" (IEEE J. Sel. Topics Signal Process.
// 13(5), 2019), then compares front ends at the same error rate.
func mimoReport(ctx context.Context, o Options) (*Report, error) {
	r := &Report{Assumptions: []string{
		"settings and curve values of the paper's figures could not be recovered: references R1 to R8 are those of an independent numerical prototype with other random numbers, the claims H1 to H4 and the running times are the paper's",
		"outside the model: mutual coupling (strong at λ/8), pulse shaping, multi-carrier signals, imperfect channel knowledge, the reactive power of noise shaped outside the visible region",
	}}
	for _, step := range []func(context.Context, Options, *Report) error{mimoExperiments, mimoClaims, mimoRuntimes, mimoFrontEnds} {
		if err := step(ctx, o, r); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (o Options) experiment() experiments.Options {
	return experiments.Options{Quick: o.Quick, Seed: uint64(o.Seed), Workers: o.Workers, Store: o.Store}
}

// mimoExperiments sets R1 to R8 beside their references, one claim an experiment.
func mimoExperiments(ctx context.Context, o Options, r *Report) error {
	t := &reports.Table{Title: "measurements beside their references", Columns: []reports.Column{
		reports.Text("experiment", "id"), reports.Text("quantity", "quantity"), reports.Text("unit", "unit"),
		reports.Significant("value", "ours", 3), reports.Significant("reference", "reference", 3), reports.Significant("tolerance", "±", 2),
		reports.Text("pass", "within"), reports.Text("note", "note"),
	}}
	all := experiments.All()
	for i, e := range all {
		o.step("experiment "+e.ID, i, len(all))
		if err := ctx.Err(); err != nil {
			return err
		}
		run := o.experiment()
		run.Progress = func(text string) { o.step(text, i, len(all)) }
		rows, err := experiments.Run(ctx, run, e.ID)
		if err != nil {
			return err
		}
		r.Claims = append(r.Claims, agreement(e, rows))
		for _, row := range rows {
			var tolerance, pass any
			if row.Judged {
				tolerance, pass = row.Tolerance, row.Pass
			}
			t.Add(row.Experiment, row.Quantity, row.Unit, row.Value, row.Reference, tolerance, pass, row.Note)
		}
	}
	r.Tables = append(r.Tables, t)
	return nil
}

// agreement counts the rows of an experiment that lie within their tolerances.
func agreement(e experiments.Experiment, rows []experiments.Row) Claim {
	judged, passed := 0, 0
	var worst experiments.Row
	excess := -1.0
	for _, row := range rows {
		if !row.Judged {
			continue
		}
		judged++
		if row.Pass {
			passed++
		}
		if d := math.Abs(row.Value-row.Reference) / math.Max(row.Tolerance, 1e-300); d > excess {
			excess, worst = d, row
		}
	}
	c := Claim{
		Claim: e.ID + ": " + e.About, Paper: fmt.Sprintf("%d reference values", judged),
		Ours: fmt.Sprintf("%d within tolerance", passed), Holds: judged > 0 && passed == judged,
	}
	if judged > 0 {
		c.Note = fmt.Sprintf("farthest: %s %.3g against %.3g ± %.2g %s", worst.Quantity, worst.Value, worst.Reference, worst.Tolerance, worst.Unit)
	}
	return c
}

// mimoClaims examines H1 to H4.
func mimoClaims(ctx context.Context, o Options, r *Report) error {
	for i, examine := range []func(context.Context, experiments.Options) (experiments.Claim, error){
		experiments.H1, experiments.H2, experiments.H3, experiments.H4,
	} {
		o.step("claims", i, 4)
		if err := ctx.Err(); err != nil {
			return err
		}
		c, err := examine(ctx, o.experiment())
		if err != nil {
			return err
		}
		var evidence []string
		for _, row := range c.Evidence {
			text := fmt.Sprintf("%s: %.3g %s", row.Quantity, row.Value, row.Unit)
			if row.Note != "" {
				text += " (" + row.Note + ")"
			}
			evidence = append(evidence, strings.TrimSpace(text))
		}
		r.Claims = append(r.Claims, Claim{Claim: c.ID, Paper: c.Paper, Ours: c.Verdict(), Holds: c.Holds, Note: strings.Join(evidence, "; ")})
	}
	return nil
}

// mimoRuntimes compares the order of the precoders' running times.
func mimoRuntimes(_ context.Context, o Options, r *Report) error {
	rows, err := experiments.Runtimes(o.experiment())
	if err != nil {
		return err
	}
	t := &reports.Table{Title: "running time of a block of 20 vectors, N = 256, K = 8, 16-QAM", Columns: []reports.Column{
		reports.Text("precoder", "precoder"), reports.Scaled("seconds", "ours [ms]", 1e-3, 3), reports.Significant("ratio", "ratio", 3),
		reports.Scaled("paper_seconds", "paper [ms]", 1e-3, 3), reports.Significant("paper_ratio", "ratio", 3), reports.Text("note", "note"),
	}}
	for _, row := range rows {
		t.Add(row.Name, row.Seconds, row.Ratio, row.PaperSeconds, row.PaperRatio, row.Note)
	}
	r.Tables = append(r.Tables, t)
	name := func(x experiments.Runtime) string { return x.Name }
	ours, paper := order(rows, func(x experiments.Runtime) float64 { return x.Seconds }, name), order(rows, func(x experiments.Runtime) float64 { return x.PaperSeconds }, name)
	r.Claims = append(r.Claims, Claim{
		Claim: "running times: fastest first", Paper: strings.Join(paper, " < "), Ours: strings.Join(ours, " < "),
		Holds: slices.Equal(ours, paper), Note: "setting and machine of the paper's table are not known; times on a busy machine vary",
	})
	return nil
}

// order names rows from the least to the greatest key.
func order[T any](rows []T, key func(T) float64, name func(T) string) []string {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b T) int {
		switch {
		case key(a) < key(b):
			return -1
		case key(a) > key(b):
			return 1
		}
		return 0
	})
	names := make([]string, len(sorted))
	for i, row := range sorted {
		names[i] = name(row)
	}
	return names
}
