package search

import (
	"context"
	"math"
	"testing"

	"pgregory.net/rapid"

	"bitcycle/kernels/shipped"
)

func TestCostAt(t *testing.T) {
	points := []vertex{{0.5, 0.90}, {0.2, 0.80}, {0.3, 0.81}, {0.9, 0.89}, {0.4, 0.88}}
	for _, c := range []struct{ accuracy, want float64 }{
		{0.70, 0.2},  // the cheapest does more
		{0.84, 0.3},  // half way from 0.80 to 0.88, over the point in between
		{0.89, 0.45}, // half way from 0.88 to 0.90
		{0.95, math.Inf(1)},
	} {
		if got := costAt(points, c.accuracy); math.Abs(got-c.want) > 1e-12 && got != c.want {
			t.Errorf("accuracy %v costs %v, want %v", c.accuracy, got, c.want)
		}
	}
}

// A hull is concave, rises, and no point lies above it.
func TestHull(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var points []vertex
		for range rapid.IntRange(1, 12).Draw(t, "n") {
			points = append(points, vertex{float64(rapid.IntRange(1, 20).Draw(t, "cost")), float64(rapid.IntRange(1, 20).Draw(t, "accuracy"))})
		}
		h := hull(points)
		for i := 1; i < len(h); i++ {
			if h[i].cost <= h[i-1].cost || h[i].accuracy <= h[i-1].accuracy {
				t.Fatalf("hull %v does not rise", h)
			}
			if i > 1 {
				a, b, c := h[i-2], h[i-1], h[i]
				if (b.accuracy-a.accuracy)*(c.cost-b.cost) < (c.accuracy-b.accuracy)*(b.cost-a.cost) {
					t.Fatalf("hull %v is not concave", h)
				}
			}
		}
		for _, p := range points {
			if got := costAt(points, p.accuracy); got > p.cost+1e-9 {
				t.Fatalf("%v is cheaper than the hull's %v", p, got)
			}
		}
	})
}

func TestEstimate(t *testing.T) {
	const n = 400
	float := make([]bool, n)
	better, worse := make([]bool, n), make([]bool, n)
	for i := range n {
		float[i], better[i], worse[i] = i%10 != 0, i%10 != 0, i%10 > 1
	}
	outcomes := []outcome{{0, 0.2, worse}, {0, 0.4, better}, {1, 0.3, worse}, {1, 0.5, better}}
	e := estimate(outcomes, float, 0.05)
	if math.Abs(e.Value-0.35) > 1e-9 || e.Low > e.Value || e.High < e.Value || e.Low < 0.2 || e.High > 0.5 {
		t.Errorf("%+v, want 0.35, between the seeds' 0.3 and 0.4", e)
	}
	if e := estimate(outcomes[:1], float, 0.05); !math.IsInf(e.Value, 1) {
		t.Errorf("an accuracy that is not reached costs %v", e.Value)
	}
}

// A whole experiment in small: every method asked for has a row at every loss, and nothing
// is cheaper at more accuracy.
func TestReproduce(t *testing.T) {
	calib, _ := glyphs(t, "calib", 0, 16)
	reward, _ := glyphs(t, "train", 0, 8)
	test, labels := glyphs(t, "test", 0, 100)
	rows, err := Reproduce(context.Background(), ReproduceOptions{
		Quick: true, Machines: []string{"haq-bismo-cloud", "haq-bismo-edge"}, Episodes: 2,
		Methods: []string{"haq", "autoq", "uniform", "tile", "aware"},
		Subject: &Subject{Name: shipped.Name, Net: shipped.Network(), Calib: calib, Images: reward, Test: test, Labels: labels, Sensitivity: sensitivity(t)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := 2 * 3 * 5; len(rows) != want {
		t.Fatalf("%d rows, want %d", len(rows), want)
	}
	last := map[string]Row{}
	for _, r := range rows {
		key := r.Machine + r.Method
		if before, ok := last[key]; ok && r.Latency.Value > before.Latency.Value {
			t.Errorf("%s on %s: %v at a loss of %v, %v at %v", r.Method, r.Machine, r.Latency.Value, r.Loss, before.Latency.Value, before.Loss)
		}
		last[key] = r
		if r.Transferred != (learns(r.Method) && r.Machine == "haq-bismo-edge") {
			t.Errorf("%s on %s: transferred %v", r.Method, r.Machine, r.Transferred)
		}
	}
}

func TestReduction(t *testing.T) {
	if got := Reduction(Estimate{Value: 0.3}, Estimate{Value: 0.4}); math.Abs(got-25) > 1e-9 {
		t.Errorf("reduction %v %%, want 25", got)
	}
	if got := Reduction(Estimate{Value: 0.3}, Estimate{Value: math.Inf(1)}); !math.IsNaN(got) {
		t.Errorf("reduction %v %%, want none", got)
	}
}
