package yardstick

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"bitcycle/kernels/dataset"
)

func object(class int, x0, y0, x1, y1 float64) dataset.Box {
	return dataset.Box{Class: class, X0: x0, Y0: y0, X1: x1, Y1: y1, Area: (x1 - x0) * (y1 - y0)}
}

func ones(n int) []int { return slices.Repeat([]int{1}, n) }

// Each case is worked out by hand: precisions at the recalls 0, 0.01 … 1.
func TestPrecision(t *testing.T) {
	crowd := object(0, 20, 0, 60, 40)
	crowd.Crowd = true
	nan := math.NaN()
	for name, c := range map[string]struct {
		objects [][]dataset.Box
		found   [][]Found
		want    []float64 // map, map50, map75, small, medium, large
	}{
		// Hits with 1/1 and 2/3 of the boxes so far: 51 recalls at 1, 50 at 2/3.
		"a miss between": {
			[][]dataset.Box{{object(0, 0, 0, 10, 10), object(0, 20, 0, 30, 10)}},
			[][]Found{{{0, .9, 0, 0, 10, 10}, {0, .8, 50, 50, 60, 60}, {0, .7, 20, 0, 30, 10}}},
			[]float64{(51 + 50*2./3) / 101, (51 + 50*2./3) / 101, (51 + 50*2./3) / 101, (51 + 50*2./3) / 101, nan, nan},
		},
		// An overlap of 0.62 is enough for 0.5, 0.55 and 0.6.
		"overlap": {
			[][]dataset.Box{{object(0, 0, 0, 10, 10)}},
			[][]Found{{{0, .9, 0, 0, 10, 6.2}}},
			[]float64{0.3, 1, 0, 0.3, nan, nan},
		},
		// The first box lies in a crowd and counts neither way.
		"crowd": {
			[][]dataset.Box{{crowd, object(0, 0, 0, 10, 10)}},
			[][]Found{{{0, .95, 30, 10, 40, 20}, {0, .9, 0, 0, 10, 10}, {0, .85, 30, 10, 40, 20}}},
			[]float64{1, 1, 1, 1, nan, nan},
		},
		// A second box on the same object is a miss, after the only hit.
		"twice": {
			[][]dataset.Box{{object(0, 0, 0, 10, 10)}},
			[][]Found{{{0, .9, 0, 0, 10, 10}, {0, .8, 0, 0, 10, 10}}},
			[]float64{1, 1, 1, 1, nan, nan},
		},
		// The large object is found, the small one is not; the large box is none of a
		// small object.
		"areas": {
			[][]dataset.Box{{object(0, 0, 0, 10, 10), object(0, 100, 100, 200, 200)}},
			[][]Found{{{0, .9, 100, 100, 200, 200}}},
			[]float64{51. / 101, 51. / 101, 51. / 101, 0, nan, 1},
		},
		// The mean over classes with objects: 1 and 0; class 2 has none and does not count.
		"classes": {
			[][]dataset.Box{{object(0, 0, 0, 10, 10)}, {object(1, 0, 0, 10, 10)}},
			[][]Found{{{0, .9, 0, 0, 10, 10}}, {{2, .9, 0, 0, 10, 10}}},
			[]float64{0.5, 0.5, 0.5, 0.5, nan, nan},
		},
		// Over two images the miss of one comes first: 1/2 at every recall.
		"images": {
			[][]dataset.Box{{object(0, 0, 0, 10, 10)}, {}},
			[][]Found{{{0, .8, 0, 0, 10, 10}}, {{0, .9, 0, 0, 10, 10}}},
			[]float64{0.5, 0.5, 0.5, 0.5, nan, nan},
		},
		"nothing found": {[][]dataset.Box{{object(0, 0, 0, 10, 10)}}, [][]Found{nil}, []float64{0, 0, 0, 0, nan, nan}},
	} {
		var matches []*Matches
		for i := range c.objects {
			matches = append(matches, Match(c.found[i], c.objects[i]))
		}
		got := Precision(matches)(ones(len(matches)))
		for k, want := range c.want {
			if math.Abs(got[k]-want) > 1e-12 || math.IsNaN(got[k]) != math.IsNaN(want) {
				t.Errorf("%s: figure %d is %v, want %v", name, k, got[k], want)
			}
		}
	}
}

// An image counted twice is the same as two of it.
func TestPrecisionOfCopies(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	draw := func() *Matches {
		var objects []dataset.Box
		var found []Found
		for range 4 {
			x, y, size := rng.Float64()*200, rng.Float64()*200, 5+rng.Float64()*120
			objects = append(objects, object(rng.IntN(2), x, y, x+size, y+size))
			d := rng.NormFloat64() * size / 10
			found = append(found, Found{rng.IntN(2), rng.Float64(), x + d, y, x + d + size, y + size}, Found{rng.IntN(2), rng.Float64(), x, y + d, x + size, y + size})
		}
		return Match(found, objects)
	}
	for range 20 {
		a, b, c := draw(), draw(), draw()
		weighed := Precision([]*Matches{a, b, c})([]int{2, 0, 3})
		copied := Precision([]*Matches{a, a, c, c, c})(ones(5))
		for k := range weighed {
			if math.Abs(weighed[k]-copied[k]) > 1e-12 {
				t.Fatalf("figure %d: %v weighed, %v copied", k, weighed[k], copied[k])
			}
		}
	}
}

func TestSuppress(t *testing.T) {
	found := []Found{{0, .5, 0, 0, 10, 10}, {0, .9, 1, 0, 11, 10}, {1, .4, 0, 0, 10, 10}, {0, .3, 100, 0, 110, 10}}
	got := suppress(slices.Clone(found), 0.65, 300)
	if len(got) != 3 || got[0].Score != .9 || got[1].Score != .4 || got[2].Score != .3 {
		t.Errorf("kept %v", got)
	}
	if got := suppress(slices.Clone(found), 0.9, 2); len(got) != 2 || got[1].Score != .5 {
		t.Errorf("kept %v", got)
	}
}
