package kernels

import "fmt"

// Clip is min(max(x, Lo), Hi); 0 and 6 make a ReLU6.
type Clip struct{ Lo, Hi float32 }

var _ Operator = Clip{}

func (Clip) Name() string             { return "clip" }
func (Clip) Arity() (least, most int) { return 1, 1 }

func (o Clip) Infer(in []Shape) (Shape, error) {
	if !(o.Lo <= o.Hi) {
		return Shape{}, fmt.Errorf("limits %v and %v: the first must not exceed the second", o.Lo, o.Hi)
	}
	return in[0], nil
}

func (o Clip) Nonnegative(in []bool) bool         { return o.Lo >= 0 || in[0] && o.Hi >= 0 }
func (Clip) Selects() bool                        { return true }
func (o Clip) Clamp() (l Limits, ok bool)         { return Limits(o), true }
func (Clip) Product([]Shape) (p Product, ok bool) { return p, false }
func (Clip) ElementOps(_ []Shape, out Shape) int  { return out.Size() }

func (o Clip) Gradient([]Shape, Shape) (Gradient, error) { return clampGradient{Limits(o)}, nil }

func (Clip) storage() storage          { return anywhere }
func (Clip) fuses(Operator, bool) bool { return false }
func (Clip) float(s *stepF32) op       { return &elementF32{x: s.x[0], y: s.y, Limits: s.limits} }

func (Clip) onGrids([]Shape, []Grid, Grid) error { return nil }

// integer clamps the codes, which stay on their grid.
func (Clip) integer(s *stepInt) op { return newRequant(s.x[0], s.y, sameCodes, s.lo, s.hi) }
