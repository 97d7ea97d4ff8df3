package learn

import "gonum.org/v1/gonum/mat"

// OneVsOne is a classifier by votes of the support vector machines of all pairs of
// classes, trained on a Gram matrix.
type OneVsOne struct {
	Classes int
	pairs   []pair
	bias    float64
}

// pair separates class a (positive) from class b.
type pair struct {
	a, b   int
	points []int     // training points of the two classes
	weight []float64 // α_i·y_i
	offset float64   // bias²·Σ weight
}

// TrainOneVsOne trains on the n×n Gram matrix of the training points.
func TrainOneVsOne(g *mat.Dense, labels []int, classes int, svm SVM) (*OneVsOne, error) {
	n, _ := g.Dims()
	if err := checkLabels(labels, n, classes); err != nil {
		return nil, err
	}
	model := &OneVsOne{Classes: classes, bias: svm.Bias}
	for a := range classes {
		for b := a + 1; b < classes; b++ {
			model.pairs = append(model.pairs, newPair(labels, a, b))
		}
	}
	eachTask(len(model.pairs), func(i int) { model.pairs[i].train(g, labels, svm) })
	return model, nil
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

func (p *pair) train(g *mat.Dense, labels []int, svm SVM) {
	y := make([]float64, len(p.points))
	for i, point := range p.points {
		y[i] = -1
		if labels[point] == p.a {
			y[i] = 1
		}
	}
	alpha, _ := svm.descend(newGramPoints(g, p.points, svm.Bias), y)
	p.weight = alpha
	for i := range alpha {
		p.weight[i] *= y[i]
		p.offset += p.weight[i] * svm.Bias * svm.Bias
	}
}

// Predict returns the class of every test point from the test×train Gram matrix:
// the one with most votes, the first of them if several have as many.
func (m *OneVsOne) Predict(g *mat.Dense) []int {
	n, _ := g.Dims()
	class := make([]int, n)
	votes := make([]int, m.Classes)
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
