package rff

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/proof"
	"bitcycle/quantizers/rff"
	"bitcycle/quantizers/rff/learn"
)

// regression is the synthetic problem of the paper: points uniform on
// [−1/2,1/2]³ and y = Σx_j + Σcos x_j² + Σcos|x_j| + N(0, 1/4).
type regression struct {
	train, test   *mat.Dense
	yTrain, yTest *mat.Dense
}

func drawRegression(seed uint64) regression {
	const n, train, d = 3000, 2400, 3
	rng := rand.New(rand.NewPCG(seed, 0x7269646765))
	x, y := mat.NewDense(n, d, nil), mat.NewDense(n, 1, nil)
	for i := range n {
		sum := 0.5 * rng.NormFloat64()
		for j := range d {
			v := rng.Float64() - 0.5
			x.Set(i, j, v)
			sum += v + math.Cos(v*v) + math.Cos(math.Abs(v))
		}
		y.Set(i, 0, sum)
	}
	part := func(m *mat.Dense, lo, hi int) *mat.Dense {
		_, c := m.Dims()
		return m.Slice(lo, hi, 0, c).(*mat.Dense)
	}
	return regression{part(x, 0, train), part(x, train, n), part(y, 0, train), part(y, train, n)}
}

// relativeError is the mean of ((prediction − y)/y)² over the test points.
func (r regression) relativeError(prediction *mat.Dense) float64 {
	n, _ := prediction.Dims()
	sum := 0.0
	for i := range n {
		e := prediction.At(i, 0)/r.yTest.At(i, 0) - 1
		sum += e * e
	}
	return sum / float64(n)
}

const ridgeMu = 1 // added to the diagonal, without a factor n

// exact is the error of the exact kernel.
func (r regression) exact(k rff.Kernel) (float64, error) {
	alpha, err := learn.KernelRidge(rff.KernelMatrix(k, r.train, r.train), r.yTrain, ridgeMu)
	if err != nil {
		return 0, err
	}
	var prediction mat.Dense
	prediction.Mul(rff.KernelMatrix(k, r.test, r.train), alpha)
	return r.relativeError(&prediction), nil
}

// fit is the error with given training and test features.
func (r regression) fit(train, test *mat.Dense) (float64, error) {
	w, err := learn.Ridge(train, r.yTrain, ridgeMu)
	if err != nil {
		return 0, err
	}
	var prediction mat.Dense
	prediction.Mul(test, w)
	return r.relativeError(&prediction), nil
}

// mapper turns float features of training and test points into feature vectors.
type mapper func(train, test *mat.Dense, seed uint64) (*mat.Dense, *mat.Dense, error)

// embedding is the mapper of a scheme.
func embedding(s rff.Scheme) mapper {
	return func(train, test *mat.Dense, seed uint64) (*mat.Dense, *mat.Dense, error) {
		f, _, err := rff.Embed(s, train, 2*seed)
		if err != nil {
			return nil, nil, err
		}
		g, _, err := rff.Embed(s, test, 2*seed+1)
		return f, g, err
	}
}

// semiTest learns on float features and predicts from signs; semiTrain the other
// way round. Float features count √(2/m) each and signs π/4 times that, so that
// inner products across are the unbiased estimate π/(2m)⟨z, sign z'⟩.
func semiTest(train, test *mat.Dense, _ uint64) (*mat.Dense, *mat.Dense, error) {
	return scaledFeatures(train), signFeatures(test), nil
}

func semiTrain(train, test *mat.Dense, _ uint64) (*mat.Dense, *mat.Dense, error) {
	return signFeatures(train), scaledFeatures(test), nil
}

func scaledFeatures(z *mat.Dense) *mat.Dense {
	_, m := z.Dims()
	var f mat.Dense
	f.Scale(math.Sqrt(2/float64(m)), z)
	return &f
}

func signFeatures(z *mat.Dense) *mat.Dense {
	_, m := z.Dims()
	var f mat.Dense
	f.Apply(func(_, _ int, v float64) float64 { return math.Copysign(math.Pi/4*math.Sqrt(2/float64(m)), v) }, z)
	return &f
}

// ridgeKind is a family of schemes over the number of levels.
type ridgeKind struct {
	name   string
	scheme func(k int) rff.Scheme
	paper  []float64 // K = 4, 10⁻³, at m = 240, 480, 960, 1920, 4080
}

func ridgeKinds() []ridgeKind {
	levels := func(k int) rff.Alphabet { return rff.Alphabet{K: k} }
	return []ridgeKind{
		{"StocQ", func(k int) rff.Scheme { return rff.Scheme{Method: rff.StocQ, Alphabet: levels(k)} }, []float64{7.56, 7.45, 7.38, 7.345, 7.335}},
		{"SD r=1 λ=15", func(k int) rff.Scheme { return rff.NewSigmaDelta(1, 15, levels(k)) }, []float64{8.29, 7.60, 7.45, 7.365, 7.34}},
		{"SD r=2 λ=15", func(k int) rff.Scheme { return rff.NewSigmaDelta(2, 15, levels(k)) }, []float64{7.85, 7.50, 7.38, 7.33, 7.335}},
		{"beta 1.9 λ=12", func(k int) rff.Scheme { return rff.NewBeta(1.9, 12, levels(k)) }, []float64{7.53, 7.39, 7.35, 7.34, 7.33}},
	}
}

var ridgeSizes = []int{240, 480, 960, 1920, 4080}

// paperExact is the error of float features at the largest m in the paper's
// figure, which stands for the exact kernel of its data.
const paperExact = 7.32

// RidgeRegression compares kernel ridge regression on quantized features.
func RidgeRegression(ctx context.Context, o Options) (Table, error) {
	k := rff.Gaussian{Gamma: 1.0 / 3}
	data, repeats := drawRegression(o.Seed), pick(o, 1, 5)
	table := Table{
		ID: "ridge", Title: "Kernel ridge regression on synthetic data", Metric: "mean squared relative test error over that of the exact kernel", Better: -1,
		Protocol: fmt.Sprintf("2400 training and 600 test points in 3 dimensions, Gaussian kernel γ=1/3, μ=1, %d draws of the features; up to 4080 features (the paper ends with 8160, where all its curves are level)", repeats),
	}
	if err := ctx.Err(); err != nil {
		return table, err
	}
	exact, err := data.exact(k)
	if err != nil {
		return table, err
	}
	run := ridgeRun{data: data, exact: exact, kernel: k, repeats: repeats, seed: o.Seed, table: &table, ratio: map[string]float64{}}
	if err := run.all(ctx, o); err != nil {
		return table, err
	}
	run.verdicts()
	table.find("Float features at equal bits: 30 of them (960 bits) have %.3f times the exact kernel's error, beta 1.9 with K=1 (960 bits) %.3f, StocQ %.3f. The regression function is smooth, so few features suffice.",
		run.ratio[key("RFF float", 0, 30)], run.ratio[key("beta 1.9 λ=12", 1, 960)], run.ratio[key("StocQ", 1, 960)])
	table.find("Absolute errors depend on the data drawn (exact kernel here %.3g·10⁻³, in the paper about %.3g·10⁻³), so errors are ratios to the exact kernel's.", exact*1e3, paperExact)
	return table, nil
}

// ridgeRun holds what the rows of a regression experiment share.
type ridgeRun struct {
	data    regression
	exact   float64
	kernel  rff.Kernel
	repeats int
	seed    uint64
	table   *Table
	ratio   map[string]float64 // error ratio by key
	bits    map[string]float64
}

func key(name string, k, m int) string { return fmt.Sprintf("%s K=%d m=%d", name, k, m) }

func (r *ridgeRun) all(ctx context.Context, o Options) error {
	r.bits = map[string]float64{}
	for _, m := range []int{30, 60} {
		row := coded(fmt.Sprintf("m=%d", m), "RFF float", m, rff.FloatBits*float64(m))
		row.Note = "as many bits as one-bit schemes of 960 and 1920 features"
		if err := r.row(ctx, row, key("RFF float", 0, m), embedding(rff.Scheme{})); err != nil {
			return err
		}
	}
	for i := range ridgeSizes {
		if err := r.floats(ctx, ridgeSizes[i], o.Quick); err != nil {
			return err
		}
		for _, k := range pick(o, []int{1}, []int{1, 2, 4}) {
			if err := r.levels(ctx, i, k, o.Quick); err != nil {
				return err
			}
		}
	}
	if !o.Quick {
		r.table.Plots = []Plot{r.curves(1), r.curves(4)}
	}
	return nil
}

// floats adds the rows whose training or test features are not quantized.
func (r *ridgeRun) floats(ctx context.Context, m int, quick bool) error {
	for i, f := range []struct {
		name string
		do   mapper
	}{{"RFF float", embedding(rff.Scheme{})}, {"semi, test 1-bit", semiTest}, {"semi, train 1-bit", semiTrain}} {
		if quick && (m != 960 || i > 0) {
			continue
		}
		row := coded(fmt.Sprintf("m=%d", m), f.name, m, rff.FloatBits*float64(m))
		if err := r.row(ctx, row, key(f.name, 0, m), f.do); err != nil {
			return err
		}
	}
	return nil
}

// levels adds the rows of K levels and the size of index i.
func (r *ridgeRun) levels(ctx context.Context, i, k int, quick bool) error {
	m := ridgeSizes[i]
	for _, kind := range ridgeKinds() {
		s := kind.scheme(k)
		wanted := m == 960 || m == 1920 && s.Method == rff.StocQ || m == 4080 && s.Order == 2
		if quick && !wanted {
			continue
		}
		row := coded(fmt.Sprintf("K=%d m=%d", k, m), kind.name, m, s.Bits(m).Real)
		if k == 4 {
			ratio := kind.paper[i] / paperExact
			row.paper(ratio)
			if m >= 960 {
				row.Bar = proof.Around(ratio, 0.02)
			}
		}
		if err := r.row(ctx, row, key(kind.name, k, m), embedding(s)); err != nil {
			return err
		}
	}
	return nil
}

func (r *ridgeRun) row(ctx context.Context, row Row, key string, do mapper) error {
	var ratios []float64
	for repeat := range r.repeats {
		if err := ctx.Err(); err != nil {
			return err
		}
		seed := r.seed*1000 + uint64(repeat)
		f := rff.Draw(r.kernel, 3, row.Features, seed)
		train, test, err := do(f.MapRows(r.data.train, 0), f.MapRows(r.data.test, 0), seed)
		if err != nil {
			return err
		}
		e, err := r.data.fit(train, test)
		if err != nil {
			return err
		}
		ratios = append(ratios, e/r.exact)
	}
	row.measured(mean95(ratios))
	r.ratio[key], r.bits[key] = row.Got, row.Bits
	r.table.add(row)
	return nil
}

// verdicts judges the paper's headline on this problem.
func (r *ridgeRun) verdicts() {
	for _, v := range []struct {
		a, b string
		ka   int
		ma   int
		mb   int
	}{
		{"SD r=2 λ=15", "StocQ", 1, 4080, 1920},
		{"beta 1.9 λ=12", "StocQ", 1, 960, 960},
		{"SD r=1 λ=15", "StocQ", 4, 1920, 240},
		{"SD r=2 λ=15", "StocQ", 4, 1920, 480},
	} {
		a, b := key(v.a, v.ka, v.ma), key(v.b, v.ka, v.mb)
		if r.ratio[a] == 0 || r.ratio[b] == 0 {
			continue
		}
		row := derived(fmt.Sprintf("%s over %s", a, b), v.a, r.ratio[a]/r.ratio[b], &proof.Window{High: 1})
		row.Features, row.Bits = v.ma, r.bits[a]
		row.Note = fmt.Sprintf("%.0f against %.0f bits per point", r.bits[a], r.bits[b])
		r.table.add(row)
		r.table.find("%s (%.0f bits) has %.2f times the error of %s (%.0f bits).", a, r.bits[a], r.ratio[a]/r.ratio[b], b, r.bits[b])
	}
}

// curves plots error against bits for K levels.
func (r *ridgeRun) curves(k int) Plot {
	p := Plot{Title: fmt.Sprintf("Ridge regression, K=%d", k), XLabel: "bits per point", YLabel: "error over exact kernel", LogX: true, LogY: true}
	for _, kind := range ridgeKinds() {
		s := Series{Name: kind.name}
		for _, m := range ridgeSizes {
			id := key(kind.name, k, m)
			s.X, s.Y = append(s.X, r.bits[id]), append(s.Y, r.ratio[id])
		}
		p.Series = append(p.Series, s)
	}
	return p
}
