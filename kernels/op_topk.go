package kernels

import (
	"cmp"
	"errors"
	"fmt"
	"math/bits"
	"slices"
)

// TopK takes the K largest channels of every pixel, or the smallest, in order, or
// tells which they are, as numbers; of equal ones the first comes first, or the last.
// The integer codes of numbers are the nearest ones.
type TopK struct {
	K        int
	Smallest bool
	Index    bool
	Last     bool
}

var _ Operator = TopK{}

func (o TopK) Name() string {
	if o.Index {
		return "topkindex"
	}
	return "topk"
}

func (TopK) Arity() (least, most int) { return 1, 1 }

func (o TopK) Infer(in []Shape) (Shape, error) {
	out := in[0]
	if o.K < 1 || o.K > out.C {
		return Shape{}, fmt.Errorf("%d of %d channels", o.K, out.C)
	}
	out.C = o.K
	return out, nil
}

func (o TopK) Nonnegative(in []bool) bool         { return o.Index || in[0] }
func (o TopK) Selects() bool                      { return !o.Index }
func (TopK) Clamp() (l Limits, ok bool)           { return l, false }
func (TopK) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps is a binary search among the best so far for every value.
func (o TopK) ElementOps(in []Shape, _ Shape) int { return in[0].Size() * bits.Len(uint(o.K)) }

func (TopK) Gradient([]Shape, Shape) (Gradient, error) { return nil, errors.New("cannot be trained") }

func (TopK) storage() storage                    { return anywhere }
func (TopK) fuses(Operator, bool) bool           { return false }
func (TopK) onGrids([]Shape, []Grid, Grid) error { return nil }

func (o TopK) float(s *stepF32) op {
	return &topkF32{s.x[0], s.y, o, make([]int, s.x[0].C)}
}

type topkF32 struct {
	x, y  view[float32]
	o     TopK
	order []int
}

func (o *topkF32) run(images int) {
	for p := range images * o.y.pixels() {
		x, y := o.x.pixel(p), o.y.pixel(p)
		sortBy(o.order, x, o.o)
		for k := range y {
			if y[k] = x[o.order[k]]; o.o.Index {
				y[k] = float32(o.order[k])
			}
		}
	}
}

// sortBy fills order with the channels of x, the first of which are wanted.
func sortBy[T number](order []int, x []T, o TopK) {
	for c := range order {
		order[c] = c
	}
	slices.SortFunc(order, func(a, b int) int {
		by, tie := cmp.Compare(x[b], x[a]), cmp.Compare(a, b)
		if o.Smallest {
			by = -by
		}
		if o.Last {
			tie = -tie
		}
		return cmp.Or(by, tie)
	})
}

func (o TopK) integer(s *stepInt) op {
	y := &topkInt{x: s.x[0], y: s.y, o: o, order: make([]int, s.x[0].C)}
	y.in, y.out = make([]int32, s.x[0].C), make([]int32, s.y.C)
	for c := range s.x[0].C {
		y.number = append(y.number, min(max(s.to.Quantize(float64(c)), s.lo), s.hi))
	}
	return y
}

type topkInt struct {
	x, y    tensor
	o       TopK
	order   []int
	number  []int32 // code of each number
	in, out []int32
}

func (o *topkInt) run(images int) {
	for p := range images * o.y.pixels() {
		o.x.load(o.in, p*o.x.ld)
		sortBy(o.order, o.in, o.o)
		for k := range o.out {
			if o.out[k] = o.in[o.order[k]]; o.o.Index {
				o.out[k] = o.number[o.order[k]]
			}
		}
		o.y.store(o.out, p*o.y.ld)
	}
}
