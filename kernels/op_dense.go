package kernels

import "fmt"

// Dense is a fully connected layer: Gemm, or MatMul with constant weights. Its
// weights are [Channels][inputs], the inputs in channel, row, column order.
type Dense struct{ Channels int }

var _ Operator = Dense{}

func (Dense) Name() string             { return "dense" }
func (Dense) Arity() (least, most int) { return 1, 1 }

func (o Dense) Infer([]Shape) (Shape, error) {
	if o.Channels < 1 {
		return Shape{}, fmt.Errorf("%d outputs: must be at least 1", o.Channels)
	}
	return Shape{C: o.Channels, H: 1, W: 1}, nil
}

func (Dense) Nonnegative([]bool) bool    { return false }
func (Dense) Selects() bool              { return false }
func (Dense) Clamp() (l Limits, ok bool) { return l, false }

func (o Dense) Product(in []Shape) (Product, bool) {
	p := Product{Channels: o.Channels, Groups: 1, K: in[0].Size(), Whole: true}
	if in[0].W > 0 {
		p.Window = whole(in[0]).Window
	}
	return p, true
}

// ElementOps is the requantization of the sums.
func (Dense) ElementOps(_ []Shape, out Shape) int { return out.Size() }

func (Dense) Gradient([]Shape, Shape) (Gradient, error) { return nil, errWeights }

func (Dense) storage() storage { return anywhere }

func (Dense) fuses(next Operator, integer bool) bool {
	return clamps(next) || !integer && adds(next)
}

func (Dense) float(s *stepF32) op { return s.product() }

// onGrids: QLayer.check looks at the widths of the product.
func (Dense) onGrids([]Shape, []Grid, Grid) error { return nil }

func (Dense) integer(s *stepInt) op { return s.product() }
