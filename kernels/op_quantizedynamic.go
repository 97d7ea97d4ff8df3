package kernels

import (
	"errors"
	"fmt"
	"math"
)

// QuantizeDynamic is ONNX's DynamicQuantizeLinear: a grid of unsigned 8 bits with a
// zero point over the range of each image, zero in it,
//
//	scale = (max(x, 0) − min(x, 0))/255,  zero = round(clip(−min(x, 0)/scale, 0, 255)),
//	code = clip(round(x/scale) + zero, 0, 255),
//
// halves to even, in float32. Part tells which of the three it gives: the codes with
// their zero point, or the scale or the zero point alone. In integers the grid is found
// in the same way from the codes of the input.
type QuantizeDynamic struct{ Part DynamicPart }

// DynamicPart is one of the outputs of a dynamic quantization.
type DynamicPart string

// The parts.
const (
	DynamicCodes DynamicPart = "codes"
	DynamicScale DynamicPart = "scale"
	DynamicZero  DynamicPart = "zero"
)

var _ Operator = QuantizeDynamic{}

func (o QuantizeDynamic) Name() string           { return "dynamic" + string(o.Part) }
func (QuantizeDynamic) Arity() (least, most int) { return 1, 1 }

func (o QuantizeDynamic) Infer(in []Shape) (Shape, error) {
	switch o.Part {
	case DynamicCodes:
		return in[0], nil
	case DynamicScale, DynamicZero:
		return Shape{C: 1, H: 1, W: 1}, nil
	}
	return Shape{}, fmt.Errorf("no part %q of a dynamic quantization", o.Part)
}

func (QuantizeDynamic) Nonnegative([]bool) bool              { return true }
func (QuantizeDynamic) Selects() bool                        { return false }
func (QuantizeDynamic) Clamp() (l Limits, ok bool)           { return l, false }
func (QuantizeDynamic) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps: the range, two comparisons a value, counts with the codes.
func (o QuantizeDynamic) ElementOps(in []Shape, out Shape) int {
	if o.Part == DynamicCodes {
		return 3 * out.Size()
	}
	return 1
}

func (QuantizeDynamic) Gradient([]Shape, Shape) (Gradient, error) {
	return nil, errors.New("cannot be trained: it has steps")
}

func (QuantizeDynamic) storage() storage                    { return apart }
func (QuantizeDynamic) fuses(Operator, bool) bool           { return false }
func (QuantizeDynamic) onGrids([]Shape, []Grid, Grid) error { return nil }

// dynamicGrid returns the scale and the zero point of values between lo and hi.
func dynamicGrid(lo, hi float32) (scale, zero float32) {
	lo, hi = min(lo, 0), max(hi, 0)
	if scale = (hi - lo) / 255; !(scale > 0) {
		return 1, 0
	}
	return scale, float32(math.RoundToEven(float64(min(max(-lo/scale, 0), 255))))
}

// of returns the part for a value.
func (o QuantizeDynamic) of(x, scale, zero float32) float32 {
	switch o.Part {
	case DynamicScale:
		return scale
	case DynamicZero:
		return zero
	}
	return min(max(float32(math.RoundToEven(float64(x/scale)))+zero, 0), 255)
}

func (o QuantizeDynamic) float(s *stepF32) op { return &dynamicF32{s.x[0], s.y, o} }

type dynamicF32 struct {
	x, y view[float32]
	o    QuantizeDynamic
}

func (o *dynamicF32) run(images int) {
	n := o.x.pixels()
	for i := range images {
		var lo, hi float32
		for p := range n {
			for _, v := range o.x.pixel(i*n + p) {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
		scale, zero := dynamicGrid(lo, hi)
		for p := range o.y.pixels() {
			x, y := o.x.pixel(i*n+p), o.y.pixel(i*o.y.pixels()+p)
			for c := range y {
				y[c] = o.o.of(x[c], scale, zero)
			}
		}
	}
}

func (o QuantizeDynamic) integer(s *stepInt) op {
	return &dynamicInt{x: s.x[0], y: s.y, o: o, from: s.from[0].Scale, to: s.to, lo: s.lo, hi: s.hi, in: make([]int32, s.x[0].C), out: make([]int32, s.y.C)}
}

type dynamicInt struct {
	x, y    tensor
	o       QuantizeDynamic
	from    float64
	to      Grid
	lo, hi  int32
	in, out []int32
}

func (o *dynamicInt) run(images int) {
	n := o.x.pixels()
	for i := range images {
		var lo, hi int32
		for p := range n {
			o.x.load(o.in, (i*n+p)*o.x.ld)
			for _, v := range o.in {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
		scale, zero := dynamicGrid(o.number(lo), o.number(hi))
		for p := range o.y.pixels() {
			o.x.load(o.in, (i*n+p)*o.x.ld)
			for c := range o.out {
				y := o.o.of(o.number(o.in[c]), scale, zero)
				o.out[c] = min(max(o.to.Quantize(float64(y)), o.lo), o.hi)
			}
			o.y.store(o.out, (i*o.y.pixels()+p)*o.y.ld)
		}
	}
}

func (o *dynamicInt) number(code int32) float32 { return float32(float64(code) * o.from) }
