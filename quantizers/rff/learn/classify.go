package learn

import (
	"fmt"
	"runtime"

	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/crew"
)

// Linear is a classifier by the largest of several linear functions of the
// features, F·W + B.
type Linear struct {
	W *mat.Dense // p×classes
	B []float64  // one per class
}

// Scores returns the n×classes values of the linear functions.
func (l *Linear) Scores(f *mat.Dense) *mat.Dense {
	scores := product(f, false, l.W, false)
	n, _ := scores.Dims()
	for i := range n {
		for j, b := range l.B {
			scores.Set(i, j, scores.At(i, j)+b)
		}
	}
	return scores
}

// Predict returns the class of every row of f.
func (l *Linear) Predict(f *mat.Dense) []int {
	scores := l.Scores(f)
	n, _ := scores.Dims()
	class := make([]int, n)
	for i := range class {
		row := scores.RawRowView(i)
		for j, v := range row {
			if v > row[class[i]] {
				class[i] = j
			}
		}
	}
	return class
}

// OneVsRest trains one support vector machine for every class against all others.
func OneVsRest(f *mat.Dense, labels []int, classes int, svm SVM) (*Linear, error) {
	n, p := f.Dims()
	if err := checkLabels(labels, n, classes); err != nil {
		return nil, err
	}
	squares := squareNorms(f, svm.Bias)
	model := &Linear{W: mat.NewDense(p, classes, nil), B: make([]float64, classes)}
	eachTask(classes, func(class int) {
		x := newFeaturePoints(f, svm.Bias, squares)
		svm.Descend(x, signs(labels, class))
		model.W.SetCol(class, x.w)
		model.B[class] = x.b * x.bias
	})
	return model, nil
}

// Accuracy returns the share of predictions that equal the labels.
func Accuracy(predicted, labels []int) float64 {
	right := 0
	for i, class := range predicted {
		if class == labels[i] {
			right++
		}
	}
	return float64(right) / float64(len(labels))
}

func checkLabels(labels []int, n, classes int) error {
	if len(labels) != n || n == 0 {
		return fmt.Errorf("classification: %d points but %d labels", n, len(labels))
	}
	for i, label := range labels {
		if label < 0 || label >= classes {
			return fmt.Errorf("classification: label %d of point %d: must be between 0 and %d", label, i+1, classes-1)
		}
	}
	return nil
}

// signs returns +1 for the points of the class and −1 for all others.
func signs(labels []int, class int) []float64 {
	y := make([]float64, len(labels))
	for i, label := range labels {
		y[i] = -1
		if label == class {
			y[i] = 1
		}
	}
	return y
}

// eachTask calls do for every task in [0, n), as many at once as there are
// processors.
func eachTask(n int, do func(task int)) {
	crew.Each(runtime.GOMAXPROCS(0), n, do)
}
