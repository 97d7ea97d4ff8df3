package onnx

import (
	"errors"
	"fmt"
)

// What nodes read: tensors, constants, dimensions.

// arg returns input i of n, which must be there.
func (im *importer) arg(n *node, i int) (value, error) {
	if i >= len(n.inputs) || n.inputs[i] == "" {
		return value{}, fmt.Errorf("input %d is missing", i+1)
	}
	v, ok := im.values[n.inputs[i]]
	if !ok {
		return value{}, fmt.Errorf("input %q is not computed before", n.inputs[i])
	}
	return v, nil
}

// data returns input i of n, which must not be constant.
func (im *importer) data(n *node, i int) (value, error) {
	v, err := im.arg(n, i)
	if err == nil && v.constant != nil {
		err = fmt.Errorf("input %q is a constant", n.inputs[i])
	}
	return v, err
}

// image returns input 0 of n in the order images, channels, height, width;
// one of three axes in the order images, channels, width.
func (im *importer) image(n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	want := nchw
	switch len(im.dims(n, 0)) {
	case 3:
		want = ncw
	case 5:
		return v, fmt.Errorf("3-D %s is not supported: write it as 2-D ones over the depths, or charge it by its shape", n.op)
	}
	y, err := im.relabel(n, v, im.dims(n, 0), want)
	if err != nil {
		err = fmt.Errorf("input %q has axes %v: must be images, channels, height, width", n.inputs[0], v.axes)
	}
	return y, err
}

// dims returns the dimensions of input i of n.
func (im *importer) dims(n *node, i int) []int64 {
	if i >= len(n.inputs) {
		return nil
	}
	return im.facts.of[n.inputs[i]].dims
}

// outputDims returns the dimensions of the first output of n, or why they are not known.
func (im *importer) outputDims(n *node) ([]int64, error) { return im.dimsOfOutput(n.outputs[0]) }

func (im *importer) dimsOfOutput(name string) ([]int64, error) {
	dims := im.facts.of[name].dims
	if dims != nil {
		return dims, nil
	}
	if err := im.facts.why[name]; err != nil {
		return nil, err
	}
	return nil, errors.New("the shape of its output is not known")
}

// given returns input i of n, which must be there and constant; what names it.
func (im *importer) given(n *node, i int, what string) (*tensor, error) {
	t, err := im.constant(n, i)
	if err == nil && t == nil {
		err = fmt.Errorf("the %s is missing", what)
	}
	return t, err
}

// constant returns input i of n, which must be constant; nil if it is left out.
func (im *importer) constant(n *node, i int) (*tensor, error) {
	if i >= len(n.inputs) || n.inputs[i] == "" {
		return nil, nil
	}
	v, err := im.arg(n, i)
	if err == nil && v.constant == nil {
		err = fmt.Errorf("input %q must be a constant", n.inputs[i])
	}
	return v.constant, err
}

// weights returns the float constant at input i of n with the given rank.
func (im *importer) weights(n *node, i, rank int) (*tensor, []float32, error) {
	t, err := im.constant(n, i)
	if err != nil {
		return nil, nil, err
	}
	if t == nil {
		return nil, nil, fmt.Errorf("input %d is missing", i+1)
	}
	if len(t.dims) != rank {
		return nil, nil, fmt.Errorf("tensor %q has dimensions %v: must be %d", t.name, t.dims, rank)
	}
	if im.opt.Shapes && rank > 1 {
		return t, nil, nil
	}
	v, err := im.few(t)
	if err == nil && rank > 1 {
		im.release(t)
	}
	return t, v, err
}

// few returns the values of a constant that is no matrix of weights. Where shapes
// are all that is wanted and the values are not there, they are ones.
func (im *importer) few(t *tensor) ([]float32, error) {
	v, err := t.values32()
	if err == nil || !im.opt.Shapes {
		return v, err
	}
	n, bad := t.size()
	if bad != nil || n > maxIndices {
		return nil, err
	}
	return im.repeated(1, n)
}
