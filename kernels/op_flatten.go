package kernels

// Flatten makes a vector of an image, in channel, row, column order.
type Flatten struct{}

var _ Operator = Flatten{}

func (Flatten) Name() string                         { return "flatten" }
func (Flatten) Arity() (least, most int)             { return 1, 1 }
func (Flatten) Infer(in []Shape) (Shape, error)      { return Shape{C: in[0].Size(), H: 1, W: 1}, nil }
func (Flatten) Nonnegative(in []bool) bool           { return in[0] }
func (Flatten) Selects() bool                        { return true }
func (Flatten) Clamp() (l Limits, ok bool)           { return l, false }
func (Flatten) Product([]Shape) (p Product, ok bool) { return p, false }
func (Flatten) ElementOps([]Shape, Shape) int        { return Free }

func (Flatten) Gradient(in []Shape, _ Shape) (Gradient, error) { return flattenGradient{in[0]}, nil }

func (Flatten) storage() storage                    { return flat }
func (Flatten) fuses(Operator, bool) bool           { return false }
func (Flatten) onGrids([]Shape, []Grid, Grid) error { return nil }
func (o Flatten) float(s *stepF32) op               { return newFlatten(o, s.x, s.y) }

func (o Flatten) integer(s *stepInt) op {
	return moved(s, o, newFlatten[uint8], newFlatten[int8], newFlatten[int16], newFlatten[int32])
}

// flattenOp writes images as vectors.
type flattenOp[T number] struct{ in, out view[T] }

func newFlatten[T number](_ Flatten, x []view[T], y view[T]) op { return &flattenOp[T]{x[0], y} }

func (o *flattenOp[T]) run(images int) {
	for i := range images {
		o.in.flat(o.out.pixel(i), i)
	}
}

// flattenGradient turns images into vectors and gradients of vectors back.
type flattenGradient struct{ in Shape }

func (flattenGradient) Keep() int { return 0 }

func (o flattenGradient) Forward(p *Pass) {
	size := o.in.Size()
	for at := 0; at < p.Images*size; at += size {
		toCHW(p.Y[at:], p.X[0][at:], o.in)
	}
}

func (o flattenGradient) Backward(p *Pass) {
	size := o.in.Size()
	g := p.Buffer(size)
	for at := 0; at < p.Images*size; at += size {
		fromCHW(g, p.DY[at:], o.in)
		p.pass(0, at, g)
	}
}
