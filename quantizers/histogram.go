package quantizers

import "math"

const histogramBins = 2048

// Histogram is the distribution of the values of one tensor in 2048 equal bins
// over a range given beforehand. Its content does not depend on the order of the
// values.
type Histogram struct {
	Lo, Hi float64 // of the bins
	Zeros  int64   // exact zeros, which every grid holds; they are in no bin
	Counts [histogramBins]int64
}

// NewHistogram returns an empty histogram for values from least to most: over
// [0, most] if none is negative, else symmetric.
func NewHistogram(least, most float64) *Histogram {
	if least >= 0 {
		return &Histogram{Hi: most}
	}
	reach := max(most, -least)
	return &Histogram{Lo: -reach, Hi: reach}
}

// Signed tells whether the range holds negative values.
func (h *Histogram) Signed() bool { return h.Lo < 0 }

// Add counts values; those outside the range count in the nearest bin.
func (h *Histogram) Add(values []float32) {
	if h.Hi <= h.Lo {
		h.Zeros += int64(len(values))
		return
	}
	lo, per := h.Lo, histogramBins/(h.Hi-h.Lo)
	for _, v := range values {
		if v == 0 {
			h.Zeros++
			continue
		}
		bin := int((float64(v) - lo) * per)
		h.Counts[min(max(bin, 0), histogramBins-1)]++
	}
}

// Merge adds the counts of another histogram of the same range.
func (h *Histogram) Merge(other *Histogram) {
	for i, n := range other.Counts {
		h.Counts[i] += n
	}
	h.Zeros += other.Zeros
}

// clips is how many clips Scale tries.
const clips = 200

// Scale returns the step of the uniform grid of the given width with the least
// mean squared error on the histogram: codes 0 to 2^b−1 if unsigned, else two's
// complement. Clips are tried in steps of 1/200 of the range; grids finer than
// the bins cover the whole range. 1 if no value differs from zero.
func (h *Histogram) Scale(bits uint8, signed bool) float64 {
	reach := max(h.Hi, -h.Lo)
	if reach == 0 {
		return 1
	}
	lo, hi := 0.0, float64(int(1)<<bits-1)
	if signed {
		lo, hi = -float64(int(1)<<(bits-1)), float64(int(1)<<(bits-1)-1)
	}
	span := max(hi, 1)
	best, least := reach/span, math.Inf(1)
	if hi-lo >= histogramBins/2 {
		return best
	}
	for i := clips; i > 0; i-- {
		scale := reach / span * float64(i) / clips
		if e := h.error(scale, lo, hi, least); e < least {
			best, least = scale, e
		}
	}
	return best
}

// error returns the squared error of a grid over the bins' centres, or something
// above limit once it exceeds that.
func (h *Histogram) error(scale, lo, hi, limit float64) float64 {
	sum, width, inverse := 0.0, (h.Hi-h.Lo)/histogramBins, 1/scale
	for i, n := range h.Counts {
		if n == 0 {
			continue
		}
		x := h.Lo + (float64(i)+0.5)*width
		e := x - scale*min(max(math.Floor(x*inverse+0.5), lo), hi)
		sum += e * e * float64(n)
		if sum > limit {
			break
		}
	}
	return sum
}
