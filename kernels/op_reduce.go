package kernels

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// Reduce makes one value of all along some axes: their "mean", "sum", "max" or
// "min". An axis that is reduced has length 1 afterwards. Integer codes are the
// nearest ones.
type Reduce struct {
	Function string
	Axes     string // of the letters D, H, W and C
}

var _ Operator = Reduce{}

func (o Reduce) Name() string           { return "reduce" + o.Function }
func (Reduce) Arity() (least, most int) { return 1, 1 }

func (o Reduce) Infer(in []Shape) (Shape, error) {
	switch o.Function {
	case "mean", "sum", "max", "min":
	default:
		return Shape{}, fmt.Errorf("no function %q of an axis", o.Function)
	}
	out := in[0]
	for _, a := range o.Axes {
		switch a {
		case 'C':
			out.C = 1
		case 'H':
			out.H = 1
		case 'W':
			out.W = 1
		case 'D':
			out.D = 0
		default:
			return Shape{}, fmt.Errorf("axes %q: must be of D, H, W and C", o.Axes)
		}
	}
	return out, nil
}

func (Reduce) Nonnegative(in []bool) bool           { return in[0] }
func (o Reduce) Selects() bool                      { return o.Function == "max" || o.Function == "min" }
func (Reduce) Clamp() (l Limits, ok bool)           { return l, false }
func (Reduce) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps is one for each value, and the requantization of what is not selected.
func (o Reduce) ElementOps(in []Shape, out Shape) int {
	if o.Selects() {
		return in[0].Size()
	}
	return in[0].Size() + out.Size()
}

func (Reduce) Gradient([]Shape, Shape) (Gradient, error) { return nil, errors.New("is not trained") }

func (Reduce) storage() storage          { return anywhere }
func (Reduce) fuses(Operator, bool) bool { return false }

func (o Reduce) onGrids(in []Shape, from []Grid, _ Grid) error {
	if o.Selects() {
		return nil
	}
	return meanFits(o.count(in[0]), from[0])
}

// count is how many values make one.
func (o Reduce) count(in Shape) int {
	out, _ := o.Infer([]Shape{in})
	return in.Size() / out.Size()
}

func (o Reduce) float(s *stepF32) op {
	r := &reduceF32{x: s.x[0], y: s.y, scale: 1, f: func(a, b float64) float64 { return a + b }}
	switch o.Function {
	case "mean":
		r.scale = 1 / float64(o.count(r.x.Shape))
	case "max":
		r.f, r.begin = func(a, b float64) float64 { return max(a, b) }, math.Inf(-1)
	case "min":
		r.f, r.begin = func(a, b float64) float64 { return min(a, b) }, math.Inf(1)
	}
	r.to, r.each = reduceTo(r.x.Shape, r.y.Shape), !strings.Contains(o.Axes, "C")
	r.sum = make([]float64, r.y.Size())
	return r
}

// reduceTo returns the pixel of the output that each of the input goes to.
func reduceTo(in, out Shape) []int32 {
	s := newSource(out, in)
	to := make([]int32, in.Pixels())
	for p := range to {
		to[p] = int32(s.at(0, p))
	}
	return to
}

// reduceF32 folds the values of an image into sums, one for each of the output.
type reduceF32 struct {
	x, y         view[float32]
	to           []int32
	each         bool // every channel by itself
	f            func(a, b float64) float64
	begin, scale float64
	sum          []float64
}

func (o *reduceF32) run(images int) {
	n, c := o.y.pixels(), o.y.C
	for i := range images {
		for k := range o.sum {
			o.sum[k] = o.begin
		}
		for p, to := range o.to {
			sum := o.sum[int(to)*c:]
			for j, v := range o.x.pixel(i*len(o.to) + p) {
				if !o.each {
					j = 0
				}
				sum[j] = o.f(sum[j], float64(v))
			}
		}
		for p := range n {
			for j, v := range o.sum[p*c : (p+1)*c] {
				o.y.pixel(i*n + p)[j] = float32(v * o.scale)
			}
		}
	}
}

func (o Reduce) integer(s *stepInt) op {
	r := &reduceInt{x: s.x[0], y: s.y, lo: s.lo, hi: s.hi, f: func(a, b int64) int64 { return a + b }}
	n := o.count(r.x.Shape)
	switch o.Function {
	case "mean":
		r.scale = meanFixed(s.from[0], s.to, n)
	case "sum":
		r.scale = sumFixed(s.from[0], s.to, n)
	case "max":
		r.scale, r.f, r.begin = sameCodes, func(a, b int64) int64 { return max(a, b) }, math.MinInt32
	case "min":
		r.scale, r.f, r.begin = sameCodes, func(a, b int64) int64 { return min(a, b) }, math.MaxInt32
	}
	r.to, r.each = reduceTo(r.x.Shape, r.y.Shape), !strings.Contains(o.Axes, "C")
	r.sum, r.buf = make([]int64, r.y.Size()), make([]int32, r.x.C)
	return r
}

// sumFixed finds the form that takes the sum of n codes to a grid.
func sumFixed(from, to Grid, n int) fixed {
	bound := []int64{from.Magnitude() * int64(n)}
	return newFixed([]float64{from.Scale / to.Scale}, 0, bound).rounded(to, bound)
}

// reduceInt is reduceF32 on codes.
type reduceInt struct {
	x, y   tensor
	to     []int32
	each   bool
	f      func(a, b int64) int64
	begin  int64
	scale  fixed
	lo, hi int32
	sum    []int64
	buf    []int32
}

func (o *reduceInt) run(images int) {
	n, c := o.y.pixels(), o.y.C
	for i := range images {
		for k := range o.sum {
			o.sum[k] = o.begin
		}
		for p, to := range o.to {
			o.x.load(o.buf, (i*len(o.to)+p)*o.x.ld)
			sum := o.sum[int(to)*c:]
			for j, v := range o.buf {
				if !o.each {
					j = 0
				}
				sum[j] = o.f(sum[j], int64(v))
			}
		}
		for p := range n {
			for j, v := range o.sum[p*c : (p+1)*c] {
				o.buf[j] = o.scale.apply(v, o.lo, o.hi)
			}
			o.y.store(o.buf[:c], (i*n+p)*o.y.ld)
		}
	}
}
