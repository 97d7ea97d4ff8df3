package autoq

import (
	"context"
	"errors"
	"math"
	"reflect"
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
	boot := newBootstrap(n)
	f, good, bad := boot.accuracies(float), boot.accuracies(better), boot.accuracies(worse)
	outcomes := []sample{{0, 0.2, bad}, {0, 0.4, good}, {1, 0.3, bad}, {1, 0.5, good}}
	values := costs(outcomes, f, 0.05)
	e := estimate(values)
	if math.Abs(e.Value-0.35) > 1e-9 || e.Low > e.Value || e.High < e.Value || e.Low < 0.2 || e.High > 0.5 {
		t.Errorf("%+v, want 0.35, between the seeds' 0.3 and 0.4", e)
	}
	none := costs(outcomes[:1], f, 0.05)
	if !math.IsInf(none[0], 1) {
		t.Errorf("an accuracy that is not reached costs %v", none[0])
	}
	// Half of the same costs is half in every resample.
	half := make([]float64, len(values))
	for r := range half {
		half[r] = values[r] / 2
	}
	if got := reduction(half, values); math.Abs(got.Value-50) > 1e-9 || math.Abs(got.Low-50) > 1e-9 || math.Abs(got.High-50) > 1e-9 {
		t.Errorf("saving %+v %%, want 50", got)
	}
	if got := reduction(values, none); !math.IsNaN(got.Value) {
		t.Errorf("saving %v %%, want none", got.Value)
	}
}

// small is an experiment of a few seconds.
func small(t *testing.T, folder string) Options {
	calib, _ := glyphs(t, "calib", 0, 16)
	reward, _ := glyphs(t, "train", 0, 8)
	test, labels := glyphs(t, "test", 0, 100)
	plan := QuickPlan()
	plan.Agent.Episodes, plan.Agent.Warmup, plan.Moves = 2, 1, 6
	plan.AgentBudgets, plan.Budgets = []float64{0.12, 0.5}, []float64{0, 0.1}
	return Options{
		Machines: []string{"haq-bismo-cloud", "haq-bismo-edge"}, Methods: []string{"haq", "autoq", "uniform", "tile", "aware"}, Folder: folder,
		Subject: &Subject{Name: shipped.Name, Net: shipped.Network(), Calib: calib, Images: reward, Test: test, Labels: labels, Plan: plan, Sensitivity: sensitivity(t)},
	}
}

// A whole experiment in small: every method asked for has a row at every loss, and nothing
// is cheaper at more accuracy.
func TestReproduce(t *testing.T) {
	folder := t.TempDir()
	opt := small(t, folder)
	out, err := Reproduce(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	if want := 2 * 3 * 5; len(out.Needs) != want {
		t.Fatalf("%d rows, want %d", len(out.Needs), want)
	}
	last := map[string]Need{}
	for _, r := range out.Needs {
		key := r.Machine + r.Method
		if before, ok := last[key]; ok && r.Latency.Value > before.Latency.Value {
			t.Errorf("%s on %s: %v at a loss of %v, %v at %v", r.Method, r.Machine, r.Latency.Value, r.Loss, before.Latency.Value, before.Loss)
		}
		last[key] = r
		if r.Transferred != (learns(r.Method) && r.Machine == "haq-bismo-edge") {
			t.Errorf("%s on %s: transferred %v", r.Method, r.Machine, r.Transferred)
		}
		if r.Latency.Value > 1 || r.Energy.Value > 1 {
			t.Errorf("%s on %s costs more than 8 bits: %v, %v", r.Method, r.Machine, r.Latency.Value, r.Energy.Value)
		}
	}
	if out.Agents.Accuracy <= 0 || out.Agents.Rest <= 0 {
		t.Errorf("effort %+v", out.Agents)
	}

	// From what is kept the same comes out, by one worker, and nothing is searched.
	opt.Workers = 1
	opt.Progress = func(what string, done, total int) { t.Errorf("%s: %d of %d is done again", what, done, total) }
	again, err := Reproduce(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(out.Needs, again.Needs) {
		t.Error("a run from what is kept has other rows")
	}
	opt.Subject.Plan.Moves++
	if _, err := Reproduce(context.Background(), opt); err == nil {
		t.Error("the outcomes of another plan are accepted")
	}
}

// An interrupted experiment keeps what is done, and goes on to the same end by any
// number of workers.
func TestReproduceResumes(t *testing.T) {
	opt := small(t, t.TempDir())
	opt.Machines, opt.Methods = opt.Machines[:1], []string{"autoq", "uniform"}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	opt.Progress = func(_ string, done, total int) {
		if done > total/2 {
			cancel()
		}
	}
	if _, err := Reproduce(ctx, opt); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want that it was interrupted", err)
	}
	opt.Progress = nil
	resumed, err := Reproduce(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	opt.Folder, opt.Workers = "", 1
	whole, err := Reproduce(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(resumed.Needs, whole.Needs) {
		t.Error("the resumed run has other rows")
	}
}

// The mean of savings is drawn as a whole: its interval is narrower than theirs.
func TestMean(t *testing.T) {
	draws := func(offset float64) []float64 {
		out := []float64{offset}
		for r := range resamples {
			out = append(out, offset+math.Sin(float64(r)*(1+offset))) // not in step
		}
		return out
	}
	a, b := estimate(draws(1)), estimate(draws(3))
	m := Mean([]Estimate{a, b})
	if m.Value != 2 || m.High-m.Low >= a.High-a.Low || m.Low >= 2 || m.High <= 2 {
		t.Errorf("mean %v (%v to %v) of %v to %v and %v to %v", m.Value, m.Low, m.High, a.Low, a.High, b.Low, b.High)
	}
	none := reduction(draws(1), append([]float64{math.Inf(1)}, draws(1)[1:]...))
	if m := Mean([]Estimate{a, none}); m.Value != a.Value {
		t.Errorf("mean %v with one that is not a number, want that of the other, %v", m.Value, a.Value)
	}
	if m := Mean([]Estimate{none}); !math.IsNaN(m.Value) {
		t.Errorf("mean %v of none", m.Value)
	}
}
