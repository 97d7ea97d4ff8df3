package onnx

import (
	"errors"
	"fmt"
	"math"

	"bitcycle/kernels"
)

// Operators that are others of package kernels in disguise.

// importSum adds up any number of tensors.
func importSum(im *importer, n *node) (value, error) {
	if len(n.inputs) == 1 {
		return im.data(n, 0)
	}
	sum := *n
	var y value
	for i := 1; i < len(n.inputs); i++ {
		sum.inputs = []string{n.inputs[0], n.inputs[i]}
		if i > 1 {
			sum.inputs[0] = partial(n)
			im.values[partial(n)] = y
		}
		var err error
		if y, err = importAdd(im, &sum); err != nil {
			return y, err
		}
	}
	delete(im.values, partial(n))
	return y, nil
}

// partial names a sum on its way; no tensor of a model has the name.
func partial(n *node) string { return "\x00" + nodeName(n) }

// importSub is a difference from a constant: a constant is added.
func importSub(im *importer, n *node) (value, error) {
	return im.shifted(n, func(x []float32) kernels.Scale {
		return kernels.Scale{Factor: repeat(1, len(x)), Offset: convert(x, func(v float32) float32 { return -v })}
	})
}

// importDiv is a quotient by a constant.
func importDiv(im *importer, n *node) (value, error) {
	return im.shifted(n, func(x []float32) kernels.Scale {
		return kernels.Scale{Factor: convert(x, func(v float32) float32 { return 1 / v }), Offset: make([]float32, len(x))}
	})
}

// shifted is a scale of the first input by what f makes of the constant second.
func (im *importer) shifted(n *node, f func(x []float32) kernels.Scale) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	b, err := im.arg(n, 1)
	if err == nil && b.constant == nil {
		err = fmt.Errorf("the second input must be a constant")
	}
	if err != nil {
		return v, err
	}
	x, err := im.perFeature(v, b.constant)
	if err != nil {
		return v, err
	}
	return im.then(n, v, f(x))
}

// importMax and importMin clamp to one bound.
func importMax(im *importer, n *node) (value, error) { return im.bounded(n, true) }
func importMin(im *importer, n *node) (value, error) { return im.bounded(n, false) }

func (im *importer) bounded(n *node, below bool) (value, error) {
	if len(n.inputs) != 2 {
		return value{}, fmt.Errorf("%d inputs: must be 2", len(n.inputs))
	}
	a, b, err := im.operands(n)
	if err != nil {
		return a, err
	}
	if b.constant == nil {
		return a, errors.New("one input must be a constant")
	}
	x, err := b.constant.values32()
	if err == nil && len(x) != 1 {
		err = fmt.Errorf("constant %q has %d values: must be 1", b.constant.name, len(x))
	}
	if err != nil {
		return a, err
	}
	op := kernels.Clip{Lo: x[0], Hi: math.MaxFloat32}
	if !below {
		op = kernels.Clip{Lo: -math.MaxFloat32, Hi: x[0]}
	}
	if below && x[0] == 0 {
		return im.then(n, a, kernels.Relu{})
	}
	return im.then(n, a, op)
}

// importCast passes values on that the executor has in float32 anyway: those of
// floats, and those of integers made floats.
func importCast(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	to := n.int("to", typeFloat)
	from := im.facts.of[n.inputs[0]].kind
	if !fractional(to) && to != from {
		return v, fmt.Errorf("to %s: must be a type of floats", (&tensor{kind: to}).typeName())
	}
	return v, nil
}

// importSplit is a slice for each output.
func importSplit(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	dims := im.dims(n, 0)
	at, err := position(n.int("axis", 0), len(dims))
	if err != nil {
		return v, err
	}
	if len(v.axes) != len(dims) || v.axes[at] == axisN || v.axes[at] == axisD || v.perm != nil {
		return v, fmt.Errorf("axis %d of %v: must be channels, height or width", at, v.axes)
	}
	which, s := v.axes[at]-axisC, im.shape(v)
	var first value
	offset := 0
	for i, name := range n.outputs {
		f := im.facts.of[name]
		if f.dims == nil {
			return v, im.facts.why[name]
		}
		o := kernels.Slice{Step: [3]int{1, 1, 1}, Count: [3]int{s.C, s.H, s.W}}
		o.Start[which], o.Count[which] = offset, int(f.dims[at])
		offset += int(f.dims[at])
		y, err := im.then(n, v, o)
		if err != nil {
			return v, err
		}
		if im.values[name] = y; i == 0 {
			first = y
		}
	}
	return first, nil
}

// importFusedConv is a convolution with an activation behind it.
func importFusedConv(im *importer, n *node) (value, error) {
	if len(n.inputs) > 3 {
		return value{}, errors.New("a sum within is not supported")
	}
	v, err := importConv(im, n)
	if err != nil {
		return v, err
	}
	name := n.attrs["activation"].s
	r, ok := readers[name]
	if !ok || r.read == nil {
		return v, fmt.Errorf("activation = %q is not supported", name)
	}
	params := n.attrs["activation_params"].floats
	next := &node{name: nodeName(n) + "_" + name, op: name, inputs: []string{partial(n)}, outputs: n.outputs, attrs: map[string]attribute{}}
	for i, key := range activationParams[name] {
		if i < len(params) {
			next.attrs[key] = floatAttr(params[i])
		}
	}
	im.values[partial(n)] = v
	defer delete(im.values, partial(n))
	return r.read(im, next)
}

// activationParams names the parameters of activations in their order.
var activationParams = map[string][]string{"Clip": {"min", "max"}, "LeakyRelu": {"alpha"}, "HardSigmoid": {"alpha", "beta"}}
