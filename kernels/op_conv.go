package kernels

import (
	"errors"
	"fmt"
)

// Conv is a convolution, possibly grouped, depthwise or dilated, with padding
// that may differ from side to side. Its weights are
// [Channels][channels of the input/Groups][kernel height][kernel width].
type Conv struct {
	Channels int // of the output
	Groups   int // 0 is 1
	Window
}

var _ Operator = Conv{}

func (Conv) Name() string             { return "conv" }
func (Conv) Arity() (least, most int) { return 1, 1 }

func (o Conv) Infer(in []Shape) (Shape, error) {
	groups := max(o.Groups, 1)
	if o.Channels < 1 || in[0].C%groups != 0 || o.Channels%groups != 0 {
		return Shape{}, fmt.Errorf("%d groups do not divide %d input and %d output channels", groups, in[0].C, o.Channels)
	}
	w := o.Complete()
	return w.infer(in[0], o.Channels)
}

func (Conv) Nonnegative([]bool) bool    { return false }
func (Conv) Selects() bool              { return false }
func (Conv) Clamp() (l Limits, ok bool) { return l, false }

func (o Conv) Product(in []Shape) (Product, bool) {
	groups := max(o.Groups, 1)
	return Product{Channels: o.Channels, Groups: groups, K: in[0].C / groups * o.Area(), Window: o.Complete()}, true
}

// ElementOps is the requantization of the sums.
func (Conv) ElementOps(_ []Shape, out Shape) int { return out.Size() }

// errWeights is why operators with weights leave training to package train.
var errWeights = errors.New("an operator with weights is trained by package train")

func (Conv) Gradient([]Shape, Shape) (Gradient, error) { return nil, errWeights }

func (Conv) storage() storage { return anywhere }

func (Conv) fuses(next Operator, integer bool) bool {
	return clamps(next) || !integer && adds(next)
}

func (Conv) float(s *stepF32) op { return s.product() }

// onGrids: QLayer.check looks at the widths of the product.
func (Conv) onGrids([]Shape, []Grid, Grid) error { return nil }

func (Conv) integer(s *stepInt) op { return s.product() }
