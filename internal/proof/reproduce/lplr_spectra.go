package reproduce

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/proof"
	experiments "bitcycle/internal/proof/experiments/lplr"
	"bitcycle/quantizers/lplr"
	"bitcycle/reports"
)

// spectra are the singular values of the synthetic matrices.
var spectra = []struct {
	name string
	s    func(i int) float64
}{
	{"0.95^i", func(i int) float64 { return math.Pow(0.95, float64(i)) }},
	{"1/i", func(i int) float64 { return 1 / float64(i+1) }},
	{"i^-1/2", func(i int) float64 { return 1 / math.Sqrt(float64(i+1)) }},
}

// references are relative errors that a numpy prototype measured on matrices of
// the same spectra and size, by spectrum and B,B',B_nq.
var references = map[string]struct{ lplr, lsvd, plain, dsvd float64 }{
	"0.95^i 8,8,1": {.448, .281, .251, .251}, "0.95^i 8,8,2": {.149, .101, .065, .066}, "0.95^i 8,8,4": {.032, .032, .027, .027},
	"0.95^i 4,4,1": {.325, .324, .278, .350}, "0.95^i 4,4,2": {.224, .221, .477, .495}, "0.95^i 4,4,4": {.154, .157, 1.36, .697},
	"1/i 8,8,1": {.231, .159, .146, .147}, "1/i 8,8,2": {.155, .113, .104, .106}, "1/i 8,8,4": {.103, .078, .077, .086},
	"1/i 4,4,1": {.247, .239, .360, .809}, "1/i 4,4,2": {.196, .195, .377, 1.13}, "1/i 8,4,1": {lplr: .265, dsvd: .486},
	"i^-1/2 8,8,1": {.785, .643, .636, .636}, "i^-1/2 8,8,4": {.572, .449, .439, .440},
}

// spectraTable compares the methods at 1, 2 and 4 bits per entry on matrices of
// known spectra: LPLR against direct SVD, naive quantization and the best rank.
func spectraTable(ctx context.Context, o Options, r *Report) error {
	const n, d, sketches = 512, 384, 3
	t := &reports.Table{Title: fmt.Sprintf("relative Frobenius error by spectrum, %d×%d with random singular vectors", n, d), Columns: []reports.Column{
		reports.Text("spectrum", "spectrum"), reports.Text("bits", "B,B',B_nq"), reports.Number("rank", "rank"),
		reports.Significant("lplr", "LPLR", 3), reports.Significant("lplr_reference", "reference", 3),
		reports.Significant("lsvd", "LPLR-SVD", 3), reports.Significant("lsvd_reference", "reference", 3),
		reports.Significant("plain", "without S", 3), reports.Significant("plain_reference", "reference", 3),
		reports.Significant("dsvd", "U|S·Vᵀ", 3), reports.Significant("dsvd_reference", "reference", 3),
		reports.Significant("balanced", "√S fitted", 3), reports.Significant("naive", "naive", 3), reports.Significant("naive_clipped", "clipped", 3), reports.Significant("best_rank", "rank m", 3),
	}}
	p := newPlot("plot-spectra", "Matrices of known spectra: error over size", "factors of 8 bits", reports.Axis{Name: "bits per entry"}, reports.Axis{Name: "relative Frobenius error", Log: true}, "")
	wins, fair, decaying, flat := 0, 0, 0, [2]float64{}
	for i, spectrum := range spectra {
		a := experiments.Spectral(n, d, spectrum.s, uint64(o.Seed))
		svd := lplr.LeadingSVD(a, min(n, d), o.Seed)
		for _, bits := range [][2]int{{8, 8}, {4, 4}, {8, 4}} {
			for _, budget := range []int{1, 2, 4} {
				o.step("spectra", i, len(spectra))
				if err := ctx.Err(); err != nil {
					return err
				}
				opts := lplr.Options{Rank: lplr.Budget{N: n, D: d, BitsPerEntry: float64(budget), Ratio: 1}.Rank(bits[0], bits[1]), BitsL: bits[0], BitsR: bits[1], Seed: o.Seed}
				errs, err := sketchErrors(a, opts, sketches)
				if err != nil {
					return err
				}
				label := fmt.Sprintf("%d,%d,%d", bits[0], bits[1], budget)
				naive, clipped := lplr.RelativeError(a, lplr.Naive(a, budget).Dense()), lplr.RelativeError(a, experiments.NaiveClipped(a, budget).Dense())
				if bits == [2]int{8, 8} {
					p.add(spectrum.name+", LPLR", budget, meanOf(errs), slices.Min(errs), slices.Max(errs), nil)
					p.add(spectrum.name+", naive", budget, naive, nil, nil, nil)
				}
				addSpectrum(t, spectrum.name, label, a, svd, opts, meanOf(errs), naive, clipped)
				switch decays := !strings.HasPrefix(spectrum.name, "i^"); {
				case decays && budget < 4:
					decaying++
					if meanOf(errs) < naive {
						wins++
					}
					if meanOf(errs) < clipped {
						fair++
					}
				case !decays && label == "8,8,4":
					flat = [2]float64{meanOf(errs), clipped}
				}
			}
		}
	}
	t.Notes = append(t.Notes,
		"LPLR is a mean of 3 sketches; LPLR-SVD multiplies the SVD basis by a square Gaussian matrix, as the authors' code; clipped: naive with the best symmetric range",
		"references of a numpy prototype on other draws of the singular vectors; one-range quantization of U and S·Vᵀ at 4 bits varies with the draw (.278 to .350 at 0.95^i 4,4,1)")
	r.Tables = append(r.Tables, t)
	r.plot(p)
	r.Claims = append(r.Claims,
		proof.Claim{
			Text: "decaying spectra at 1 and 2 bits: LPLR beats naive quantization", Paper: "yes", Ours: fmt.Sprintf("%d of %d settings", wins, decaying), Holds: wins == decaying,
			Note: fmt.Sprintf("the paper's min/max range; against the best symmetric range %d of %d", fair, decaying),
		},
		proof.Claim{
			Text: "flat spectrum at 4 bits: naive quantization wins", Paper: "-", Ours: fmt.Sprintf("LPLR %.3f, naive clipped %.3f", flat[0], flat[1]), Holds: flat[0] > flat[1],
			Note: "where low rank has nothing to say",
		})
	return nil
}

// addSpectrum adds the row of one matrix and budget.
func addSpectrum(t *reports.Table, spectrum, label string, a *mat.Dense, svd lplr.SVD, opts lplr.Options, sketched, naive, clipped float64) {
	by := map[lplr.Basis]float64{}
	for _, basis := range []lplr.Basis{lplr.SVDSketched, lplr.SVDBasis, lplr.SVDSqrt, lplr.DirectUSV} {
		opts.Basis = basis
		by[basis] = lplr.RelativeError(a, lplr.FromSVD(a, svd, opts).Dense())
	}
	rest, all := 0.0, 0.0
	for i, s := range svd.S {
		all += s * s
		if i >= opts.Rank {
			rest += s * s
		}
	}
	ref := references[spectrum+" "+label]
	t.Add(spectrum, label, opts.Rank, sketched, positive(ref.lplr), by[lplr.SVDSketched], positive(ref.lsvd), by[lplr.SVDBasis], positive(ref.plain),
		by[lplr.DirectUSV], positive(ref.dsvd), by[lplr.SVDSqrt], naive, clipped, math.Sqrt(rest/all))
}
