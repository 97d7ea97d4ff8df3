package cli

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"bitcycle/quantizers/rff"
	"bitcycle/quantizers/rff/learn"
	"bitcycle/quantizers/rff/table"
	"bitcycle/reports"
)

// learnPoints bounds the points that --learn trains and tests on.
const learnPoints = 10000

// learner trains on feature vectors of the first rows and scores the others.
type learner struct {
	about, metric string
	score         func(train, test *mat.Dense) (float64, error)
}

// learnTable trains on the codes of four fifths of the points and on their float
// features, and tests both on the rest.
func (c quantizeCmd) learnTable(data *table.Table, e *rff.Encoder) (*reports.Table, error) {
	if data.Y == nil {
		return nil, errors.New("--learn: the data have no labels")
	}
	n, _ := data.X.Dims()
	if n < 10 {
		return nil, fmt.Errorf("--learn: %d points are too few", n)
	}
	order := rand.New(rand.NewPCG(e.Seed, 0x6c6561726e)).Perm(n)[:min(n, learnPoints)]
	part := data.Take(order)
	cut := len(order) - len(order)/5
	l, err := c.learner(part, cut)
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
	t := &reports.Table{Title: l.about, Columns: []reports.Column{
		reports.Text("features", "features"), reports.Number("dimensions", "dimensions"), reports.Number("bits_per_point", "bits/point"), reports.Scaled("score", l.metric, 1, 4),
	}}
	for _, row := range []struct {
		name string
		f    *mat.Dense
		bits int
	}{{e.Scheme.String(), codes.Matrix(), codes.BitsPerPoint()}, {"float", float, rff.FloatBits * e.Features.M}} {
		_, p := row.f.Dims()
		score, err := l.score(row.f.Slice(0, cut, 0, p).(*mat.Dense), row.f.Slice(cut, len(order), 0, p).(*mat.Dense))
		if err != nil {
			return nil, err
		}
		t.Add(row.name, p, row.bits, score)
	}
	t.Notes = append(t.Notes, fmt.Sprintf("%d training and %d test points drawn at random", cut, len(order)-cut))
	return t, nil
}

// learner returns the task that --learn names; cut points are for training.
func (c quantizeCmd) learner(part *table.Table, cut int) (*learner, error) {
	if c.Learn == "regress" {
		return regression(part.Y, cut), nil
	}
	labels, classes, err := part.Labels()
	if err != nil {
		return nil, fmt.Errorf("--learn classify: %w", err)
	}
	svm := learn.SVM{C: 10, Bias: 1, Squared: true, Tolerance: 0.05, MaxPasses: 60}
	return &learner{"one-vs-rest support vector machines, squared hinge, C = 10", "test accuracy", func(train, test *mat.Dense) (float64, error) {
		model, err := learn.OneVsRest(train, labels[:cut], classes, svm)
		if err != nil {
			return 0, err
		}
		return learn.Accuracy(model.Predict(test), labels[cut:]), nil
	}}, nil
}

// regression predicts targets by ridge regression.
func regression(targets []float64, cut int) *learner {
	const mu = 1
	mean := stat.Mean(targets[:cut], nil)
	return &learner{fmt.Sprintf("ridge regression, μ = %d", mu), "test R²", func(train, test *mat.Dense) (float64, error) {
		y := mat.NewDense(cut, 1, nil)
		for i, v := range targets[:cut] {
			y.Set(i, 0, v-mean)
		}
		w, err := learn.Ridge(train, y, mu)
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
