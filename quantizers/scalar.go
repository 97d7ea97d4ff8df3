package quantizers

import (
	"math"
	"slices"
)

// Weights is a symmetric quantization of a weight vector: value = Scale·Code.
type Weights struct {
	Scale float64
	Codes []int16
}

// QuantizeWeights returns the quantization of w at the given width whose scale
// has the least squared error: codes in ±(2^(b−1)−1) for 2 to 16 bits,
// α·sign(w) with α = mean|w| for 1 bit, zeros for 0 bits (a pruned kernel).
func QuantizeWeights(w []float32, bits uint8) Weights {
	scale := WeightScale(w, bits)
	return Weights{Scale: scale, Codes: RoundWeights(make([]int16, len(w)), w, bits, scale)}
}

// RoundWeights fills codes with w on the grid of the scale, halves away from
// zero, and returns codes.
func RoundWeights(codes []int16, w []float32, bits uint8, scale float64) []int16 {
	switch {
	case bits == 0 || scale == 0:
		clear(codes)
	case bits == 1:
		for i, x := range w {
			codes[i] = 1
			if x < 0 {
				codes[i] = -1
			}
		}
	default:
		top := float64(int(1)<<(bits-1) - 1)
		for i, x := range w {
			q := min(math.Floor(math.Abs(float64(x))/scale+0.5), top)
			codes[i] = int16(math.Copysign(q, float64(x)))
		}
	}
	return codes
}

// WeightScale returns the scale of QuantizeWeights. Clips from max|w| downward
// are tried, 2 % apart, then the best is refined by alternating codes and
// least-squares scales until neither changes.
func WeightScale(w []float32, bits uint8) float64 {
	largest, mean := 0.0, 0.0
	for _, x := range w {
		largest = max(largest, math.Abs(float64(x)))
		mean += math.Abs(float64(x))
	}
	switch {
	case bits == 0 || largest == 0:
		return 0
	case bits == 1:
		return mean / float64(len(w))
	}
	top := float64(int(1)<<(bits-1) - 1)
	best, bestError := 0.0, math.Inf(1)
	for step := range 45 {
		scale := largest * (1 - 0.02*float64(step)) / top
		if e := weightError(w, scale, top); e < bestError {
			best, bestError = scale, e
		}
	}
	return refine(w, best, bestError, top)
}

// weightError returns Σ(w − scale·code)².
func weightError(w []float32, scale, top float64) float64 {
	sum := 0.0
	inverse := 1 / scale
	for _, x := range w {
		a := math.Abs(float64(x))
		e := a - scale*min(math.Floor(a*inverse+0.5), top)
		sum += e * e
	}
	return sum
}

func refine(w []float32, scale, squared, top float64) float64 {
	for range 20 {
		var cross, norm float64
		for _, x := range w {
			a := math.Abs(float64(x))
			q := min(math.Floor(a/scale+0.5), top)
			cross += a * q
			norm += q * q
		}
		if norm == 0 {
			break
		}
		next := cross / norm
		e := weightError(w, next, top)
		if !(e < squared) {
			break
		}
		scale, squared = next, e
	}
	return scale
}

// SQNR is the signal-to-quantization-noise ratio of q against x in decibels,
//
//	10·log10(Σx² / Σ(x−q)²)
//
// +Inf for equal values.
func SQNR(x, q []float32) float64 {
	var signal, noise float64
	for i, v := range x {
		d := float64(v) - float64(q[i])
		signal += float64(v) * float64(v)
		noise += d * d
	}
	return 10 * math.Log10(signal/noise)
}

// Histogram collects the distribution of the activations of one tensor in 2048
// bins over a range that doubles as needed. Its content does not depend on the
// order of the values.
type Histogram struct {
	counts [histogramBins]int64
	width  float64 // of a bin; bins cover ±1024 widths
	least  float64
	most   float64
	total  int64
}

const histogramBins = 2048

// Merge adds the counts of other.
func (h *Histogram) Merge(other *Histogram) {
	if other.total == 0 {
		return
	}
	if h.total == 0 {
		*h = *other
		return
	}
	for h.width < other.width {
		h.widen()
	}
	o := *other
	for o.width < h.width {
		o.widen()
	}
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.least, h.most, h.total = min(h.least, o.least), max(h.most, o.most), h.total+o.total
}

// Add counts values.
func (h *Histogram) Add(values []float32) {
	if h.width == 0 {
		h.width = math.Exp2(-20)
	}
	for _, v := range values {
		x := float64(v)
		for math.Abs(x) >= h.width*histogramBins/2 && h.width < 1e300 {
			h.widen()
		}
		bin := int(math.Floor(x/h.width)) + histogramBins/2
		h.counts[min(max(bin, 0), histogramBins-1)]++
		h.least, h.most = min(h.least, x), max(h.most, x)
		h.total++
	}
}

// widen doubles the range: pairs of bins join around zero.
func (h *Histogram) widen() {
	var joined [histogramBins]int64
	for i, n := range h.counts {
		joined[(i-histogramBins/2)>>1+histogramBins/2] += n
	}
	h.counts = joined
	h.width *= 2
}

// Signed tells whether negative values were seen.
func (h *Histogram) Signed() bool { return h.least < 0 }

// Range returns the smallest and the largest value, zero included.
func (h *Histogram) Range() (least, most float64) { return h.least, h.most }

// Scale returns the step of the uniform grid of the given width with the least
// mean squared error on the histogram: codes 0..2^b−1 if unsigned, else two's
// complement. 1 if no value differs from zero.
func (h *Histogram) Scale(bits uint8, signed bool) float64 {
	reach := max(h.most, -h.least)
	if reach == 0 {
		return 1
	}
	lo, hi := 0.0, float64(int(1)<<bits-1)
	if signed {
		lo, hi = -float64(int(1)<<(bits-1)), float64(int(1)<<(bits-1)-1)
	}
	span := max(hi, 1)
	candidates := make([]float64, 0, 100)
	for i := 1; i <= 100; i++ {
		candidates = append(candidates, reach/span*float64(i)/100)
	}
	slices.Reverse(candidates)
	best, bestError := candidates[0], math.Inf(1)
	for _, scale := range candidates {
		if e := h.error(scale, lo, hi); e < bestError {
			best, bestError = scale, e
		}
	}
	return best
}

// error returns the squared error over the bin centres; the bin of zero stands
// for zero, which dominates after a ReLU.
func (h *Histogram) error(scale, lo, hi float64) float64 {
	sum := 0.0
	for i, n := range h.counts {
		if n == 0 {
			continue
		}
		x := (float64(i-histogramBins/2) + 0.5) * h.width
		e := x - scale*min(max(math.Floor(x/scale+0.5), lo), hi)
		if i == histogramBins/2 && e*e > h.width*h.width/4 {
			e = h.width / 2
		}
		sum += e * e * float64(n)
	}
	return sum
}
