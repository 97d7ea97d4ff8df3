package kernels

import (
	"fmt"
	"slices"
)

// Reorder lays the values of a tensor out anew: read with its axes in the order
// From, outermost first, they fill a tensor of shape Out whose axes come in the
// order To. Every reshape and every transposition is one. Transpositions of more
// axes go between: what was read is taken for a tensor of lengths Dims whose axis
// Perm[i] becomes axis i, as in a channel shuffle, or when blocks become channels.
type Reorder struct {
	From, To string // of the letters D, H, W and C; D may be left out where there is none
	Out      Shape
	Dims     []int // nil: nothing between
	Perm     []int
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
	return o.Out, o.check(in[0].Size())
}

// check reports a transposition between that does not fit so many elements.
func (o Reorder) check(size int) error {
	if o.Dims == nil && o.Perm == nil {
		return nil
	}
	n := 1
	for _, d := range o.Dims {
		if d < 1 || n > size/d {
			return fmt.Errorf("dimensions %v of %d elements", o.Dims, size)
		}
		n *= d
	}
	axes := slices.Sorted(slices.Values(o.Perm))
	for i, at := range axes {
		if i != at {
			return fmt.Errorf("perm %v is not a permutation", o.Perm)
		}
	}
	if n != size || len(axes) != len(o.Dims) {
		return fmt.Errorf("dimensions %v and perm %v of %d elements", o.Dims, o.Perm, size)
	}
	return nil
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
	if o.Dims == nil {
		for i, at := range to {
			places[at] = from[i]
		}
		return places
	}
	length, stride := make([]int, len(o.Dims)), make([]int, len(o.Dims))
	for i, axis := range o.Perm {
		length[i], stride[i] = o.Dims[axis], 1
		for _, d := range o.Dims[axis+1:] {
			stride[i] *= d
		}
	}
	for i, at := range counted(length, stride) {
		places[to[i]] = from[at]
	}
	return places
}

// counted counts a tensor up, the last axis fastest, and lists where its values
// lie if neighbours along each axis are a stride apart.
func counted(length, stride []int) []int32 {
	at := []int32{0}
	for axis, n := range length {
		next := make([]int32, 0, len(at)*n)
		for _, base := range at {
			for i := range n {
				next = append(next, base+int32(i*stride[axis]))
			}
		}
		at = next
	}
	return at
}

// storedAt returns where the values of a tensor, counted with its axes in an
// order, are stored.
func storedAt(s Shape, order string) []int32 {
	lengths := map[rune]int{'D': max(s.D, 1), 'H': s.H, 'W': s.W, 'C': s.C}
	strides := map[rune]int{'D': s.H * s.W * s.C, 'H': s.W * s.C, 'W': s.C, 'C': 1}
	var length, stride []int
	for _, axis := range order {
		length, stride = append(length, lengths[axis]), append(stride, strides[axis])
	}
	return counted(length, stride)
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
