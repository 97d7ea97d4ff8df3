package reproduce

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"bitcycle/internal/proof"
	experiments "bitcycle/internal/proof/experiments/mimo"
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
		reports.Significant("value", "ours", 3), reports.Significant("reference", "reference", 3), reports.Text("window", "has to be"),
		reports.Text("pass", "is"), reports.Text("note", "note"),
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
			var reference any
			if row.Judged() || row.Want != 0 {
				reference = row.Want
			}
			window, pass := verdict(&row)
			t.Add(row.ID, row.What, row.Unit, row.Got, reference, window, pass, row.Note)
		}
	}
	r.Tables = append(r.Tables, t)
	return nil
}

// verdict is the bar of a row and whether it is met, nothing where it has none.
func verdict(r *proof.Row) (bar, pass any) {
	if !r.Judged() {
		return nil, nil
	}
	return r.Bar.String(), r.Verdict == proof.Passes
}

// tally counts the rows with bars and those that meet them.
func tally(rows []proof.Row) (judged, passed int) {
	for i := range rows {
		if rows[i].Judged() {
			judged++
		}
		if rows[i].Verdict == proof.Passes {
			passed++
		}
	}
	return judged, passed
}

// agreement counts the rows of an experiment that lie within their tolerances.
func agreement(e experiments.Experiment, rows []proof.Row) proof.Claim {
	judged, passed := tally(rows)
	c := proof.Claim{
		Text: e.ID + ": " + e.About, Paper: fmt.Sprintf("%d reference values", judged),
		Ours: fmt.Sprintf("%d within tolerance", passed), Holds: judged > 0 && passed == judged, Evidence: rows,
	}.As("values", float64(judged), float64(passed))
	farthest := -1.0
	for _, row := range rows {
		if !row.Judged() {
			continue
		}
		if d := row.Bar.Excess(row.Got); d > farthest {
			farthest = d
			c.Note = fmt.Sprintf("farthest: %s %.3g against %.3g, has to be %s %s", row.What, row.Got, row.Want, row.Bar, row.Unit)
		}
	}
	return c
}

// mimoClaims examines H1 to H4, one claim each and a table of what they rest on.
func mimoClaims(ctx context.Context, o Options, r *Report) error {
	t := &reports.Table{Title: "what the claims rest on", Columns: []reports.Column{
		reports.Text("claim", "id"), reports.Text("quantity", "quantity"), reports.Text("unit", "unit"), reports.Significant("value", "ours", 3),
		reports.Text("limit", "has to be"), reports.Text("pass", "met"), reports.Text("note", "note"),
	}}
	for i, examine := range experiments.Statements {
		o.step("claims", i, len(experiments.Statements))
		if err := ctx.Err(); err != nil {
			return err
		}
		c, err := examine(ctx, o.experiment())
		if err != nil {
			return err
		}
		c.Note = rest(t, &c)
		r.Claims = append(r.Claims, c)
	}
	r.Tables = append(r.Tables, t)
	return nil
}

// rest adds what a claim rests on to the table and counts it.
func rest(t *reports.Table, c *proof.Claim) string {
	for _, row := range c.Evidence {
		limit, pass := verdict(&row)
		t.Add(c.Text, row.What, row.Unit, row.Got, limit, pass, row.Note)
	}
	judged, met := tally(c.Evidence)
	return fmt.Sprintf("%d of %d limits are met, see what the claims rest on", met, judged)
}

// mimoRuntimes compares the order of the precoders' running times.
func mimoRuntimes(_ context.Context, o Options, r *Report) error {
	rows, err := experiments.Runtimes(o.experiment())
	if err != nil {
		return err
	}
	t := &reports.Table{Title: "running time of a block of 20 vectors, N = 256, K = 8, 16-QAM", WallClock: true, Columns: []reports.Column{
		reports.Text("precoder", "precoder"), reports.Scaled("seconds", "ours [ms]", 1e-3, 3), reports.Significant("ratio", "ratio", 3),
		reports.Scaled("paper_seconds", "paper [ms]", 1e-3, 3), reports.Significant("paper_ratio", "ratio", 3), reports.Text("note", "note"),
	}}
	for _, row := range rows {
		t.Add(row.Name, row.Seconds, row.Ratio, row.PaperSeconds, row.PaperRatio, row.Note)
	}
	r.Tables = append(r.Tables, t)
	r.Claims = append(r.Claims, runtimeClaim(rows))
	return nil
}

// runtimeClaim compares the order of running times and says what holds of it.
func runtimeClaim(rows []experiments.Runtime) proof.Claim {
	ours := order(rows, func(x experiments.Runtime) (string, float64) { return x.Name, x.Ratio })
	paper := order(rows, func(x experiments.Runtime) (string, float64) { return x.Name, x.PaperRatio })
	c := proof.Claim{
		Text: "running times over that of ΣΔ-ZF, fastest first", Paper: strings.Join(paper, ", "), Ours: strings.Join(ours, ", "), Holds: true, WallClock: true,
	}
	least, most := math.Inf(1), 0.0
	slowdown := math.Inf(1)
	sorted := slices.Clone(rows)
	slices.SortFunc(sorted, func(a, b experiments.Runtime) int { return cmp.Compare(a.PaperSeconds, b.PaperSeconds) })
	for i, row := range sorted {
		c.Holds = c.Holds && (i == 0 || sorted[i-1].Seconds <= row.Seconds)
		least, most = min(least, row.PaperSeconds/row.Seconds), max(most, row.PaperSeconds/row.Seconds)
		if row.Ratio > 1 {
			slowdown = min(slowdown, row.Ratio)
		}
	}
	c.Note = fmt.Sprintf("ΣΔ-ZF is at least %.0f times as fast as the others; the paper's order of those is that of its solvers: ours solves MSM like ΣΔ-SLP, not by linear programmes, and SQUID in 50 steps. "+
		"Each is %.1f to %.0f times as fast as the paper's, whose setting and machine are not known; times on a busy machine vary", slowdown, least, most)
	return c
}

// order names rows from the least to the greatest key, with the key.
func order[T any](rows []T, key func(T) (string, float64)) []string {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b T) int {
		_, x := key(a)
		_, y := key(b)
		return cmp.Compare(x, y)
	})
	names := make([]string, len(sorted))
	for i, row := range sorted {
		name, x := key(row)
		names[i] = fmt.Sprintf("%s %.3g", name, x)
	}
	return names
}
