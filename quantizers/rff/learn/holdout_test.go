package learn

import (
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"bitcycle/quantizers/rff"
	"bitcycle/quantizers/rff/table"
)

func TestHoldOut(t *testing.T) {
	x, labels := blobs(rand.New(rand.NewPCG(1, 2)), 100, 2)
	y := make([]float64, len(labels))
	for i, label := range labels {
		y[i] = float64(label)
	}
	_, d := x.Dims()
	s, m, err := rff.ParseScheme("rff", "m=256,lambda=16")
	if err != nil {
		t.Fatal(err)
	}
	e, err := rff.Job{Scheme: s, Features: m, Kernel: "gaussian", Seed: 1}.Encode(x)
	if err != nil {
		t.Fatal(err)
	}
	for task, least := range map[string]float64{"classify": 0.9, "regress": 0.7} {
		h, err := HoldOut(&table.Table{X: x, Y: y}, &e.Encoder, task)
		if err != nil {
			t.Fatalf("%s: %v", task, err)
		}
		if h.Train != 80 || h.Test != 20 || len(h.Rows) != 2 || h.Rows[1].Features != "float" || h.Rows[1].BitsPerPoint != 32*256 {
			t.Errorf("%s: %+v", task, h)
		}
		for _, r := range h.Rows {
			if r.Score < least {
				t.Errorf("%s: %s of %s is %v, want at least %v", task, h.Metric, r.Features, r.Score, least)
			}
		}
	}
	for want, data := range map[string]*table.Table{
		"no labels": {X: x},
		"too few":   {X: mat.NewDense(4, d, nil), Y: make([]float64, 4)},
	} {
		if _, err := HoldOut(data, &e.Encoder, "classify"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
