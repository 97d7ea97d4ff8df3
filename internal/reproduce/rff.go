package reproduce

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/mat"

	"bitcycle/arch"
	"bitcycle/quantizers/rff"
	"bitcycle/quantizers/rff/experiments"
	"bitcycle/reports"
	"bitcycle/sim"
)

// rffNeedsData names the experiments that read real data sets.
var rffNeedsData = map[string]bool{"mnist": true, "phoneme": true}

func rffReport(ctx context.Context, o Options) (*Report, error) {
	r := &Report{Assumptions: []string{
		"features, kernels and settings of the authors' notebooks; bits per point by the paper's count, which stores the levels before condensation",
	}}
	options := experiments.Options{Quick: o.Quick, Seed: uint64(o.Seed), Data: o.DataRoot}
	for i, e := range experiments.List {
		o.step(e.ID, i, len(experiments.List)+1)
		if rffNeedsData[e.ID] && o.DataRoot == "" {
			r.Assumptions = append(r.Assumptions, e.ID+" left out: no data folder (set BITCYCLE_DATA)")
			continue
		}
		t, err := e.Run(ctx, options)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.ID, err)
		}
		r.addExperiment(&t)
		if err := r.draw(o.Folder, &t); err != nil {
			return nil, err
		}
	}
	for _, points := range []int{64, 1} {
		hardware, err := featureHardware(ctx, o, points)
		if err != nil {
			return nil, err
		}
		r.Tables = append(r.Tables, hardware)
	}
	return r, nil
}

// addExperiment adds an experiment's rows as a table and its findings and
// judged rows as claims.
func (r *Report) addExperiment(t *experiments.Table) {
	table := &reports.Table{Title: t.Title, Columns: []reports.Column{
		reports.Text("setting", "setting"), reports.Text("scheme", "scheme"), reports.Number("features", "features"),
		reports.Scaled("bits_per_point", "bits/point", 1, 0), reports.Significant("paper", "paper", 4), reports.Significant("ours", "ours", 4),
		reports.Significant("ci95", "± 95 %", 2), reports.Text("window", "window"), reports.Text("pass", "in window"), reports.Text("note", "note"),
	}}
	judged, passed, last := 0, 0, ""
	for _, row := range t.Rows {
		var paper, window, pass any
		if row.Paper != nil {
			paper = *row.Paper
		}
		if row.Window != nil {
			window, pass = fmt.Sprintf("%.4g to %.4g", row.Window.Low, row.Window.High), row.Pass
			judged++
			if row.Pass {
				passed++
			} else {
				last = row.Setting + " " + row.Scheme
			}
		}
		table.Add(row.Setting, row.Scheme, row.Features, row.Bits, paper, row.Ours, row.CI95, window, pass, row.Note)
	}
	table.Notes = append([]string{t.Protocol}, t.Findings...)
	r.Tables = append(r.Tables, table)
	if judged > 0 {
		note := t.Metric
		if last != "" {
			note += "; outside: " + last
		}
		r.Claims = append(r.Claims, Claim{
			Claim: t.Title, Paper: "figures of the table", Ours: fmt.Sprintf("%d of %d rows inside their windows", passed, judged), Holds: passed == judged, Note: note,
		})
	}
}

// draw writes the plots of an experiment as SVG files.
func (r *Report) draw(folder string, t *experiments.Table) error {
	if folder == "" {
		return nil
	}
	for i := range t.Plots {
		p := &t.Plots[i]
		curves := reports.Curves{Title: p.Title, XLabel: p.XLabel, YLabel: p.YLabel, LogX: p.LogX, LogY: p.LogY}
		for _, s := range p.Series {
			curves.Series = append(curves.Series, reports.Curve{Name: s.Name, X: s.X, Y: s.Y})
		}
		name := filepath.Join(folder, fmt.Sprintf("rff-%s-%d.svg", t.ID, i+1))
		file, err := os.Create(name)
		if err != nil {
			return err
		}
		if err := curves.WriteSVG(file); err != nil {
			file.Close()
			return err
		}
		if err := file.Close(); err != nil {
			return err
		}
		r.Files = append(r.Files, name)
	}
	return nil
}

// featureHardware charges every scheme to the bit-serial machine with a vector
// unit and chain units, beside its kernel error and stored bits.
func featureHardware(ctx context.Context, o Options, points int) (*reports.Table, error) {
	const d, m = 10, 1920
	settings := []string{"batch=1", "vector.lanes=16", "vector.chain_units=16", "vector.chain_cycles=1"}
	machine, err := arch.Load("haq-bismo-cloud", settings)
	if err != nil {
		return nil, err
	}
	t := &reports.Table{Title: fmt.Sprintf("encoding %d points of %d dimensions by %d features and all kernel values among them, on %s", points, d, m, machine.Name), Columns: []reports.Column{
		reports.Text("scheme", "scheme"), reports.Scaled("stored_bits", "stored bits/point", 1, 0), reports.Significant("relative_error", "relative kernel error", 3),
		reports.Number("cycles", "cycles"), reports.Number("project_cycles", "project"), reports.Number("cosine_cycles", "cosine"), reports.Number("chain_cycles", "recursion"), reports.Number("condense_cycles", "condense"), reports.Number("kernel_cycles", "kernel"),
		reports.Scaled("energy_pj", "energy [µJ]", 1e6, 3), reports.Scaled("dram_bytes", "DRAM [KiB]", 1<<10, 1),
	}}
	one := rff.Alphabet{K: 1}
	kernel := rff.Gaussian{Gamma: 1.0 / d}
	x := clouds(max(points, 64), d, uint64(o.Seed))
	exact := rff.KernelMatrix(kernel, x, x)
	z := rff.Draw(kernel, d, m, uint64(o.Seed)).MapRows(x, o.Workers)
	for _, s := range []rff.Scheme{
		{Method: rff.Float},
		{Method: rff.MSQ, Alphabet: one},
		{Method: rff.StocQ, Alphabet: one},
		rff.NewSigmaDelta(1, 15, one), rff.NewSigmaDelta(2, 15, one), rff.NewBeta(1.9, 12, one),
	} {
		embedded, _, err := rff.Embed(s, z, uint64(o.Seed))
		if err != nil {
			return nil, err
		}
		w := s.Workload(d, m, points, rff.DefaultWidths())
		cost, err := sim.Run(ctx, machine, w, sim.Options{})
		if err != nil {
			return nil, err
		}
		by := map[string]int64{}
		for i := range cost.Layers {
			by[cost.Layers[i].Name] += cost.Layers[i].Cycles
		}
		total := &cost.Totals
		t.Add(s.String(), s.Cost(d, m, rff.DefaultWidths()).StoredBits, gramError(exact, embedded), total.Cycles,
			by["project"], by["cosine"], by["shape"]+by["quantize"], by["condense"], by["kernel"], total.Energy.Total(), total.DRAMRead+total.DRAMWrite)
	}
	t.Notes = append(t.Notes,
		"vector unit of 16 lanes and 16 chain units of one cycle a step are our additions to the machine; kernel error over 64 points",
		"a Sigma-Delta recursion is serial over all features of a point; distributed noise shaping resets after each block, so its chains are short and run side by side: the gain shows when points are fewer than chain units",
		"float features are charged at 16 bits, the machine's widest operands")
	return t, nil
}

// clouds draws points of unit-variance Gaussian coordinates.
func clouds(n, d int, seed uint64) *mat.Dense {
	rng := rand.New(rand.NewPCG(seed, 0x636c6f75))
	x := mat.NewDense(n, d, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, x)
	return x
}

// gramError returns ‖F·Fᵀ − K‖_F/‖K‖_F.
func gramError(exact, f *mat.Dense) float64 {
	var gram, diff mat.Dense
	gram.Mul(f, f.T())
	diff.Sub(&gram, exact)
	e := mat.Norm(&diff, 2) / mat.Norm(exact, 2)
	if math.IsNaN(e) {
		return math.Inf(1)
	}
	return e
}
