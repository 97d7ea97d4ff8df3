package reproduce

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/proof"
	experiments "bitcycle/internal/proof/experiments/lplr"
	"bitcycle/quantizers/lplr"
	"bitcycle/reports"
)

// phantomTable is the paper's image experiment on the Shepp-Logan phantom.
func phantomTable(ctx context.Context, o Options, r *Report) error {
	rows := []struct {
		bl, br, budget  int
		lplr, dsvd, nq  float64 // measured by the numpy prototype; Algorithm 1 is a mean of 10 seeds
		tolerance       float64
		archived        string
		archivedMeasure float64
	}{
		{4, 8, 1, .2342, .2850, .5323, .05, "0.2397", .2397},
		{8, 8, 1, .2202, .1416, .5323, .05, "", 0},
		{8, 4, 1, .3168, .5779, .5323, .20, "", 0},
		{4, 8, 2, .1675, .3555, .3122, .05, "", 0},
		{8, 8, 2, .1376, .0935, .3122, .05, "", 0},
		{8, 4, 2, .3726, .8354, .3122, .20, "", 0},
	}
	seeds, size := 10, 1000
	if o.Quick {
		seeds = 3
	}
	a := experiments.Phantom(size)
	svd := lplr.ExactSVD(a, 166)
	t := &reports.Table{Title: "relative Frobenius error, Shepp-Logan phantom 1000×1000", Columns: []reports.Column{
		reports.Text("bits", "B,B',B_nq"), reports.Number("rank", "rank"),
		reports.Scaled("lplr", "LPLR", 1, 4), reports.Scaled("lplr_low", "lowest", 1, 4), reports.Scaled("lplr_high", "highest", 1, 4), reports.Scaled("lplr_reference", "reference", 1, 4),
		reports.Scaled("lsvd", "SVD basis", 1, 4), reports.Scaled("balanced", "√S fitted", 1, 4),
		reports.Scaled("dsvd", "U|S·Vᵀ", 1, 4), reports.Scaled("dsvd_reference", "reference", 1, 4),
		reports.Scaled("naive", "naive", 1, 4), reports.Scaled("naive_clipped", "clipped", 1, 4),
	}}
	p := newPlot("plot-phantom", "Shepp-Logan phantom: error over size", "LPLR: mean and range of the sketches; dashed: the prototype's figures, at 4,8 and 1 bit within 3 % of the authors' log",
		reports.Axis{Name: "bits per entry"}, reports.Axis{Name: "relative Frobenius error", Log: true}, "reference")
	for i, row := range rows {
		o.step("phantom", i, len(rows))
		if err := ctx.Err(); err != nil {
			return err
		}
		m := lplr.Budget{N: size, D: size, BitsPerEntry: float64(row.budget), Ratio: 1}.Rank(row.bl, row.br)
		opts := lplr.Options{Rank: m, BitsL: row.bl, BitsR: row.br, Seed: o.Seed}
		errs, err := sketchErrors(a, opts, seeds)
		if err != nil {
			return err
		}
		mean := meanOf(errs)
		single := map[lplr.Basis]float64{}
		for _, basis := range []lplr.Basis{lplr.SVDBasis, lplr.SVDSqrt, lplr.DirectUSV} {
			opts.Basis = basis
			single[basis] = lplr.RelativeError(a, lplr.FromSVD(a, svd, opts).Dense())
		}
		naive := lplr.RelativeError(a, lplr.Naive(a, row.budget).Dense())
		t.Add(fmt.Sprintf("%d,%d,%d", row.bl, row.br, row.budget), m, mean, slices.Min(errs), slices.Max(errs), row.lplr,
			single[lplr.SVDBasis], single[lplr.SVDSqrt], single[lplr.DirectUSV], row.dsvd, naive,
			lplr.RelativeError(a, experiments.NaiveClipped(a, row.budget).Dense()))
		series := fmt.Sprintf("%d,%d", row.bl, row.br)
		p.add("LPLR "+series, row.budget, mean, slices.Min(errs), slices.Max(errs), row.lplr)
		p.add("U|S·Vᵀ "+series, row.budget, single[lplr.DirectUSV], nil, nil, row.dsvd)
		if row.bl == row.br {
			p.add("naive", row.budget, naive, nil, nil, row.nq)
		}
		if row.archived != "" {
			r.Claims = append(r.Claims,
				proof.Claim{
					Text: "phantom at 1 bit per entry, LPLR", Paper: row.archived, Ours: fmt.Sprintf("%.4f", mean),
					CI95: &[2]float64{slices.Min(errs), slices.Max(errs)}, Holds: slices.Min(errs) <= row.archivedMeasure && row.archivedMeasure <= slices.Max(errs) || math.Abs(mean/row.archivedMeasure-1) < row.tolerance,
					Note: fmt.Sprintf("the authors' archived log; our interval is the range over %d sketches", seeds),
				}.As("fraction", row.archivedMeasure, mean),
				proof.Claim{Text: "phantom at 1 bit per entry, naive", Paper: "0.5323", Ours: fmt.Sprintf("%.4f", naive), Holds: math.Abs(naive-.5323) < 5e-5, Note: "min/max range"}.As("fraction", .5323, naive),
				proof.Claim{
					Text: "LPLR beats naive quantization at 1 bit", Paper: "yes", Ours: fmt.Sprintf("%.4f against %.4f", mean, naive), Holds: mean < naive,
					Note: "a balanced SVD with a fitted second factor does as well or better: see the table",
				})
		}
		if math.Abs(mean/row.lplr-1) > row.tolerance {
			t.Notes = append(t.Notes, fmt.Sprintf("%d,%d,%d: LPLR differs from the reference by more than %.0f %%", row.bl, row.br, row.budget, 100*row.tolerance))
		}
	}
	t.Notes = append(t.Notes, "U|S·Vᵀ with 4-bit U depends on the signs of the singular vectors, which no decomposition fixes: .23 to .29 at 4,8,1 and .33 to .36 at 4,8,2; ours make the largest entry of a column of U positive")
	r.Tables = append(r.Tables, t)
	r.plot(p)
	return nil
}

func sketchErrors(a *mat.Dense, opts lplr.Options, seeds int) ([]float64, error) {
	opts.Basis = lplr.SketchBasis
	var errs []float64
	for range seeds {
		e, err := errorOf(a, opts)
		if err != nil {
			return nil, err
		}
		errs = append(errs, e)
		opts.Seed++
	}
	return errs, nil
}

func errorOf(a *mat.Dense, opts lplr.Options) (float64, error) {
	f, err := lplr.Factorize(a, opts)
	if err != nil {
		return 0, err
	}
	return lplr.RelativeError(a, f.Dense()), nil
}

func meanOf(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}
