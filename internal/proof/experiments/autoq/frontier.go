package autoq

import (
	"math"
	"math/rand/v2"
	"slices"
)

// sample is a policy as measured: its cost, and its accuracy on the test images
// and on each resample of them.
type sample struct {
	seed     uint64
	cost     float64
	accuracy []float64
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
type Estimate struct {
	Value, Low, High float64

	draws []float64 // the value, then that of each resample
}

// Mean is the mean of estimates, resample by resample; those that are not numbers
// count for nothing. Without any it is not a number.
func Mean(of []Estimate) Estimate {
	means := make([]float64, 1+resamples)
	for r := range means {
		n := 0.0
		for i := range of {
			if x := of[i].draws[r]; !math.IsNaN(x) {
				means[r] += x
				n++
			}
		}
		means[r] /= n
	}
	return estimate(means)
}

// resamples is the number of bootstrap samples of an interval.
const resamples = 400

// bootstrap holds how often each test image is drawn in each resample; the same
// for all policies, so that they are compared on the same images.
type bootstrap struct {
	images int
	counts [][]uint8
}

func newBootstrap(images int) *bootstrap {
	rng := rand.New(rand.NewPCG(uint64(images), 7))
	b := &bootstrap{images: images}
	for range resamples {
		counts := make([]uint8, images)
		for range images {
			counts[rng.IntN(images)]++
		}
		b.counts = append(b.counts, counts)
	}
	return b
}

// accuracies returns the share of right images, then that of each resample.
func (b *bootstrap) accuracies(right []bool) []float64 {
	out := make([]float64, 1, resamples+1)
	for _, r := range right {
		if r {
			out[0]++
		}
	}
	for _, counts := range b.counts {
		sum := 0
		for i, r := range right {
			if r {
				sum += int(counts[i])
			}
		}
		out = append(out, float64(sum))
	}
	for i := range out {
		out[i] /= float64(b.images)
	}
	return out
}

// costs interpolates the cost of float − loss in each resample, of images and of
// seeds: each seed's hull by itself, then their mean.
func costs(of []sample, float []float64, loss float64) []float64 {
	bySeed := map[uint64][]sample{}
	var seeds []uint64
	for _, o := range of {
		if bySeed[o.seed] == nil {
			seeds = append(seeds, o.seed)
		}
		bySeed[o.seed] = append(bySeed[o.seed], o)
	}
	out := make([]float64, len(float))
	rng := rand.New(rand.NewPCG(uint64(len(float)), 11))
	points := make([]vertex, 0, len(of))
	for r := range out {
		for k := range seeds {
			s := seeds[k]
			if r > 0 {
				s = seeds[rng.IntN(len(seeds))]
			}
			points = points[:0]
			for _, o := range bySeed[s] {
				points = append(points, vertex{o.cost, o.accuracy[r]})
			}
			out[r] += costAt(points, float[r]-loss) / float64(len(seeds))
		}
	}
	return out
}

// estimate makes a value and its interval out of the value and its resamples; those
// that are not numbers count for nothing.
func estimate(values []float64) Estimate {
	out := Estimate{values[0], math.NaN(), math.NaN(), values}
	drawn := slices.DeleteFunc(slices.Clone(values[1:]), math.IsNaN)
	if slices.Sort(drawn); len(drawn) > 0 {
		out.Low, out.High = drawn[len(drawn)/40], drawn[len(drawn)-1-len(drawn)/40]
	}
	return out
}

// reduction is what ours saves against a baseline in percent of the baseline, by
// resample; NaN where either does not reach the accuracy.
func reduction(ours, baseline []float64) Estimate {
	out := make([]float64, len(ours))
	for r := range out {
		out[r] = math.NaN()
		if !math.IsInf(ours[r], 1) && !math.IsInf(baseline[r], 1) {
			out[r] = 100 * (1 - ours[r]/baseline[r])
		}
	}
	return estimate(out)
}
