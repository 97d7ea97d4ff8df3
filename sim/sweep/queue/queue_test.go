package queue

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bitcycle/sim/sweep"
)

// started is a server of this process and a link to it.
func started(t *testing.T) Link {
	t.Helper()
	s, err := Start(Listen{Address: "127.0.0.1:0", Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return Link{URL: s.URL(), Here: s, Patience: time.Minute}
}

func planOf(t *testing.T, text string) *sweep.Plan {
	t.Helper()
	s, err := sweep.Parse("test.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Plan(t.Context(), sweep.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const small = `
name = "small"
[base]
machine = "gemmini-default"
workload = "tiny-autoencoder"
[axes]
"array.rows" = { from = 4, to = 40 }
"memory.bits_per_cycle" = [64, 128]
w = [4, 8]
`

// gathered keeps what a run hands on.
type gathered struct {
	mu      sync.Mutex
	results map[int]sweep.Result
	doubles int
}

func (g *gathered) take(s sweep.Span, results []sweep.Result) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, r := range results {
		if _, twice := g.results[s.From+i]; twice {
			g.doubles++
		}
		g.results[s.From+i] = r
	}
	return nil
}

// Workers find every point once, and what they find is what one process finds.
func TestQueueFindsEveryPointOnce(t *testing.T) {
	link, p := started(t), planOf(t, small)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Worker{Link: link, Workers: 3, Folder: t.TempDir()}.Work(ctx)
	}()
	got, want := &gathered{results: map[int]sweep.Result{}}, &gathered{results: map[int]sweep.Result{}}
	todo := []sweep.Span{{From: 3, To: 40}, {From: 41, To: p.Len()}}
	if err := (Coordinator{Link: link}).Run(t.Context(), p, todo, got.take); err != nil {
		t.Fatal(err)
	}
	if err := (sweep.Local{Workers: 1}).Run(t.Context(), p, todo, want.take); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(got.results) != len(want.results) || got.doubles > 0 {
		t.Errorf("%d points, %d of them twice, want %d", len(got.results), got.doubles, len(want.results))
	}
	for i, r := range want.results {
		one := got.results[i]
		if string(one.AppendRecord(nil)) != string(r.AppendRecord(nil)) {
			t.Errorf("point %d is %s, want %s", i, one.AppendRecord(nil), r.AppendRecord(nil))
		}
	}
}

// The first results of a span stay: a worker that comes late is refused and none the worse.
func TestStoreTakesTheFirst(t *testing.T) {
	link, p := started(t), planOf(t, small)
	c, err := dial(t.Context(), link)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	h := &helper{Worker: Worker{Link: link}, conn: c}
	results, err := p.NewEvaluator().Span(t.Context(), sweep.Span{From: 0, To: 2})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := h.store(t.Context(), "job", sweep.Span{From: 0, To: 2}, results); err != nil {
			t.Error(err)
		}
	}
	s, err := c.js.Stream(t.Context(), doneStream)
	if err != nil {
		t.Fatal(err)
	}
	info, err := s.Info(t.Context())
	if err != nil || info.State.Msgs != 1 {
		t.Errorf("%d results are stored, want 1; %v", info.State.Msgs, err)
	}
}

// A worker fetches the files that it lacks, and refuses a job whose points are others
// here or whose build is another.
func TestWorkersFetchFiles(t *testing.T) {
	link, folder := started(t), t.TempDir()
	put := func(name, text string) string {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	base := put("base.toml", "base = \"gemmini-default\"\n[array]\nrows = 8\n")
	mine := put("mine.toml", "base = \"base.toml\"\n[array]\ncols = 4\n")
	p := planOf(t, "name = \"far\"\n[base]\nmachine = \""+mine+"\"\nworkload = \"tiny-autoencoder\"\n[axes]\nw = [4, 8]\n")
	j, content, err := newJob(t.Context(), p, Build{Version: "1"}, false)
	if err != nil || len(j.Files) != 2 {
		t.Fatalf("files %v, %v", j.Files, err)
	}
	c, err := dial(t.Context(), link)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if err := c.offer(t.Context(), j, content); err != nil {
		t.Fatal(err)
	}
	found, err := c.find(t.Context(), j.id())
	if err != nil || found == nil {
		t.Fatalf("%v, %v", found, err)
	}
	if err := found.fits(Build{Version: "2"}); err == nil || !strings.Contains(err.Error(), "use one build everywhere") {
		t.Errorf("another build: %v", err)
	}
	for _, path := range []string{base, mine} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	far, err := c.plan(t.Context(), found, t.TempDir(), sweep.Options{})
	if err != nil || far.Identity() != p.Identity() {
		t.Fatalf("a worker without the files: %v", err)
	}
	found.Identity = strings.Repeat("0", 32)
	if _, err := c.plan(t.Context(), found, t.TempDir(), sweep.Options{}); err == nil || !strings.Contains(err.Error(), "other points here") {
		t.Errorf("other points: %v", err)
	}
	if err := c.forget(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	if gone, err := c.find(t.Context(), j.id()); gone != nil || err != nil {
		t.Errorf("a forgotten job is %v, %v", gone, err)
	}
}

func TestSubjects(t *testing.T) {
	s := sweep.Span{From: 3, To: 17}
	job, got, err := parseSubject(workPrefix, subject(workPrefix, "abc", s))
	if err != nil || job != "abc" || got != s {
		t.Errorf("%s, %v, %v", job, got, err)
	}
	for _, text := range []string{"", "bitcycle.work.", "bitcycle.work.a.3", "bitcycle.work.a.3-3", "bitcycle.work.a.-1-3", "bitcycle.done.a.1-2"} {
		if _, _, err := parseSubject(workPrefix, text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// A span takes a tenth of a second; where a busy machine makes points look slow, a million
// of them are still some thousand messages.
func TestSpansAreFew(t *testing.T) {
	for _, c := range []struct {
		points, n int
		spent     time.Duration
		want      int
	}{
		{2500, 7, 10 * time.Millisecond, 70},
		{2500, 7, 7 * time.Second, 1},
		{1_000_000, 7, 7 * time.Second, 50},
		{1_000_000, 7, 70 * time.Microsecond, maxSpan},
		{10_000_000, 7, 7 * time.Second, 500},
	} {
		if got := spanSize(c.points, c.n, c.spent); got != c.want {
			t.Errorf("%d points, %d in %v: %d a span, want %d", c.points, c.n, c.spent, got, c.want)
		}
	}
}
