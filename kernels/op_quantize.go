package kernels

import (
	"errors"
	"fmt"
)

// Quantize puts numbers on a grid and leaves them numbers, in float32: what the
// quantizers of foreign models do, where such a model is executed in numbers (QONNX:
// Pappalardo et al., AccML 2022; ONNX: QuantizeLinear and DequantizeLinear). In
// integers it is a table for each channel: the code nearest to that number.
type Quantize struct {
	Grids []Grid // of every channel, or one for all
}

var _ Operator = Quantize{}

func (Quantize) Name() string             { return "quantize" }
func (Quantize) Arity() (least, most int) { return 1, 1 }

func (o Quantize) Infer(in []Shape) (Shape, error) {
	if len(o.Grids) != 1 && len(o.Grids) != in[0].C {
		return Shape{}, fmt.Errorf("%d grids for %d channels", len(o.Grids), in[0].C)
	}
	for _, g := range o.Grids {
		if err := g.Check(); err != nil {
			return Shape{}, err
		}
	}
	return in[0], nil
}

func (o Quantize) Nonnegative(in []bool) bool {
	for _, g := range o.Grids {
		if lo, hi := g.Range(); lo < 0 && !(in[0] && hi >= 0) {
			return false
		}
	}
	return true
}

func (Quantize) Selects() bool                        { return false }
func (Quantize) Clamp() (l Limits, ok bool)           { return l, false }
func (Quantize) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps is the requantization.
func (Quantize) ElementOps(_ []Shape, out Shape) int { return out.Size() }

func (Quantize) Gradient([]Shape, Shape) (Gradient, error) {
	return nil, errors.New("cannot be trained: it has steps")
}

func (Quantize) storage() storage                       { return anywhere }
func (Quantize) fuses(next Operator, integer bool) bool { return integer && clamps(next) }
func (Quantize) onGrids([]Shape, []Grid, Grid) error    { return nil }

// of returns the number that stands for x in channel c.
func (o Quantize) of(c int, x float32) float32 {
	g := &o.Grids[c%len(o.Grids)]
	return float32(g.Quantize(float64(x))) * float32(g.Scale)
}

func (o Quantize) float(s *stepF32) op { return &quantizeF32{s.x[0], s.y, o} }

type quantizeF32 struct {
	x, y view[float32]
	o    Quantize
}

func (o *quantizeF32) run(images int) {
	for p := range images * o.y.pixels() {
		y := o.y.pixel(p)
		for c, v := range o.x.pixel(p)[:len(y)] {
			y[c] = o.o.of(c, v)
		}
	}
}

func (o Quantize) integer(s *stepInt) op {
	if len(o.Grids) == 1 {
		return s.table(func(x float64) float64 { return float64(o.of(0, float32(x))) })
	}
	y := &quantizeInt{x: s.x[0], y: s.y, buf: make([]int32, s.y.C)}
	y.lowest, _ = s.from[0].Range()
	y.codes = s.c.shared(s.index, func() any {
		var codes [][]int32
		for c := range o.Grids {
			codes = append(codes, tabulate(s.from[0], s.to, s.lo, s.hi, func(x float64) float64 { return float64(o.of(c, float32(x))) }))
		}
		return codes
	}).([][]int32)
	return y
}

// quantizeInt looks up the code of every code, channel by channel.
type quantizeInt struct {
	x, y   tensor
	codes  [][]int32
	lowest int32
	buf    []int32
}

func (o *quantizeInt) run(images int) {
	for p := range images * o.x.pixels() {
		o.x.load(o.buf, p*o.x.ld)
		for c, v := range o.buf {
			o.buf[c] = o.codes[c][v-o.lowest]
		}
		o.y.store(o.buf, p*o.y.ld)
	}
}
