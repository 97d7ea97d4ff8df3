package onnx

import (
	"errors"
	"fmt"

	"bitcycle/kernels"
)

// Operators that are others of package kernels in disguise.

// partial names a tensor on its way; none of a model has the name.
func partial(n *node) string { return "\x00" + nodeName(n) }

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
	im.values[partial(n)], im.facts.of[partial(n)] = v, im.facts.of[n.outputs[0]]
	defer delete(im.values, partial(n))
	return r.read(im, next)
}

// activationParams names the parameters of activations in their order.
var activationParams = map[string][]string{"Clip": {"min", "max"}, "LeakyRelu": {"alpha"}, "HardSigmoid": {"alpha", "beta"}}
