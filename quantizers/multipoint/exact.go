package multipoint

import (
	"cmp"
	"math"
	"slices"
)

// BestScaleExact returns the point that minimizes ‖r − a·c/T‖² over all scales
// and codes. It sweeps s = 1/a upward through the values at which a code changes;
// between them the best scale is a = T·⟨|r|,c⟩/‖c‖², and the reduction of the
// error is ⟨|r|,c⟩²/‖c‖². Of the d·T values it visits those that can hold the
// optimum, see [scaleBounds].
func BestScaleExact(r []float64, b int) Point {
	codes := make([]int8, len(r))
	low, high := scaleBounds(r, b)
	if low == 0 {
		return Point{Codes: codes}
	}
	w := newSweep(r, Top(b), low, high)
	scale, count := w.best()
	copy(codes, w.start)
	for _, e := range w.events[:count] {
		codes[e.index]++
	}
	for j, x := range r {
		if x < 0 {
			codes[j] = -codes[j]
		}
	}
	return Point{A: scale, Codes: codes}
}

// scaleBounds returns an interval of s = 1/a that holds the best scale, 0, 0 for a
// zero vector. With E the error at a = max|r|, no scale can be best that clips
// away more than E, Σ max(0, |r_j|−a)², or whose zero codes leave more than E,
// Σ r_j² over |r_j| < a/2T. Both grow as a leaves the interval, so bisection finds
// its ends; E is taken a little too large, so that rounding loses nothing.
func scaleBounds(r []float64, b int) (low, high float64) {
	top, most := float64(Top(b)), MaxAbs(r)
	if most == 0 {
		return 0, 0
	}
	var square, dot, norm float64
	for _, x := range r {
		c := float64(Code(x/most, b))
		square += x * x
		dot += x * c
		norm += c * c
	}
	limit := square - dot*dot/norm + 1e-9*square
	clipped := func(a float64) float64 {
		sum := 0.0
		for _, x := range r {
			if over := math.Abs(x) - a; over > 0 {
				sum += over * over
			}
		}
		return sum
	}
	lost := func(a float64) float64 {
		sum := 0.0
		for _, x := range r {
			if math.Abs(x) < a/(2*top) {
				sum += x * x
			}
		}
		return sum
	}
	return 1 / crossing(lost, limit, most, 2.001*top*most), 1 / crossing(clipped, limit, most, 0)
}

// crossing returns an argument between inside and outside at which f, which grows
// on the way, exceeds the limit, but not by much; outside if f never does.
func crossing(f func(float64) float64, limit, inside, outside float64) float64 {
	const steps = 24
	for range steps {
		if middle := (inside + outside) / 2; f(middle) > limit {
			outside = middle
		} else {
			inside = middle
		}
	}
	return outside
}

// event is the value of s = 1/a at which a coordinate moves up one level.
type event struct {
	at    float64
	index int32
}

// sweep is the codes of |r| at the lower bound of s, and the changes up to the upper.
type sweep struct {
	r      []float64
	top    int
	start  []int8
	events []event
}

func newSweep(r []float64, top int, low, high float64) *sweep {
	w := &sweep{r: r, top: top, start: make([]int8, len(r)), events: make([]event, 0, 2*len(r))}
	for j, x := range r {
		if x == 0 {
			continue
		}
		step := math.Abs(x) * float64(top)
		for k := max(1, int(low*step)-1); k <= top; k++ {
			at := (float64(k) - 0.5) / step
			if at <= low {
				w.start[j] = int8(k)
				continue
			}
			if at > high {
				break
			}
			w.events = append(w.events, event{at, int32(j)})
		}
	}
	slices.SortFunc(w.events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	return w
}

// best returns the best scale and the number of events before it.
func (w *sweep) best() (scale float64, count int) {
	var dot, norm, most float64
	for j, c := range w.start {
		dot += math.Abs(w.r[j]) * float64(c)
		norm += float64(c) * float64(c)
	}
	codes := slices.Clone(w.start)
	try := func(events int) {
		if gain := dot * dot / norm; norm > 0 && gain > most {
			most, count, scale = gain, events, float64(w.top)*dot/norm
		}
	}
	try(0)
	for i, e := range w.events {
		dot += math.Abs(w.r[e.index])
		norm += float64(2*int(codes[e.index]) + 1)
		codes[e.index]++
		if i+1 < len(w.events) && w.events[i+1].at == e.at {
			continue
		}
		try(i + 1)
	}
	return scale, count
}
