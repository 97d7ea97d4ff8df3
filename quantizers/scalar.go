package quantizers

import "math"

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
