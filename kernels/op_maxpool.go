package kernels

import "bitcycle/kernels/internal/lanes"

// MaxPool takes the maximum under each window; padding never wins.
type MaxPool struct{ Window }

var _ Operator = MaxPool{}

func (MaxPool) Name() string                          { return "maxpool" }
func (MaxPool) Arity() (least, most int)              { return 1, 1 }
func (o MaxPool) Infer(in []Shape) (Shape, error)     { return o.inferPool(in[0]) }
func (MaxPool) Nonnegative(in []bool) bool            { return in[0] }
func (MaxPool) Selects() bool                         { return true }
func (MaxPool) Clamp() (l Limits, ok bool)            { return l, false }
func (MaxPool) Product([]Shape) (p Product, ok bool)  { return p, false }
func (o MaxPool) ElementOps(_ []Shape, out Shape) int { return out.Size() * o.Area() }

func (o MaxPool) Gradient(in []Shape, out Shape) (Gradient, error) {
	return maxPoolGradient{o.over(in[0], out)}, nil
}

func (MaxPool) storage() storage                    { return anywhere }
func (MaxPool) fuses(Operator, bool) bool           { return false }
func (MaxPool) onGrids([]Shape, []Grid, Grid) error { return nil }
func (o MaxPool) float(s *stepF32) op               { return newMaxPool(o, s.x, s.y) }

func (o MaxPool) integer(s *stepInt) op {
	return moved(s, o, newMaxPool[uint8], newMaxPool[int8], newMaxPool[int16], newMaxPool[int32])
}

// maxPoolOp is the maximum in numbers and codes.
type maxPoolOp[T number] struct {
	sliding
	x, y view[T]
	each func(out, at, rows, cols int)
}

func newMaxPool[T number](o MaxPool, x []view[T], y view[T]) op {
	m := &maxPoolOp[T]{sliding: o.over(x[0].Shape, y.Shape), x: x[0], y: y}
	m.each = m.pixel
	return m
}

func (o *maxPoolOp[T]) run(images int) { o.sliding.each(images, o.each) }

func (o *maxPoolOp[T]) pixel(out, at, rows, cols int) {
	y := o.y.pixel(out)
	copy(y, o.x.pixel(at))
	for r := range rows {
		for c := range cols {
			if r+c == 0 {
				continue
			}
			lanes.Max(y, o.x.pixel(o.under(at, r, c)))
		}
	}
}

// maxPoolGradient keeps where in the image each maximum came from; the first of
// equals wins.
type maxPoolGradient struct{ sliding }

func (o maxPoolGradient) Keep() int { return o.out.Size() }

func (o maxPoolGradient) Forward(p *Pass) {
	c, size := o.in.C, int32(o.in.Size())
	perImage := o.out.H * o.out.W
	o.each(p.Images, func(out, at, rows, cols int) {
		y, from := p.Y[out*c:][:c], p.Keep[out*c:][:c]
		image := int32(out/perImage) * size
		for r := range rows {
			for col := range cols {
				first := o.under(at, r, col) * c
				for i, v := range p.X[0][first : first+c] {
					if r+col == 0 || v > y[i] {
						y[i], from[i] = v, int32(first+i)-image
					}
				}
			}
		}
	})
}

func (o maxPoolGradient) Backward(p *Pass) {
	p.begin(0)
	in, out := o.in.Size(), o.out.Size()
	for i := range p.Images {
		dx, g := p.DX[0][i*in:], p.DY[i*out:]
		for k, at := range p.Keep[i*out:][:out] {
			dx[at] += g[k]
		}
	}
}
