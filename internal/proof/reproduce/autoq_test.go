package reproduce

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	experiments "bitcycle/internal/proof/experiments/autoq"
	"bitcycle/quantizers/autoq"
)

// The report of a tiny experiment says for every method on every machine what it
// needs at every accuracy, and has a verdict on every baseline.
func TestAutoQReport(t *testing.T) {
	s, err := experiments.ShippedSubject(true)
	if err != nil {
		t.Fatal(err)
	}
	s.Images, s.Calib, s.Test = s.Images.Slice(0, 8), s.Calib.Slice(0, 16), s.Test.Slice(0, 60)
	s.Labels = s.Labels[:60]
	s.Plan = experiments.Plan{
		Seeds: 1, Agent: autoq.AgentOptions{Episodes: 2, Warmup: 1, Hidden: 8, Batch: 8, Updates: 2}, Moves: 2,
		AgentBudgets: []float64{0.5}, Budgets: []float64{0.1}, Metrics: []autoq.Metric{autoq.Cycles},
	}
	r, err := autoqOn(context.Background(), Options{Seed: 1}, []*experiments.Subject{s})
	if err != nil {
		t.Fatal(err)
	}
	methods := len(experiments.Agents) + len(experiments.Allocators)
	if rows := len(r.Tables[0].Rows); rows != 3*3*methods {
		t.Errorf("%d rows of costs, want %d", rows, 3*3*methods)
	}
	verdicts := 0
	for _, c := range r.Claims {
		if strings.HasPrefix(c.Text, "AutoQ needs ") {
			verdicts++
			if !strings.Contains(c.Note, "reached on:") || !strings.Contains(c.Note, "missed on:") {
				t.Errorf("%s: %s", c.Text, c.Note)
			}
		}
	}
	if verdicts != 14 {
		t.Errorf("%d verdicts, want latency and energy against seven baselines", verdicts)
	}
	result, clock := r.JSON()
	text, err := json.Marshal(result)
	if err != nil || strings.Contains(string(text), "_s\"") || strings.Contains(string(text), "of the searches' time") {
		t.Errorf("the result has figures of the clock on the wall (%v)", err)
	}
	text, err = json.Marshal(clock)
	if err != nil || !strings.Contains(string(text), "accuracy_s") || !strings.Contains(string(text), "of the searches' time") {
		t.Errorf("the clock on the wall says %s (%v)", text, err)
	}
}
