package kernels

// Relu is max(x, 0).
type Relu struct{}

var _ Operator = Relu{}

func (Relu) Name() string                         { return "relu" }
func (Relu) Arity() (least, most int)             { return 1, 1 }
func (Relu) Infer(in []Shape) (Shape, error)      { return in[0], nil }
func (Relu) Nonnegative([]bool) bool              { return true }
func (Relu) Selects() bool                        { return true }
func (Relu) Clamp() (l Limits, ok bool)           { return Limits{0, inf32}, true }
func (Relu) Product([]Shape) (p Product, ok bool) { return p, false }
func (Relu) ElementOps(_ []Shape, out Shape) int  { return out.Size() }

func (o Relu) Gradient([]Shape, Shape) (Gradient, error) { return clampGradient{Limits{0, inf32}}, nil }

func (Relu) storage() storage          { return anywhere }
func (Relu) fuses(Operator, bool) bool { return false }
func (Relu) float(s *stepF32) op       { return &elementF32{x: s.x[0], y: s.y, Limits: s.limits} }

func (Relu) onGrids([]Shape, []Grid, Grid) error { return nil }

// integer clamps the codes, which stay on their grid.
func (Relu) integer(s *stepInt) op { return newRequant(s.x[0], s.y, sameCodes, s.lo, s.hi) }
