package kernels

import (
	"errors"
	"fmt"
	"math"
)

// WholeDiv is a quotient of two tensors in whole numbers, as Deeploy's integer
// networks define it: halves go away from zero in
//
//	y = Gain·Share·a/(Share·b + Rest),
//
// and b repeats along the axes where it has length 1. In integers the codes are those
// of the same numbers; 0 where the divisor is.
type WholeDiv struct{ Gain, Share, Rest int64 }

var _ Operator = WholeDiv{}

func (WholeDiv) Name() string             { return "wholediv" }
func (WholeDiv) Arity() (least, most int) { return 2, 2 }

func (o WholeDiv) Infer(in []Shape) (Shape, error) {
	for _, v := range []int64{o.Gain, o.Share, o.Rest} {
		if v < 0 || v > 1<<20 {
			return Shape{}, fmt.Errorf("%d·%d·a/(%d·b + %d): must be numbers of 20 bits that are not negative", o.Gain, o.Share, o.Share, o.Rest)
		}
	}
	return broadcast(in[0], in[1])
}

func (WholeDiv) Nonnegative(in []bool) bool           { return in[0] && in[1] }
func (WholeDiv) Selects() bool                        { return false }
func (WholeDiv) Clamp() (l Limits, ok bool)           { return l, false }
func (WholeDiv) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps is the quotient and its rounding.
func (WholeDiv) ElementOps(_ []Shape, out Shape) int { return 2 * out.Size() }

func (WholeDiv) Gradient([]Shape, Shape) (Gradient, error) {
	return nil, errors.New("cannot be trained: it has steps")
}

func (WholeDiv) storage() storage                    { return anywhere }
func (WholeDiv) fuses(Operator, bool) bool           { return false }
func (WholeDiv) onGrids([]Shape, []Grid, Grid) error { return nil }

func (o WholeDiv) of(a, b float64) float64 {
	n, d := a*float64(o.Gain)*float64(o.Share), b*float64(o.Share)
	if d += float64(o.Rest); d == 0 {
		return 0
	}
	return math.Trunc((n + math.Copysign(math.Floor(math.Abs(d)/2), n)) / d)
}

func (o WholeDiv) float(s *stepF32) op {
	return &arithmeticF32{
		a: s.x[0], b: s.x[1], y: s.y, Limits: s.limits,
		f:  func(a, b float32) float32 { return float32(o.of(float64(a), float64(b))) },
		at: [2]source{newSource(s.x[0].Shape, s.y.Shape), newSource(s.x[1].Shape, s.y.Shape)},
	}
}

func (o WholeDiv) integer(s *stepInt) op {
	a, b, to := s.from[0].Scale, s.from[1].Scale, s.to
	return &arithmeticInt{
		a: s.x[0], b: s.x[1], y: s.y, lo: s.lo, hi: s.hi,
		f:   func(x, y int64) int64 { return int64(to.Quantize(o.of(float64(x)*a, float64(y)*b))) },
		at:  [2]source{newSource(s.x[0].Shape, s.y.Shape), newSource(s.x[1].Shape, s.y.Shape)},
		buf: [3][]int32{make([]int32, s.x[0].C), make([]int32, s.x[1].C), make([]int32, s.y.C)},
	}
}
