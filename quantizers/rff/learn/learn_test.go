package learn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func normal(rng *rand.Rand, n, d int) *mat.Dense {
	x := mat.NewDense(n, d, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, x)
	return x
}

func drawNormal(t *rapid.T, n, d int) *mat.Dense {
	return normal(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)), n, d)
}

// TestRidgeIsOptimal: the gradient of ‖FW−Y‖² + mu‖W‖² vanishes, whichever of the
// two systems was the smaller.
func TestRidgeIsOptimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, p, targets := rapid.IntRange(1, 12).Draw(t, "n"), rapid.IntRange(1, 12).Draw(t, "p"), rapid.IntRange(1, 3).Draw(t, "t")
		mu := rapid.Float64Range(0.01, 10).Draw(t, "mu")
		f, y := drawNormal(t, n, p), drawNormal(t, n, targets)
		w, err := Ridge(f, y, mu)
		if err != nil {
			t.Fatal(err)
		}
		residual := product(f, false, w, false)
		residual.Sub(residual, y)
		gradient := product(f, true, residual, false)
		var shrink mat.Dense
		shrink.Scale(mu, w)
		gradient.Add(gradient, &shrink)
		if worst := mat.Norm(gradient, math.Inf(1)); worst > 1e-9 {
			t.Fatalf("n=%d p=%d: gradient %v", n, p, worst)
		}
		alpha, err := KernelRidge(product(f, false, f, true), y, mu)
		if err != nil {
			t.Fatal(err)
		}
		if dual := product(f, true, alpha, false); !mat.EqualApprox(dual, w, 1e-8) {
			t.Fatal("kernel form differs")
		}
	})
}

func TestRidgeErrors(t *testing.T) {
	f := mat.NewDense(2, 1, []float64{1, 2})
	if _, err := Ridge(f, mat.NewDense(3, 1, nil), 1); err == nil {
		t.Error("3 targets for 2 points: no error")
	}
	for _, mu := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, err := Ridge(f, mat.NewDense(2, 1, nil), mu); err == nil {
			t.Errorf("mu = %v: no error", mu)
		}
	}
}

// TestDualityGap: the primal objective at w and the dual objective at α enclose
// the optimum; at the end they meet.
func TestDualityGap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, p := rapid.IntRange(2, 40).Draw(t, "n"), rapid.IntRange(1, 8).Draw(t, "p")
		svm := SVM{
			C: rapid.Float64Range(0.05, 5).Draw(t, "C"), Bias: rapid.SampledFrom([]float64{0, 1}).Draw(t, "bias"),
			Squared: rapid.Bool().Draw(t, "squared"), Tolerance: 1e-7, MaxPasses: 200000,
		}
		f, y := drawNormal(t, n, p), make([]float64, n)
		for i := range y {
			y[i] = 1
			if rapid.Bool().Draw(t, "negative") {
				y[i] = -1
			}
		}
		features := newFeaturePoints(f, svm.Bias, squareNorms(f, svm.Bias))
		alpha, _ := svm.Descend(features, y)
		primal, dual := objectives(svm, features, y, alpha)
		if gap := primal - dual; gap < -1e-9*(1+primal) || gap > 1e-4*(1+primal) {
			t.Fatalf("primal %v, dual %v", primal, dual)
		}
	})
}

// objectives returns ½‖w‖² + C·Σ loss and Σα − ½‖w‖² − Σα²·D/2.
func objectives(svm SVM, x *featurePoints, y, alpha []float64) (primal, dual float64) {
	norm := (floats.Dot(x.w, x.w) + x.b*x.b) / 2
	primal, dual = norm, -norm
	for i, a := range alpha {
		loss := max(0, 1-y[i]*x.Margin(i))
		if svm.Squared {
			loss *= loss
			dual -= a * a / (4 * svm.C)
		}
		primal += svm.C * loss
		dual += a
	}
	return primal, dual
}

// blobs returns points around the corners of a simplex.
func blobs(rng *rand.Rand, n, classes int) (*mat.Dense, []int) {
	x, labels := normal(rng, n, classes), make([]int, n)
	x.Scale(0.25, x)
	for i := range labels {
		labels[i] = i % classes
		x.Set(i, labels[i], x.At(i, labels[i])+2)
	}
	return x, labels
}

func TestOneVsRest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	x, labels := blobs(rng, 120, 4)
	test, want := blobs(rng, 200, 4)
	rest, err := OneVsRest(x, labels, 4, SVM{Bias: 1})
	if err != nil {
		t.Fatal(err)
	}
	if a := Accuracy(rest.Predict(test), want); a < 0.99 {
		t.Errorf("accuracy %v on separable classes", a)
	}
	for _, bad := range [][]int{nil, labels[:3], append([]int{4}, labels[1:]...)} {
		if _, err := OneVsRest(x, bad, 4, SVM{}); err == nil {
			t.Errorf("labels %v: no error", bad)
		}
	}
}

// Regress y = x² on the features (1, x, x²) of five points.
func ExampleRidge() {
	f := mat.NewDense(5, 3, nil)
	y := mat.NewDense(5, 1, nil)
	for i := range 5 {
		x := float64(i) - 2
		f.SetRow(i, []float64{1, x, x * x})
		y.Set(i, 0, x*x)
	}
	w, err := Ridge(f, y, 1e-6)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", math.Abs(w.At(2, 0)))
	// Output: 1.000
}
