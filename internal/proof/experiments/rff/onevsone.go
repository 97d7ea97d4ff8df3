package rff

import (
	"sync"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"bitcycle/quantizers/rff/learn"
)

// oneVsOne is a classifier by votes of the support vector machines of all pairs of
// classes, trained on a Gram matrix.
type oneVsOne struct {
	classes int
	pairs   []pair
}

// pair separates class a (positive) from class b.
type pair struct {
	a, b   int
	points []int     // training points of the two classes
	weight []float64 // α_i·y_i
	offset float64   // bias²·Σ weight
}

// trainOneVsOne trains on the n×n Gram matrix of the training points.
func trainOneVsOne(g *mat.Dense, labels []int, classes int, svm learn.SVM) *oneVsOne {
	model := &oneVsOne{classes: classes}
	for a := range classes {
		for b := a + 1; b < classes; b++ {
			model.pairs = append(model.pairs, newPair(labels, a, b))
		}
	}
	var wg sync.WaitGroup
	for i := range model.pairs {
		wg.Go(func() { model.pairs[i].train(g, labels, svm) })
	}
	wg.Wait()
	return model
}

func newPair(labels []int, a, b int) pair {
	p := pair{a: a, b: b}
	for i, label := range labels {
		if label == a || label == b {
			p.points = append(p.points, i)
		}
	}
	return p
}

func (p *pair) train(g *mat.Dense, labels []int, svm learn.SVM) {
	y := make([]float64, len(p.points))
	for i, point := range p.points {
		y[i] = -1
		if labels[point] == p.a {
			y[i] = 1
		}
	}
	alpha, _ := svm.Descend(newGramPoints(g, p.points, svm.Bias), y)
	p.weight = alpha
	for i := range alpha {
		p.weight[i] *= y[i]
		p.offset += p.weight[i] * svm.Bias * svm.Bias
	}
}

// predict returns the class of every test point from the test×train Gram matrix:
// the one with most votes, the first of them if several have as many.
func (m *oneVsOne) predict(g *mat.Dense) []int {
	n, _ := g.Dims()
	class := make([]int, n)
	votes := make([]int, m.classes)
	for i := range class {
		clear(votes)
		row := g.RawRowView(i)
		for _, p := range m.pairs {
			score := p.offset
			for k, point := range p.points {
				score += p.weight[k] * row[point]
			}
			if score > 0 {
				votes[p.a]++
			} else {
				votes[p.b]++
			}
		}
		for c, v := range votes {
			if v > votes[class[i]] {
				class[i] = c
			}
		}
	}
	return class
}

// gramPoints keeps the margins of all points: a step costs one row of the Gram
// matrix.
type gramPoints struct {
	g       *mat.Dense // of the points in play, constant coordinate included
	margins []float64
}

// newGramPoints copies the given rows and columns of g.
func newGramPoints(g *mat.Dense, rows []int, bias float64) *gramPoints {
	p := &gramPoints{g: mat.NewDense(len(rows), len(rows), nil), margins: make([]float64, len(rows))}
	for i, r := range rows {
		from, to := g.RawRowView(r), p.g.RawRowView(i)
		for j, c := range rows {
			to[j] = from[c] + bias*bias
		}
	}
	return p
}

// Count, Square, Margin and Add implement learn.Points.
func (p *gramPoints) Count() int { return len(p.margins) }

func (p *gramPoints) Square(i int) float64 { return p.g.At(i, i) }

func (p *gramPoints) Margin(i int) float64 { return p.margins[i] }

func (p *gramPoints) Add(i int, change float64) {
	floats.AddScaled(p.margins, change, p.g.RawRowView(i))
}
