package kernels

import (
	"errors"
	"fmt"
	"math"
)

// Embedding looks up the row of a table that a value, rounded to a whole number,
// says: the vectors of words by their numbers. A number outside the table counts as
// the nearest row. The table is looked up like a function, not charged as weights.
// Integer codes are the nearest ones.
type Embedding struct {
	Width int       // of a row
	Table []float32 // row by row
}

var _ Operator = Embedding{}

func (Embedding) Name() string             { return "embedding" }
func (Embedding) Arity() (least, most int) { return 1, 1 }

func (o Embedding) Infer(in []Shape) (Shape, error) {
	out := in[0]
	if o.Width < 1 || len(o.Table) == 0 || len(o.Table)%o.Width != 0 || out.C != 1 {
		return Shape{}, fmt.Errorf("%d values in rows of %d looked up by %v, which must have one channel", len(o.Table), o.Width, out)
	}
	out.C = o.Width
	return out, nil
}

func (Embedding) Nonnegative([]bool) bool              { return false }
func (Embedding) Selects() bool                        { return false }
func (Embedding) Clamp() (l Limits, ok bool)           { return l, false }
func (Embedding) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps is a move for each value.
func (Embedding) ElementOps(_ []Shape, out Shape) int { return out.Size() }

func (Embedding) Gradient([]Shape, Shape) (Gradient, error) { return nil, errors.New("is not trained") }

func (Embedding) storage() storage                    { return anywhere }
func (Embedding) fuses(Operator, bool) bool           { return false }
func (Embedding) onGrids([]Shape, []Grid, Grid) error { return nil }
func (o Embedding) float(s *stepF32) op               { return &embeddingF32{s.x[0], s.y, o} }

// row returns where the row of a number begins.
func (o Embedding) row(x float64) int {
	last := float64(len(o.Table)/o.Width - 1)
	return int(min(max(math.Floor(x+0.5), 0), last)) * o.Width
}

type embeddingF32 struct {
	x, y view[float32]
	o    Embedding
}

func (o *embeddingF32) run(images int) {
	for p := range images * o.y.pixels() {
		copy(o.y.pixel(p), o.o.Table[o.o.row(float64(o.x.pixel(p)[0])):])
	}
}

func (o Embedding) integer(s *stepInt) op {
	y := &embeddingInt{x: s.x[0], y: s.y, o: o, scale: s.from[0].Scale}
	y.codes = s.c.shared(s.index, func() any {
		codes := make([]int32, len(o.Table))
		for i, v := range o.Table {
			codes[i] = min(max(s.to.Quantize(float64(v)), s.lo), s.hi)
		}
		return codes
	}).([]int32)
	return y
}

type embeddingInt struct {
	x, y  tensor
	o     Embedding
	scale float64 // of x
	codes []int32
	in    [1]int32
}

func (o *embeddingInt) run(images int) {
	for p := range images * o.y.pixels() {
		o.x.load(o.in[:], p*o.x.ld)
		at := o.o.row(float64(o.in[0]) * o.scale)
		o.y.store(o.codes[at:at+o.y.C], p*o.y.ld)
	}
}
