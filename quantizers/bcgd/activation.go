package bcgd

import "math"

// AlphaKind names the derivative used for ∂σ/∂α.
type AlphaKind string

// The derivatives of σ(x, α) in α on x ≤ 0, 0 < x ≤ nα, x > nα.
const (
	ThreeValued AlphaKind = "mean" // 0, 2^(b−1), n: the paper's choice
	Exactly     AlphaKind = "ae"   // 0, ⌈x/α⌉, n: almost everywhere exact
	TwoValued   AlphaKind = "pact" // 0, 0, n: derivative of the clipped ReLU
	Smallest    AlphaKind = "min"  // 0, 1, n
)

// Activation is the quantized ReLU of one layer with trainable resolution α:
//
//	σ(x, α) = α · clip(⌈x/α⌉, 0, n),   n = 2^b − 1
type Activation struct {
	Bits  int
	Alpha float64
	Kind  AlphaKind
	Rate  float64 // factor r of the α gradient, 0.01 in the authors' code
}

// Limits of α in the authors' code.
const (
	MinAlpha = 1e-3
	MaxAlpha = 5
)

// InitialAlpha is the resolution that the authors' code starts from, by width:
// 1.2221, 0.6511 and 0.1946 for 1, 2 and 4 bits. They are close to the best
// steps of a symmetric rounding quantizer with 2n+1 levels on N(0, 1), which
// gives the other widths.
func InitialAlpha(bits int) float64 {
	switch bits {
	case 1:
		return 1.2221
	case 2:
		return 0.6511
	case 4:
		return 0.1946
	}
	return symmetricStep(1<<bits - 1)
}

// symmetricStep returns the step Δ of the symmetric rounding quantizer with
// levels −n..n that has the least mean squared error on N(0, 1).
func symmetricStep(n int) float64 {
	top := float64(n)
	return bestStep(4/top, func(x, step float64) float64 {
		return step * min(math.Floor(x/step+0.5), top)
	})
}

// Levels returns n = 2^b − 1, the largest code.
func (a *Activation) Levels() int { return 1<<a.Bits - 1 }

// Code returns the level of x: clip(⌈x/α⌉, 0, n).
func (a *Activation) Code(x float64) int {
	return int(min(max(math.Ceil(x/a.Alpha), 0), float64(a.Levels())))
}

// Forward returns σ(x, α).
func (a *Activation) Forward(x float64) float64 { return a.Alpha * float64(a.Code(x)) }

// Backward returns the coarse derivative in x, that of the clipped ReLU, and
// the derivative in α of the activation's kind.
func (a *Activation) Backward(x float64) (dx, dAlpha float64) {
	n := float64(a.Levels())
	switch {
	case x <= 0:
		return 0, 0
	case x > n*a.Alpha:
		return 0, n
	}
	switch a.Kind {
	case Exactly:
		return 1, math.Ceil(x / a.Alpha)
	case TwoValued:
		return 1, 0
	case Smallest:
		return 1, 1
	}
	return 1, math.Exp2(float64(a.Bits - 1))
}
