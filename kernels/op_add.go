package kernels

import (
	"fmt"

	"bitcycle/kernels/internal/lanes"
	"bitcycle/kernels/internal/vector"
)

// Add is the sum of two tensors of one shape. In integers both are multiplied by
// numbers of 15 bits with a common exponent: a code is off by ½ and 2⁻¹³ of the
// sum of the largest input codes, taken in the wider step, at most.
type Add struct{}

var _ Operator = Add{}

func (Add) Name() string             { return "add" }
func (Add) Arity() (least, most int) { return 2, 2 }

func (Add) Infer(in []Shape) (Shape, error) {
	if in[0] != in[1] {
		return Shape{}, fmt.Errorf("shapes %v and %v differ", in[0], in[1])
	}
	return in[0], nil
}

func (Add) Nonnegative(in []bool) bool           { return in[0] && in[1] }
func (Add) Selects() bool                        { return false }
func (Add) Clamp() (l Limits, ok bool)           { return l, false }
func (Add) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps is the addition and the requantization of the sum.
func (Add) ElementOps(_ []Shape, out Shape) int { return 2 * out.Size() }

func (Add) Gradient([]Shape, Shape) (Gradient, error) { return addGradient{}, nil }

func (Add) storage() storage                    { return anywhere }
func (Add) fuses(next Operator, _ bool) bool    { return clamps(next) }
func (Add) onGrids([]Shape, []Grid, Grid) error { return nil }

func (Add) float(s *stepF32) op {
	return &elementF32{x: s.x[0], other: s.x[1], y: s.y, Limits: s.limits}
}

func (Add) integer(s *stepInt) op {
	return newSum(s.x[0], s.x[1], s.y, rescaled(s.from, s.to), s.lo, s.hi)
}

// adds tells whether an operator is an addition, which a product in float32 can
// take along.
func adds(o Operator) bool {
	_, ok := o.(Add)
	return ok
}

// sumOp adds two tensors on a common grid and clamps the sum.
type sumOp struct {
	a, b, y tensor
	f       fixed // multipliers of a and b
	lo, hi  int32
	buf     [2][stretch]int32
	stretch func(pixel, elements int)
	ts      []*tensor
}

func newSum(a, b, y tensor, f fixed, lo, hi int32) op {
	o := &sumOp{a: a, b: b, y: y, f: f, lo: lo, hi: hi}
	o.ts = []*tensor{&o.a, &o.b, &o.y}
	o.stretch = o.any
	if m, ok := f.lanes(lo, hi); ok && a.elem == elemI16 && b.elem == elemI16 {
		switch y.elem {
		case elemU8:
			o.stretch = sumLanes(o, &o.y.u8, m)
		case elemI8:
			o.stretch = sumLanes(o, &o.y.i8, m)
		case elemI16:
			o.stretch = sumLanes(o, &o.y.i16, m)
		}
	}
	return o
}

func (o *sumOp) run(images int) { stretches(images, o.stretch, o.ts...) }

func sumLanes[D lanes.Code](o *sumOp, y *view[D], m lanes.Map) func(pixel, elements int) {
	return func(pixel, n int) {
		lanes.Sum(y.data[pixel*y.ld:][:n], o.a.i16.data[pixel*o.a.ld:], o.b.i16.data[pixel*o.b.ld:], m)
	}
}

// any adds codes of all types, through buffers.
func (o *sumOp) any(pixel, n int) {
	for done := 0; done < n; {
		k := min(n-done, len(o.buf[0]))
		a, b := o.buf[0][:k], o.buf[1][:k]
		o.a.load(a, pixel*o.a.ld+done)
		o.b.load(b, pixel*o.b.ld+done)
		ma, mb := int64(o.f.mult[0]), int64(o.f.mult[1])
		for i, v := range a {
			y := o.f.code(int64(v)*ma + int64(b[i])*mb + o.f.bias)
			a[i] = int32(min(max(y, int64(o.lo)), int64(o.hi)))
		}
		o.y.store(a, pixel*o.y.ld+done)
		done += k
	}
}

// addGradient hands the gradient on to both inputs.
type addGradient struct{}

func (addGradient) Keep() int { return 0 }

func (addGradient) Forward(p *Pass) { vector.Sum(p.Y, p.X[0], p.X[1], false) }

func (addGradient) Backward(p *Pass) {
	for k, dx := range p.DX {
		if dx != nil {
			p.pass(k, 0, p.DY)
		}
	}
}
