package proof

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"bitcycle/internal/testdata"
	"bitcycle/reports"
)

func TestWindows(t *testing.T) {
	for _, c := range []struct {
		window *Window
		in     []float64
		out    []float64
		text   string
	}{
		{Within(2, 0.5), []float64{1.5, 2, 2.5}, []float64{1.49, 2.51, math.NaN()}, "1.5 to 2.5"},
		{Within(3, 0), []float64{3}, []float64{3.0000001}, "exactly 3"},
		{Around(-10, 0.1), []float64{-11, -9}, []float64{-8.9, 10}, "-11 to -9"},
		{AtMost(1), []float64{-1e300, math.Inf(-1), 1}, []float64{1.1, math.NaN()}, "at most 1"},
		{AtLeast(4), []float64{4, math.Inf(1)}, []float64{3.9, math.NaN()}, "at least 4"},
	} {
		for _, x := range c.in {
			if !c.window.Holds(x) {
				t.Errorf("%v does not hold %v", c.window, x)
			}
		}
		for _, x := range c.out {
			if c.window.Holds(x) {
				t.Errorf("%v holds %v", c.window, x)
			}
		}
		if got := c.window.String(); got != c.text {
			t.Errorf("window is called %q, want %q", got, c.text)
		}
	}
	if e := Within(10, 2).Excess(13); e != 1.5 {
		t.Errorf("13 is %v half widths off 10 ± 2", e)
	}
	for _, w := range []*Window{AtMost(1), AtLeast(1), Within(1, 0)} {
		if !math.IsNaN(w.Excess(5)) {
			t.Errorf("%v has half widths", w)
		}
	}
}

// TestCompare: the error is relative, and a row fails outside its bar only.
func TestCompare(t *testing.T) {
	for _, c := range []struct {
		want, got, err float64
		exact          bool
	}{
		{10, 11, 0.1, false},
		{10, 10, 0, true},
		{0, 0, 0, true},
		{0, -3, 3, false},
		{1, 1 + 1e-13, 0, true},
		{-4, -2, 0.5, false},
		{1, math.NaN(), math.Inf(1), false},
		{1, math.Inf(1), math.Inf(1), false},
	} {
		r := Compare("a", "b", c.want, c.got)
		if r.Exact != c.exact || math.Abs(r.Error-c.err) > 1e-15 && r.Error != c.err || r.Verdict != Counts {
			t.Errorf("%v against %v: %+v", c.got, c.want, r)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		want, tolerance, got := rapid.Float64Range(-9, 9).Draw(t, "want"), rapid.Float64Range(0, 3).Draw(t, "tolerance"), rapid.Float64Range(-9, 9).Draw(t, "got")
		r := Compare("", "", want, got).Judge(Within(want, tolerance))
		if off := math.Abs(got - want); off < tolerance-1e-12 && r.Verdict != Passes || off > tolerance+1e-12 && r.Verdict != Fails {
			t.Fatalf("%v against %v ± %v %s", got, want, tolerance, r.Verdict)
		}
	})
}

// TestSource: rows that are shown do not count, and one that fails is noticed.
// A figure that is printed as 0.05 says no more than that.
func TestCompareRounded(t *testing.T) {
	for _, c := range []struct {
		want, got, half, err float64
		exact                bool
	}{
		{0.05, 0.053, 0.005, 0, true},
		{0.05, 0.055, 0.005, 0, true}, // on the edge
		{0.05, 0.056, 0.005, 0.02, false},
		{0.05, 0.044, 0.005, 0.02, false},
		{0.05, 0.053, 0, 0.06, false},
		{3, math.NaN(), 0.5, math.Inf(1), false},
	} {
		r := CompareRounded("a", "b", c.want, c.got, c.half)
		if r.Exact != c.exact || math.Abs(r.Error-c.err) > 1e-9 || r.Want != c.want || r.Got != c.got && !math.IsNaN(c.got) {
			t.Errorf("%v of %v ± %v: %+v, want an error of %v", c.got, c.want, c.half, r, c.err)
		}
	}
}

func TestSource(t *testing.T) {
	rows := []Row{
		Compare("exact", "x", 2, 2), Compare("off", "x", 2, 3), Compare("shown", "x", 1, 9).Show(),
		Compare("near", "x", 10, 11).Judge(Around(10, 0.2)),
	}
	s := NewSource("s", "mean error at most 20 %", "", rows, MeanWithin(0.2))
	if s.Rows != 3 || s.Exact != 1 || s.WorstRow != "off x" || s.WorstError != 0.5 || math.Abs(s.MeanError-0.2) > 1e-12 || math.Abs(s.MedianError-0.1) > 1e-12 {
		t.Errorf("%+v", s)
	}
	if !NoneFails(&s) || AllExact(&s) || WorstWithin(0.4)(&s) || !WorstWithin(0.5)(&s) {
		t.Error("a bar misjudges")
	}
	s = NewSource("s", "", "", append(rows, Compare("wide", "x", 10, 13).Judge(Around(10, 0.2))), NoneFails)
	if s.Pass {
		t.Error("a row that fails is not noticed")
	}
	if s := NewSource("none", "", "", []Row{Compare("", "", 1, 1).Show()}, AllExact); s.Pass {
		t.Error("a source without a row that counts passes")
	}
}

// TestJSON: figures that are not finite can be written.
func TestJSON(t *testing.T) {
	s := NewSource("s", "", "", []Row{Compare("nan", "x", 1, math.NaN()), Compare("two", "x", 1, math.Inf(1)).Judge(AtLeast(2))}, AllExact)
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"bar":"at least 2"`, `"verdict":"passes"`, `"worst_row":"nan x"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s has no %s", text, want)
		}
	}
}

var update = flag.Bool("update", false, "rewrite the golden texts")

// Claims, sources and rows have golden texts for three widths of a terminal, and no line
// is longer.
func TestTablesFit(t *testing.T) {
	rows := []Row{Compare("conv1, 8/8 bits", "cycles", 131184, 131184), Compare("a_layer.with.a_long/name-of-its-own", "network totals of energy", 123456.789, 98765.4321)}
	sources := []Source{NewSource("HAQ latency table, layers", "mean error at most 40 %", "array, word and scratchpad parameters only; no row was fitted, which is said at length", rows, AllExact)}
	claims := []Claim{
		{Text: "phantom at 1 bit per entry, LPLR", Paper: "0.2397", Ours: "0.2369", Holds: true},
		{Text: "decaying spectra at 1 and 2 bits: LPLR beats naive quantization", Paper: "yes", Ours: "11 of 12 settings", Note: "the paper's figures are means of one run; ours are of twenty"},
	}
	for name, table := range map[string]*reports.Table{"sources": SourceTable(sources), "rows": RowTable(sources), "claims": ClaimTable(claims)} {
		for _, width := range []int{80, 100, 120} {
			var b bytes.Buffer
			if err := (&reports.Document{Tables: []*reports.Table{table}}).Write(&b, reports.Style{Format: "table", Width: width}); err != nil {
				t.Fatal(err)
			}
			testdata.Text(t, fmt.Sprintf("testdata/%s.%d.txt", name, width), b.Bytes(), *update)
			for line := range strings.Lines(b.String()) {
				if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
					t.Errorf("%s: %d characters in %d: %s", name, n, width, line)
				}
			}
		}
	}
}

func TestTables(t *testing.T) {
	sources := []Source{NewSource("s", "all exact", "what it is", []Row{Compare("a", "b", 1, 2)}, AllExact)}
	for name, text := range map[string]string{
		"source": SourceTable(sources).String(), "row": RowTable(sources).String(),
		"claim": ClaimTable([]Claim{{Text: "c", Paper: "p", Ours: "o", Holds: true}}).String(),
	} {
		want := map[string]string{"source": "s: what it is", "row": "counts", "claim": "yes"}[name]
		if !strings.Contains(text, want) {
			t.Errorf("%s table has no %q:\n%s", name, want, text)
		}
	}
}
