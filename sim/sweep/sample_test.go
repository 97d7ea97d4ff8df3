package sweep

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func drawSpace(t *rapid.T) space {
	return space{rapid.SliceOfN(rapid.IntRange(1, 9), 1, 6).Draw(t, "lengths")}
}

// Points and their numbers are one to one.
func TestSpaceNumbersItsPoints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpace(t)
		n, err := s.size()
		if err != nil {
			t.Fatal(err)
		}
		i := rapid.Int64Range(0, n-1).Draw(t, "point")
		digits := make([]int, len(s.lengths))
		s.digits(i, digits)
		for a, d := range digits {
			if d < 0 || d >= s.lengths[a] {
				t.Fatalf("digit %d of point %d is %d of %d", a, i, d, s.lengths[a])
			}
		}
		if back := s.index(digits); back != i {
			t.Fatalf("point %d came back as %d", i, back)
		}
	})
}

// Every rule takes distinct points of the space, ascending, and the same again from one
// seed; all of a small space are found.
func TestSamplesAreDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpace(t)
		n, _ := s.size()
		rule := Sample{Count: rapid.IntRange(1, 200).Draw(t, "count"), Rule: rapid.SampledFrom(rules).Draw(t, "rule"), Seed: rapid.Int64().Draw(t, "seed")}
		list, err := s.draw(rule)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := s.draw(rule)
		if !slices.Equal(list, again) {
			t.Fatalf("%v, then %v", list, again)
		}
		if len(list) == 0 || len(list) > rule.Count || !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) || list[0] < 0 || list[len(list)-1] >= n {
			t.Fatalf("%+v of %d points gave %v", rule, n, list)
		}
		if want := min(int64(rule.Count), n); rule.Rule == "grid" && int64(len(list)) != want {
			t.Fatalf("grid took %d points, want %d", len(list), want)
		}
	})
}

// Each dimension of Sobol's sequence is a (0,1)-sequence: of the first 2^k points one lies
// in each of 2^k intervals. Two dimensions fill squares evenly.
func TestSobolFillsEvenly(t *testing.T) {
	const k = 8
	for d := range len(sobolNumbers) + 1 {
		var hit [1 << k]int
		for n := range uint32(1 << k) {
			hit[int(sobol(n, d+1)[d]*(1<<k))]++
		}
		for i, h := range hit {
			if h != 1 {
				t.Fatalf("dimension %d: interval %d has %d points", d+1, i, h)
			}
		}
	}
	var hit [16][16]int
	for n := range uint32(256) {
		x := sobol(n, 2)
		hit[int(x[0]*16)][int(x[1]*16)]++
	}
	for i := range hit {
		for j, h := range hit[i] {
			if h != 1 {
				t.Fatalf("square %d, %d has %d points", i, j, h)
			}
		}
	}
}
