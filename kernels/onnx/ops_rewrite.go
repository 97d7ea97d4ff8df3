package onnx

import (
	"fmt"

	"bitcycle/kernels"
)

// Operators that are others of package kernels in disguise.

// partial names a tensor on its way; none of a model has the name.
func partial(n *node) string { return "\x00" + nodeName(n) }

// importCast passes values on that the executor has in float32 anyway, and cuts
// floats to integers.
func importCast(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	to, from := n.int("to", typeFloat), im.facts.of[n.inputs[0]].kind
	switch {
	case to == typeBool:
		return v, fmt.Errorf("to bool is not supported")
	case fractional(to) || !fractional(from):
		return v, nil
	}
	return im.then(n, v, kernels.Scalar{Function: "trunc"})
}

// importSplit is a slice for each output.
func importSplit(im *importer, n *node) (value, error) {
	o, err := im.moving(n)
	if err != nil {
		return o.value, err
	}
	at, err := position(n.int("axis", 0), len(o.dims))
	if err != nil {
		return o.value, err
	}
	var first value
	offset := 0
	for i, name := range n.outputs {
		dims, err := im.dimsOfOutput(name)
		if err != nil {
			return first, err
		}
		count := int(dims[at])
		y, err := im.sliced(n, o, map[int][3]int{at: {offset, 1, count}})
		if err != nil {
			return first, err
		}
		offset += count
		if im.values[name] = y.value; i == 0 {
			first = y.value
		}
	}
	return first, nil
}

// importFusedConv is a convolution with an activation behind it.
func importFusedConv(im *importer, n *node) (value, error) {
	v, err := importConv(im, n)
	if err != nil {
		return v, err
	}
	if len(n.inputs) > 3 && n.inputs[3] != "" {
		other, err := im.operand(n, 3)
		if err != nil {
			return v, err
		}
		y, err := im.sum(n, operand{v, im.dimsOf(v, im.facts.of[n.outputs[0]].dims)}, other)
		if v = y.value; err != nil {
			return v, err
		}
	}
	name := n.attrs["activation"].s
	if name == "" {
		return v, nil
	}
	r := reader(name)
	if r == nil {
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
