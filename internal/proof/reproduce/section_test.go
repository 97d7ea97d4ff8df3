package reproduce

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"bitcycle/internal/proof"
	rff "bitcycle/internal/proof/experiments/rff"
	"bitcycle/reports"
)

// part is a report with cells of every kind.
func part(files ...string) *Report {
	t := &reports.Table{
		Name: "t", Title: "a table", Columns: []reports.Column{reports.Text("a", "a"), reports.Number("b", "b")},
		Rows:   [][]any{{"x", 1, int64(2), 0.5, true, nil, math.Inf(1), uint8(3)}, {nil, 0, int64(0), 0.0, false, "", -1.5, uint8(0)}},
		Footer: []any{"sum", nil}, Notes: []string{"a note"},
		Files: &reports.Table{Name: "f", Rows: [][]any{{nil, 1}}},
	}
	r := &Report{Tables: []*reports.Table{t}, Charts: []reports.Chart{{Kind: "points", Table: "t", Axes: []reports.Axis{{Key: "b", Unit: 1}}}}, Assumptions: []string{"one"}, Files: files}
	r.Claims = []proof.Claim{proof.Claim{Text: "a claim", CI95: &[2]float64{-1, 1}, Holds: true}.As("fraction", math.NaN(), 0.5)}
	return r
}

// A part that was kept is the part, with the types of its cells; it is made again for
// another seed, and if its pictures are gone.
func TestSectionsAreKept(t *testing.T) {
	folder := t.TempDir()
	picture := filepath.Join(folder, "sheet.png")
	if err := os.WriteFile(picture, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	made := 0
	get := func(seed int64, fail error) (*Report, error) {
		r := &Report{}
		return r, section(Options{Seed: seed, Resume: folder}, "a", r, func(into *Report) error {
			made++
			*into = *part(picture)
			return fail
		})
	}
	if _, err := get(1, errors.New("stopped")); err == nil || made != 1 {
		t.Fatalf("made %d times, %v", made, err)
	}
	for i, step := range []struct {
		seed int64
		made int
	}{{1, 2}, {1, 2}, {2, 3}, {1, 3}, {2, 3}} {
		r, err := get(step.seed, nil)
		if err != nil || made != step.made {
			t.Fatalf("step %d: made %d times, want %d: %v", i, made, step.made, err)
		}
		if got, want := fmt.Sprintf("%#v %#v %v %v %v", r.Tables[0].Rows, r.Tables[0].Files.Rows, r.Claims, r.Tables[0].Footer, r.Charts), fmt.Sprintf("%#v %#v %v %v %v", part().Tables[0].Rows, part().Tables[0].Files.Rows, r.Claims, part().Tables[0].Footer, part().Charts); got != want {
			t.Errorf("step %d: %s\nwant %s", i, got, want)
		}
		if c := r.Claims[0]; !math.IsNaN(c.Figures.Paper) || c.Figures.Ours != 0.5 || c.CI95[0] != -1 || !c.Holds {
			t.Errorf("step %d: %+v", i, c)
		}
	}
	if err := os.Remove(picture); err != nil {
		t.Fatal(err)
	}
	if _, err := get(1, nil); err != nil || made != 4 {
		t.Errorf("without its picture: made %d times, want 4, %v", made, err)
	}
	path := keptPath(Options{Seed: 2, Resume: folder}, "a-nodata")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := get(2, nil); err == nil || !strings.Contains(err.Error(), filepath.Base(path)) {
		t.Errorf("a damaged part: %v", err)
	}
}

// Experiments are kept whole.
func TestExperimentsAreKept(t *testing.T) {
	o := Options{Resume: t.TempDir(), DataRoot: "x"}
	want := &rff.Table{
		ID: "e", Title: "t", Better: -1, Findings: []string{"f"},
		Rows:  []rff.Row{{Row: proof.Row{ID: "a", What: "b", Want: math.Inf(1), Got: 0.5, Bar: &proof.Window{}}, Features: 3, Published: true}},
		Plots: []rff.Plot{{Title: "p", LogX: true}},
	}
	for range 2 {
		got, err := keptAs(o, "e", func() (*rff.Table, error) { return want, nil })
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, want %+v: %v", got, want, err)
		}
	}
}
