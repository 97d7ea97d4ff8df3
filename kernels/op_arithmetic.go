package kernels

import (
	"errors"
	"fmt"
	"math"
)

// Arithmetic is a function of the values of two tensors at one place: "sub",
// "mul", "div", "max" or "min". Along an axis where one of them has length 1 it
// repeats, as in the product of a map with one factor for each channel.
//
// Integer codes are the nearest ones, but a quotient may be off by ½ + 2⁻¹², and a
// difference by ½ and 2⁻³¹ of the sum of the largest input codes, taken in the
// wider step. A quotient by zero is the end of the grid, 0/0 is zero.
type Arithmetic struct{ Function string }

var _ Operator = Arithmetic{}

// arithmetic holds the functions by name.
var arithmetic = map[string]func(a, b float32) float32{
	"sub": func(a, b float32) float32 { return a - b },
	"mul": func(a, b float32) float32 { return a * b },
	"div": func(a, b float32) float32 { return a / b },
	"max": func(a, b float32) float32 { return max(a, b) },
	"min": func(a, b float32) float32 { return min(a, b) },
}

func (o Arithmetic) Name() string           { return o.Function }
func (Arithmetic) Arity() (least, most int) { return 2, 2 }

func (o Arithmetic) Infer(in []Shape) (Shape, error) {
	if arithmetic[o.Function] == nil {
		return Shape{}, fmt.Errorf("no function %q of two values", o.Function)
	}
	return broadcast(in[0], in[1])
}

func (o Arithmetic) Nonnegative(in []bool) bool {
	switch o.Function {
	case "sub":
		return false
	case "max":
		return in[0] || in[1]
	}
	return in[0] && in[1]
}

// Selects: the larger and the smaller of two values.
func (o Arithmetic) Selects() bool                      { return o.Function == "max" || o.Function == "min" }
func (Arithmetic) Clamp() (l Limits, ok bool)           { return l, false }
func (Arithmetic) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps is the function, and the requantization of what is not selected.
func (o Arithmetic) ElementOps(_ []Shape, out Shape) int {
	if o.Selects() {
		return out.Size()
	}
	return 2 * out.Size()
}

func (Arithmetic) Gradient([]Shape, Shape) (Gradient, error) {
	return nil, errors.New("is not trained")
}

func (Arithmetic) storage() storage                    { return anywhere }
func (Arithmetic) fuses(next Operator, _ bool) bool    { return clamps(next) }
func (Arithmetic) onGrids([]Shape, []Grid, Grid) error { return nil }

func (o Arithmetic) float(s *stepF32) op {
	return &arithmeticF32{
		a: s.x[0], b: s.x[1], y: s.y, f: arithmetic[o.Function], Limits: s.limits,
		at: [2]source{newSource(s.x[0].Shape, s.y.Shape), newSource(s.x[1].Shape, s.y.Shape)},
	}
}

type arithmeticF32 struct {
	a, b, y view[float32]
	at      [2]source
	f       func(a, b float32) float32
	Limits
}

func (o *arithmeticF32) run(images int) {
	n := o.y.pixels()
	for i := range images {
		for p := range n {
			y := o.y.pixel(i*n + p)
			a, b := o.a.pixel(o.at[0].at(i, p)), o.b.pixel(o.at[1].at(i, p))
			for c := range y {
				y[c] = min(max(o.f(a[c*o.at[0].step], b[c*o.at[1].step]), o.Lo), o.Hi)
			}
		}
	}
}

func (o Arithmetic) integer(s *stepInt) op {
	return &arithmeticInt{
		a: s.x[0], b: s.x[1], y: s.y, f: o.onCodes(s.from[0], s.from[1], s.to), lo: s.lo, hi: s.hi,
		at:  [2]source{newSource(s.x[0].Shape, s.y.Shape), newSource(s.x[1].Shape, s.y.Shape)},
		buf: [3][]int32{make([]int32, s.x[0].C), make([]int32, s.x[1].C), make([]int32, s.y.C)},
	}
}

// onCodes returns the function on codes, without the limits of the grid of y.
func (o Arithmetic) onCodes(a, b, y Grid) func(a, b int64) int64 {
	switch o.Function {
	case "sub":
		bound := []int64{a.Magnitude(), b.Magnitude()}
		f := newFixed([]float64{a.Scale / y.Scale, -b.Scale / y.Scale}, 0, bound).rounded(y, bound)
		return func(a, b int64) int64 { return f.code(a*int64(f.mult[0]) + b*int64(f.mult[1]) + f.bias) }
	case "mul":
		bound := []int64{a.Magnitude() * b.Magnitude()}
		f := newFixed([]float64{a.Scale * b.Scale / y.Scale}, 0, bound).rounded(y, bound)
		return func(a, b int64) int64 { return f.code(a*b*int64(f.mult[0]) + f.bias) }
	case "div":
		return quotient(a.Scale/b.Scale/y.Scale, a.Magnitude())
	case "max":
		return func(a, b int64) int64 { return max(a, b) }
	}
	return func(a, b int64) int64 { return min(a, b) }
}

// quotient returns the map of codes to ratio·a/b, rounded twice: the quotient in
// units of 2⁻¹⁴ of a step at most, then to steps.
func quotient(ratio float64, most int64) func(a, b int64) int64 {
	const fraction = 14
	f := newFixed([]float64{ratio}, 0, []int64{most << fraction})
	shift := f.shift + fraction
	return func(a, b int64) int64 {
		switch {
		case a == 0:
			return 0
		case b == 0:
			return int64(math.Copysign(math.MaxInt32, float64(a)))
		}
		n := (a * int64(f.mult[0])) << fraction
		if b < 0 {
			n, b = -n, -b
		}
		return (n/b + 1<<(shift-1)) >> shift
	}
}

type arithmeticInt struct {
	a, b, y tensor
	at      [2]source
	f       func(a, b int64) int64
	lo, hi  int32
	buf     [3][]int32
}

func (o *arithmeticInt) run(images int) {
	n := o.y.pixels()
	for i := range images {
		for p := range n {
			a, b, y := o.buf[0], o.buf[1], o.buf[2]
			o.a.load(a, o.at[0].at(i, p)*o.a.ld)
			o.b.load(b, o.at[1].at(i, p)*o.b.ld)
			for c := range y {
				v := o.f(int64(a[c*o.at[0].step]), int64(b[c*o.at[1].step]))
				y[c] = int32(min(max(v, int64(o.lo)), int64(o.hi)))
			}
			o.y.store(y, (i*n+p)*o.y.ld)
		}
	}
}
