package kernels

import (
	"errors"
	"fmt"
	"math"
)

// Fold adds up windows where they overlap: pixel (y, x) of the input holds, for
// each channel, what a window contributes to its places, and the output is their
// sum and a bias. After a 1×1 convolution it makes a transposed convolution
// (Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv
// 1603.07285, 2016, §4): the convolution's channels are channel, kernel row, kernel
// column of the transposed one. Integer codes are the nearest ones.
type Fold struct {
	Window           // strides are of the output; Pad[0] and Pad[1] are cut off above and left
	Size   [2]int    // rows and columns of the output
	Bias   []float32 // by channel; nil: none
}

var _ Operator = Fold{}

func (Fold) Name() string             { return "fold" }
func (Fold) Arity() (least, most int) { return 1, 1 }

func (o Fold) Infer(in []Shape) (Shape, error) {
	w := o.Complete()
	area := w.Area()
	if w.Kernel[0] < 1 || w.Kernel[1] < 1 || w.Kernel[0] > math.MaxInt16 || w.Kernel[1] > math.MaxInt16 || in[0].C%area != 0 {
		return Shape{}, fmt.Errorf("kernel %v of %d channels", w.Kernel, in[0].C)
	}
	if o.Bias != nil && len(o.Bias) != in[0].C/area {
		return Shape{}, fmt.Errorf("%d biases for %d channels", len(o.Bias), in[0].C/area)
	}
	return Shape{C: in[0].C / area, H: o.Size[0], W: o.Size[1]}, in[0].image()
}

func (o Fold) Nonnegative(in []bool) bool         { return in[0] && o.Bias == nil }
func (Fold) Selects() bool                        { return false }
func (Fold) Clamp() (l Limits, ok bool)           { return l, false }
func (Fold) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps is an addition for each value and the requantization of the sums.
func (Fold) ElementOps(in []Shape, out Shape) int { return in[0].Size() + out.Size() }

func (Fold) Gradient([]Shape, Shape) (Gradient, error) { return nil, errors.New("is not trained") }

func (Fold) storage() storage                       { return anywhere }
func (Fold) fuses(next Operator, integer bool) bool { return integer && clamps(next) }

func (o Fold) onGrids(_ []Shape, from []Grid, _ Grid) error { return meanFits(o.Area(), from[0]) }

// taps lists, for every place of the output, which values of the input, channel
// by channel area apart, add up: pairs of pixel and window position.
func (o Fold) taps(in Shape) [][][2]int {
	w := o.Complete()
	out := make([][][2]int, o.Size[0]*o.Size[1])
	for p := range in.H * in.W {
		for k := range w.Area() {
			y := p/in.W*w.Stride[0] - w.Pad[0] + k/w.Kernel[1]*w.Dilation[0]
			x := p%in.W*w.Stride[1] - w.Pad[1] + k%w.Kernel[1]*w.Dilation[1]
			if uint(y) < uint(o.Size[0]) && uint(x) < uint(o.Size[1]) {
				at := y*o.Size[1] + x
				out[at] = append(out[at], [2]int{p, k})
			}
		}
	}
	return out
}

func (o Fold) bias(channels int) []float32 {
	if o.Bias != nil {
		return o.Bias
	}
	return make([]float32, channels)
}

func (o Fold) float(s *stepF32) op {
	return &foldF32{s.x[0], s.y, o.taps(s.x[0].Shape), o.Area(), o.bias(s.y.C)}
}

type foldF32 struct {
	x, y view[float32]
	taps [][][2]int
	area int
	bias []float32
}

func (o *foldF32) run(images int) {
	for i := range images {
		for p, taps := range o.taps {
			y := o.y.pixel(i*len(o.taps) + p)
			copy(y, o.bias)
			for _, t := range taps {
				x := o.x.pixel(i*o.x.pixels() + t[0])[t[1]:]
				for c := range y {
					y[c] += x[c*o.area]
				}
			}
		}
	}
}

func (o Fold) integer(s *stepInt) op {
	y := &foldInt{x: s.x[0], y: s.y, taps: o.taps(s.x[0].Shape), area: o.Area(), lo: s.lo, hi: s.hi}
	for _, b := range o.bias(s.y.C) {
		y.f = append(y.f, foldFixed(s.from[0], s.to, y.area, b))
	}
	y.in, y.out = make([]int32, s.x[0].C), make([]int32, s.y.C)
	return y
}

// foldFixed finds the form that takes the sum of so many codes and a bias to a grid.
func foldFixed(from, to Grid, area int, bias float32) fixed {
	bound := []int64{from.Magnitude() * int64(area)}
	return newFixed([]float64{from.Scale / to.Scale}, float64(bias)/to.Scale, bound).rounded(to, bound)
}

// foldInt is foldF32 on codes.
type foldInt struct {
	x, y    tensor
	taps    [][][2]int
	area    int
	f       []fixed
	lo, hi  int32
	in, out []int32
}

func (o *foldInt) run(images int) {
	for i := range images {
		for p, taps := range o.taps {
			clear(o.out)
			for _, t := range taps {
				o.x.load(o.in, (i*o.x.pixels()+t[0])*o.x.ld)
				for c := range o.out {
					o.out[c] += o.in[c*o.area+t[1]]
				}
			}
			for c, v := range o.out {
				o.out[c] = o.f[c].apply(int64(v), o.lo, o.hi)
			}
			o.y.store(o.out, (i*len(o.taps)+p)*o.y.ld)
		}
	}
}
