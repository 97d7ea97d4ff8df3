package sweep

import (
	"strings"
	"testing"

	"bitcycle/sim/sweep/store"
)

// planWith is planOf with options.
func planWith(t testing.TB, text string, o Options) *Plan {
	t.Helper()
	s, err := Parse("test.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Plan(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustCache(t testing.TB, path string) *store.Cache {
	t.Helper()
	c, err := store.OpenCache(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Points that another sweep has finished are not run again, whatever else varies there, and
// the files are those of a sweep that ran all of them. What fails is tried anew.
func TestCacheSparesPoints(t *testing.T) {
	folder := t.TempDir()
	points, results := filled(t, planOf(t, small), folder+"/whole", Local{2})
	other := strings.Replace(small, `name = "small"`, `name = "other"`, 1)
	other = strings.Replace(other, "w = [4, 8]", "w = [8, 6]", 1)
	filled(t, planWith(t, other, Options{Cache: mustCache(t, folder+"/cache")}), folder+"/other", Local{2})

	p, ran := planWith(t, small, Options{Cache: mustCache(t, folder+"/cache")}), 0
	got, gotResults := filled(t, p, folder+"/part", counting{Local{2}, &ran})
	if got != points || gotResults != results {
		t.Error("with a cache the files are others")
	}
	failing := strings.Count(results, "does not fit")
	if want := p.Len()/2 + failing/2; ran != want || failing == 0 {
		t.Errorf("%d of %d points ran, want the new half and those of the other that fail, %d", ran, p.Len(), want)
	}
}

// A machine that joins measured quantizations costs no measurement, in another folder and
// with the points of others too; machines as published do not take what was made for them
// on one footing.
func TestCacheSparesMeasurements(t *testing.T) {
	text := strings.NewReplacer("[:400]", "[:64]", "w = [1, 2, 4, 8]", "w = [2, 4]", "a = [2, 4, 8]", "a = [4]").Replace(widths)
	folder := t.TempDir()
	one := strings.Replace(text, `machine = ["haq-bismo-edge", "gemmini-default"]`, `machine = ["gemmini-default"]`, 1)
	measured := 0
	options := Options{Cache: mustCache(t, folder+"/cache"), Progress: func(stage string, done, total int) {
		if stage != "float" && done == total {
			measured++
		}
	}}
	filled(t, planWith(t, one, options), folder+"/one", Local{1})
	if measured == 0 {
		t.Fatal("nothing was measured")
	}
	measured = 0
	got, gotResults := filled(t, planWith(t, text, options), folder+"/both", Local{1})
	if measured > 0 {
		t.Errorf("%d measurements of what was measured", measured)
	}
	want, wantResults := filled(t, planOf(t, text), folder+"/without", Local{1})
	if got != want || gotResults != wantResults {
		t.Error("with a cache the files are others")
	}
	looking := planWith(t, strings.Replace(text, `"uniform"`, `"multipoint:snr=20"`, 1)+"[[zip]]\nbatch = [1, 4]\n", Options{})
	published := planWith(t, strings.NewReplacer(`"uniform"`, `"multipoint:snr=20"`, "[axes]", "as_published = true\n[axes]").Replace(text), Options{})
	keys := map[string]bool{}
	for _, p := range []*Plan{looking, published} {
		pt := p.newPoint()
		for i := range p.Len() {
			pt.open(i)
			keys[p.lab.key(pt)] = true
		}
	}
	if want := looking.Quantizations() + published.Quantizations(); len(keys) != want {
		t.Errorf("%d names of %d quantizations", len(keys), want)
	}
}
