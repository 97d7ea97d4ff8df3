package rff

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"bitcycle/internal/proof"
	"bitcycle/quantizers/rff"
)

// ErrorCurve follows the total error of the kernel, Monte Carlo and quantization
// together, as the number of features grows.
func ErrorCurve(ctx context.Context, o Options) (Table, error) {
	one := rff.Alphabet{K: 1}
	sizes := pick(o, []int{240, 960, 3840}, []int{240, 480, 960, 1920, 3840, 7680})
	run := trial{pairs: pick(o, 60, 400), d: 10, measure: rootMeanSquare, draws: pick(o, 4, 10)}
	table := Table{
		ID: "kernel-curve", Title: "Kernel error against features and against bits, one-bit schemes", Metric: "root mean square error of the kernel", Better: -1,
		Protocol: fmt.Sprintf("Gaussian kernel γ=0.2, d=10, %d pairs at distances 0 to 5, %d draws", run.pairs, run.draws),
	}
	kinds := []arm{
		{name: "RFF float", estimate: float, bits: rff.FloatBits},
		{name: "semi-quantized", estimate: semi, bits: 1},
		{name: "MSQ", scheme: rff.Scheme{Method: rff.MSQ, Alphabet: one}},
		{name: "StocQ", scheme: rff.Scheme{Method: rff.StocQ, Alphabet: one}},
		{name: "SD r=1 λ=15", scheme: rff.NewSigmaDelta(1, 15, one)},
		{name: "SD r=2 λ=15", scheme: rff.NewSigmaDelta(2, 15, one)},
		{name: "beta 1.9 λ=12", scheme: rff.NewBeta(1.9, 12, one)},
	}
	var arms []arm
	for _, kind := range kinds {
		for _, m := range sizes {
			a := kind
			a.m, a.setting, a.bits = m, fmt.Sprintf("m=%d", m), kind.bits*float64(m)
			arms = append(arms, a)
		}
	}
	errors, err := run.run(ctx, arms, o.Seed)
	if err != nil {
		return table, err
	}
	table.rows(arms, errors)
	table.curves(kinds, len(sizes))
	return table, nil
}

// curves turns rows, one scheme after the other, into plots, and judges the slopes.
func (t *Table) curves(kinds []arm, sizes int) {
	byFeatures := Plot{Title: "Kernel error against features", XLabel: "features m", YLabel: "RMSE", LogX: true, LogY: true}
	byBits := Plot{Title: "Kernel error against stored bits", XLabel: "bits per point", YLabel: "RMSE", LogX: true, LogY: true}
	rows := t.Rows
	for i, kind := range kinds {
		curve, bits := Series{Name: kind.name}, Series{Name: kind.name}
		for _, r := range rows[i*sizes : (i+1)*sizes] {
			curve.X, curve.Y = append(curve.X, float64(r.Features)), append(curve.Y, r.Got)
			bits.X, bits.Y = append(bits.X, r.Bits), append(bits.Y, r.Got)
		}
		byFeatures.Series, byBits.Series = append(byFeatures.Series, curve), append(byBits.Series, bits)
		r := derived("slope of log error over log m", kind.name, slope(logs(curve.X), logs(curve.Y)), &proof.Window{Low: -0.6, High: -0.4})
		if kind.scheme.Method == rff.MSQ {
			r.Bar, r.Note = &proof.Window{Low: -0.2}, "a biased estimate: the error stops at its floor"
		}
		t.add(r)
	}
	t.Plots = append(t.Plots, byFeatures, byBits)
	const msq = 2
	floor := byFeatures.Series[msq].Y[sizes-1]
	r := derived("error at the largest m", "MSQ", floor, proof.Around(0.0765, 0.1))
	r.Note = "bias floor of the fully quantized estimate"
	t.add(r)
	t.find("Plain one-bit MSQ reaches an error of %.3f at the largest m, its bias floor; the slopes of the other schemes are in the rows.", floor)
}

// derived is a row made of other rows.
func derived(setting, scheme string, got float64, bar *proof.Window) Row {
	r := figure(setting, scheme)
	r.Got, r.Bar, r.Derived = got, bar, true
	return r
}

// decayArm is a family of schemes over growing blocks.
type decayArm struct {
	name    string
	lambdas []int
	scheme  func(lambda int) rff.Scheme
	from    int           // smallest λ of the fit
	window  *proof.Window // of the slope
	expo    bool          // fit −d log error/dλ, else the power of λ
	note    string
}

func decayArms() []decayArm {
	sd := func(r, k int, step float64) func(int) rff.Scheme {
		return func(lambda int) rff.Scheme { return rff.NewSigmaDelta(r, lambda, rff.Alphabet{K: k, Step: step}) }
	}
	beta := func(b float64, k int) func(int) rff.Scheme {
		return func(lambda int) rff.Scheme { return rff.NewBeta(b, lambda, rff.Alphabet{K: k}) }
	}
	blocks, words := []int{3, 5, 9, 17, 33, 65}, []int{2, 4, 6, 8, 10, 12}
	return []decayArm{
		{name: "SD r=1 K=1", lambdas: blocks, scheme: sd(1, 1, 0), window: &proof.Window{Low: -0.70, High: -0.45}},
		{name: "SD r=1 K=2", lambdas: blocks, scheme: sd(1, 2, 0), window: &proof.Window{Low: -0.70, High: -0.45}},
		{name: "SD r=2 K=1 sparse", lambdas: blocks, scheme: sd(2, 1, 0), note: "overloads a little: the slope settles only for long blocks"},
		{name: "SD r=2 K=2 step 1", lambdas: blocks, scheme: sd(2, 2, 1), from: 9},
		{name: "SD r=2 K=3 step 2/3", lambdas: blocks, scheme: sd(2, 3, 2.0/3), from: 9, window: &proof.Window{Low: -1.8, High: -1.3}},
		{name: "beta 1.9 K=1", lambdas: words[1:], scheme: beta(1.9, 1), expo: true},
		{name: "beta 3.5 K=2", lambdas: words, scheme: beta(3.5, 2), expo: true, window: &proof.Window{Low: 1.15, High: 1.45}, note: "theory: log 3.5 = 1.253"},
	}
}

// Decay isolates the quantization error, estimate minus the same estimate from
// unquantized condensed features, at p = 200 condensed features, and checks the
// deterministic bound on it for every pair of points.
func Decay(ctx context.Context, o Options) (Table, error) {
	const p, d = 200, 10
	n, draws := pick(o, 30, 200), pick(o, 1, 3)
	table := Table{
		ID: "decay", Title: "Decay of the quantization error with the block length", Metric: "RMS of estimate minus unquantized condensed estimate",
		Protocol: fmt.Sprintf("Gaussian kernel γ=0.2, d=10, p=200, %d pairs at distances 0 to 5, %d draws", n, draws),
		Plots: []Plot{
			{Title: "Quantization error against block length", XLabel: "λ", YLabel: "RMS", LogX: true, LogY: true},
			{Title: "Quantization error against bits per condensed feature", XLabel: "bits/p", YLabel: "RMS", LogY: true},
		},
	}
	checked, broken := 0, 0
	for _, a := range decayArms() {
		curve, bits := Series{Name: a.name}, Series{Name: a.name}
		for _, lambda := range a.lambdas {
			var rms []float64
			s := a.scheme(lambda)
			for draw := range draws {
				if err := ctx.Err(); err != nil {
					return table, err
				}
				e, bad, err := quantizationError(s, p*lambda, n, d, o.Seed*1000+uint64(draw))
				if err != nil {
					return table, err
				}
				rms = append(rms, e)
				checked, broken = checked+n, broken+bad
			}
			r := coded(fmt.Sprintf("λ=%d", lambda), a.name, p*lambda, s.Bits(p*lambda).Real)
			r.measured(mean95(rms))
			table.add(r)
			curve.X, curve.Y = append(curve.X, float64(lambda)), append(curve.Y, r.Got)
			bits.X, bits.Y = append(bits.X, r.Bits/p), append(bits.Y, r.Got)
		}
		table.Plots[0].Series, table.Plots[1].Series = append(table.Plots[0].Series, curve), append(table.Plots[1].Series, bits)
		table.judgeDecay(a, curve, bits)
	}
	if err := table.selfBias(o); err != nil {
		return table, err
	}
	r := figure(fmt.Sprintf("deterministic bound, %d pairs", checked), "all")
	r.Got, r.Bar, r.Note = float64(broken), proof.Within(0, 0), "pairs whose error exceeds its bound"
	table.add(r)
	return table, nil
}

// selfBias measures what the quantization adds to k(x,x). Before and after a block
// the state is nearly uniform and independent, so first-order one-bit codes add
// (2/λ)·2·E u² = 4/(3λ).
func (t *Table) selfBias(o Options) error {
	const m, d = 15 * 9 * 17, 10
	k := rff.Gaussian{Gamma: gamma}
	points := drawPairs(k, pick(o, 100, 400), d, longest, o.Seed).x
	z := rff.Draw(k, d, m, o.Seed).MapRows(points, 0)
	for _, lambda := range []int{9, 17} {
		s := rff.NewSigmaDelta(1, lambda, rff.Alphabet{K: 1})
		c, err := condense(s, z)
		if err != nil {
			return err
		}
		n, _ := points.Dims()
		var bias []float64
		for i := range n {
			psi, ideal := c.psi.RawRowView(i), c.ideal.RawRowView(i)
			bias = append(bias, floats.Dot(psi, psi)-floats.Dot(ideal, ideal))
		}
		r := coded(fmt.Sprintf("bias of k(x,x), λ=%d", lambda), "SD r=1 K=1", m, s.Bits(m).Real)
		r.Bar, r.Note = proof.Around(4/(3*float64(lambda)), 0.15), "4/(3λ) for a uniform state"
		r.measured(mean95(bias))
		t.add(r)
	}
	t.find("At x = y the one-bit first-order estimate is too large by 4/(3λ); for distinct points the errors of the two codes are nearly independent and cancel.")
	return nil
}

// judgeDecay fits the curve of an arm from its λ on.
func (t *Table) judgeDecay(a decayArm, curve, bits Series) {
	from := 0
	for curve.X[from] < float64(a.from) {
		from++
	}
	x, y := curve.X[from:], logs(curve.Y[from:])
	r := figure("−d log error/dλ", a.name)
	r.Bar, r.Note = a.window, a.note
	if a.expo {
		r.Got = -slope(x, y)
		t.find("%s: the error falls by a factor %.2f per entry of the block.", a.name, math.Exp(r.Got))
	} else {
		r.ID, r.Got = fmt.Sprintf("power of λ, λ ≥ %g", x[0]), slope(logs(x), y)
		t.find("%s: log2 error falls by %.2f per bit of a condensed feature, so exponentially in the bits.", a.name, -slope(bits.X[from:], y)/math.Ln2)
	}
	t.add(r)
}
