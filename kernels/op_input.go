package kernels

import (
	"errors"

	"bitcycle/kernels/internal/lanes"
)

// Input is the image that a network reads, always node 0. In integers it is
// rounded to its grid.
type Input struct{ Shape Shape }

var _ Operator = Input{}

func (Input) Name() string                         { return "input" }
func (Input) Arity() (least, most int)             { return 0, 0 }
func (o Input) Infer([]Shape) (Shape, error)       { return o.Shape, nil }
func (Input) Selects() bool                        { return false }
func (Input) Clamp() (l Limits, ok bool)           { return l, false }
func (Input) Product([]Shape) (p Product, ok bool) { return p, false }

// Nonnegative answers for an input of which nothing is known; Network.Nonnegative
// is told.
func (Input) Nonnegative([]bool) bool { return false }

// ElementOps: whoever delivers the images puts them on their grid.
func (Input) ElementOps([]Shape, Shape) int { return Free }

func (Input) Gradient([]Shape, Shape) (Gradient, error) {
	return nil, errors.New("an input has no gradient")
}

func (Input) storage() storage                    { return apart }
func (Input) fuses(Operator, bool) bool           { return false }
func (Input) float(*stepF32) op                   { return nil }
func (Input) onGrids([]Shape, []Grid, Grid) error { return nil }
func (Input) integer(s *stepInt) op               { return &quantizeOp{w: s.w, y: s.y, grid: s.to} }

// quantizeOp puts the normalized images of a batch on the input's grid.
type quantizeOp struct {
	w    *intWorker
	y    tensor // dense
	grid Grid
	buf  [stretch]int32
}

func (o *quantizeOp) run(images int) {
	size := o.y.Size()
	x := o.w.batch.Data[o.w.image*size : (o.w.image+images)*size]
	lo, hi := o.grid.Range()
	own := o.grid.Round == HalfUp && !o.grid.Bipolar
	for at := 0; at < len(x); at += stretch {
		buf := o.buf[:min(stretch, len(x)-at)]
		if own {
			lanes.Quantize(buf, x[at:], o.grid.Scale, lo, hi)
		} else {
			for i := range buf {
				buf[i] = o.grid.Quantize(float64(x[at+i]))
			}
		}
		o.y.store(buf, at)
	}
}
