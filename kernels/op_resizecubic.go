package kernels

import (
	"errors"
	"fmt"
	"math"
)

// ResizeCubic gives an image Size rows and columns by cubic convolution (Keys, IEEE
// Transactions on Acoustics, Speech, and Signal Processing 29(6), 1981) with coefficient
// A: a value is the sum of the four around its place, along both axes, at distance d
//
//	(A + 2)·d³ − (A + 3)·d² + 1        d ≤ 1
//	A·d³ − 5A·d² + 8A·d − 4A           d < 2
//
// of each. Beyond the border the last value stands; with Inside it counts nothing, and
// the others make up for it. Size, Factor and Place are those of Resize. Codes are off by
// ⅗ of a code at most.
type ResizeCubic struct {
	Size   [2]int
	Factor [2]float64
	Place  string
	A      float32
	Inside bool
}

var _ Operator = ResizeCubic{}

func (ResizeCubic) Name() string             { return "resizecubic" }
func (ResizeCubic) Arity() (least, most int) { return 1, 1 }

// plain is the resizing that knows the places.
func (o ResizeCubic) plain() Resize { return Resize{Size: o.Size, Factor: o.Factor, Place: o.Place} }

func (o ResizeCubic) Infer(in []Shape) (Shape, error) {
	if !(o.A >= -4 && o.A <= 0) {
		return Shape{}, fmt.Errorf("coefficient %v: must be -4 to 0", o.A)
	}
	return o.plain().Infer(in)
}

func (ResizeCubic) Nonnegative([]bool) bool              { return false }
func (ResizeCubic) Selects() bool                        { return false }
func (ResizeCubic) Clamp() (l Limits, ok bool)           { return l, false }
func (ResizeCubic) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps: a product for each of 16 values, and the requantization.
func (ResizeCubic) ElementOps(_ []Shape, out Shape) int { return 17 * out.Size() }

func (ResizeCubic) Gradient([]Shape, Shape) (Gradient, error) {
	return nil, errors.New("is not trained")
}

func (ResizeCubic) storage() storage                    { return anywhere }
func (ResizeCubic) fuses(Operator, bool) bool           { return false }
func (ResizeCubic) onGrids([]Shape, []Grid, Grid) error { return nil }

// cubic is a value between four neighbours.
type cubic struct {
	at    [4]int
	share [4]float64
}

// taps returns the neighbours of every value along a dimension.
func (o ResizeCubic) taps(d, n int) (out []cubic) {
	for i := range o.Size[d] {
		x := o.plain().place(d, i, n)
		first := int(math.Floor(x)) - 1
		var t cubic
		sum := 0.0
		for k := range t.at {
			at := first + k
			t.at[k] = min(max(at, 0), n-1)
			if o.Inside && at != t.at[k] {
				continue
			}
			t.share[k] = o.weight(math.Abs(x - float64(at)))
			sum += t.share[k]
		}
		for k := range t.share {
			t.share[k] /= sum
		}
		out = append(out, t)
	}
	return out
}

func (o ResizeCubic) weight(d float64) float64 {
	a := float64(o.A)
	if d <= 1 {
		return ((a+2)*d-(a+3))*d*d + 1
	}
	return a * (((d-5)*d+8)*d - 4)
}

func (o ResizeCubic) float(s *stepF32) op {
	return &cubicF32{s.x[0], s.y, o.taps(0, s.x[0].H), o.taps(1, s.x[0].W)}
}

type cubicF32 struct {
	x, y       view[float32]
	rows, cols []cubic
}

func (o *cubicF32) run(images int) {
	for i := range images {
		for h, r := range o.rows {
			for w, c := range o.cols {
				y := o.y.pixel((i*o.y.H+h)*o.y.W + w)
				for j := range y {
					sum := 0.0
					for k, row := range r.at {
						line := 0.0
						for l, col := range c.at {
							line += c.share[l] * float64(o.x.pixel((i*o.x.H+row)*o.x.W + col)[j])
						}
						sum += r.share[k] * line
					}
					y[j] = float32(sum)
				}
			}
		}
	}
}

func (o ResizeCubic) integer(s *stepInt) op {
	y := &cubicInt{x: s.x[0], y: s.y, rows: o.taps(0, s.x[0].H), cols: o.taps(1, s.x[0].W), lo: s.lo, hi: s.hi}
	bound := []int64{s.from[0].Magnitude() << (shareBits + 4)} // shares of both axes reach 16 in all
	y.f = newFixed([]float64{s.from[0].Scale / s.to.Scale / (1 << shareBits)}, 0, bound).rounded(s.to, bound)
	y.buf, y.sum = make([]int32, s.y.C), make([]int64, s.y.C)
	return y
}

// cubicInt interpolates codes: with shares of 20 bits along both axes, rounded to 20 bits
// behind the point.
type cubicInt struct {
	x, y       tensor
	rows, cols []cubic
	f          fixed
	lo, hi     int32
	buf        []int32
	sum        []int64
}

func (o *cubicInt) run(images int) {
	const half = 1 << (shareBits - 1)
	for i := range images {
		for h, r := range o.rows {
			for w, c := range o.cols {
				clear(o.sum)
				for k, row := range r.at {
					for l, col := range c.at {
						o.x.load(o.buf, ((i*o.x.H+row)*o.x.W+col)*o.x.ld)
						share := shareOf(r.share[k]) * shareOf(c.share[l])
						for j, v := range o.buf {
							o.sum[j] += share * int64(v)
						}
					}
				}
				for j, v := range o.sum {
					o.buf[j] = o.f.apply((v+half)>>shareBits, o.lo, o.hi)
				}
				o.y.store(o.buf, ((i*o.y.H+h)*o.y.W+w)*o.y.ld)
			}
		}
	}
}
