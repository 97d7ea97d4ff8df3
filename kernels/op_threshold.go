package kernels

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// Threshold is Offset + Factor·n, n the number of levels of the channel that x
// reaches (FINN's MultiThreshold: Umuroglu et al., "FINN: A framework for fast,
// scalable binarized neural network inference", FPGA 2017, §4.2.2). In integers the
// codes are compared, exactly.
type Threshold struct {
	Levels         [][]float32 // rising; of every channel, or one list for all
	Factor, Offset float32
}

var _ Operator = Threshold{}

func (Threshold) Name() string             { return "threshold" }
func (Threshold) Arity() (least, most int) { return 1, 1 }

func (o Threshold) Infer(in []Shape) (Shape, error) {
	if len(o.Levels) != 1 && len(o.Levels) != in[0].C {
		return Shape{}, fmt.Errorf("levels of %d channels for %d", len(o.Levels), in[0].C)
	}
	for c, list := range o.Levels {
		if len(list) == 0 || len(list) != len(o.Levels[0]) || !slices.IsSorted(list) {
			return Shape{}, fmt.Errorf("levels of channel %d: must rise, and be as many as those of the others", c)
		}
	}
	return in[0], nil
}

// Grid returns the grid that all results lie on.
func (o Threshold) Grid() (Grid, error) {
	n := len(o.Levels[0])
	g := Grid{Scale: float64(o.Factor), Round: HalfEven}
	zero := -float64(o.Offset) / float64(o.Factor)
	switch {
	case !(o.Factor > 0) || n >= 1<<16:
		return g, fmt.Errorf("%d levels of steps of %v: must be fewer than 65536 and positive", n, o.Factor)
	case n == 1 && zero == 0.5:
		return Grid{Scale: float64(o.Factor) / 2, Bits: 1, Signed: true, Bipolar: true}, nil
	case zero != math.Trunc(zero) || math.Abs(zero) > 1<<16:
		return g, fmt.Errorf("offset %v is no whole number of steps of %v", o.Offset, o.Factor)
	case zero > 0: // two's complement
		least, most := uint(zero)-1, max(n-int(zero), 0)
		g.Bits, g.Signed = uint8(max(bits.Len(least), bits.Len(uint(most)))+1), true
	default:
		g.Bits, g.Zero = uint8(bits.Len(uint(n))), int32(zero)
	}
	return g, g.Check()
}

func (o Threshold) Nonnegative([]bool) bool            { return o.Offset >= 0 && o.Factor >= 0 }
func (Threshold) Selects() bool                        { return false }
func (Threshold) Clamp() (l Limits, ok bool)           { return l, false }
func (Threshold) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps are the comparisons of a binary search.
func (o Threshold) ElementOps(_ []Shape, out Shape) int {
	return out.Size() * bits.Len(uint(len(o.Levels[0])))
}

func (Threshold) Gradient([]Shape, Shape) (Gradient, error) {
	return nil, errors.New("has no gradient")
}

func (Threshold) storage() storage                    { return anywhere }
func (Threshold) fuses(Operator, bool) bool           { return false }
func (Threshold) onGrids([]Shape, []Grid, Grid) error { return nil }

// reached returns how many of rising levels x reaches.
func reached[T float32 | int64](levels []T, x T) int {
	n, _ := slices.BinarySearchFunc(levels, x, func(level, x T) int {
		if level <= x {
			return -1
		}
		return 1
	})
	return n
}

func (o Threshold) float(s *stepF32) op { return &thresholdF32{s.x[0], s.y, o} }

type thresholdF32 struct {
	x, y view[float32]
	o    Threshold
}

func (o *thresholdF32) run(images int) {
	for p := range images * o.y.pixels() {
		y := o.y.pixel(p)
		for c, v := range o.x.pixel(p)[:len(y)] {
			y[c] = o.o.Offset + o.o.Factor*float32(reached(o.o.Levels[c%len(o.o.Levels)], v))
		}
	}
}

// thresholdInt compares codes with levels in codes.
type thresholdInt struct {
	x, y   tensor
	levels [][]int64
	codes  []int32 // by how many levels are reached
	buf    []int32
}

func (o Threshold) integer(s *stepInt) op {
	y := &thresholdInt{x: s.x[0], y: s.y, buf: make([]int32, s.y.C)}
	for _, list := range o.Levels {
		levels := make([]int64, len(list))
		for k, t := range list {
			levels[k] = firstCode(float64(t), s.from[0])
		}
		y.levels = append(y.levels, levels)
	}
	for n := range len(o.Levels[0]) + 1 {
		code := s.to.Quantize(float64(o.Offset) + float64(o.Factor)*float64(n))
		y.codes = append(y.codes, min(max(code, s.lo), s.hi))
	}
	return y
}

// firstCode returns the lowest code whose value is at least t.
func firstCode(t float64, g Grid) int64 {
	const most = 1 << 40 // beyond every code
	c := int64(math.Ceil(min(max(t/g.Scale, -most), most)))
	for float64(c-1)*g.Scale >= t && c > -most {
		c--
	}
	for float64(c)*g.Scale < t && c < most {
		c++
	}
	return c
}

func (o *thresholdInt) run(images int) {
	for p := range images * o.x.pixels() {
		o.x.load(o.buf, p*o.x.ld)
		for c, v := range o.buf {
			o.buf[c] = o.codes[reached(o.levels[c%len(o.levels)], int64(v))]
		}
		o.y.store(o.buf, p*o.y.ld)
	}
}
