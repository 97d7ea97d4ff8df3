package silicon

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io/fs"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"bitcycle/internal/proof"
	"bitcycle/internal/proof/golden"
)

// Every set keeps to its bars on the rows that ship, and counts each row once.
func TestShipped(t *testing.T) {
	sources, tallies := Compare(golden.Shipped())
	for i := range sources {
		s := &sources[i]
		t.Logf("%s: %d rows, mean %.4f median %.4f bias %+.4f worst %.4f %s, bar %s", s.Name, s.Rows, s.MeanError, s.MedianError, s.Bias, s.WorstError, s.WorstRow, s.Bar)
		if !s.Pass {
			t.Errorf("%s misses its bar: %s", s.Name, s.Bar)
		}
	}
	if len(tallies) != len(sets) {
		t.Errorf("%d of %d sets", len(tallies), len(sets))
	}
	for _, tally := range tallies {
		n := tally.Compared
		for _, skipped := range tally.Skipped {
			n += skipped
		}
		if t.Log(tally); n != tally.Rows || n == 0 || len(tally.Left) != n-tally.Compared || len(tally.Faults) > 0 {
			t.Errorf("%s: %d of %d rows accounted for, %d left by name, faults %v", tally.File, n, tally.Rows, len(tally.Left), tally.Faults)
		}
	}
}

// Files may lie below silicon/ or in the folder itself; without any there is nothing.
func TestFolders(t *testing.T) {
	flat := fstest.MapFS{}
	for _, name := range []string{"eyeriss_v2_pe.csv", "eyeriss_v2_pe_channels.csv"} {
		text, err := fs.ReadFile(golden.Shipped(), "silicon/"+name)
		if err != nil {
			t.Fatal(err)
		}
		flat[name] = &fstest.MapFile{Data: text}
	}
	sources, tallies := Compare(flat)
	if len(sources) != 2 || len(tallies) != 1 {
		t.Errorf("%d sources, %d files", len(sources), len(tallies))
	}
	delete(flat, "eyeriss_v2_pe_channels.csv")
	sources, tallies = Compare(flat)
	if len(sources) != 1 || len(tallies) != 1 || tallies[0].Skipped["without the counts of its channels"] != 5 {
		t.Errorf("without channels: %d sources, %v", len(sources), tallies)
	}
	flat["mlperf_tiny.csv"] = &fstest.MapFile{Data: []byte("id,network\n\"torn")}
	sources, tallies = Compare(flat)
	if len(sources) != 1 || len(tallies) != 2 || len(tallies[0].Faults) != 1 || !strings.Contains(tallies[0].Faults[0], "mlperf_tiny.csv") {
		t.Errorf("beside a file that cannot be read: %d sources, %v", len(sources), tallies)
	}
	if sources, tallies := Compare(fstest.MapFS{}); len(sources)+len(tallies) > 0 {
		t.Errorf("of nothing: %v %v", sources, tallies)
	}
}

// Rows of another kind are left, broken cells are faults with their place, and neither
// panics: each cell of a row of each file in turn is what no set expects.
func TestOddRows(t *testing.T) {
	for i := range sets {
		s := &sets[i]
		text, err := fs.ReadFile(golden.Shipped(), "silicon/"+s.File)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		columns, cells := lines[0], lines[1]
		for c := range cells {
			for _, odd := range []string{"", "never-seen", "0", "-1", "1e300", "NaN", "no"} {
				changed := append([]string(nil), cells...)
				changed[c] = odd
				files := fstest.MapFS{}
				copyFolder(t, files)
				var file bytes.Buffer
				if err := csv.NewWriter(&file).WriteAll([][]string{columns, changed}); err != nil {
					t.Fatal(err)
				}
				files["silicon/"+s.File] = &fstest.MapFile{Data: file.Bytes()}
				_, tally, err := s.compare(files)
				if err != nil || tally.Rows != 1 || tally.Compared+len(tally.Left) != 1 {
					t.Errorf("%s: %s = %q: %v, %v", s.File, columns[c], odd, tally, err)
				}
				for _, fault := range tally.Faults {
					if !strings.Contains(fault, s.File+":2") {
						t.Errorf("%s: %s = %q: a fault without its place: %s", s.File, columns[c], odd, fault)
					}
				}
			}
		}
	}
}

func copyFolder(t *testing.T, into fstest.MapFS) {
	t.Helper()
	names, err := fs.Glob(golden.Shipped(), "silicon/*.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(golden.Shipped(), name)
		if err != nil {
			t.Fatal(err)
		}
		into[name] = &fstest.MapFile{Data: text}
	}
}

// A set counts what it skips by reason and finds rows that miss the bar.
func TestSet(t *testing.T) {
	set := Set{
		File:    "x.csv",
		Figures: []Figure{{Name: "f", Machine: "m", Kind: "RTL", Bar: Bar{Mean: 0.1, Bias: 0.05, Rank: 0.9}}, {Name: "unused"}},
		Open: func(fs.FS) (Comparer, error) {
			return func(r proof.Record) ([]Reading, error) {
				switch r.Text("kind") {
				case "no":
					return nil, Skip("modelled = %s", "no")
				case "none":
					return nil, nil
				case "broken":
					return nil, errors.New("no such machine")
				}
				return []Reading{{"f", r.Text("id"), "cycles", "", r.Number("want"), r.Number("got"), ""}}, nil
			}, nil
		},
	}
	of := func(rows string) ([]proof.Source, Tally, error) {
		return set.compare(fstest.MapFS{"x.csv": {Data: []byte("id,kind,want,got\n" + rows)}})
	}
	sources, tally, err := of("a,,10,9\nb,no,,\nc,none,,\nd,,20,21\ne,no,,\nf,,30,30\n")
	if err != nil || len(sources) != 1 {
		t.Fatalf("%v, %v", sources, err)
	}
	s := sources[0]
	if s.Rows != 3 || math.Abs(s.MeanError-0.05) > 1e-12 || math.Abs(s.Bias+0.05/3) > 1e-12 || *s.Rank != 1 || !s.Pass || s.Machine != "m" || s.Kind != "RTL" {
		t.Errorf("%+v, rank %v", s, *s.Rank)
	}
	if got, want := tally.String(), "x.csv: 6 rows, 3 compared; skipped: 2 modelled = no, 1 no figure of the row is modelled"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for rows, why := range map[string]string{"a,,10,8\nb,,20,16\n": "mean", "a,,10,9\nb,,20,18.8\n": "bias", "a,,10,10.4\nb,,10.1,10.3\nc,,10.2,10\n": "rank"} {
		if sources, _, _ := of(rows); len(sources) != 1 || sources[0].Pass {
			t.Errorf("a miss of the %s is not noticed: %+v", why, sources)
		}
	}
	sources, tally, err = of("a,,10,x\nb,broken,,\nc,,10,9\n")
	if err != nil || len(sources) != 1 || sources[0].Rows != 1 || tally.Compared != 1 || len(tally.Left) != 2 {
		t.Fatalf("beside rows that fail: %v, %v, %v", sources, tally, err)
	}
	if left := tally.Left[0]; left.ID != "a" || !strings.Contains(left.Why, "x.csv:2: got: not a number") || len(tally.Faults) != 1 || tally.Faults[0] != left.Why {
		t.Errorf("a broken cell: %+v, faults %v", left, tally.Faults)
	}
	if left := tally.Left[1]; left != (proof.Left{ID: "b", What: "broken", Why: "x.csv:3: no such machine"}) {
		t.Errorf("a row that fails: %+v", left)
	}
}

// Bars say what they ask for.
func TestBar(t *testing.T) {
	for want, b := range map[string]Bar{
		"none: reported only": {},
		"mean error at most 9 %, median 5 %, bias 4 %, each 25 %, sum 10 %, rank at least 0.98": {Mean: 0.09, Median: 0.05, Bias: 0.04, Each: 0.25, Sum: 0.1, Rank: 0.98},
		"all exact": {Exact: true},
	} {
		if b.String() != want {
			t.Errorf("%+v is %q, want %q", b, b, want)
		}
	}
	rows := []proof.Row{proof.Compare("a", "", 10, 11), proof.Compare("b", "", 100, 130)}
	for _, c := range []struct {
		bar  Bar
		pass bool
	}{{Bar{}, true}, {Bar{Mean: 0.201}, true}, {Bar{Mean: 0.199}, false}, {Bar{Each: 0.29}, false}, {Bar{Sum: 0.28}, false}, {Bar{Sum: 0.29}, true}, {Bar{Exact: true}, false}, {Bar{Median: 0.09}, false}} {
		if s := (Figure{Bar: c.bar}).source(rows); s.Pass != c.pass {
			t.Errorf("%v: pass %v", c.bar, s.Pass)
		}
	}
}
