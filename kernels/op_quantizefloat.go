package kernels

import (
	"errors"
	"fmt"
	"math"
)

// QuantizeFloat puts numbers on a grid of floating point and leaves them numbers, as
// FloatQuant of QONNX and Brevitas does: of v = x/Scale, in float32,
//
//	step = 2^(max(⌊log₂|v|⌋, 1 − Bias) − Mantissa),  y = Scale·clip(round(v/step)·step, ±Max),
//
// halves to even. In integers it is a table: the code nearest to that number.
type QuantizeFloat struct {
	Scale              float32
	Exponent, Mantissa int // bits
	Bias               int
	Max                float32 // the largest magnitude, in steps of Scale
}

var _ Operator = QuantizeFloat{}

func (QuantizeFloat) Name() string             { return "quantizefloat" }
func (QuantizeFloat) Arity() (least, most int) { return 1, 1 }

// Check reports what is impossible about the format.
func (o QuantizeFloat) Check() error {
	if !(o.Scale > 0) || math.IsInf(float64(o.Scale), 0) || !(o.Max > 0) || math.IsInf(float64(o.Max), 0) {
		return fmt.Errorf("scale %v, largest magnitude %v: must be positive", o.Scale, o.Max)
	}
	if o.Exponent < 1 || o.Exponent > 8 || o.Mantissa < 0 || o.Mantissa > 23 || o.Bias < -256 || o.Bias > 256 {
		return fmt.Errorf("%d bits of exponent, %d of mantissa, bias %d: must be 1 to 8, 0 to 23, -256 to 256", o.Exponent, o.Mantissa, o.Bias)
	}
	return nil
}

// Bits is how many bits a code takes, with its sign.
func (o QuantizeFloat) Bits() int { return 1 + o.Exponent + o.Mantissa }

func (o QuantizeFloat) Infer(in []Shape) (Shape, error) { return in[0], o.Check() }

func (QuantizeFloat) Nonnegative(in []bool) bool           { return in[0] }
func (QuantizeFloat) Selects() bool                        { return false }
func (QuantizeFloat) Clamp() (l Limits, ok bool)           { return l, false }
func (QuantizeFloat) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps is the change of format.
func (QuantizeFloat) ElementOps(_ []Shape, out Shape) int { return out.Size() }

func (QuantizeFloat) Gradient([]Shape, Shape) (Gradient, error) {
	return nil, errors.New("cannot be trained: it has steps")
}

func (QuantizeFloat) storage() storage                       { return anywhere }
func (QuantizeFloat) fuses(next Operator, integer bool) bool { return integer && clamps(next) }
func (QuantizeFloat) onGrids([]Shape, []Grid, Grid) error    { return nil }
func (o QuantizeFloat) float(s *stepF32) op                  { return s.scalar(o.Of) }

func (o QuantizeFloat) integer(s *stepInt) op {
	return s.table(func(x float64) float64 { return float64(o.Of(float32(x))) })
}

// Of returns the number of the grid that stands for x.
func (o QuantizeFloat) Of(x float32) float32 {
	v := float64(x / o.Scale)
	exponent := 1 - o.Bias
	if v != 0 && !math.IsInf(v, 0) {
		exponent = max(math.Ilogb(v), exponent)
	}
	y := math.Ldexp(math.RoundToEven(math.Ldexp(v, o.Mantissa-exponent)), exponent-o.Mantissa)
	return float32(min(max(y, -float64(o.Max)), float64(o.Max))) * o.Scale
}
