package kernels

// GlobalPool is the mean over all positions of each channel. Integer codes are
// the nearest ones.
type GlobalPool struct{}

var _ Operator = GlobalPool{}

func (GlobalPool) Name() string                         { return "globalpool" }
func (GlobalPool) Arity() (least, most int)             { return 1, 1 }
func (GlobalPool) Infer(in []Shape) (Shape, error)      { return Shape{C: in[0].C, H: 1, W: 1}, nil }
func (GlobalPool) Nonnegative(in []bool) bool           { return in[0] }
func (GlobalPool) Selects() bool                        { return false }
func (GlobalPool) Clamp() (l Limits, ok bool)           { return l, false }
func (GlobalPool) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps is one addition for each value and the requantization.
func (GlobalPool) ElementOps(in []Shape, out Shape) int { return out.Size() * (in[0].Pixels() + 1) }

func (GlobalPool) Gradient(in []Shape, _ Shape) (Gradient, error) {
	return meanGradient{whole(in[0]), false}, nil
}

func (GlobalPool) storage() storage                 { return anywhere }
func (GlobalPool) fuses(next Operator, _ bool) bool { return clamps(next) }

func (GlobalPool) onGrids(in []Shape, from []Grid, _ Grid) error {
	return meanFits(in[0].Pixels(), from[0])
}

func (GlobalPool) float(s *stepF32) op   { return newMeanF32(s, whole(s.x[0].Shape), false) }
func (GlobalPool) integer(s *stepInt) op { return newMeanInt(s, whole(s.x[0].Shape), false) }
