package kernels

import "fmt"

// Concat puts tensors side by side along their channels.
type Concat struct{}

var _ Operator = Concat{}

func (Concat) Name() string             { return "concat" }
func (Concat) Arity() (least, most int) { return 1, anyNumber }

func (Concat) Infer(in []Shape) (Shape, error) {
	shape := in[0]
	for _, s := range in[1:] {
		if s.H != shape.H || s.W != shape.W || s.D != shape.D {
			return Shape{}, fmt.Errorf("shapes %v and %v differ in more than their channels", shape, s)
		}
		shape.C += s.C
	}
	return shape, nil
}

func (Concat) Nonnegative(in []bool) bool {
	for _, nonneg := range in {
		if !nonneg {
			return false
		}
	}
	return true
}

func (Concat) Selects() bool                        { return true }
func (Concat) Clamp() (l Limits, ok bool)           { return l, false }
func (Concat) Product([]Shape) (p Product, ok bool) { return p, false }
func (Concat) ElementOps([]Shape, Shape) int        { return Free }

func (Concat) Gradient(in []Shape, out Shape) (Gradient, error) {
	return concatGradient{in, out}, nil
}

func (Concat) storage() storage                    { return joined }
func (Concat) fuses(Operator, bool) bool           { return false }
func (Concat) onGrids([]Shape, []Grid, Grid) error { return nil }
func (o Concat) float(s *stepF32) op               { return newConcat(o, s.x, s.y) }

func (o Concat) integer(s *stepInt) op {
	return moved(s, o, newConcat[uint8], newConcat[int8], newConcat[int16], newConcat[int32])
}

// concatOp copies those inputs of a concatenation that did not write into it.
type concatOp[T number] struct{ parts []*copyOp[T] }

func newConcat[T number](_ Concat, x []view[T], y view[T]) op {
	o, off := &concatOp[T]{}, 0
	for _, in := range x {
		if out := y; &in.data[0] != &y.data[off] {
			out.data, out.C = y.data[off:], in.C
			o.parts = append(o.parts, &copyOp[T]{in: in, out: out, step: [3]int{1, 1, 1}})
		}
		off += in.C
	}
	if len(o.parts) == 0 {
		return nil
	}
	return o
}

func (o *concatOp[T]) run(images int) {
	for _, part := range o.parts {
		part.run(images)
	}
}

// concatGradient hands every input the gradient of its channels.
type concatGradient struct {
	in  []Shape
	out Shape
}

func (concatGradient) Keep() int { return 0 }

func (o concatGradient) Forward(p *Pass) {
	off := 0
	for k, in := range o.in {
		for i := range p.Images * in.Pixels() {
			copy(p.Y[i*o.out.C+off:][:in.C], p.X[k][i*in.C:])
		}
		off += in.C
	}
}

func (o concatGradient) Backward(p *Pass) {
	off := 0
	for k, in := range o.in {
		if p.DX[k] != nil {
			for i := range p.Images * in.Pixels() {
				p.pass(k, i*in.C, p.DY[i*o.out.C+off:][:in.C])
			}
		}
		off += in.C
	}
}
