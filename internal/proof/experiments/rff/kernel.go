package rff

import (
	"context"
	"fmt"

	"bitcycle/internal/proof"
	"bitcycle/quantizers/rff"
)

// arm is one scheme of a kernel approximation experiment.
type arm struct {
	setting, name string
	scheme        rff.Scheme
	estimate      estimator // nil: the scheme's
	m             int       // features
	bits          float64   // 0: the scheme's
	paper         float64   // 0: none
	window        *proof.Window
	note          string
}

// trial fixes what the arms of an experiment have in common.
type trial struct {
	pairs, d int
	measure  func(k, kappa []float64) float64
	draws    int
}

const (
	gamma   = 0.2 // of the Gaussian kernel exp(−γ‖x−y‖²)
	longest = 5   // distance of the farthest pair
)

// run returns one error for every arm and draw of points, frequencies and phases.
func (t trial) run(ctx context.Context, arms []arm, seed uint64) ([][]float64, error) {
	k := rff.Gaussian{Gamma: gamma}
	errors := make([][]float64, len(arms))
	most := 0
	for _, a := range arms {
		most = max(most, a.m)
	}
	for draw := range t.draws {
		drawSeed := seed*1000 + uint64(draw)
		p := drawPairs(k, t.pairs, t.d, longest, drawSeed)
		z := p.features(rff.Draw(k, t.d, most, drawSeed))
		for i, a := range arms {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			estimate := a.estimate
			if estimate == nil {
				estimate = quantized(a.scheme)
			}
			got, err := estimate(z.first(a.m), drawSeed)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", a.setting, a.name, err)
			}
			errors[i] = append(errors[i], t.measure(got, p.kappa))
		}
	}
	return errors, nil
}

// rows adds a row for every arm.
func (t *Table) rows(arms []arm, errors [][]float64) {
	for i, a := range arms {
		r := coded(a.setting, a.name, a.m, a.bits)
		r.Bar, r.Note = a.window, a.note
		if r.Bits == 0 {
			r.Bits = a.scheme.Bits(a.m).Real
		}
		if a.paper != 0 {
			r.paper(a.paper)
		}
		r.measured(mean95(errors[i]))
		t.add(r)
	}
}

// paperFour lists the schemes of the paper's figures for K levels: StocQ and the
// three condensed ones with their block lengths, at the given step.
func paperFour(k int, step float64) []rff.Scheme {
	a := rff.Alphabet{K: k, Step: step}
	return []rff.Scheme{
		{Method: rff.StocQ, Alphabet: rff.Alphabet{K: k}},
		rff.NewSigmaDelta(1, 2, a), rff.NewSigmaDelta(2, 3, a), rff.NewBeta(1.1, 2, a),
	}
}

var fourNames = []string{"StocQ", "SD r=1 λ=2", "SD r=2 λ=3", "beta 1.1 λ=2"}

// FixedFeatures compares kernel estimates at m = 3000 features. The published
// panels call the error RMSE, but the code behind them prints the mean absolute
// error; so does this table.
func FixedFeatures(ctx context.Context, o Options) (Table, error) {
	const m = 3000
	paper := [3][4]float64{{.0267, .0380, .0552, .0997}, {.0149, .0247, .0307, .0344}, {.0141, .0223, .0277, .0227}}
	run := trial{pairs: pick(o, 400, 1000), d: 10, measure: meanAbsolute, draws: pick(o, 3, 10)}
	table := Table{
		ID: "kernel-features", Title: "Kernel approximation with 3000 features", Metric: "mean absolute error of the kernel",
		Protocol: fmt.Sprintf("Gaussian kernel γ=0.2, d=10, %d pairs at distances 0 to 5, %d draws; condensed schemes with step 2/K, StocQ with step 2/(2K−1)",
			run.pairs, run.draws),
	}
	arms := []arm{{setting: "float", name: "RFF", estimate: float, m: m, bits: rff.FloatBits * m}}
	for k := 1; k <= 3; k++ {
		for i, s := range paperFour(k, 2/float64(k)) {
			a := arm{setting: fmt.Sprintf("K=%d", k), name: fourNames[i], scheme: s, m: m, paper: paper[k-1][i]}
			a.window = proof.Around(a.paper, 0.15)
			if s.Method == rff.StocQ && k > 1 {
				a.window = proof.Around(a.paper, 0.30)
				a.note = "independent runs with this step scatter to 1.27 times the published figure; window 30 %"
			}
			arms = append(arms, a)
		}
	}
	errors, err := run.run(ctx, arms, o.Seed)
	if err != nil {
		return table, err
	}
	table.rows(arms, errors)
	table.find("At equal m, K=1, the condensed schemes have %.2f (r=1), %.2f (r=2) and %.2f (beta) times the error of StocQ: they average over p = m/λ features only.",
		table.Rows[2].Got/table.Rows[1].Got, table.Rows[3].Got/table.Rows[1].Got, table.Rows[4].Got/table.Rows[1].Got)
	return table, nil
}

// FixedBits compares kernel estimates at 3000 stored bits for each point.
func FixedBits(ctx context.Context, o Options) (Table, error) {
	const budget = 3000
	paper := [3][4]float64{{.0351, .0438, .0703, .1532}, {.0272, .0333, .0414, .0407}, {.0277, .0350, .0422, .0425}}
	run := trial{pairs: 1000, d: 50, measure: rootMeanSquare, draws: pick(o, 1, 10)}
	table := Table{
		ID: "kernel-bits", Title: "Kernel approximation with 3000 bits per point", Metric: "root mean square error of the kernel", Better: -1,
		Protocol: fmt.Sprintf("Gaussian kernel γ=0.2, d=50, %d pairs at distances 0 to 5, %d draws, step 2/(2K−1)", run.pairs, run.draws),
	}
	arms := []arm{
		{setting: "float", name: "RFF", estimate: float, m: budget / rff.FloatBits, bits: budget},
		{setting: "m=3000", name: "semi-quantized", estimate: semi, m: budget, bits: budget, paper: .0182, window: proof.Around(.0182, 0.2)},
		{setting: "m=3000", name: "fully 1-bit", scheme: rff.Scheme{Method: rff.MSQ, Alphabet: rff.Alphabet{K: 1}}, m: budget, paper: .0778, window: proof.Around(.0778, 0.1)},
	}
	for k := 1; k <= 3; k++ {
		for i, s := range paperFour(k, 0) {
			a := arm{setting: fmt.Sprintf("K=%d", k), name: fourNames[i], scheme: s, m: s.FeaturesFor(budget), paper: paper[k-1][i]}
			a.window = proof.Around(a.paper, 0.2)
			arms = append(arms, a)
		}
	}
	errors, err := run.run(ctx, arms, o.Seed)
	if err != nil {
		return table, err
	}
	table.rows(arms, errors)
	table.find("StocQ against the condensed schemes at equal bits, K=1: %.4f against %.4f (r=1), %.4f (r=2), %.4f (beta). Where condensation pays, it pays in learning tasks, not in this error.",
		table.Rows[3].Got, table.Rows[4].Got, table.Rows[5].Got, table.Rows[6].Got)
	better := 0
	for _, r := range table.Rows[1:] {
		if r.Got < table.Rows[0].Got {
			better++
		}
	}
	table.find("Spending the 3000 bits on 32-bit features leaves %d of them and an error of %.4f; %d of the %d quantized rows do better.",
		arms[0].m, table.Rows[0].Got, better, len(table.Rows)-1)
	return table, nil
}
