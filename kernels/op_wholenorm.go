package kernels

import (
	"errors"
	"fmt"
	"math"
)

// WholeNorm is the normalization of the channels of each pixel in whole numbers, as
// Deeploy's integer networks define it: with n channels and all quotients but the last
// cut toward zero,
//
//	y = ⌊((x − μ)·Factor/⌊√(Σ(x − μ)²/n + 1)⌋ + Offset)/Divisor⌋,  μ = Σx/n,
//
// or, without Center, μ = 0. In integers the codes are those of the same numbers.
type WholeNorm struct {
	Divisor        float32
	Center         bool
	Factor, Offset []float32 // of each channel; Offset may be nil
}

var _ Operator = WholeNorm{}

func (WholeNorm) Name() string             { return "wholenorm" }
func (WholeNorm) Arity() (least, most int) { return 1, 1 }

func (o WholeNorm) Infer(in []Shape) (Shape, error) {
	if c := in[0].C; len(o.Factor) != c || o.Offset != nil && len(o.Offset) != c || !(o.Divisor >= 1) {
		return Shape{}, fmt.Errorf("%d factors and %d offsets for %d channels, divisor %v", len(o.Factor), len(o.Offset), c, o.Divisor)
	}
	return in[0], nil
}

func (WholeNorm) Nonnegative([]bool) bool              { return false }
func (WholeNorm) Selects() bool                        { return false }
func (WholeNorm) Clamp() (l Limits, ok bool)           { return l, false }
func (WholeNorm) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps: sum, square and its sum, quotient, and the shift.
func (WholeNorm) ElementOps(_ []Shape, out Shape) int { return 5 * out.Size() }

func (WholeNorm) Gradient([]Shape, Shape) (Gradient, error) {
	return nil, errors.New("cannot be trained: it has steps")
}

func (WholeNorm) storage() storage                    { return anywhere }
func (WholeNorm) fuses(Operator, bool) bool           { return false }
func (WholeNorm) onGrids([]Shape, []Grid, Grid) error { return nil }
func (o WholeNorm) float(s *stepF32) op               { return s.wholes(o.pixel) }
func (o WholeNorm) integer(s *stepInt) op             { return s.wholes(o.pixel) }

// pixel computes the channels of a pixel in place. Numbers of 53 bits hold all that
// 32-bit integers make of it.
func (o WholeNorm) pixel(x []float64) {
	n, mean, square := float64(len(x)), 0.0, 0.0
	if o.Center {
		for _, v := range x {
			mean += v
		}
		mean = math.Trunc(mean / n)
	}
	for _, v := range x {
		square += float64((v - mean) * (v - mean))
	}
	root := math.Floor(math.Sqrt(math.Trunc(square/n) + 1))
	for c, v := range x {
		y := math.Trunc(float64((v-mean)*float64(o.Factor[c])) / root)
		x[c] = math.Floor((y + constant(o.Offset, c, 0)) / float64(o.Divisor))
	}
}
