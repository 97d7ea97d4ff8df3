package sweep

import (
	"context"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bitcycle/sim/sweep/store"
)

// refinable has 1 000 points with a front of three figures.
const refinable = `
name = "refinable"
[base]
machine = "multipoint-int8-array"
workload = "tiny-autoencoder"
[axes]
"array.rows" = [4, 8, 16, 32, 64]
"array.cols" = [4, 8, 16, 32, 64]
"buffers.inputs.bytes" = ["8KiB", "16KiB", "32KiB", "64KiB"]
"memory.bits_per_cycle" = [16, 24, 32, 48, 64, 96, 128, 192, 256, 512]
[objectives]
minimise = ["latency_per_image_s", "energy_per_image_pj", "area_mm2"]
`

func sampled(rule string) string {
	return refinable + "[sample]\ncount = 200\nrule = \"" + rule + "\"\n"
}

// onFront are the ids of a table's front.
func onFront(t *Table) map[ID]bool {
	ids := map[ID]bool{}
	for _, i := range t.Front() {
		ids[t.ID(i)] = true
	}
	return ids
}

func ranTable(t *testing.T, text string) *Table {
	t.Helper()
	table, err := Run(t.Context(), planOf(t, text), mustOpen(t, t.TempDir()+"/x"), Local{2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// Of the true front, points chosen around the front so far meet most, and more than as many
// that are spread evenly.
func TestRefinedSamplesFindTheFront(t *testing.T) {
	truth := onFront(ranTable(t, refinable))
	share := func(rule string) float64 {
		table, found := ranTable(t, sampled(rule)), 0
		if table.Len() != 200 {
			t.Errorf("%s: %d points, want 200", rule, table.Len())
		}
		for id := range onFront(table) {
			if truth[id] {
				found++
			}
		}
		return float64(found) / float64(len(truth))
	}
	around, spread := share("front"), share("sobol")
	t.Logf("of %d points on the front, 200 of 1000 points find %.0f %% around the front and %.0f %% spread evenly", len(truth), 100*around, 100*spread)
	if around < 0.6 || around < 1.5*spread {
		t.Errorf("found %.2f of the front, spread evenly %.2f", around, spread)
	}
}

// Which points are chosen hangs on nothing but results: workers, interruptions and other
// machines leave no trace.
func TestRefinedSamplesAreTheSame(t *testing.T) {
	folder := t.TempDir()
	points, results := filled(t, planOf(t, sampled("front")), folder+"/one", Local{1})
	if n := strings.Count(points, "\n"); n != 200 {
		t.Errorf("%d points, want 200", n)
	}
	ctx, stop := context.WithCancel(t.Context())
	f, err := store.Open(folder + "/cut")
	if err != nil {
		t.Fatal(err)
	}
	part, err := Run(ctx, planOf(t, sampled("front")), f, Local{3}, func(p Progress) {
		if p.Done > 100 {
			stop()
		}
		if p.Total != 200 {
			t.Errorf("%d points in all, want 200", p.Total)
		}
	})
	if err == nil || part.Known() <= 100 || part.Known() == 200 {
		t.Fatalf("interrupted: %d points, %v", part.Known(), err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	again := planOf(t, sampled("front"))
	if got, gotResults := filled(t, again, folder+"/cut", Local{4}); got != points || gotResults != results {
		t.Error("an interrupted run that goes on chooses other points")
	}
	listing := again.listing([]int64{3, 500, 977})
	plan, err := listing.Explicit().Plan(t.Context(), Options{})
	if err != nil || plan.Identity() != listing.Identity() || plan.Len() != 3 {
		t.Errorf("the points one by one are others: %v", err)
	}
	if again.Hash() == planOf(t, strings.Replace(sampled("front"), "200", "202", 1)).Hash() {
		t.Error("more points have the same hash")
	}
}

// A front that grows point by point is that of all of them.
func TestLiveFront(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(1, 4).Draw(t, "objectives")
		all := rapid.SliceOfN(rapid.SliceOfN(rapid.Float64Range(0, 3), d, d), 0, 40).Draw(t, "points")
		for _, p := range all {
			for k := range p {
				p[k] = float64(int(p[k])) // with ties
			}
		}
		var live liveFront
		want := 0
		for i, by := range Dominated(all) {
			live.add(all[i])
			if by == -1 {
				want++
			}
		}
		if len(live.points) != want {
			t.Fatalf("%d on the front, want %d", len(live.points), want)
		}
	})
}

const radios = `
name = "radios"
[base]
frontend = "zf-6bit-256"
snr_db = 0
groups = 256
rel_error = 0.3
[axes]
"array.antennas" = [32, 64]
precoder = ["zf", "rzf"]
`

// A smaller error goes on from what was simulated for a larger one, in the folder and in
// the cache, and comes to what it comes to at once.
func TestErrorRatesGoOn(t *testing.T) {
	folder := t.TempDir()
	tight := strings.Replace(radios, "0.3", "0.05", 1)
	want, wantResults := filled(t, planOf(t, tight), folder+"/once", Local{2})
	cache := mustCache(t, folder+"/cache")
	loose, looseResults := filled(t, planWith(t, radios, Options{Cache: cache}), folder+"/both", Local{2})
	if looseResults == wantResults || loose == want {
		t.Fatal("a smaller error makes no difference")
	}
	p := planOf(t, tight)
	if p.FolderHash() != planOf(t, radios).FolderHash() {
		t.Error("a smaller error has another folder")
	}
	if _, got := filled(t, p, folder+"/both", Local{2}); got != wantResults || p.states.Len() == 0 {
		t.Errorf("from %d simulations in the folder the results are others", p.states.Len())
	}
	other := planWith(t, tight, Options{Cache: mustCache(t, folder+"/cache")})
	if got, gotResults := filled(t, other, folder+"/elsewhere", Local{2}); got != want || gotResults != wantResults || other.states.Len() == 0 {
		t.Errorf("from %d simulations in the cache the results are others", other.states.Len())
	}
}

func TestEstimate(t *testing.T) {
	for _, text := range []string{small, sampled("front"), strings.Replace(widths, "[:400]", "[:64]", 1)} {
		p := planOf(t, text)
		e, err := p.Estimate(t.Context(), 2)
		if err != nil || e.Judged < 1 || e.Total <= 0 {
			t.Errorf("%+v, %v", e, err)
		}
	}
}
