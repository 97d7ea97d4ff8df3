package kernels

import (
	"errors"

	"bitcycle/kernels/internal/lanes"
)

// Requant moves codes to another grid. Numbers stay what they are. The integer graph
// has one wherever a tensor is read on another grid than it is stored on; a network
// has one where a foreign model quantizes twice.
type Requant struct{}

var _ Operator = Requant{}

func (Requant) Name() string                         { return "requant" }
func (Requant) Arity() (least, most int)             { return 1, 1 }
func (Requant) Infer(in []Shape) (Shape, error)      { return in[0], nil }
func (Requant) Nonnegative(in []bool) bool           { return in[0] }
func (Requant) Selects() bool                        { return false }
func (Requant) Clamp() (l Limits, ok bool)           { return l, false }
func (Requant) Product([]Shape) (p Product, ok bool) { return p, false }
func (Requant) ElementOps(_ []Shape, out Shape) int  { return out.Size() }

func (Requant) Gradient([]Shape, Shape) (Gradient, error) {
	return nil, errors.New("networks to train have no grids")
}

func (Requant) storage() storage                    { return anywhere }
func (Requant) fuses(next Operator, _ bool) bool    { return clamps(next) }
func (Requant) onGrids([]Shape, []Grid, Grid) error { return nil }
func (Requant) float(s *stepF32) op                 { return &elementF32{x: s.x[0], y: s.y, Limits: s.limits} }

func (Requant) integer(s *stepInt) op {
	return newRequant(s.x[0], s.y, between(s.from[0], s.to), s.lo, s.hi)
}

// sameCodes is the map of codes to themselves.
var sameCodes = fixed{mult: []int32{1}}

// requantOp moves codes to another grid and clamps them.
type requantOp struct {
	x, y    tensor
	f       fixed
	lo, hi  int32
	stretch func(pixel, elements int)
	ts      []*tensor
}

func newRequant(x, y tensor, f fixed, lo, hi int32) op {
	o := &requantOp{x: x, y: y, f: f, lo: lo, hi: hi}
	o.ts = []*tensor{&o.x, &o.y}
	o.stretch = requantStretch(o)
	return o
}

func (o *requantOp) run(images int) { stretches(images, o.stretch, o.ts...) }

// requantStretch chooses the loop for the types of x and y.
func requantStretch(o *requantOp) func(pixel, elements int) {
	switch o.x.elem {
	case elemU8:
		return requantFrom(o, &o.x.u8)
	case elemI8:
		return requantFrom(o, &o.x.i8)
	case elemI16:
		if m, ok := o.f.lanes(o.lo, o.hi); ok {
			if f := requant16(o, m); f != nil {
				return f
			}
		}
		return requantFrom(o, &o.x.i16)
	}
	return requantFrom(o, &o.x.i32)
}

// requant16 returns the vectorized loop from 16-bit codes, nil if y is wider.
func requant16(o *requantOp, m lanes.Map) func(pixel, elements int) {
	switch o.y.elem {
	case elemU8:
		return requantLanes(&o.x.i16, &o.y.u8, m)
	case elemI8:
		return requantLanes(&o.x.i16, &o.y.i8, m)
	case elemI16:
		return requantLanes(&o.x.i16, &o.y.i16, m)
	}
	return nil
}

func requantLanes[D lanes.Code](x *view[int16], y *view[D], m lanes.Map) func(pixel, elements int) {
	return func(pixel, n int) {
		lanes.Requant(y.data[pixel*y.ld:][:n], x.data[pixel*x.ld:], m)
	}
}

func requantFrom[S code](o *requantOp, x *view[S]) func(pixel, elements int) {
	switch o.y.elem {
	case elemU8:
		return requantTo(o, x, &o.y.u8)
	case elemI8:
		return requantTo(o, x, &o.y.i8)
	case elemI16:
		return requantTo(o, x, &o.y.i16)
	}
	return requantTo(o, x, &o.y.i32)
}

func requantTo[S, D code](o *requantOp, x *view[S], y *view[D]) func(pixel, elements int) {
	return func(pixel, n int) {
		from, to := x.data[pixel*x.ld:], y.data[pixel*y.ld:]
		from, to = from[:n], to[:n]
		mult, bias, shift := int64(o.f.mult[0]), o.f.bias, o.f.shift&63
		lo, hi := int64(o.lo), int64(o.hi)
		if o.f.round != HalfUp {
			for i, v := range from {
				to[i] = D(o.f.apply(int64(v), o.lo, o.hi))
			}
			return
		}
		for i, v := range from {
			to[i] = D(min(max((int64(v)*mult+bias)>>shift, lo), hi))
		}
	}
}
