package kernels

import (
	"fmt"

	"bitcycle/kernels/internal/vector"
)

// Pick takes values by their indices along each axis: in any order, some of them,
// or some of them more than once. It gathers, repeats, mirrors and shuffles.
type Pick struct{ D, H, W, C []int } // nil: all as they are

var _ Operator = Pick{}

func (Pick) Name() string             { return "pick" }
func (Pick) Arity() (least, most int) { return 1, 1 }

func (o Pick) Infer(in []Shape) (Shape, error) {
	s := in[0]
	s.D = max(s.D, 1)
	for _, axis := range []struct {
		index  []int
		length *int
	}{{o.D, &s.D}, {o.H, &s.H}, {o.W, &s.W}, {o.C, &s.C}} {
		for _, i := range axis.index {
			if i < 0 || i >= *axis.length {
				return Shape{}, fmt.Errorf("index %d of an axis of %d", i, *axis.length)
			}
		}
		if axis.index != nil {
			*axis.length = len(axis.index)
		}
	}
	return s, nil
}

func (Pick) Nonnegative(in []bool) bool           { return in[0] }
func (Pick) Selects() bool                        { return true }
func (Pick) Clamp() (l Limits, ok bool)           { return l, false }
func (Pick) Product([]Shape) (p Product, ok bool) { return p, false }
func (Pick) ElementOps([]Shape, Shape) int        { return Free }

func (o Pick) Gradient(in []Shape, out Shape) (Gradient, error) {
	return pickGradient{o.pixels(in[0]), o.C, in[0].C, in[0].Pixels(), out.C}, nil
}

func (Pick) storage() storage                    { return anywhere }
func (Pick) fuses(Operator, bool) bool           { return false }
func (Pick) onGrids([]Shape, []Grid, Grid) error { return nil }
func (o Pick) float(s *stepF32) op               { return newPick(o, s.x, s.y) }

func (o Pick) integer(s *stepInt) op {
	return moved(s, o, newPick[uint8], newPick[int8], newPick[int16], newPick[int32])
}

// pixels returns the pixel of an image that each of the output takes.
func (o Pick) pixels(in Shape) []int32 {
	all := func(index []int, n int) []int {
		if index != nil {
			return index
		}
		for i := range n {
			index = append(index, i)
		}
		return index
	}
	rows, cols := all(o.H, in.H), all(o.W, in.W)
	var out []int32
	for _, d := range all(o.D, max(in.D, 1)) {
		for _, h := range rows {
			for _, w := range cols {
				out = append(out, int32((d*in.H+h)*in.W+w))
			}
		}
	}
	return out
}

// pickOp copies pixels, or channels of them.
type pickOp[T number] struct {
	in, out  view[T]
	pixels   []int32
	channels []int
}

func newPick[T number](o Pick, x []view[T], y view[T]) op {
	return &pickOp[T]{x[0], y, o.pixels(x[0].Shape), o.C}
}

func (o *pickOp[T]) run(images int) {
	for i := range images {
		for p, at := range o.pixels {
			from, to := o.in.pixel(i*o.in.pixels()+int(at)), o.out.pixel(i*len(o.pixels)+p)
			if o.channels == nil {
				copy(to, from)
				continue
			}
			for c, k := range o.channels {
				to[c] = from[k]
			}
		}
	}
}

// pickGradient adds every gradient to that of the value that was taken.
type pickGradient struct {
	pixels       []int32
	channels     []int
	in, from, to int // channels and pixels of the input, channels of the output
}

func (pickGradient) Keep() int { return 0 }

func (o pickGradient) Forward(p *Pass) {
	o.each(p.Images, func(in, out int) { p.Y[out] = p.X[0][in] }, func(in, out int) { copy(p.Y[out:out+o.to], p.X[0][in:]) })
}

func (o pickGradient) Backward(p *Pass) {
	p.begin(0)
	o.each(p.Images, func(in, out int) { p.DX[0][in] += p.DY[out] },
		func(in, out int) { vector.Add(p.DX[0][in:in+o.to], p.DY[out:out+o.to]) })
}

// each calls one with the places of every value, or all with those of every pixel
// whose channels stay.
func (o *pickGradient) each(images int, one, all func(in, out int)) {
	for i := range images {
		for p, at := range o.pixels {
			in, out := (i*o.from+int(at))*o.in, (i*len(o.pixels)+p)*o.to
			if o.channels == nil {
				all(in, out)
				continue
			}
			for c, k := range o.channels {
				one(in+k, out+c)
			}
		}
	}
}
