package learn

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"bitcycle/quantizers/rff"
	"bitcycle/quantizers/rff/table"
)

// holdoutPoints bounds the points that a holdout trains and tests on.
const holdoutPoints = 10000

// Holdout is a model trained on four fifths of a data set and tested on the rest, on
// codes and on the float features they stand for.
type Holdout struct {
	About, Metric string // "ridge regression, μ = 1", "test R²"
	Train, Test   int    // points
	Rows          []HoldoutRow
}

// HoldoutRow is the score of one kind of features.
type HoldoutRow struct {
	Features          string
	Dim, BitsPerPoint int
	Score             float64
}

// task trains on feature vectors of the first rows and scores the others.
type task struct {
	about, metric string
	score         func(train, test *mat.Dense) (float64, error)
}

// HoldOut trains and tests on the codes of the encoder and on its float features. The
// task is "classify" (support vector machines) or "regress" (ridge).
func HoldOut(data *table.Table, e *rff.Encoder, name string) (*Holdout, error) {
	if data.Y == nil {
		return nil, errors.New("the data have no labels")
	}
	n, _ := data.X.Dims()
	if n < 10 {
		return nil, fmt.Errorf("%d points are too few", n)
	}
	order := rand.New(rand.NewPCG(e.Seed, 0x6c6561726e)).Perm(n)[:min(n, holdoutPoints)]
	part := data.Take(order)
	cut := len(order) - len(order)/5
	t, err := taskOf(name, part, cut)
	if err != nil {
		return nil, err
	}
	codes, _, err := e.Encode(part.X)
	if err != nil {
		return nil, err
	}
	float, _, err := rff.Embed(rff.Scheme{}, e.Features.MapRows(part.X, e.Workers), e.Seed)
	if err != nil {
		return nil, err
	}
	h := &Holdout{About: t.about, Metric: t.metric, Train: cut, Test: len(order) - cut}
	return h, errors.Join(
		h.add(t, e.Scheme.String(), codes.BitsPerPoint(), codes.Matrix()),
		h.add(t, "float", rff.FloatBits*e.Features.M, float))
}

// add scores the features f, of so many bits a point.
func (h *Holdout) add(t *task, name string, bits int, f *mat.Dense) error {
	n, p := f.Dims()
	score, err := t.score(f.Slice(0, h.Train, 0, p).(*mat.Dense), f.Slice(h.Train, n, 0, p).(*mat.Dense))
	h.Rows = append(h.Rows, HoldoutRow{name, p, bits, score})
	return err
}

// taskOf returns the named task; cut points are for training.
func taskOf(name string, part *table.Table, cut int) (*task, error) {
	if name == "regress" {
		return regression(part.Y, cut), nil
	}
	labels, classes, err := part.Labels()
	if err != nil {
		return nil, err
	}
	svm := SVM{C: 10, Bias: 1, Squared: true, Tolerance: 0.05, MaxPasses: 60}
	return &task{"one-vs-rest support vector machines, squared hinge, C = 10", "test accuracy", func(train, test *mat.Dense) (float64, error) {
		model, err := OneVsRest(train, labels[:cut], classes, svm)
		if err != nil {
			return 0, err
		}
		return Accuracy(model.Predict(test), labels[cut:]), nil
	}}, nil
}

// regression predicts targets by ridge regression and scores R² = 1 − Σ(y−ŷ)²/Σ(y−ȳ)²,
// ȳ being the mean of the training targets.
func regression(targets []float64, cut int) *task {
	const mu = 1
	mean := stat.Mean(targets[:cut], nil)
	return &task{fmt.Sprintf("ridge regression, μ = %d", mu), "test R²", func(train, test *mat.Dense) (float64, error) {
		y := mat.NewDense(cut, 1, nil)
		for i, v := range targets[:cut] {
			y.Set(i, 0, v-mean)
		}
		w, err := Ridge(train, y, mu)
		if err != nil {
			return 0, err
		}
		var predicted mat.Dense
		predicted.Mul(test, w)
		residual, spread := 0.0, 0.0
		for i, v := range targets[cut:] {
			r := v - mean - predicted.At(i, 0)
			residual += r * r
			spread += (v - mean) * (v - mean)
		}
		return 1 - residual/spread, nil
	}}
}
