package experiments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/testdata"
	"bitcycle/quantizers/rff"
)

// TestQuick runs every experiment in its quick form: all windows hold, all figures
// are finite, and the table is plain data.
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
				if !r.Pass {
					t.Errorf("%s, %s: %.5g (±%.2g) outside [%.5g, %.5g]", r.Setting, r.Scheme, r.Ours, r.CI95, r.Window.Low, r.Window.High)
				}
			}
			if _, err := json.Marshal(table); err != nil { // also finds NaN
				t.Error(err)
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
