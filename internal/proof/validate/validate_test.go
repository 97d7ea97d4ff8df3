package validate

import (
	"path/filepath"
	"testing"

	"bitcycle/internal/testdata"
)

func TestExamples(t *testing.T) {
	s, err := Examples(testdata.Golden(t, "cycles/examples.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range s.Detail {
		if !r.Exact {
			t.Errorf("%s %s: %v, want %v", r.ID, r.What, r.Got, r.Want)
		}
	}
	if s.Rows == 0 || !s.Pass {
		t.Errorf("%d of %d exact", s.Exact, s.Rows)
	}
}

func report(t *testing.T, s Source, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d of %d exact, mean %.5f median %.5f p95 %.5f worst %.4f %s, pass %v, %s", s.Name, s.Exact, s.Rows, s.MeanError, s.MedianError, s.P95Error, s.WorstError, s.WorstRow, s.Pass, s.Note)
	n := 0
	for _, r := range s.Detail {
		if !r.Exact && n < 40 {
			n++
			t.Logf("%s %s: %v, want %v (%v %v)", r.ID, r.What, r.Got, r.Want, r.Within, r.Orientation)
		}
	}
}

func TestRun(t *testing.T) {
	golden := testdata.Golden(t, "cycles")
	sources, err := Run(filepath.Dir(golden))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sources {
		report(t, s, nil)
		if !s.Pass {
			t.Errorf("%s misses its bar: %s", s.Name, s.Bar)
		}
	}
}

// With scratchpads of 16384 words for a tile every entry of the table is reproduced
// to the cycle, which the shipped sizes miss by the tails of stretches that they need not cut.
func TestHAQWithSmallScratchpads(t *testing.T) {
	layers, totals, err := haq(filepath.Dir(testdata.Golden(t, "cycles")), "buffers.weights.bytes=1 MiB", "buffers.inputs.bytes=1 MiB")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Source{layers, totals} {
		if s.Exact != s.Rows {
			report(t, s, nil)
			t.Errorf("%s: %d of %d exact", s.Name, s.Exact, s.Rows)
		}
	}
}
