package validate

import (
	"bytes"
	"encoding/csv"
	"flag"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"bitcycle/arch"
	"bitcycle/internal/proof"
	"bitcycle/internal/proof/golden"
	"bitcycle/internal/testdata"
)

var update = flag.Bool("update", false, "rewrite what machines state of themselves")

// What machines state of themselves is what is computed from the rows that ship:
//
//	go test ./internal/proof/validate -run Stated -update
func TestStated(t *testing.T) {
	sources, _, err := Run(golden.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	testdata.Text(t, "../../../arch-configs/validated.csv", stated(t, sources), *update)
}

// stated is how each shipped machine fares, a line a source.
func stated(t *testing.T, sources []proof.Source) []byte {
	t.Helper()
	sources = slices.Clone(sources)
	slices.SortStableFunc(sources, func(a, b proof.Source) int { return strings.Compare(a.Machine, b.Machine) })
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	lines := [][]string{{"machine", "source", "kind", "rows", "mean_error", "median_error", "bias", "worst_error"}}
	for i := range sources {
		s := &sources[i]
		if s.Machine == "" || s.Rows == 0 {
			continue
		}
		if _, err := arch.Load(s.Machine, nil); err != nil {
			t.Error(err)
		}
		line := []string{s.Machine, s.Name, s.Kind, strconv.Itoa(s.Rows)}
		for _, x := range []float64{s.MeanError, s.MedianError, s.Bias, s.WorstError} {
			line = append(line, strconv.FormatFloat(x, 'g', 4, 64))
		}
		lines = append(lines, line)
	}
	if err := w.WriteAll(lines); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// folder is the whole folder of golden numbers.
func folder(t *testing.T) fs.FS {
	t.Helper()
	return Folder(filepath.Dir(testdata.Golden(t, "cycles")))
}

func report(t *testing.T, s *proof.Source) {
	t.Helper()
	t.Logf("%s: %d of %d exact, mean %.5f median %.5f p95 %.5f worst %.4f %s, pass %v, %s", s.Name, s.Exact, s.Rows, s.MeanError, s.MedianError, s.P95Error, s.WorstError, s.WorstRow, s.Pass, s.Note)
	shown := 0
	for _, r := range s.Detail {
		if !r.Exact && shown < 40 {
			shown++
			t.Logf("%s %s: %v, want %v (%s)", r.ID, r.What, r.Got, r.Want, r.Verdict)
		}
	}
}

// TestRun: every source passes, of the numbers shipped and of the whole folder.
func TestRun(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) fs.FS{
		"shipped": func(*testing.T) fs.FS { return golden.Shipped() },
		"folder":  folder,
	} {
		t.Run(name, func(t *testing.T) {
			sources, _, err := Run(open(t))
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range sources {
				report(t, &s)
				if !s.Pass {
					t.Errorf("%s misses its bar: %s", s.Name, s.Bar)
				}
			}
		})
	}
}

// A wrong figure is noticed, a folder without figures is an error.
func TestRunNotices(t *testing.T) {
	wrong := fstest.MapFS{"cycles/examples.json": {Data: []byte(
		`[{"id": "A", "model": "ws", "inputs": {"M": 4, "K": 4, "N": 4, "R": 4, "C": 4, "w": 8, "a": 8}, "expect": {"total": 1}},
		  {"id": "B", "model": "ws", "inputs": {"odd": 1}, "expect": {"total": 1}}]`)}}
	sources, _, err := Run(wrong)
	if err != nil {
		t.Fatal(err)
	}
	if s := sources[0]; s.Pass || s.Rows != 2 || s.Exact != 0 {
		t.Errorf("%d of %d exact, pass %v", s.Exact, s.Rows, s.Pass)
	}
	if _, _, err := Run(fstest.MapFS{}); err == nil {
		t.Error("an empty folder: no error")
	}
	if _, _, err := Run(fstest.MapFS{"cycles/published.csv": {Data: []byte("id,value\nD1,x\n")}}); err == nil {
		t.Error("a broken table: no error")
	}
}

// With scratchpads of 16384 words for a tile every entry of the table is reproduced
// to the cycle, which the shipped sizes miss by the tails of stretches that they need not cut.
func TestHAQWithSmallScratchpads(t *testing.T) {
	sources, err := haqWith(folder(t), "buffers.weights.bytes=1 MiB", "buffers.inputs.bytes=1 MiB")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sources {
		if s.Exact != s.Rows {
			report(t, &s)
			t.Errorf("%s: %d of %d exact", s.Name, s.Exact, s.Rows)
		}
	}
}
