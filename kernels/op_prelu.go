package kernels

import (
	"errors"
	"fmt"
)

// PRelu is x for x ≥ 0 and Slope·x below, with a slope for each channel (He et
// al., "Delving Deep into Rectifiers", ICCV 2015, eq. 1). Integer codes are the
// nearest ones.
type PRelu struct{ Slope []float32 }

var _ Operator = PRelu{}

func (PRelu) Name() string             { return "prelu" }
func (PRelu) Arity() (least, most int) { return 1, 1 }

func (o PRelu) Infer(in []Shape) (Shape, error) {
	if len(o.Slope) != in[0].C {
		return Shape{}, fmt.Errorf("%d slopes for %d channels", len(o.Slope), in[0].C)
	}
	return in[0], nil
}

func (PRelu) Nonnegative(in []bool) bool           { return in[0] }
func (PRelu) Selects() bool                        { return false }
func (PRelu) Clamp() (l Limits, ok bool)           { return l, false }
func (PRelu) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps is the product and the requantization, one fixed-point map.
func (PRelu) ElementOps(_ []Shape, out Shape) int { return out.Size() }

func (PRelu) Gradient([]Shape, Shape) (Gradient, error) { return nil, errors.New("is not trained") }

func (PRelu) storage() storage                    { return anywhere }
func (PRelu) fuses(next Operator, i bool) bool    { return i && clamps(next) }
func (PRelu) onGrids([]Shape, []Grid, Grid) error { return nil }

func (o PRelu) float(s *stepF32) op { return &preluF32{s.x[0], s.y, o.Slope} }

type preluF32 struct {
	x, y  view[float32]
	slope []float32
}

func (o *preluF32) run(images int) {
	for p := range images * o.y.pixels() {
		y := o.y.pixel(p)
		for c, v := range o.x.pixel(p) {
			if v < 0 {
				v *= o.slope[c]
			}
			y[c] = v
		}
	}
}

func (o PRelu) integer(s *stepInt) op {
	y := &preluInt{x: s.x[0], y: s.y, lo: s.lo, hi: s.hi, buf: make([]int32, s.y.C)}
	y.above = preluMap(s.from[0], s.to, 1)
	for _, slope := range o.Slope {
		y.below = append(y.below, preluMap(s.from[0], s.to, slope))
	}
	return y
}

// preluMap is a product with a slope between grids.
func preluMap(from, to Grid, slope float32) fixed {
	bound := []int64{from.Magnitude()}
	return newFixed([]float64{from.Scale / to.Scale * float64(slope)}, 0, bound).rounded(to, bound)
}

type preluInt struct {
	x, y   tensor
	above  fixed
	below  []fixed // by channel
	lo, hi int32
	buf    []int32
}

func (o *preluInt) run(images int) {
	for p := range images * o.x.pixels() {
		o.x.load(o.buf, p*o.x.ld)
		for c, v := range o.buf {
			f := &o.above
			if v < 0 {
				f = &o.below[c]
			}
			o.buf[c] = f.apply(int64(v), o.lo, o.hi)
		}
		o.y.store(o.buf, p*o.y.ld)
	}
}
