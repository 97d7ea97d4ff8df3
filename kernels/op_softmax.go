package kernels

import (
	"errors"
	"math"
)

// Softmax is exp(x − max)/Σ exp(x − max) over the channels of each pixel. In
// integers exp is tabulated; a code is off by 2 and 10⁻⁴ of itself at most.
type Softmax struct{}

var _ Operator = Softmax{}

func (Softmax) Name() string                         { return "softmax" }
func (Softmax) Arity() (least, most int)             { return 1, 1 }
func (Softmax) Infer(in []Shape) (Shape, error)      { return in[0], nil }
func (Softmax) Nonnegative([]bool) bool              { return true }
func (Softmax) Selects() bool                        { return false }
func (Softmax) Clamp() (l Limits, ok bool)           { return l, false }
func (Softmax) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps: subtract the largest, exponential, divide.
func (Softmax) ElementOps(_ []Shape, out Shape) int { return 3 * out.Size() }

func (Softmax) Gradient([]Shape, Shape) (Gradient, error) {
	return nil, errors.New("cannot be trained: the loss contains the softmax")
}

func (Softmax) storage() storage                    { return anywhere }
func (Softmax) fuses(Operator, bool) bool           { return false }
func (Softmax) onGrids([]Shape, []Grid, Grid) error { return nil }
func (Softmax) float(s *stepF32) op                 { return &softmaxF32{s.x[0], s.y} }
func (Softmax) integer(s *stepInt) op               { return newSoftmaxInt(s) }

type softmaxF32 struct{ x, y view[float32] }

func (o *softmaxF32) run(images int) {
	for p := range images * o.y.pixels() {
		x, y := o.x.pixel(p), o.y.pixel(p)
		top := x[0]
		for _, v := range x {
			top = max(top, v)
		}
		sum := 0.0
		for j, v := range x {
			e := math.Exp(float64(v - top))
			y[j] = float32(e)
			sum += e
		}
		for j := range y {
			y[j] = float32(float64(y[j]) / sum)
		}
	}
}

// softmaxInt is the softmax on codes,
//
//	y = e(m−x) / Σ e(m−x) / s_y,  e(d) = exp(−d·s),
//
// m the largest code, with e tabulated for all differences that matter.
type softmaxInt struct {
	x, y   tensor
	e      []int64
	unit   int64 // 2^16/s_y
	lo, hi int32
	in     []int32
}

func newSoftmaxInt(s *stepInt) op {
	o := &softmaxInt{x: s.x[0], y: s.y, lo: s.lo, hi: s.hi, in: make([]int32, s.y.C)}
	o.unit = int64(math.Floor(min(1/s.to.Scale, 1<<16)*(1<<16) + 0.5))
	for d := range 1 << 16 {
		e := int64(math.Floor(math.Ldexp(math.Exp(-float64(d)*s.from[0].Scale), tableBits) + 0.5))
		if e == 0 {
			break
		}
		o.e = append(o.e, e)
	}
	return o
}

func (o *softmaxInt) run(images int) {
	for p := range images * o.x.pixels() {
		o.x.load(o.in, p*o.x.ld)
		most := o.in[0]
		for _, v := range o.in {
			most = max(most, v)
		}
		sum := int64(0)
		for _, v := range o.in {
			sum += o.exp(most - v)
		}
		for c, v := range o.in {
			y := (o.exp(most-v)*o.unit/sum + 1<<15) >> 16
			o.in[c] = int32(min(max(y, int64(o.lo)), int64(o.hi)))
		}
		o.y.store(o.in, p*o.y.ld)
	}
}

// exp returns e(d)·2^tableBits.
func (o *softmaxInt) exp(d int32) int64 {
	if int(d) < len(o.e) {
		return o.e[d]
	}
	return 0
}
