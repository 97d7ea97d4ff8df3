package sweep

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The front is its definition: a point is on it if no other is at least as good
// everywhere and better somewhere; what is named as better is, and is on the front.
func TestFrontIsItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(1, maxObjectives).Draw(t, "objectives")
		value := rapid.OneOf(rapid.Just(math.NaN()), rapid.Map(rapid.IntRange(0, 6), func(n int) float64 { return float64(n) }), rapid.Float64Range(0, 6))
		points := rapid.SliceOfN(rapid.SliceOfN(value, d, d), 0, 60).Draw(t, "points")
		got := Dominated(points)
		for i, p := range points {
			candidate, better := known(p), false
			for _, q := range points {
				better = better || known(q) && dominates(q, p)
			}
			switch by := got[i]; {
			case !candidate:
				if by != -2 {
					t.Fatalf("point %d = %v has no value and gets %d", i, p, by)
				}
			case !better:
				if by != -1 {
					t.Fatalf("point %d = %v is on the front and gets %d", i, p, by)
				}
			case by < 0 || !dominates(points[by], p) || got[by] != -1:
				t.Fatalf("point %d = %v is dominated and gets %d", i, p, by)
			}
		}
	})
}

func known(p []float64) bool {
	for _, x := range p {
		if math.IsNaN(x) {
			return false
		}
	}
	return true
}
