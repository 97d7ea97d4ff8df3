package search

import (
	"math"
	"math/rand/v2"
	"slices"
)

// outcome is a policy as measured: its cost and which test images it gets right.
type outcome struct {
	seed  uint64
	cost  float64
	right []bool
}

// vertex is a point of the frontier of accuracy over cost.
type vertex struct{ cost, accuracy float64 }

// hull returns the upper concave hull of points up to the most accurate one, by
// rising cost.
func hull(points []vertex) []vertex {
	points = slices.Clone(points)
	slices.SortFunc(points, func(a, b vertex) int {
		switch {
		case a.cost != b.cost && a.cost < b.cost, a.cost == b.cost && a.accuracy > b.accuracy:
			return -1
		case a == b:
			return 0
		}
		return 1
	})
	var out []vertex
	for _, p := range points {
		if len(out) > 0 && p.accuracy <= out[len(out)-1].accuracy {
			continue
		}
		for len(out) > 1 {
			a, b := out[len(out)-2], out[len(out)-1]
			if (b.accuracy-a.accuracy)*(p.cost-a.cost) > (p.accuracy-a.accuracy)*(b.cost-a.cost) {
				break
			}
			out = out[:len(out)-1]
		}
		out = append(out, p)
	}
	return out
}

// costAt interpolates the cost of an accuracy on the hull of points: the cost of
// the cheapest point where that is more accurate already, +Inf where none is
// accurate enough.
func costAt(points []vertex, accuracy float64) float64 {
	h := hull(points)
	for i, p := range h {
		if p.accuracy < accuracy {
			continue
		}
		if i == 0 {
			return p.cost
		}
		a := h[i-1]
		return a.cost + (p.cost-a.cost)*(accuracy-a.accuracy)/(p.accuracy-a.accuracy)
	}
	return math.Inf(1)
}

// Estimate is a value with a 95 % interval. +Inf says that an accuracy was not reached.
type Estimate struct{ Value, Low, High float64 }

// resamples is the number of bootstrap samples of an interval.
const resamples = 200

// estimate interpolates the cost of float − loss: each seed's hull by itself, then
// their mean. The interval is a bootstrap over images, the same for float and
// quantized networks, and seeds.
func estimate(outcomes []outcome, float []bool, loss float64) Estimate {
	bySeed := map[uint64][]outcome{}
	var seeds []uint64
	for _, o := range outcomes {
		if bySeed[o.seed] == nil {
			seeds = append(seeds, o.seed)
		}
		bySeed[o.seed] = append(bySeed[o.seed], o)
	}
	at := func(weight []float64, seeds []uint64) float64 {
		total := 0.0
		target := weigh(float, weight) - loss
		for _, s := range seeds {
			var points []vertex
			for _, o := range bySeed[s] {
				points = append(points, vertex{o.cost, weigh(o.right, weight)})
			}
			total += costAt(points, target)
		}
		return total / float64(len(seeds))
	}
	weight := make([]float64, len(float))
	for i := range weight {
		weight[i] = 1
	}
	out := Estimate{Value: at(weight, seeds)}
	rng := rand.New(rand.NewPCG(uint64(len(float)), uint64(len(outcomes))))
	var values []float64
	for range resamples {
		clear(weight)
		for range weight {
			weight[rng.IntN(len(weight))]++
		}
		drawn := make([]uint64, len(seeds))
		for i := range drawn {
			drawn[i] = seeds[rng.IntN(len(seeds))]
		}
		values = append(values, at(weight, drawn))
	}
	slices.Sort(values)
	out.Low, out.High = values[resamples/40], values[resamples-1-resamples/40]
	return out
}

// weigh is the weighted share of images that are right.
func weigh(right []bool, weight []float64) float64 {
	sum := 0.0
	for i, r := range right {
		if r {
			sum += weight[i]
		}
	}
	return sum / float64(len(right))
}
