package kernels

// AvgPool takes the mean under each window. Padding is left out of the mean
// unless CountPad says that it counts as zeros. Integer codes are the nearest ones.
type AvgPool struct {
	Window
	CountPad bool
}

var _ Operator = AvgPool{}

func (AvgPool) Name() string                         { return "avgpool" }
func (AvgPool) Arity() (least, most int)             { return 1, 1 }
func (o AvgPool) Infer(in []Shape) (Shape, error)    { return o.inferPool(in[0]) }
func (AvgPool) Nonnegative(in []bool) bool           { return in[0] }
func (AvgPool) Selects() bool                        { return false }
func (AvgPool) Clamp() (l Limits, ok bool)           { return l, false }
func (AvgPool) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps is one addition for each value of a window and the requantization.
func (o AvgPool) ElementOps(_ []Shape, out Shape) int { return out.Size() * (o.Area() + 1) }

func (o AvgPool) Gradient(in []Shape, out Shape) (Gradient, error) {
	return meanGradient{o.over(in[0], out), o.CountPad}, nil
}

func (AvgPool) storage() storage                 { return anywhere }
func (AvgPool) fuses(next Operator, _ bool) bool { return clamps(next) }

func (o AvgPool) onGrids(_ []Shape, from []Grid, _ Grid) error { return meanFits(o.Area(), from[0]) }

func (o AvgPool) float(s *stepF32) op {
	return newMeanF32(s, o.over(s.x[0].Shape, s.y.Shape), o.CountPad)
}

func (o AvgPool) integer(s *stepInt) op {
	return newMeanInt(s, o.over(s.x[0].Shape, s.y.Shape), o.CountPad)
}
