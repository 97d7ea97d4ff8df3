package sweep

import (
	"cmp"
	"math"
	"slices"
)

// maxObjectives bounds the dimensions of a front.
const maxObjectives = 4

// Dominated finds the points that are not on the front: for each point, the number of one
// that is at least as good in every objective and better in one, −1 for the points of the
// front, equal ones alike. Objectives are minimised; a point with one that is not known
// (NaN) is no candidate and gets −2.
//
// Points are taken in lexicographic order: what dominates a point stands before it, and
// what dominates and is dominated itself has its own dominator on the front, so that each
// point meets the front so far alone. In two dimensions the best second objective so far
// decides.
func Dominated(objectives [][]float64) []int {
	out := make([]int, len(objectives))
	order := make([]int, 0, len(objectives))
	for i, o := range objectives {
		if slices.ContainsFunc(o, math.IsNaN) {
			out[i] = -2
			continue
		}
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(slices.Compare(objectives[a], objectives[b]), cmp.Compare(a, b))
	})
	if len(order) > 0 && len(objectives[order[0]]) <= 2 {
		sweepLine(objectives, order, out)
		return out
	}
	var front []int
	for _, i := range order {
		out[i] = -1
		for _, f := range front {
			if dominates(objectives[f], objectives[i]) {
				out[i] = f
				break
			}
		}
		if out[i] < 0 {
			front = append(front, i)
		}
	}
	return out
}

// sweepLine is Dominated for one or two objectives of points in order.
func sweepLine(objectives [][]float64, order, out []int) {
	best := -1
	for _, i := range order {
		out[i] = -1
		switch {
		case best < 0:
			best = i
		case slices.Equal(objectives[best], objectives[i]):
		case dominates(objectives[best], objectives[i]):
			out[i] = best
		default:
			best = i
		}
	}
}

// liveFront is the front of points that come one by one.
type liveFront struct{ points [][]float64 }

// add takes a point, unless one is better; those that it is better than go.
func (f *liveFront) add(o []float64) {
	if slices.ContainsFunc(o, math.IsNaN) || slices.ContainsFunc(f.points, func(p []float64) bool { return dominates(p, o) }) {
		return
	}
	f.points = append(slices.DeleteFunc(f.points, func(p []float64) bool { return dominates(o, p) }), o)
}

// dominates tells whether a is at least as good as b everywhere and better somewhere.
func dominates(a, b []float64) bool {
	better := false
	for k := range a {
		switch {
		case a[k] > b[k]:
			return false
		case a[k] < b[k]:
			better = true
		}
	}
	return better
}
