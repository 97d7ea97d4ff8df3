package kernels

import (
	"errors"
	"fmt"
	"math"
)

// LRN is local response normalization over channels,
//
//	y[c] = x[c] / (Offset + Alpha/Size·Σ x²)^Beta,
//
// the sum over Size channels around c (Krizhevsky, Sutskever and Hinton, NIPS
// 2012, §3.3). In integers the power is tabulated; a code is off by 2 and 10⁻⁴ of
// itself at most.
type LRN struct {
	Size                int
	Alpha, Beta, Offset float32
}

var _ Operator = LRN{}

func (LRN) Name() string             { return "lrn" }
func (LRN) Arity() (least, most int) { return 1, 1 }

func (o LRN) Infer(in []Shape) (Shape, error) {
	if o.Size < 1 || o.Size > math.MaxInt32 || !(o.Alpha >= 0) || !(o.Offset > 0) || !(o.Beta >= 0) {
		return Shape{}, fmt.Errorf("size %d, alpha %v, beta %v, bias %v: must be positive", o.Size, o.Alpha, o.Beta, o.Offset)
	}
	return in[0], nil
}

func (LRN) Nonnegative(in []bool) bool           { return in[0] }
func (LRN) Selects() bool                        { return false }
func (LRN) Clamp() (l Limits, ok bool)           { return l, false }
func (LRN) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps: squares, power, product.
func (o LRN) ElementOps(_ []Shape, out Shape) int { return out.Size() * (o.Size + 2) }

func (LRN) Gradient([]Shape, Shape) (Gradient, error) { return nil, errors.New("cannot be trained") }

func (LRN) storage() storage                    { return anywhere }
func (LRN) fuses(Operator, bool) bool           { return false }
func (LRN) onGrids([]Shape, []Grid, Grid) error { return nil }
func (o LRN) float(s *stepF32) op               { return &lrnF32{o.span(), s.x[0], s.y, o} }
func (o LRN) integer(s *stepInt) op             { return newLRNInt(o, s) }

// span returns how many channels before and after each are summed.
func (o LRN) span() channelSpan { return channelSpan{(o.Size - 1) / 2, o.Size / 2} }

type channelSpan struct{ below, above int }

// of returns the range of channels around c.
func (s channelSpan) of(c, channels int) (from, to int) {
	return max(0, c-s.below), min(channels, c+s.above+1)
}

type lrnF32 struct {
	channelSpan
	x, y view[float32]
	n    LRN
}

func (o *lrnF32) run(images int) {
	share := float64(o.n.Alpha) / float64(o.n.Size)
	for p := range images * o.y.pixels() {
		x, y := o.x.pixel(p), o.y.pixel(p)
		for c, v := range x {
			sum := 0.0
			from, to := o.of(c, len(x))
			for _, u := range x[from:to] {
				sum += float64(u) * float64(u)
			}
			y[c] = float32(float64(v) / math.Pow(float64(o.n.Offset)+share*sum, float64(o.n.Beta)))
		}
	}
}

// lrnInt is local response normalization on codes,
//
//	y = x·f(Σ x²),  f(u) = (offset + alpha/size·s²·u)^(−beta)·s/s_y,
//
// with f tabulated.
type lrnInt struct {
	channelSpan
	x, y    tensor
	f       octaves
	lo, hi  int32
	in, out []int32
}

func newLRNInt(n LRN, s *stepInt) op {
	from, c := s.from[0], s.y.C
	o := &lrnInt{n.span(), s.x[0], s.y, octaves{}, s.lo, s.hi, make([]int32, c), make([]int32, c)}
	square := from.Scale * from.Scale * float64(n.Alpha) / float64(n.Size)
	most := int64(min(n.Size, c)) * from.Magnitude() * from.Magnitude()
	o.f = newOctaves(most, func(u float64) float64 {
		return math.Pow(float64(n.Offset)+float64(square*u), -float64(n.Beta)) * (from.Scale / s.to.Scale)
	})
	return o
}

func (o *lrnInt) run(images int) {
	for p := range images * o.x.pixels() {
		o.x.load(o.in, p*o.x.ld)
		for c, v := range o.in {
			sum := int64(0)
			from, to := o.of(c, len(o.in))
			for _, u := range o.in[from:to] {
				sum += int64(u) * int64(u)
			}
			y := (int64(v)*o.f.value(sum) + 1<<(tableBits-1)) >> tableBits
			o.out[c] = int32(min(max(y, int64(o.lo)), int64(o.hi)))
		}
		o.y.store(o.out, p*o.y.ld)
	}
}
