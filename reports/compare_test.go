package reports

import (
	"strings"
	"testing"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/sim"
)

func crossEntry(machine, memory string, batch int, latencyS float64) evaluate.Entry {
	return evaluate.Entry{
		Machine: machine, Method: "m", Memory: memory, MemoryBytesPerS: 2e9, Accuracy: evaluate.Accuracy{Top1: 0.5, Images: 2},
		Cost: &sim.Result{Batch: batch, IntervalS: latencyS, Totals: sim.Layer{Cycles: 7, LatencyS: latencyS, Energy: sim.Energy{MAC: 4e6}}},
	}
}

// Costs per run are shown where they differ from those per image by different
// batches; ideal memory has no bandwidth and is never the best.
func TestCross(t *testing.T) {
	same := Cross("t", []evaluate.Entry{crossEntry("a", "tiles", 4, 8e-3), crossEntry("b", "ideal", 4, 4e-3)}).String()
	for _, want := range []string{" a        m           4  tiles    2.0 ", " b        m           4  ideal         ", " 2.0000 ", "*latency, *energy, *top-1"} {
		if !strings.Contains(same, want) {
			t.Errorf("no %q in\n%s", want, same)
		}
	}
	if strings.Contains(same, "latency/run") || strings.Count(same, "*latency") != 1 {
		t.Error(same)
	}
	if mixed := Cross("t", []evaluate.Entry{crossEntry("a", "tiles", 4, 8e-3), crossEntry("b", "tiles", 1, 4e-3)}).String(); !strings.Contains(mixed, "latency/run") {
		t.Error(mixed)
	}
}

// The initiation interval is shown where it is another figure than the latency.
func TestCrossShowsInterval(t *testing.T) {
	layers, units := crossEntry("a", "tiles", 1, 8e-3), crossEntry("b", "ideal", 1, 8e-3)
	units.Cost.IntervalS = 2e-3
	if text := Cross("t", []evaluate.Entry{layers}).String(); strings.Contains(text, "interval") {
		t.Error(text)
	}
	if text := Cross("t", []evaluate.Entry{layers, units}).String(); !strings.Contains(text, "interval") || !strings.Contains(text, " 2.0000 ") {
		t.Error(text)
	}
}

// Where no error was measured there is none to show.
func TestCrossWithoutError(t *testing.T) {
	e := crossEntry("a", "tiles", 1, 8e-3)
	e.Accuracy = evaluate.Accuracy{}
	if text := Cross("t", []evaluate.Entry{e}).String(); strings.Contains(text, "top-1 [%]") || strings.Contains(text, "*top-1") || !strings.Contains(text, "*latency") {
		t.Error(text)
	}
}

func TestFootingLine(t *testing.T) {
	for want, f := range map[string]*arch.Footing{
		"not on one footing": nil, ": 1 image per run": {Batch: 1}, ": 8 images per run": {Batch: 8},
	} {
		if got := footingLine(f); !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestFourDigits(t *testing.T) {
	for x, want := range map[float64]string{1610: "1610", 16260.4: "16260", 0.04902: "0.04902", 81.53: "81.53", 3: "3", 0.5: "0.5"} {
		if got := fourDigits(x); got != want {
			t.Errorf("%v: %q, want %q", x, got, want)
		}
	}
}
