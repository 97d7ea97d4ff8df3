package kernels

import (
	"errors"
	"fmt"
)

// Constant is a tensor that depends on no input, such as the class token of a
// transformer: Values in the order in which they are stored. Integer codes are the
// nearest ones, found in float32 where the grid rounds as foreign models do.
type Constant struct {
	Shape  Shape
	Values []float32
}

var _ Operator = Constant{}

func (Constant) Name() string             { return "constant" }
func (Constant) Arity() (least, most int) { return 0, 0 }

func (o Constant) Infer([]Shape) (Shape, error) {
	if err := o.Shape.check(); err != nil {
		return o.Shape, err
	}
	if len(o.Values) != o.Shape.Size() {
		return o.Shape, fmt.Errorf("%d values of %v", len(o.Values), o.Shape)
	}
	return o.Shape, nil
}

func (o Constant) Nonnegative([]bool) bool {
	for _, v := range o.Values {
		if v < 0 {
			return false
		}
	}
	return true
}

func (Constant) Selects() bool                        { return false }
func (Constant) Clamp() (l Limits, ok bool)           { return l, false }
func (Constant) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps: readers read its values.
func (Constant) ElementOps([]Shape, Shape) int { return Free }

func (Constant) Gradient([]Shape, Shape) (Gradient, error) { return nil, errors.New("is not trained") }

func (Constant) storage() storage                    { return anywhere }
func (Constant) fuses(Operator, bool) bool           { return false }
func (Constant) onGrids([]Shape, []Grid, Grid) error { return nil }
func (o Constant) float(s *stepF32) op               { return &constantF32{s.y, o.Values} }

type constantF32 struct {
	y      view[float32]
	values []float32
}

func (o *constantF32) run(images int) {
	for p := range images * o.y.pixels() {
		copy(o.y.pixel(p), o.values[p*o.y.C%len(o.values):])
	}
}

func (o Constant) integer(s *stepInt) op {
	y := &constantInt{y: s.y}
	for _, v := range o.Values {
		y.codes = append(y.codes, s.to.Quantize(float64(v)))
	}
	return y
}

type constantInt struct {
	y     tensor
	codes []int32
}

func (o *constantInt) run(images int) {
	for p := range images * o.y.pixels() {
		at := p * o.y.C % len(o.codes)
		o.y.store(o.codes[at:at+o.y.C], p*o.y.ld)
	}
}
