package onnx

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"bitcycle/kernels"
)

// importAdd translates the sum of two nodes, or of a node and a constant.
func importAdd(im *importer, n *node) (value, error) {
	a, b, err := im.operands(n)
	if err != nil {
		return value{}, err
	}
	y, err := im.sum(n, a, b)
	return y.value, err
}

// sum adds two operands, of which the second may be constant.
func (im *importer) sum(n *node, a, b operand) (operand, error) {
	if b.constant != nil {
		return im.shift(n, a, b.constant)
	}
	a, b, err := im.together(n, a, b)
	if err != nil {
		return a, err
	}
	dims, err := broadcast(a.dims, b.dims)
	if err != nil {
		return a, err
	}
	if a, err = im.spread(n, a, dims); err != nil {
		return a, err
	}
	if b, err = im.spread(n, b, dims); err != nil {
		return a, err
	}
	a.node, err = im.add(n, kernels.Node{Op: kernels.Add{}, Inputs: []int{a.node, b.node}})
	return a, err
}

// shift adds a constant.
func (im *importer) shift(n *node, o operand, t *tensor) (operand, error) {
	return im.scaled(n, o, t, func(x []float32) kernels.Scale {
		return kernels.Scale{Factor: repeat(1, len(x)), Offset: x}
	})
}

// scaled is the scale that f makes of a constant.
func (im *importer) scaled(n *node, o operand, t *tensor, f func(x []float32) kernels.Scale) (operand, error) {
	o, x, err := im.constantFor(n, o, t)
	if err == nil {
		o.value, err = im.then(n, o.value, f(x))
	}
	return o, err
}

func factors(x []float32) kernels.Scale {
	return kernels.Scale{Factor: x, Offset: make([]float32, len(x))}
}

// operands returns both inputs of n; a constant comes second.
func (im *importer) operands(n *node) (a, b operand, err error) {
	if a, err = im.operand(n, 0); err != nil {
		return a, b, err
	}
	if b, err = im.operand(n, 1); err != nil {
		return a, b, err
	}
	if a.constant != nil {
		a, b = b, a
	}
	if a.constant != nil {
		err = fmt.Errorf("both inputs are constants")
	}
	return a, b, err
}

func importMul(im *importer, n *node) (value, error) {
	a, b, err := im.operands(n)
	if err != nil {
		return a.value, err
	}
	if b.constant != nil {
		a, err = im.scaled(n, a, b.constant, factors)
	} else {
		a, err = im.combined(n, a, b, "mul")
	}
	return a.value, err
}

// combined is a function of two operands.
func (im *importer) combined(n *node, a, b operand, function string) (operand, error) {
	return im.binary(n, a, b, kernels.Arithmetic{Function: function})
}

// binary is an operator on two operands, of which one may repeat along an axis.
func (im *importer) binary(n *node, a, b operand, op kernels.Operator) (operand, error) {
	dims, err := broadcast(a.dims, b.dims)
	if err != nil {
		return a, err
	}
	sameAxes := a.perm == nil && b.perm == nil && a.axes != nil && len(a.dims) == len(b.dims) && slices.Equal(a.axes, b.axes)
	if !sameAxes {
		if a, b, err = im.together(n, a, b); err != nil {
			return a, err
		}
	}
	a.dims = dims
	a.node, err = im.add(n, kernels.Node{Op: op, Inputs: []int{a.node, b.node}})
	return a, err
}

// importSum adds up any number of tensors, importMean takes their mean.
func importSum(im *importer, n *node) (value, error) {
	y, err := im.folded(n, im.sum)
	return y.value, err
}

func importMean(im *importer, n *node) (value, error) {
	y, err := im.folded(n, im.sum)
	if err != nil {
		return y.value, err
	}
	share := repeat(1/float32(len(n.inputs)), im.shape(y.value).C)
	return im.then(n, y.value, factors(share))
}

// folded joins all inputs of n, one after the other; constants come second.
func (im *importer) folded(n *node, join func(n *node, a, b operand) (operand, error)) (y operand, err error) {
	if len(n.inputs) == 0 {
		return y, errors.New("no inputs")
	}
	for i := range n.inputs {
		o, err := im.operand(n, i)
		if err != nil {
			return o, err
		}
		if i == 0 {
			y = o
			continue
		}
		if y.constant != nil {
			y, o = o, y
		}
		if y.constant != nil {
			return y, errors.New("two inputs are constants")
		}
		if y, err = join(n, y, o); err != nil {
			return y, err
		}
	}
	if y.constant != nil {
		err = errors.New("the input is a constant")
	}
	return y, err
}

// importSub is a difference: a constant is added.
func importSub(im *importer, n *node) (value, error) {
	return im.ordered(n, "sub", shiftedDown, func(o operand) (operand, func(x []float32) kernels.Scale, error) {
		return o, func(x []float32) kernels.Scale { return kernels.Scale{Factor: repeat(-1, len(x)), Offset: x} }, nil
	})
}

func shiftedDown(x []float32) kernels.Scale {
	return kernels.Scale{Factor: repeat(1, len(x)), Offset: convert(x, func(v float32) float32 { return -v })}
}

// importDiv is a quotient: a constant divisor is a factor.
func importDiv(im *importer, n *node) (value, error) {
	return im.ordered(n, "div", func(x []float32) kernels.Scale {
		return factors(convert(x, func(v float32) float32 { return 1 / v }))
	}, func(o operand) (operand, func(x []float32) kernels.Scale, error) {
		var err error
		o.value, err = im.then(n, o.value, kernels.Scalar{Function: "reciprocal"})
		return o, factors, err
	})
}

// ordered is a function of two operands that may not change places: second is the
// scale that a constant second operand makes of the first; first prepares the second
// operand if the first is constant, and tells the scale.
func (im *importer) ordered(n *node, function string, second func(x []float32) kernels.Scale,
	first func(o operand) (operand, func(x []float32) kernels.Scale, error),
) (value, error) {
	a, err := im.operand(n, 0)
	if err != nil {
		return a.value, err
	}
	b, err := im.operand(n, 1)
	switch {
	case err != nil:
	case a.constant != nil && b.constant != nil:
		err = errors.New("both inputs are constants")
	case b.constant != nil:
		a, err = im.scaled(n, a, b.constant, second)
	case a.constant != nil:
		var f func(x []float32) kernels.Scale
		t := a.constant
		if a, f, err = first(b); err == nil {
			a, err = im.scaled(n, a, t, f)
		}
	default:
		a, err = im.combined(n, a, b, function)
	}
	return a.value, err
}

// importMax and importMin clamp to a bound, or choose between tensors.
func importMax(im *importer, n *node) (value, error) {
	y, err := im.folded(n, func(n *node, a, b operand) (operand, error) { return im.bounded(n, a, b, true) })
	return y.value, err
}

func importMin(im *importer, n *node) (value, error) {
	y, err := im.folded(n, func(n *node, a, b operand) (operand, error) { return im.bounded(n, a, b, false) })
	return y.value, err
}

func (im *importer) bounded(n *node, a, b operand, below bool) (operand, error) {
	switch {
	case b.constant == nil && below:
		return im.combined(n, a, b, "max")
	case b.constant == nil:
		return im.combined(n, a, b, "min")
	}
	x, err := b.constant.values32()
	if err == nil && len(x) != 1 {
		return im.boundedBy(n, a, b.constant, below)
	}
	if err != nil {
		return a, err
	}
	op := kernels.Operator(kernels.Clip{Lo: x[0], Hi: math.MaxFloat32})
	if !below {
		op = kernels.Clip{Lo: -math.MaxFloat32, Hi: x[0]}
	} else if x[0] == 0 {
		op = kernels.Relu{}
	}
	a.value, err = im.then(n, a.value, op)
	return a, err
}

// boundedBy clamps to bounds that differ from value to value: max(a, b) = b + relu(a − b),
// min(a, b) = b − relu(b − a).
func (im *importer) boundedBy(n *node, a operand, t *tensor, below bool) (operand, error) {
	sign := float32(1)
	if !below {
		sign = -1
	}
	y, err := im.scaled(n, a, t, func(x []float32) kernels.Scale {
		return kernels.Scale{Factor: repeat(sign, len(x)), Offset: convert(x, func(v float32) float32 { return -sign * v })}
	})
	if err == nil {
		y.value, err = im.then(n, y.value, kernels.Relu{})
	}
	if err != nil {
		return y, err
	}
	return im.scaled(n, y, t, func(x []float32) kernels.Scale { return kernels.Scale{Factor: repeat(sign, len(x)), Offset: x} })
}

// importWhere chooses by a constant condition: what is chosen of a tensor is a
// product with 0 and 1, what is chosen of a constant an offset.
func importWhere(im *importer, n *node) (value, error) {
	condition, err := im.given(n, 0, "condition")
	if err != nil {
		return value{}, err
	}
	yes := condition.cast(typeFloat)
	no := elements(typeFloat, yes.dims, []*tensor{yes}, func(x []float32) float32 { return 1 - x[0] }, nil)
	var y operand
	for i, chosen := range []*tensor{yes, no} {
		o, err := im.operand(n, i+1)
		if err != nil {
			return o.value, err
		}
		if o, err = im.chosen(n, o, chosen); err != nil {
			return o.value, err
		}
		if i == 0 {
			y = o
			continue
		}
		if y.constant != nil {
			y, o = o, y
		}
		if y.constant != nil {
			return y.value, errors.New("both inputs are constants")
		}
		if y, err = im.sum(n, y, o); err != nil {
			return y.value, err
		}
	}
	return y.value, nil
}

// chosen keeps an operand where a constant is 1, and is 0 elsewhere.
func (im *importer) chosen(n *node, o operand, where *tensor) (operand, error) {
	if o.constant == nil {
		return im.scaled(n, o, where, factors)
	}
	dims, err := broadcast(o.dims, where.dims)
	if err == nil {
		o.constant = elements(typeFloat, dims, []*tensor{where, o.constant.cast(typeFloat)}, func(x []float32) float32 {
			if x[0] == 0 {
				return 0
			}
			return x[1]
		}, nil)
		if o.dims = dims; o.constant == nil {
			err = fmt.Errorf("a constant of %v is too large", dims)
		}
	}
	return o, err
}

// importPRelu reads a slope for all values or for each channel; for others,
// max(x, 0) + slope·min(x, 0).
func importPRelu(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	t, err := im.given(n, 1, "slope")
	if err != nil {
		return v, err
	}
	if slope, err := im.perFeature(v, t); err == nil {
		return im.then(n, v, kernels.PRelu{Slope: slope})
	}
	o, err := im.operand(n, 0)
	if err != nil {
		return v, err
	}
	above, below := o, o
	if above.value, err = im.then(n, v, kernels.Relu{}); err == nil {
		below.value, err = im.then(n, v, kernels.Clip{Lo: -math.MaxFloat32})
	}
	if err == nil {
		below, err = im.scaled(n, below, t, factors)
	}
	if err == nil {
		above, err = im.sum(n, above, below)
	}
	return above.value, err
}

func writeArithmetic(op string) func(x *exporter, i int) {
	return func(x *exporter, i int) {
		rank := x.rank(i)
		x.out(i, rank, op, nil, x.input(i, 0, rank), x.input(i, 1, rank))
	}
}

func writePRelu(x *exporter, i int) {
	n, rank := &x.net.Nodes[i], x.rank(i)
	in, dims := x.input(i, 0, rank), []int{n.Shape.C}
	if rank == 4 {
		dims = []int{n.Shape.C, 1, 1}
	}
	x.out(i, rank, "PRelu", nil, in, x.floats(n.Name+"_slope", n.Op.(kernels.PRelu).Slope, dims...))
}
