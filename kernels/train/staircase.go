package train

import "bitcycle/kernels/internal/vector"

// Staircase writes the quantized ReLU step·min(max(⌈x/step⌉, 0), levels) of x to
// y. An [Activation] may use it; the arithmetic is single precision.
func Staircase(y, x []float32, step float32, levels int) {
	vector.Ceil(y, x, step, float32(levels))
}

// StaircaseGradient writes to dx the gradient g of the output where 0 < x ≤ limit
// and 0 elsewhere, and returns the sums of g there and where x > limit. dx may
// be g.
func StaircaseGradient(dx, g, x []float32, limit float32) (inside, above float64) {
	return vector.CeilGradient(dx, g, x, limit)
}
