package sweep

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bitcycle/sim/sweep/store"
)

// Any split into shards merges to the bytes of one run.
func TestShardsMergeToOneRun(t *testing.T) {
	p, folder := planOf(t, small), t.TempDir()
	points, results := filled(t, p, folder+"/whole", Local{2})
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		of := rapid.IntRange(1, 5).Draw(rt, "shards")
		if rapid.IntRange(0, 15).Draw(rt, "many") == 7 {
			of = p.Len() + 3 // some have nothing to do
		}
		var sources []string
		for _, i := range rapid.Permutation(numbers(of)).Draw(rt, "order") {
			path := filepath.Join(folder, fmt.Sprint(run), fmt.Sprint(i))
			f, err := store.Open(path)
			if err != nil {
				rt.Fatal(err)
			}
			if _, err := Run(t.Context(), p, f, Shard{i, of, Local{1}}, nil); err != nil {
				rt.Fatal(err)
			}
			if err := f.Close(); err != nil {
				rt.Fatal(err)
			}
			sources = append(sources, path)
		}
		into, err := store.Open(filepath.Join(folder, fmt.Sprint(run)))
		if err != nil {
			rt.Fatal(err)
		}
		found, err := p.Merge(t.Context(), into, sources)
		if err != nil || len(found.Missing) > 0 || len(found.Double) > 0 || found.Records != p.Len() {
			rt.Fatalf("%+v, %v", found, err)
		}
		table, err := p.Complete(into)
		if err != nil {
			rt.Fatal(err)
		}
		if err := table.Finish(into, store.Manifest{}); err != nil {
			rt.Fatal(err)
		}
		if err := into.Close(); err != nil {
			rt.Fatal(err)
		}
		if a, b := contents(t, filepath.Join(folder, fmt.Sprint(run))); a != points || b != results {
			rt.Fatalf("%d shards merge to other files than one run writes", of)
		}
	})
}

func numbers(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// Missing, double and foreign points are told apart, and so are two results of one.
func TestMergeTellsWhatIsWrong(t *testing.T) {
	p, folder := planOf(t, small), t.TempDir()
	half := mustOpen(t, folder+"/half")
	if _, err := Run(t.Context(), p, half, Shard{0, 2, Local{1}}, nil); err != nil {
		t.Fatal(err)
	}
	again := mustOpen(t, folder+"/again")
	if _, err := Run(t.Context(), p, again, Shard{0, 4, Local{1}}, nil); err != nil {
		t.Fatal(err)
	}
	found, err := p.Merge(t.Context(), mustOpen(t, folder+"/into"), []string{half.Path, again.Path})
	if err != nil || len(found.Missing)+found.Records != p.Len() || len(found.Missing) == 0 || len(found.Double) == 0 {
		t.Errorf("missing %d, double %d, taken %d of %d, %v", len(found.Missing), len(found.Double), found.Records, p.Len(), err)
	}
	id := p.ID(0)
	for what, record := range map[string]string{
		"is none of this sweep": `{"id":"000102030405060708090a0b0c0d0e0f"}`,
		"has another result in": `{"id":"` + id.String() + `","latency_per_image_s":1}`,
	} {
		f := mustOpen(t, filepath.Join(folder, what))
		if err := f.Append([][]byte{[]byte(record)}); err != nil {
			t.Fatal(err)
		}
		_, err := p.Merge(t.Context(), mustOpen(t, filepath.Join(folder, "into "+what)), []string{half.Path, f.Path})
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%v, want %q", err, what)
		}
	}
}

func TestParseShard(t *testing.T) {
	if s, err := ParseShard("3/4"); err != nil || s.Index != 3 || s.Of != 4 {
		t.Errorf("3/4 is %+v, %v", s, err)
	}
	for _, text := range []string{"", "1", "4/4", "-1/4", "0/0", "a/b", "1/2/3"} {
		if _, err := ParseShard(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
