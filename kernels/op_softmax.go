package kernels

import (
	"errors"
	"math"
)

// Softmax is exp(x − max)/Σ exp(x − max) over the channels of each pixel, or its
// logarithm. Causal leaves the channels beyond the pixel's row out, as attention to
// what came before does: they are 0, and count for nothing. In integers exp and the
// logarithm of the sum are tabulated; a code is off by 2 and 10⁻⁴ of itself at most.
type Softmax struct{ Log, Causal bool }

var _ Operator = Softmax{}

func (o Softmax) Name() string {
	if o.Log {
		return "logsoftmax"
	}
	return "softmax"
}

func (Softmax) Arity() (least, most int) { return 1, 1 }

func (o Softmax) Infer(in []Shape) (Shape, error) {
	if o.Causal && (o.Log || in[0].W != 1) {
		return in[0], errors.New("causal: must be of rows, and not the logarithm")
	}
	return in[0], nil
}

func (o Softmax) Nonnegative([]bool) bool            { return !o.Log }
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
func (o Softmax) float(s *stepF32) op               { return &softmaxF32{s.x[0], s.y, o} }
func (o Softmax) integer(s *stepInt) op             { return newSoftmaxInt(o, s) }

// reach is how many channels of pixel p count.
func (o Softmax) reach(p int, s Shape) int {
	if o.Causal {
		return min(p%s.H+1, s.C)
	}
	return s.C
}

type softmaxF32 struct {
	x, y view[float32]
	o    Softmax
}

func (o *softmaxF32) run(images int) {
	for p := range images * o.y.pixels() {
		x, y := o.x.pixel(p), o.y.pixel(p)
		n := o.o.reach(p, o.y.Shape)
		clear(y[n:])
		x, y = x[:n], y[:n]
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
		if o.o.Log {
			for j, v := range x {
				y[j] = float32(float64(v-top) - math.Log(sum))
			}
			continue
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
// m the largest code, with e tabulated for all differences that matter; its
// logarithm is (x − m)·s − ln Σ e(m−x).
type softmaxInt struct {
	o      Softmax
	x, y   tensor
	e      []int64
	unit   int64 // 2^16/s_y
	lo, hi int32
	in     []int32
	move   fixed   // of codes, for the logarithm
	ln     octaves // of sums in units of 2^-lnBits, from 1 on
}

// lnBits is the precision of sums whose logarithm is taken.
const lnBits = 20

func newSoftmaxInt(op Softmax, s *stepInt) op {
	o := &softmaxInt{o: op, x: s.x[0], y: s.y, lo: s.lo, hi: s.hi, in: make([]int32, s.y.C)}
	o.unit = int64(math.Floor(min(1/s.to.Scale, 1<<16)*(1<<16) + 0.5))
	for d := range 1 << 16 {
		e := int64(math.Floor(math.Ldexp(math.Exp(-float64(d)*s.from[0].Scale), tableBits) + 0.5))
		if e == 0 {
			break
		}
		o.e = append(o.e, e)
	}
	if op.Log {
		o.move = newFixed([]float64{s.from[0].Scale / s.to.Scale}, 0, []int64{2 * s.from[0].Magnitude()})
		o.ln = newOctaves(int64(s.y.C)<<lnBits, func(u float64) float64 {
			return math.Log(max(math.Ldexp(u, -lnBits), 1)) / s.to.Scale
		})
	}
	return o
}

func (o *softmaxInt) run(images int) {
	for p := range images * o.x.pixels() {
		o.x.load(o.in, p*o.x.ld)
		n := o.o.reach(p, o.x.Shape)
		clear(o.in[n:])
		o.pixel(o.in[:n])
		o.y.store(o.in, p*o.y.ld)
	}
}

// pixel computes the channels of a pixel in place.
func (o *softmaxInt) pixel(in []int32) {
	most := in[0]
	for _, v := range in {
		most = max(most, v)
	}
	sum := int64(0)
	for _, v := range in {
		sum += o.exp(most - v)
	}
	ln := o.logarithm(sum)
	for c, v := range in {
		var y int64
		if o.o.Log {
			y = (int64(v-most)*int64(o.move.mult[0])+o.move.bias)>>o.move.shift - ln
		} else {
			y = (o.exp(most-v)*o.unit/sum + 1<<15) >> 16
		}
		in[c] = int32(min(max(y, int64(o.lo)), int64(o.hi)))
	}
}

// logarithm returns that of a sum, in steps of y.
func (o *softmaxInt) logarithm(sum int64) int64 {
	if !o.o.Log {
		return 0
	}
	return (o.ln.value(sum>>(tableBits-lnBits)) + 1<<(tableBits-1)) >> tableBits
}

// exp returns e(d)·2^tableBits.
func (o *softmaxInt) exp(d int32) int64 {
	if int(d) < len(o.e) {
		return o.e[d]
	}
	return 0
}
