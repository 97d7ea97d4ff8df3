package rff

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"

	"gonum.org/v1/gonum/mat"

	"bitcycle/quantizers/rff"
	"bitcycle/quantizers/rff/learn"
	"bitcycle/quantizers/rff/table"
)

// equalBits lists the schemes that compete at equal bits per point.
func equalBits() []rff.Scheme {
	one, four := rff.Alphabet{K: 1}, rff.Alphabet{K: 4}
	return []rff.Scheme{
		{},
		{Method: rff.MSQ, Alphabet: one},
		{Method: rff.MSQ, Alphabet: four},
		{Method: rff.StocQ, Alphabet: one},
		{Method: rff.StocQ, Alphabet: four},
		rff.NewSigmaDelta(1, 3, one),
		rff.NewSigmaDelta(1, 15, one),
		rff.NewSigmaDelta(1, 2, four),
		rff.NewSigmaDelta(2, 15, one),
		rff.NewSigmaDelta(2, 3, four),
		rff.NewBeta(1.9, 12, one),
		rff.NewBeta(1.1, 2, four),
	}
}

// contest is a classification at equal bits.
type contest struct {
	data    labelled
	kernel  rff.Kernel
	budgets []float64
	draws   int
	seed    uint64
	fit     func(f *mat.Dense, labels []int, classes int, strength float64) (*learn.Linear, error)
	grid    []float64 // strengths of regularisation to choose from
}

// MNIST compares ridge classifiers on handwritten digits at equal bits for each
// image.
func MNIST(ctx context.Context, o Options) (Table, error) {
	n, tests := pick(o, 1000, 10000), pick(o, 1000, 10000)
	t := Table{
		ID: "mnist", Title: "MNIST at equal bits per image", Metric: "test accuracy", Better: 1,
		Protocol: fmt.Sprintf("first %d training and %d test images, pixels in [0,1], Gaussian kernel γ=0.02; one-vs-rest ridge regression, μ chosen on a fifth of the training set for every scheme", n, tests),
	}
	train, err := table.OpenImages(ctx, filepath.Join(o.Data, "mnist"), "train", n)
	if err != nil {
		return t, err
	}
	test, err := table.OpenImages(ctx, filepath.Join(o.Data, "mnist"), "t10k", tests)
	if err != nil {
		return t, err
	}
	c := contest{
		kernel: rff.Gaussian{Gamma: 0.02}, budgets: pick(o, []float64{512}, []float64{256, 1024, 4096}), draws: 1, seed: o.Seed,
		fit: ridgeClassifier, grid: []float64{0.03, 0.3, 3, 30},
	}
	c.data.train, c.data.test = train.X, test.X
	if c.data.trainLabels, c.data.classes, err = train.Labels(); err != nil {
		return t, err
	}
	if c.data.testLabels, _, err = test.Labels(); err != nil {
		return t, err
	}
	return t, c.run(ctx, &t)
}

const phonemeFile = "tabular/phoneme.csv.gz"

// Phoneme compares linear support vector machines on a table of 5404 phonemes at
// equal bits for each of them.
func Phoneme(ctx context.Context, o Options) (Table, error) {
	draws := pick(o, 1, 5)
	t := Table{
		ID: "phoneme", Title: "Phoneme (nasal or oral) at equal bits per point", Metric: "test accuracy", Better: 1,
		Protocol: fmt.Sprintf("4323 training and 1081 test points, columns standardised, Gaussian kernel γ=1; squared-hinge support vector machine, C chosen on a fifth of the training set for every scheme; %d draws of the features", draws),
	}
	data, err := table.Open(context.Background(), filepath.Join(o.Data, filepath.FromSlash(phonemeFile)), table.Options{})
	if err != nil {
		return t, err
	}
	n, _ := data.X.Dims()
	order := rand.New(rand.NewPCG(o.Seed, 0x73706c6974)).Perm(n)
	p, err := split(data, order[n/5+1:], order[:n/5+1])
	if err != nil {
		return t, err
	}
	scaler := table.FitScaler(p.train)
	scaler.Apply(p.train)
	scaler.Apply(p.test)
	c := contest{data: p, kernel: rff.Gaussian{Gamma: 1}, budgets: pick(o, []float64{512}, []float64{128, 512, 2048}), draws: draws, seed: o.Seed, grid: []float64{1, 10, 100}}
	c.fit = func(f *mat.Dense, labels []int, classes int, cost float64) (*learn.Linear, error) {
		return learn.OneVsRest(f, labels, classes, learn.SVM{C: cost, Bias: 1, Squared: true, Tolerance: 0.05, MaxPasses: 60})
	}
	return t, c.run(ctx, &t)
}

// run adds a row for every budget and scheme.
func (c *contest) run(ctx context.Context, t *Table) error {
	schemes := equalBits()
	curves := make([]Series, len(schemes))
	n := float64(len(c.data.testLabels))
	for _, budget := range c.budgets {
		for i, s := range schemes {
			m := s.FeaturesFor(budget)
			accuracy := 0.0
			for draw := range c.draws {
				if err := ctx.Err(); err != nil {
					return err
				}
				a, err := c.accuracy(s, m, c.seed*1000+uint64(draw))
				if err != nil {
					return fmt.Errorf("%v: %w", s, err)
				}
				accuracy += a / float64(c.draws)
			}
			r := coded(fmt.Sprintf("%.0f bits", budget), s.String(), m, s.Bits(m).Real)
			r.measured(accuracy, 1.96*math.Sqrt(accuracy*(1-accuracy)/n))
			r.Note = fmt.Sprintf("%d features reach the classifier", s.Dim(m))
			t.add(r)
			curves[i].Name = s.String()
			curves[i].X, curves[i].Y = append(curves[i].X, r.Bits), append(curves[i].Y, 1-accuracy)
		}
		t.bestOf(fmt.Sprintf("%.0f bits", budget))
	}
	t.Plots = []Plot{{Title: t.Title, XLabel: "bits per point", YLabel: "test error", LogX: true, LogY: true, Series: curves}}
	return nil
}

// bestOf says which scheme wins a setting, and how the condensed ones did.
func (t *Table) bestOf(setting string) {
	var direct, condensed, float, stocq Row
	for _, r := range t.Rows {
		isCondensed := strings.HasPrefix(r.What, rff.SigmaDelta.String()) || strings.HasPrefix(r.What, rff.Beta.String())
		switch {
		case r.ID != setting:
		case r.What == rff.Float.String():
			float = r
		case isCondensed && r.Got > condensed.Got:
			condensed = r
		case !isCondensed && r.Got > direct.Got:
			direct = r
		}
		if r.ID == setting && strings.HasPrefix(r.What, rff.StocQ.String()) && r.Got > stocq.Got {
			stocq = r
		}
	}
	verdict := "is level with quantizing each feature for itself, within the interval"
	if margin := condensed.Got - direct.Got; margin > condensed.Half() {
		verdict = "wins"
	} else if margin < -condensed.Half() {
		verdict = "loses"
	}
	t.find("%s: condensation %s: best condensed %s with %.4f (±%.4f, %d features computed), best other %s with %.4f (%d features computed), StocQ at best %.4f, float features %.4f.",
		setting, verdict, condensed.What, condensed.Got, condensed.Half(), condensed.Features, direct.What, direct.Got, direct.Features, stocq.Got, float.Got)
}

// accuracy trains on the features of a scheme and returns the test accuracy.
func (c *contest) accuracy(s rff.Scheme, m int, seed uint64) (float64, error) {
	_, d := c.data.train.Dims()
	f := rff.Draw(c.kernel, d, m, seed)
	train, err := singleFeatures(s, f, c.data.train, 2*seed)
	if err != nil {
		return 0, err
	}
	test, err := singleFeatures(s, f, c.data.test, 2*seed+1)
	if err != nil {
		return 0, err
	}
	strength, err := c.choose(train)
	if err != nil {
		return 0, err
	}
	model, err := c.fit(train, c.data.trainLabels, c.data.classes, strength)
	if err != nil {
		return 0, err
	}
	return learn.Accuracy(model.Predict(test), c.data.testLabels), nil
}

// choose returns the strength that does best on the last fifth of the training
// points after training on the others.
func (c *contest) choose(f *mat.Dense) (float64, error) {
	n, p := f.Dims()
	cut := n - n/5
	fit, check := f.Slice(0, cut, 0, p).(*mat.Dense), f.Slice(cut, n, 0, p).(*mat.Dense)
	best, bestAccuracy := 0.0, -1.0
	for _, strength := range c.grid {
		model, err := c.fit(fit, c.data.trainLabels[:cut], c.data.classes, strength)
		if err != nil {
			return 0, err
		}
		if a := learn.Accuracy(model.Predict(check), c.data.trainLabels[cut:]); a > bestAccuracy {
			best, bestAccuracy = strength, a
		}
	}
	return best, nil
}

// singleFeatures returns the feature vectors of the rows of x, computed in single
// precision but for the float scheme.
func singleFeatures(s rff.Scheme, f *rff.Features, x *mat.Dense, seed uint64) (*mat.Dense, error) {
	if s.Method == rff.Float {
		features, _, err := rff.Embed(s, f.MapRows(x, 0), seed)
		return features, err
	}
	e := rff.Encoder{Features: f, Scheme: s, Seed: seed, Single: true}
	codes, _, err := e.Encode(x)
	if err != nil {
		return nil, err
	}
	return codes.Matrix(), nil
}

// ridgeClassifier regresses ±1 targets of every class on the features.
func ridgeClassifier(f *mat.Dense, labels []int, classes int, mu float64) (*learn.Linear, error) {
	targets := mat.NewDense(len(labels), classes, nil)
	targets.Apply(func(i, class int, _ float64) float64 {
		if labels[i] == class {
			return 1
		}
		return -1
	}, targets)
	w, err := learn.Ridge(f, targets, mu)
	if err != nil {
		return nil, err
	}
	return &learn.Linear{W: w, B: make([]float64, classes)}, nil
}
