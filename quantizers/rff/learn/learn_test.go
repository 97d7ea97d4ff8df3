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
// the optimum; at the end they meet. Both forms of the data find it.
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
		alpha, _ := svm.descend(features, y)
		primal, dual := objectives(svm, features, y, alpha)
		if gap := primal - dual; gap < -1e-9*(1+primal) || gap > 1e-4*(1+primal) {
			t.Fatalf("primal %v, dual %v", primal, dual)
		}
		rows := make([]int, n)
		for i := range rows {
			rows[i] = i
		}
		gram := newGramPoints(product(f, false, f, true), rows, svm.Bias)
		svm.descend(gram, y)
		for i := range rows {
			if math.Abs(gram.margin(i)-features.margin(i)) > 1e-2*(1+math.Abs(features.margin(i))) {
				t.Fatalf("margin %d: %v from features, %v from the Gram matrix", i, features.margin(i), gram.margin(i))
			}
		}
	})
}

// objectives returns ½‖w‖² + C·Σ loss and Σα − ½‖w‖² − Σα²·D/2.
func objectives(svm SVM, x *featurePoints, y, alpha []float64) (primal, dual float64) {
	norm := (floats.Dot(x.w, x.w) + x.b*x.b) / 2
	primal, dual = norm, -norm
	for i, a := range alpha {
		loss := max(0, 1-y[i]*x.margin(i))
		if svm.Squared {
			loss *= loss
			dual -= a * a / (4 * svm.C)
		}
		primal += svm.C * loss
		dual += a
	}
	return primal, dual
}

func TestTrain(t *testing.T) {
	f := mat.NewDense(4, 1, []float64{1, 2, 4, 5})
	h, err := SVM{C: 100, Bias: 10, Tolerance: 1e-6}.Train(f, []float64{-1, -1, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	if boundary := -h.B / h.W[0]; math.Abs(boundary-3) > 0.05 {
		t.Errorf("boundary at %v, want 3", boundary)
	}
	if _, err := (SVM{}).Train(f, []float64{-1, -1, 1, 2}); err == nil {
		t.Error("label 2: no error")
	}
	if _, err := (SVM{}).Train(f, []float64{1}); err == nil {
		t.Error("one label for four points: no error")
	}
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

func TestClassifiers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	x, labels := blobs(rng, 120, 4)
	test, want := blobs(rng, 200, 4)
	rest, err := OneVsRest(x, labels, 4, SVM{Bias: 1})
	if err != nil {
		t.Fatal(err)
	}
	ridge, err := RidgeClassifier(x, labels, 4, 0.1)
	if err != nil {
		t.Fatal(err)
	}
	one, err := TrainOneVsOne(product(x, false, x, true), labels, 4, SVM{Bias: 1})
	if err != nil {
		t.Fatal(err)
	}
	for name, predicted := range map[string][]int{
		"one-vs-rest": rest.Predict(test), "ridge": ridge.Predict(test), "one-vs-one": one.Predict(product(test, false, x, true)),
	} {
		if a := Accuracy(predicted, want); a < 0.99 {
			t.Errorf("%s: accuracy %v on separable classes", name, a)
		}
	}
	for _, bad := range [][]int{nil, labels[:3], append([]int{4}, labels[1:]...)} {
		if _, err := OneVsRest(x, bad, 4, SVM{}); err == nil {
			t.Errorf("labels %v: no error", bad)
		}
	}
}

// TestMMDForms: kernel matrices, features and the test statistics agree.
func TestMMDForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fx, fy := drawNormal(t, rapid.IntRange(1, 9).Draw(t, "nx"), 3), drawNormal(t, rapid.IntRange(1, 9).Draw(t, "ny"), 3)
		kernel := MMD2(product(fx, false, fx, true), product(fy, false, fy, true), product(fx, false, fy, true))
		if features := FeatureMMD2(fx, fy); math.Abs(kernel-features) > 1e-10 {
			t.Fatalf("%v from kernels, %v from features", kernel, features)
		}
		a, err := TwoSampleTest(fx, fy, 0.1, 50, 3)
		if err != nil {
			t.Fatal(err)
		}
		nx, _ := fx.Dims()
		var pooled mat.Dense
		pooled.Stack(fx, fy)
		b, err := TwoSampleKernelTest(product(&pooled, false, &pooled, true), nx, 0.1, 50, 3)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(a.MMD2-kernel) > 1e-10 || math.Abs(b.MMD2-kernel) > 1e-10 || math.Abs(a.Threshold-b.Threshold) > 1e-10 {
			t.Fatalf("tests %+v and %+v, statistic %v", a, b, kernel)
		}
	})
}

// TestLevelAndPower: the test rejects equal distributions about as often as it
// should, and different ones nearly always.
func TestLevelAndPower(t *testing.T) {
	const rounds, alpha = 200, 0.1
	rng := rand.New(rand.NewPCG(9, 9))
	var false_, true_ int
	for round := range rounds {
		same, err := TwoSampleTest(normal(rng, 20, 2), normal(rng, 20, 2), alpha, 99, uint64(round))
		if err != nil {
			t.Fatal(err)
		}
		other := normal(rng, 20, 2)
		for i := range 20 {
			other.Set(i, 0, other.At(i, 0)+1.5)
		}
		differs, err := TwoSampleTest(normal(rng, 20, 2), other, alpha, 99, uint64(round))
		if err != nil {
			t.Fatal(err)
		}
		if same.Reject {
			false_++
		}
		if differs.Reject {
			true_++
		}
	}
	if sd := math.Sqrt(rounds * alpha * (1 - alpha)); math.Abs(float64(false_)-rounds*alpha) > 4*sd {
		t.Errorf("%d of %d equal pairs rejected at level %v", false_, rounds, alpha)
	}
	if true_ < rounds*9/10 {
		t.Errorf("%d of %d different pairs rejected", true_, rounds)
	}
	if _, err := TwoSampleTest(normal(rng, 2, 2), normal(rng, 2, 3), alpha, 9, 1); err == nil {
		t.Error("different dimensions: no error")
	}
	if _, err := TwoSampleTest(normal(rng, 2, 2), normal(rng, 2, 2), 1.5, 9, 1); err == nil {
		t.Error("alpha = 1.5: no error")
	}
}

// TestKernelPCA: all components together reproduce the centred Gram matrix.
func TestKernelPCA(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 10).Draw(t, "n")
		g := product(drawNormal(t, n, 4), false, drawNormal(t, n, 4), true)
		g = product(g, false, g, true)
		scores, variances, err := KernelPCA(g, n)
		if err != nil {
			t.Fatal(err)
		}
		if got := product(scores, false, scores, true); !mat.EqualApprox(got, centered(g), 1e-8*(1+mat.Max(g))) {
			t.Fatal("scores do not reproduce the centred matrix")
		}
		for k := 1; k < n; k++ {
			if variances[k] > variances[k-1] {
				t.Fatalf("variances %v do not fall", variances)
			}
		}
	})
	if _, _, err := KernelPCA(mat.NewDense(2, 2, nil), 3); err == nil {
		t.Error("three components of two points: no error")
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
