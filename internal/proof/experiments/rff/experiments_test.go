package rff

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/proof"
	"bitcycle/internal/testdata"
	"bitcycle/quantizers/rff"
	"bitcycle/quantizers/rff/learn"
)

// TestQuick runs every experiment in its quick form: all bars are met and all
// figures are finite.
func TestQuick(t *testing.T) {
	for _, e := range List {
		t.Run(e.ID, func(t *testing.T) {
			o := Options{Quick: true, Seed: 1}
			if e.Needs != "" {
				o.Data = strings.TrimSuffix(testdata.Data(t, e.Needs), filepath.FromSlash(e.Needs))
			}
			table, err := e.Run(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			if table.ID != e.ID || len(table.Rows) == 0 || len(table.Findings) == 0 || table.Protocol == "" {
				t.Errorf("table %q: %d rows, %d findings", table.ID, len(table.Rows), len(table.Findings))
			}
			for _, r := range table.Rows {
				if math.IsNaN(r.Got) || math.IsInf(r.Got, 0) {
					t.Errorf("%s, %s: %v", r.ID, r.What, r.Got)
				}
				if r.Verdict == proof.Fails {
					t.Errorf("%s, %s: %.5g (±%.2g), has to be %s", r.ID, r.What, r.Got, r.Half(), r.Bar)
				}
			}
			for _, finding := range table.Findings {
				t.Log(finding)
			}
		})
	}
}

func TestRepeatable(t *testing.T) {
	run := func() Table {
		table, err := Decay(context.Background(), Options{Quick: true, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		return table
	}
	if a, b := run(), run(); !reflect.DeepEqual(a, b) {
		t.Error("the same seed gives another table")
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, e := range List[:7] { // the others read files first
		_, err := e.Run(ctx, Options{Quick: true, Seed: 1})
		if !errors.Is(err, context.Canceled) && !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: error %v", e.ID, err)
		}
	}
}

// TestMissingData: an experiment without its files fails with a message that names
// them.
func TestMissingData(t *testing.T) {
	for _, run := range []func(context.Context, Options) (Table, error){DigitsSVM, MNIST, Phoneme} {
		_, err := run(context.Background(), Options{Quick: true, Data: filepath.Join(t.TempDir(), "none")})
		if !errors.Is(err, os.ErrNotExist) {
			t.Errorf("error %v", err)
		}
	}
}

// TestLegacyPermutation compares with numpy.random.RandomState(seed).permutation.
func TestLegacyPermutation(t *testing.T) {
	if got, want := fmt.Sprint(legacyPermutation(10, 0)), "[2 8 4 9 1 6 7 3 0 5]"; got != want {
		t.Errorf("seed 0: %s, want %s", got, want)
	}
	if got, want := newTwister(5489).next(), uint32(3499211612); got != want {
		t.Errorf("first number of seed 5489: %d, want %d", got, want)
	}
}

func TestExtremes(t *testing.T) {
	const n = 40
	a := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			a.SetSym(i, j, math.Cos(float64(3*i*j+i+j)))
		}
	}
	least, most := extremes(func(dst, x []float64) {
		mat.NewVecDense(n, dst).MulVec(a, mat.NewVecDense(n, x))
	}, n, n, 1)
	var eigen mat.EigenSym
	if !eigen.Factorize(a, false) {
		t.Fatal("no eigenvalues")
	}
	values := eigen.Values(nil)
	if math.Abs(least-values[0]) > 1e-8 || math.Abs(most-values[n-1]) > 1e-8 {
		t.Errorf("extremes %v, %v; want %v, %v", least, most, values[0], values[n-1])
	}
	if low, high := extremes(func(dst, x []float64) { copy(dst, x) }, 5, 5, 1); low != high || math.Abs(low-1) > 1e-12 {
		t.Errorf("identity: extremes %v, %v", low, high)
	}
}

func TestMean95(t *testing.T) {
	mean, half := mean95([]float64{1, 2, 3})
	if mean != 2 || math.Abs(half-4.302652729911275/math.Sqrt(3)) > 1e-9 {
		t.Errorf("mean %v ± %v", mean, half)
	}
	if _, half := mean95([]float64{1}); half != 0 {
		t.Errorf("one value: ± %v", half)
	}
}

func TestPairsAreAtTheirDistances(t *testing.T) {
	p := drawPairs(rff.Gaussian{Gamma: gamma}, 11, 3, longest, 1)
	for i := range 11 {
		var delta mat.VecDense
		delta.SubVec(p.y.RowView(i), p.x.RowView(i))
		if want := 0.5 * float64(i); math.Abs(mat.Norm(&delta, 2)-want) > 1e-12 {
			t.Errorf("pair %d: distance %v, want %v", i, mat.Norm(&delta, 2), want)
		}
		if want := math.Exp(-gamma * 0.25 * float64(i*i)); math.Abs(p.kappa[i]-want) > 1e-12 {
			t.Errorf("pair %d: kernel %v, want %v", i, p.kappa[i], want)
		}
	}
}

// TestOneVsOne: votes of machines on a Gram matrix separate classes, and a machine
// finds the same plane from a Gram matrix as from features.
func TestOneVsOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	blobs := func(n int) (*mat.Dense, []int) {
		x, labels := mat.NewDense(n, 4, nil), make([]int, n)
		for i := range labels {
			labels[i] = i % 4
			for j := range 4 {
				x.Set(i, j, 0.25*rng.NormFloat64())
			}
			x.Set(i, labels[i], x.At(i, labels[i])+2)
		}
		return x, labels
	}
	x, labels := blobs(120)
	test, want := blobs(200)
	svm := learn.SVM{Bias: 1, Tolerance: 1e-7}
	if a := learn.Accuracy(trainOneVsOne(gram(x, x), labels, 4, svm).predict(gram(test, x)), want); a < 0.99 {
		t.Errorf("accuracy %v on separable classes", a)
	}
	linear, err := learn.OneVsRest(x, labels, 4, svm)
	if err != nil {
		t.Fatal(err)
	}
	rows, y := make([]int, len(labels)), make([]float64, len(labels))
	for i, label := range labels {
		rows[i], y[i] = i, -1
		if label == 2 {
			y[i] = 1
		}
	}
	points := newGramPoints(gram(x, x), rows, svm.Bias)
	svm.Descend(points, y)
	for i, scores := 0, linear.Scores(x); i < len(rows); i++ {
		if got, want := points.Margin(i), scores.At(i, 2); math.Abs(got-want) > 1e-2*(1+math.Abs(want)) {
			t.Fatalf("margin %d: %v from the Gram matrix, %v from features", i, got, want)
		}
	}
}

// TestMMD2: kernel matrices and features agree.
func TestMMD2(t *testing.T) {
	p := drawPairs(rff.Gaussian{Gamma: gamma}, 9, 3, longest, 1)
	fromKernels := MMD2(gram(p.x, p.x), gram(p.y, p.y), gram(p.x, p.y))
	if got := featureMMD2(p.x, p.y); math.Abs(got-fromKernels) > 1e-10 {
		t.Errorf("%v from features, %v from kernels", got, fromKernels)
	}
}

// TestSemiIsUnbiased: the estimate from one quantized side has the kernel for mean.
func TestSemiIsUnbiased(t *testing.T) {
	const m = 200000
	k := rff.Gaussian{Gamma: gamma}
	p := drawPairs(k, 3, 2, longest, 1)
	got, err := semi(p.features(rff.Draw(k, 2, m, 11)), 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range p.kappa {
		if math.Abs(got[i]-want) > 10/math.Sqrt(m) {
			t.Errorf("kappa = %v: estimate %v", want, got[i])
		}
	}
}
