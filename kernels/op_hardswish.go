package kernels

// HardSwish is x·min(max(x + 3, 0), 6)/6 (Howard et al., "Searching for
// MobileNetV3", ICCV 2019, §5.2). In integers it is a table: the code nearest to
// the function of every code.
type HardSwish struct{}

var _ Operator = HardSwish{}

func (HardSwish) Name() string                         { return "hardswish" }
func (HardSwish) Arity() (least, most int)             { return 1, 1 }
func (HardSwish) Infer(in []Shape) (Shape, error)      { return in[0], nil }
func (HardSwish) Nonnegative(in []bool) bool           { return in[0] }
func (HardSwish) Selects() bool                        { return false }
func (HardSwish) Clamp() (l Limits, ok bool)           { return l, false }
func (HardSwish) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps is the look-up.
func (HardSwish) ElementOps(_ []Shape, out Shape) int { return out.Size() }

func (HardSwish) Gradient([]Shape, Shape) (Gradient, error) {
	return scalarGradient{hardSwish[float32], hardSwishSlope}, nil
}

func (HardSwish) storage() storage                       { return anywhere }
func (HardSwish) fuses(next Operator, integer bool) bool { return integer && clamps(next) }
func (HardSwish) onGrids([]Shape, []Grid, Grid) error    { return nil }
func (HardSwish) float(s *stepF32) op                    { return s.scalar(hardSwish[float32]) }
func (HardSwish) integer(s *stepInt) op                  { return s.table(hardSwish[float64]) }

func hardSwish[T float32 | float64](x T) T { return x * min(max(x+3, 0), 6) / 6 }

// hardSwishSlope is its derivative.
func hardSwishSlope(x float32) float32 {
	switch {
	case x <= -3:
		return 0
	case x >= 3:
		return 1
	}
	return (2*x + 3) / 6
}
