package kernels

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// WholeSoftmax is the softmax over the channels of each pixel in whole numbers, from 0
// to Levels − 1, as Deeploy's integer networks define it. With Period 0 it is that of
// ITA (Islamoglu et al., "ITA: An energy-efficient attention and softmax accelerator
// for quantized transformers", ISLPED 2023, §III.C), with powers of two for exponentials,
//
//	y = ⌊(Levels−1)·256 / Σ ⌊256/2^z⌋⌋ >> z,  z = ⌊(max − x + 16)/32⌋,
//
// of which Group makes the sum group by group of channels, halved whenever a group has a
// larger maximum, and leaves half the levels (Levels/2 − 1 for Levels − 1); else that of I-BERT (Kim et al., ICML 2021, algorithm 3), with a parabola for what is
// left of z periods,
//
//	e = ⌊(A·(p + B)² + C)/2^z⌋,  y = ⌊(Levels−1)·e / Σ e⌋,
//	z = ⌊(max − x)/Period⌋ up to 31,  p = x − max + z·Period.
//
// In integers the codes are those of the same numbers.
type WholeSoftmax struct {
	Levels, Group   int
	A, B, C, Period int64
}

var _ Operator = WholeSoftmax{}

func (WholeSoftmax) Name() string             { return "wholesoftmax" }
func (WholeSoftmax) Arity() (least, most int) { return 1, 1 }

func (o WholeSoftmax) Infer(in []Shape) (Shape, error) {
	const most = 1 << 30
	for _, v := range []int64{o.A, o.B, o.C, o.Period} {
		if v < -most || v > most {
			return Shape{}, fmt.Errorf("coefficient %d: must take 30 bits at most", v)
		}
	}
	if o.Levels < 2 || o.Levels > 1<<16 || o.Period < 0 || o.Group < 0 || o.Group > 0 && in[0].C%o.Group != 0 {
		return Shape{}, fmt.Errorf("%d levels, period %d, groups of %d of %d channels: must be 2 to 65536 levels, and whole groups", o.Levels, o.Period, o.Group, in[0].C)
	}
	return in[0], nil
}

func (WholeSoftmax) Nonnegative([]bool) bool              { return true }
func (WholeSoftmax) Selects() bool                        { return false }
func (WholeSoftmax) Clamp() (l Limits, ok bool)           { return l, false }
func (WholeSoftmax) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps: subtract the largest, exponential, divide.
func (WholeSoftmax) ElementOps(_ []Shape, out Shape) int { return 3 * out.Size() }

func (WholeSoftmax) Gradient([]Shape, Shape) (Gradient, error) {
	return nil, errors.New("cannot be trained: it has steps")
}

func (WholeSoftmax) storage() storage                    { return anywhere }
func (WholeSoftmax) fuses(Operator, bool) bool           { return false }
func (WholeSoftmax) onGrids([]Shape, []Grid, Grid) error { return nil }
func (o WholeSoftmax) float(s *stepF32) op               { return s.wholes(o.pixel) }
func (o WholeSoftmax) integer(s *stepInt) op             { return s.wholes(o.pixel) }

// pixel computes the channels of a pixel in place.
func (o WholeSoftmax) pixel(x []float64) {
	top, sum := x[0], int64(0)
	for _, v := range x {
		top = max(top, v)
	}
	for _, v := range x {
		if e, _ := o.exp(top - v); sum < math.MaxInt64-e {
			sum += e
		}
	}
	share := int64(o.Levels - 1)
	if o.Group > 0 {
		sum, share = o.grouped(x), int64(o.Levels/2-1)
	}
	for c, v := range x {
		e, z := o.exp(top - v)
		switch {
		case sum == 0:
			x[c] = 0
		case o.Period == 0:
			x[c] = float64(share * 256 / sum >> z)
		default:
			x[c] = math.Floor(float64(share) * float64(e) / float64(sum))
		}
	}
}

// grouped is the sum made group by group; the maximum before the first is −128.
func (o WholeSoftmax) grouped(x []float64) (sum int64) {
	top := -128.0
	for g := range slices.Chunk(x, o.Group) {
		if m := slices.Max(g); m > top {
			sum >>= halvings(m - top)
			top = m
		}
		for _, v := range g {
			e, _ := o.exp(top - v)
			sum += e
		}
	}
	return sum
}

// halvings is how often the exponential of −d is halved.
func halvings(d float64) uint { return min(uint(math.Floor((d+16)/32)), 31) }

// exp is the exponential of −d, and how often it was halved.
func (o WholeSoftmax) exp(d float64) (e int64, z uint) {
	const beyond = 1 << 20 // of which nothing is left
	d = min(d, beyond)
	if o.Period == 0 {
		z = halvings(d)
		return 256 >> z, z
	}
	z = min(uint(d/float64(o.Period)), 31)
	p := int64(math.Floor(float64(z)*float64(o.Period) - d))
	e = o.A*(p+o.B)*(p+o.B) + o.C
	return max(e, 0) >> z, z
}
