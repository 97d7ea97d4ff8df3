package sweep

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"bitcycle/sim/sweep/store"
)

const small = `
name = "small"
[base]
machine = "multipoint-int8-array"
workload = "tiny-autoencoder"
[axes]
"array.rows" = [8, 16, 32]
"array.cols" = [8, 16]
"memory.bits_per_cycle" = [64, 128]
"buffers.inputs.bytes" = [64, 65536]
w = [4, 8]
`

func planOf(t testing.TB, text string) *Plan {
	t.Helper()
	s, err := Parse("test.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Plan(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// filled runs a plan into a folder to its end and returns what is in it.
func filled(t testing.TB, p *Plan, path string, r Runner) (points, results string) {
	t.Helper()
	f, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := Run(t.Context(), p, f, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Begin(f, store.Manifest{Sweep: p.Hash()}); err != nil {
		t.Fatal(err)
	}
	if err := table.Finish(f, store.Manifest{Sweep: p.Hash()}); err != nil {
		t.Fatal(err)
	}
	return contents(t, path)
}

func contents(t testing.TB, path string) (points, results string) {
	t.Helper()
	a, err := os.ReadFile(filepath.Join(path, store.Points))
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(path, ResultsFile))
	if err != nil {
		t.Fatal(err)
	}
	return string(a), string(b)
}

// The number of workers and an interruption leave no trace; failures are results; and
// what is read back is what was written.
func TestRunsGiveTheSameFiles(t *testing.T) {
	p, folder := planOf(t, small), t.TempDir()
	points, results := filled(t, p, folder+"/one", Local{1})
	many, manyResults := filled(t, p, folder+"/many", Local{7})
	if many != points || manyResults != results {
		t.Error("seven workers write other files than one")
	}
	ctx, stop := context.WithCancel(t.Context())
	f, err := store.Open(folder + "/cut")
	if err != nil {
		t.Fatal(err)
	}
	part, err := Run(ctx, p, f, Local{1}, func(Progress) { stop() })
	if err == nil || part.Known() == 0 || part.Known() == p.Len() {
		t.Fatalf("interrupted: %d of %d points, %v", part.Known(), p.Len(), err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if cut, cutResults := filled(t, planOf(t, small), folder+"/cut", Local{2}); cut != points || cutResults != results {
		t.Error("an interrupted run that goes on writes other files")
	}
	table, err := ReadTable(t.Context(), folder+"/one")
	if err != nil {
		t.Fatal(err)
	}
	if !p.Finished(folder + "/one") {
		t.Error("the finished folder is not known as such")
	}
	whole, err := Run(t.Context(), p, mustOpen(t, folder+"/one"), Local{1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(table.Front()) == 0 || len(table.Front()) != len(whole.Front()) || len(table.Errors()) != 2 {
		t.Errorf("read back: %d on the front, want %d; errors %v", len(table.Front()), len(whole.Front()), table.Errors())
	}
}

func mustOpen(t testing.TB, path string) *store.Folder {
	t.Helper()
	f, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// A grown axis runs what is new alone.
func TestGrownAxisKeepsPoints(t *testing.T) {
	p, path := planOf(t, small), t.TempDir()+"/grown"
	filled(t, p, path, Local{2})
	more := planOf(t, small+"a = [8, 4]\n")
	f := mustOpen(t, path)
	ran := 0
	_, err := Run(t.Context(), more, f, counting{Local{1}, &ran}, nil)
	if err != nil || more.Len() != 2*p.Len() || ran != p.Len() {
		t.Errorf("%d of %d points ran, want %d; %v", ran, more.Len(), p.Len(), err)
	}
}

// counting counts the points that a runner is asked for.
type counting struct {
	Runner
	n *int
}

func (c counting) Run(ctx context.Context, p *Plan, todo []Span, done func(Span, []Result) error) error {
	for _, s := range todo {
		*c.n += s.To - s.From
	}
	return c.Runner.Run(ctx, p, todo, done)
}

// What a time and an energy may be lies about them: by hand where the clock alone is
// unconfirmed, and nothing where nothing is.
func TestPointsHoldWhatTheirCostsMayBe(t *testing.T) {
	p := planOf(t, "[base]\nworkload = \"tiny-autoencoder\"\n[axes]\nmachine = [\"gemmini-default\", \"haq-bismo-edge\", \"bitfusion-eyeriss-45nm\"]\n")
	e := p.NewEvaluator()
	for i, want := range []struct{ low, high float64 }{{1 / 1.3, 1 / 0.7}, {1 / 1.3, 1 / 0.7}, {1, 1}} {
		r, err := e.evaluate(t.Context(), i)
		if err != nil || r.Error != "" {
			t.Fatal(err, r.Error)
		}
		v := r.Values
		if near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-12*b }; !near(v[latencyLow], want.low*v[latency]) || !near(v[latencyHigh], want.high*v[latency]) {
			t.Errorf("%v: latency %v, from %v to %v, want %v times", p.Values(i), v[latency], v[latencyLow], v[latencyHigh], want)
		}
		if doubtful := i == 1; v[energyLow] > v[energy]*(1+1e-12) || v[energyHigh] < v[energy]*(1-1e-12) || doubtful != (v[energyHigh] > 1.05*v[energy]) {
			t.Errorf("%v: energy %v, from %v to %v", p.Values(i), v[energy], v[energyLow], v[energyHigh])
		}
	}
}
