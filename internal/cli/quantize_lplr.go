package cli

import (
	"fmt"
	"io"

	"gonum.org/v1/gonum/mat"

	"bitcycle/kernels/dataset"
	"bitcycle/quantizers"
	"bitcycle/quantizers/lplr"
	"bitcycle/quantizers/lplr/matrix"
	"bitcycle/reports"
)

// matrices compresses every matrix of a file.
func (c quantizeCmd) matrices(s *session, text string) error {
	variant, rounds, err := parseVariant(c.Method, text)
	if err != nil {
		return input(err)
	}
	all, err := matrix.Load(dataset.Resolve(c.Matrix))
	if err != nil {
		return input(err)
	}
	table := &reports.Table{Title: "factors of " + c.Matrix, Columns: []reports.Column{
		reports.Text("matrix", "matrix"), reports.Number("rows", "rows"), reports.Number("cols", "columns"), reports.Text("basis", "basis"), reports.Number("rank", "rank"),
		reports.Text("widths", "widths"), reports.Scaled("bits_per_entry", "bits/entry", 1, 3), reports.Scaled("relative_error", "relative error", 1, 4), reports.Scaled("naive_error", "naive, same bits", 1, 4),
	}}
	var stored []lplr.Stored
	for _, m := range all {
		n, d := m.A.Dims()
		opts, err := c.plan(m.A, variant, s.Seed)
		if err != nil {
			return input(fmt.Errorf("%s: %w", m.Name, err))
		}
		products, err := lplr.Iterate(m.A, rounds, opts)
		if err != nil {
			return input(fmt.Errorf("%s: %w", m.Name, err))
		}
		stored = append(stored, lplr.Stored{Name: m.Name, Rounds: products})
		bits := float64(rounds) * lplr.Bits(n, d, opts.Rank, opts.BitsL, opts.BitsR)
		naive := lplr.RelativeError(m.A, lplr.Naive(m.A, min(max(int(bits+0.5), 1), lplr.MaxBits)).Dense())
		table.Add(m.Name, n, d, string(opts.Basis), opts.Rank, fmt.Sprintf("%d/%d", opts.BitsL, opts.BitsR), bits, lplr.RelativeError(m.A, lplr.Sum(products)), naive)
	}
	doc := &reports.Document{Tables: []*reports.Table{table}, Assumptions: []string{fmt.Sprintf("one min/max range a factor, nearest quantizers unless dithered; seed %d, bitcycle %s", s.Seed, version())}}
	if c.Save != "" {
		if err := reports.WriteFile(c.Save, func(w io.Writer) error { return lplr.Write(w, stored) }); err != nil {
			return input(err)
		}
		doc.Summary = append(doc.Summary, "saved "+c.Save)
	}
	return s.write(doc)
}

// parseVariant reads "power=1,sparse=4,dither=true,rounds=2".
func parseVariant(spec, text string) (variant lplr.Options, rounds int, err error) {
	args := quantizers.ParseArgs(spec, text)
	variant = lplr.Options{Power: args.Int("power", 0, 0, 10), Sparse: args.Int("sparse", 0, 0, 1<<16), Dithered: args.Bool("dither", false)}
	return variant, args.Int("rounds", 1, 1, 100), args.Err()
}

// plan returns how to factorize a: as the flags say with --rank, else by the plan
// of least expected error within the budget.
func (c quantizeCmd) plan(a *mat.Dense, variant lplr.Options, seed int64) (lplr.Options, error) {
	opts := lplr.Options{Rank: c.Rank, BitsL: c.BitsL, BitsR: c.BitsR, Basis: lplr.Basis(c.Basis), Seed: seed}
	if c.Rank == 0 {
		n, d := a.Dims()
		plan, err := lplr.Choose(a, lplr.Budget{N: n, D: d, BitsPerEntry: c.Bits, Ratio: 1}, seed)
		if err != nil {
			return opts, err
		}
		opts = plan.Options
	}
	opts.Power, opts.Sparse, opts.Dithered = variant.Power, variant.Sparse, variant.Dithered
	return opts, nil
}
