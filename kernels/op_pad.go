package kernels

import (
	"fmt"
	"math"
)

// Pad puts zeros around an image and before and after its channels.
type Pad struct {
	Pad      [4]int // top, left, bottom, right
	Channels [2]int // before and after
}

var _ Operator = Pad{}

func (Pad) Name() string             { return "pad" }
func (Pad) Arity() (least, most int) { return 1, 1 }

func (o Pad) Infer(in []Shape) (Shape, error) {
	for _, p := range append(o.Pad[:], o.Channels[:]...) {
		if p < 0 || p > math.MaxInt32 {
			return Shape{}, fmt.Errorf("padding %v, %v: must not be negative", o.Pad, o.Channels)
		}
	}
	return Shape{
		C: in[0].C + o.Channels[0] + o.Channels[1],
		H: in[0].H + o.Pad[0] + o.Pad[2],
		W: in[0].W + o.Pad[1] + o.Pad[3],
	}, in[0].image()
}

func (Pad) Nonnegative(in []bool) bool           { return in[0] }
func (Pad) Selects() bool                        { return true }
func (Pad) Clamp() (l Limits, ok bool)           { return l, false }
func (Pad) Product([]Shape) (p Product, ok bool) { return p, false }
func (Pad) ElementOps([]Shape, Shape) int        { return Free }

func (o Pad) Gradient(in []Shape, out Shape) (Gradient, error) {
	return subset{in[0], out, o.start(), [3]int{1, 1, 1}}, nil
}

// start is where channel, row and column 0 of the output lie in the input.
func (o Pad) start() [3]int { return [3]int{-o.Channels[0], -o.Pad[0], -o.Pad[1]} }

func (Pad) storage() storage                    { return anywhere }
func (Pad) fuses(Operator, bool) bool           { return false }
func (Pad) onGrids([]Shape, []Grid, Grid) error { return nil }
func (o Pad) float(s *stepF32) op               { return newPad(o, s.x, s.y) }

func (o Pad) integer(s *stepInt) op {
	return moved(s, o, newPad[uint8], newPad[int8], newPad[int16], newPad[int32])
}

func newPad[T number](o Pad, x []view[T], y view[T]) op {
	return &copyOp[T]{x[0], y, o.start(), [3]int{1, 1, 1}}
}
