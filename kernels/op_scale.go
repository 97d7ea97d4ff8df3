package kernels

import "fmt"

// Scale is y = Factor·x + Offset, with constants for each channel or for each
// value in the order in which values are stored: multiplication by and addition of
// constants, batch normalization that no layer took up. Its integer codes are the
// nearest ones.
type Scale struct{ Factor, Offset []float32 }

var _ Operator = Scale{}

func (Scale) Name() string             { return "scale" }
func (Scale) Arity() (least, most int) { return 1, 1 }

func (o Scale) Infer(in []Shape) (Shape, error) {
	if n := len(o.Factor); len(o.Offset) != n || n != in[0].C && n != in[0].Size() {
		return Shape{}, fmt.Errorf("%d scales and %d biases for %d channels", n, len(o.Offset), in[0].C)
	}
	return in[0], nil
}

func (Scale) Nonnegative([]bool) bool              { return false }
func (Scale) Selects() bool                        { return false }
func (Scale) Clamp() (l Limits, ok bool)           { return l, false }
func (Scale) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps: product, sum and requantization are one fixed-point map.
func (Scale) ElementOps(_ []Shape, out Shape) int { return out.Size() }

func (Scale) Gradient([]Shape, Shape) (Gradient, error) {
	return nil, fmt.Errorf("trains as a batch normalization")
}

func (Scale) storage() storage                    { return anywhere }
func (Scale) fuses(next Operator, _ bool) bool    { return clamps(next) }
func (Scale) onGrids([]Shape, []Grid, Grid) error { return nil }

func (o Scale) float(s *stepF32) op { return &scaleF32{s.x[0], s.y, o.Factor, o.Offset, s.limits} }

func (o Scale) integer(s *stepInt) op {
	from := s.from[0]
	y := &scaleOp{x: s.x[0], y: s.y, lo: s.lo, hi: s.hi, buf: make([]int32, s.y.C)}
	for i, scale := range o.Factor {
		factor := float64(scale) * from.Scale / s.to.Scale
		bound := []int64{from.Magnitude()}
		y.f = append(y.f, newFixed([]float64{factor}, float64(o.Offset[i])/s.to.Scale, bound).rounded(s.to, bound))
	}
	return y
}

// scaleF32 computes y = clamp(scale·x + bias).
type scaleF32 struct {
	x, y        view[float32]
	scale, bias []float32
	Limits
}

func (o *scaleF32) run(images int) {
	for p := range images * o.y.pixels() {
		y := o.y.pixel(p)
		at := p * len(y) % len(o.scale)
		scale, bias := o.scale[at:at+len(y)], o.bias[at:at+len(y)]
		for j, v := range o.x.pixel(p)[:len(y)] {
			y[j] = min(max(v*scale[j]+bias[j], o.Lo), o.Hi)
		}
	}
}

// scaleOp multiplies by and adds constants.
type scaleOp struct {
	x, y   tensor
	f      []fixed // by channel, or by value
	lo, hi int32
	buf    []int32
}

func (o *scaleOp) run(images int) {
	for p := range images * o.x.pixels() {
		o.x.load(o.buf, p*o.x.ld)
		f := o.f[p*len(o.buf)%len(o.f):]
		for c, v := range o.buf {
			o.buf[c] = f[c].apply(int64(v), o.lo, o.hi)
		}
		o.y.store(o.buf, p*o.y.ld)
	}
}
