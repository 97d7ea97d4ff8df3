package kernels

import (
	"fmt"
	"slices"
	"strings"
)

// Reorder lays the values of a tensor out anew: read with its axes in the order
// From, outermost first, they fill a tensor of shape Out whose axes come in the
// order To. Every reshape, every transposition and what a chain of them makes is
// one; a channel shuffle is two.
type Reorder struct {
	From, To string // of the letters D, H, W and C; D may be left out where there is none
	Out      Shape
}

var _ Operator = Reorder{}

func (Reorder) Name() string             { return "reorder" }
func (Reorder) Arity() (least, most int) { return 1, 1 }

func (o Reorder) Infer(in []Shape) (Shape, error) {
	if err := o.Out.check(); err != nil {
		return o.Out, err
	}
	if in[0].Size() != o.Out.Size() {
		return o.Out, fmt.Errorf("%v has not as many elements as %v", in[0], o.Out)
	}
	for _, side := range []struct {
		order string
		shape Shape
	}{{o.From, in[0]}, {o.To, o.Out}} {
		letters := []byte(side.order)
		slices.Sort(letters)
		if s := string(letters); s != "CDHW" && (s != "CHW" || side.shape.D > 1) {
			return o.Out, fmt.Errorf("order %q of %v: must name each axis once", side.order, side.shape)
		}
	}
	return o.Out, nil
}

func (Reorder) Nonnegative(in []bool) bool           { return in[0] }
func (Reorder) Selects() bool                        { return true }
func (Reorder) Clamp() (l Limits, ok bool)           { return l, false }
func (Reorder) Product([]Shape) (p Product, ok bool) { return p, false }
func (Reorder) ElementOps([]Shape, Shape) int        { return Free }

func (o Reorder) Gradient(in []Shape, _ Shape) (Gradient, error) {
	return reorderGradient{o.places(in[0])}, nil
}

func (Reorder) storage() storage                    { return anywhere }
func (Reorder) fuses(Operator, bool) bool           { return false }
func (Reorder) onGrids([]Shape, []Grid, Grid) error { return nil }
func (o Reorder) float(s *stepF32) op               { return newReorder(o, s.x, s.y) }

func (o Reorder) integer(s *stepInt) op {
	return moved(s, o, newReorder[uint8], newReorder[int8], newReorder[int16], newReorder[int32])
}

// places returns, for every value of the output as it is stored, where the input
// holds it.
func (o Reorder) places(in Shape) []int32 {
	from, to := storedAt(in, o.From), storedAt(o.Out, o.To)
	places := make([]int32, len(to))
	for i, at := range to {
		places[at] = from[i]
	}
	return places
}

// storedAt returns where the values of a tensor, counted with its axes in an
// order, are stored.
func storedAt(s Shape, order string) []int32 {
	length := map[rune]int{'D': max(s.D, 1), 'H': s.H, 'W': s.W, 'C': s.C}
	stride := map[rune]int{'D': s.H * s.W * s.C, 'H': s.W * s.C, 'W': s.C, 'C': 1}
	at := []int32{0}
	for _, axis := range strings.ToUpper(order) {
		next := make([]int32, 0, len(at)*length[axis])
		for _, base := range at {
			for i := range length[axis] {
				next = append(next, base+int32(i*stride[axis]))
			}
		}
		at = next
	}
	return at
}

// reorderOp picks values by their places in an image.
type reorderOp[T number] struct {
	in, out view[T]
	places  []int32
}

func newReorder[T number](o Reorder, x []view[T], y view[T]) op {
	return &reorderOp[T]{x[0], y, o.places(x[0].Shape)}
}

func (o *reorderOp[T]) run(images int) {
	from, to, c := o.in.pixels(), o.out.pixels(), o.in.C
	for i := range images {
		places := o.places
		for p := range to {
			y := o.out.pixel(i*to + p)
			for j, at := range places[:len(y)] {
				y[j] = o.in.data[(i*from+int(at)/c)*o.in.ld+int(at)%c]
			}
			places = places[len(y):]
		}
	}
}

// reorderGradient hands every gradient back to the place that its value came from.
type reorderGradient struct{ places []int32 }

func (reorderGradient) Keep() int { return 0 }

func (o reorderGradient) Forward(p *Pass) {
	for i := 0; i < len(p.Y); i += len(o.places) {
		for j, at := range o.places {
			p.Y[i+j] = p.X[0][i+int(at)]
		}
	}
}

func (o reorderGradient) Backward(p *Pass) {
	g := p.Buffer(len(o.places))
	for i := 0; i < len(p.DY); i += len(o.places) {
		for j, at := range o.places {
			g[at] = p.DY[i+j]
		}
		p.pass(0, i, g)
	}
}
