package yardstick

import "math"

// Error is how an output of the quantized network differs from the float network's,
// over all images: x is the float network's value, q the quantized one's.
type Error struct {
	Name   string  `json:"name"`
	Signal float64 `json:"signal"`    // Σx²
	Noise  float64 `json:"noise"`     // Σ(x − q)²
	Other  float64 `json:"other"`     // Σq²
	Both   float64 `json:"both"`      // Σxq
	Max    float64 `json:"max_error"` // the largest |x − q|
}

// Add takes the values of an image.
func (e *Error) Add(float, quantized []float32) {
	for i, v := range float {
		x, q := float64(v), float64(quantized[i])
		e.Signal, e.Noise = e.Signal+x*x, e.Noise+(x-q)*(x-q)
		e.Both, e.Other = e.Both+x*q, e.Other+q*q
		e.Max = max(e.Max, math.Abs(x-q))
	}
}

// SQNR is 10·log10(Σx² / Σ(x−q)²) in decibels, infinite where nothing differs.
func (e *Error) SQNR() float64 {
	if e.Noise == 0 {
		return math.Inf(1)
	}
	return 10 * math.Log10(e.Signal/e.Noise)
}

// Cosine is Σxq / √(Σx²·Σq²), 1 where both are zero.
func (e *Error) Cosine() float64 {
	if e.Signal == 0 && e.Other == 0 {
		return 1
	}
	if e.Signal == 0 || e.Other == 0 {
		return 0
	}
	return min(e.Both/math.Sqrt(e.Signal*e.Other), 1)
}

// Worst is the lowest SQNR, the lowest cosine and the largest error of all outputs.
func Worst(outputs []Error) (sqnr, cosine, most float64) {
	sqnr, cosine = math.Inf(1), 1
	for i := range outputs {
		o := &outputs[i]
		sqnr, cosine, most = min(sqnr, o.SQNR()), min(cosine, o.Cosine()), max(most, o.Max)
	}
	return sqnr, cosine, most
}
