package kernels

import (
	"errors"
	"fmt"
)

// Scalar is a function of each value, with up to two parameters: the sigmoid, the
// hyperbolic tangent, GELU and the like; functions.go lists them. In integers it
// is a table: the code nearest to the function of every code, and that of zero
// where the function has no value.
type Scalar struct {
	Function string
	A, B     float32
}

var _ Operator = Scalar{}

func (o Scalar) Name() string           { return o.Function }
func (Scalar) Arity() (least, most int) { return 1, 1 }

func (o Scalar) Infer(in []Shape) (Shape, error) {
	if _, known := functions[o.Function]; !known {
		return Shape{}, fmt.Errorf("no function %q of one value", o.Function)
	}
	return in[0], nil
}

func (o Scalar) Nonnegative(in []bool) bool {
	switch functions[o.Function].sign {
	case positive:
		return true
	case keepsSign:
		return in[0]
	}
	return false
}

func (Scalar) Selects() bool                        { return false }
func (Scalar) Clamp() (l Limits, ok bool)           { return l, false }
func (Scalar) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps is the look-up.
func (Scalar) ElementOps(_ []Shape, out Shape) int { return out.Size() }

func (o Scalar) Gradient([]Shape, Shape) (Gradient, error) {
	slope := functions[o.Function].slope
	if slope == nil {
		return nil, errors.New("cannot be trained: it has steps")
	}
	a, b := float64(o.A), float64(o.B)
	return scalarGradient{o.f32(), func(x float32) float32 { return float32(slope(float64(x), a, b)) }}, nil
}

func (Scalar) storage() storage                       { return anywhere }
func (Scalar) fuses(next Operator, integer bool) bool { return integer && clamps(next) }
func (Scalar) onGrids([]Shape, []Grid, Grid) error    { return nil }
func (o Scalar) float(s *stepF32) op                  { return s.scalar(o.f32()) }
func (o Scalar) integer(s *stepInt) op                { return s.table(o.f64()) }

// f64 is the function with its parameters.
func (o Scalar) f64() func(x float64) float64 {
	f, a, b := functions[o.Function].f, float64(o.A), float64(o.B)
	return func(x float64) float64 { return f(x, a, b) }
}

func (o Scalar) f32() func(x float32) float32 {
	f := o.f64()
	return func(x float32) float32 { return float32(f(float64(x))) }
}
