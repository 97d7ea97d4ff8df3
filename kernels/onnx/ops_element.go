package onnx

import (
	"fmt"
	"math"
	"slices"

	"bitcycle/kernels"
)

func importClip(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	lo, hi, err := im.bounds(n)
	if err != nil {
		return v, err
	}
	if lo == 0 && hi == math.MaxFloat32 {
		return im.then(n, v, kernels.Relu{})
	}
	return im.then(n, v, kernels.Clip{Lo: lo, Hi: hi})
}

// bounds returns the bounds of a Clip: attributes before operator set 11, inputs since.
func (im *importer) bounds(n *node) (lo, hi float32, err error) {
	lo, hi = n.float("min", -math.MaxFloat32), n.float("max", math.MaxFloat32)
	for i, to := range []*float32{&lo, &hi} {
		t, err := im.constant(n, i+1)
		if err != nil {
			return lo, hi, err
		}
		if t == nil {
			continue
		}
		x, err := t.values32()
		if err != nil {
			return lo, hi, err
		}
		if len(x) != 1 {
			return lo, hi, fmt.Errorf("bound %q has %d values: must be 1", t.name, len(x))
		}
		*to = x[0]
	}
	if !(lo <= hi) {
		return lo, hi, fmt.Errorf("bounds %v: the first must not exceed the second", [2]float32{lo, hi})
	}
	return lo, hi, nil
}

func repeat(x float32, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = x
	}
	return out
}

// repeated is repeat, within the budget of what operators hold.
func (im *importer) repeated(x float32, n int) ([]float32, error) {
	if int64(n) > im.held.left {
		return nil, im.held.spend(int64(n))
	}
	return repeat(x, n), nil
}

// perFeature returns one value per feature of v from a constant that broadcasts
// to v and varies along nothing but the features.
func (im *importer) perFeature(v value, t *tensor) ([]float32, error) {
	x, err := im.few(t)
	if err != nil {
		return nil, err
	}
	c := im.shape(v).C
	if len(x) == 1 {
		return im.repeated(x[0], c)
	}
	dims := t.dims
	for len(dims) > len(v.axes) && dims[0] == 1 {
		dims = dims[1:]
	}
	fits := len(dims) <= len(v.axes) && len(x) == c
	for i, d := range dims {
		if fits && d != 1 {
			fits = v.axes[len(v.axes)-len(dims)+i] == axisC
		}
	}
	if !fits {
		return nil, fmt.Errorf("constant %q %v: must be one value or one per channel of %v", t.name, t.dims, im.shape(v))
	}
	out := slices.Clone(x)
	for i, at := range v.perm {
		out[at] = x[i]
	}
	return out, nil
}

// importBatchNorm translates y = scale·(x − mean)/√(var + ε) + bias into a
// scale and bias per channel.
func importBatchNorm(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	if len(v.axes) < 2 || v.axes[1] != axisC || v.perm != nil {
		o, err := im.secondAxis(n)
		if err != nil {
			return v, fmt.Errorf("input %q has axes %v: the second must be the channels", n.inputs[0], v.axes)
		}
		v = o.value
	}
	if n.attrs["training_mode"].i != 0 {
		return v, fmt.Errorf("training_mode is not supported")
	}
	c := im.shape(v).C
	var p [4][]float32
	for i := range p {
		_, p[i], err = im.weights(n, i+1, 1)
		if err != nil {
			return v, err
		}
		if len(p[i]) != c {
			return v, fmt.Errorf("tensor %q has %d values for %d channels", n.inputs[i+1], len(p[i]), c)
		}
	}
	k := kernels.Scale{Factor: make([]float32, c), Offset: make([]float32, c)}
	epsilon := float64(n.float("epsilon", 1e-5))
	for i := range c {
		scale := float64(p[0][i]) / math.Sqrt(float64(p[3][i])+epsilon)
		k.Factor[i] = float32(scale)
		k.Offset[i] = float32(float64(p[1][i]) - scale*float64(p[2][i]))
	}
	return im.then(n, v, k)
}

// importSoftmax accepts a softmax over the features alone.
func importSoftmax(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	at := int64(1)
	if im.opset >= 13 {
		at = -1
	}
	if a, ok := n.attrs["axis"]; ok {
		at = a.i
	}
	rank := len(v.axes)
	if d := im.dims(n, 0); d != nil {
		rank = len(d)
	}
	i, err := position(at, rank)
	if err != nil {
		return v, err
	}
	o, err := im.ranked(n, operand{v, im.dimsOf(v, im.dims(n, 0))})
	if err != nil {
		return o.value, err
	}
	op := kernels.Softmax{Log: n.op == "LogSoftmax"}
	// Before opset 13, softmax ran over all axes from this one on.
	if im.opset < 13 && i < rank-1 && product(o.dims[i+1:]) > 1 {
		return im.softmaxOver(n, o, i, op)
	}
	if o, err = im.onChannels(n, o, i); err != nil {
		return v, err
	}
	return im.then(n, o.value, op)
}

// softmaxOver runs over all axes from one on.
func (im *importer) softmaxOver(n *node, o operand, at int, op kernels.Softmax) (value, error) {
	axes, dims := []axis{axisH, axisC}, []int64{product(o.dims[:at]), product(o.dims[at:])}
	if im.batch > 1 {
		if at != 1 || o.axes[0] != axisN {
			return o.value, errImages
		}
		axes = flat
	}
	v, err := im.reorder(n, o.value, dims, axes)
	if err == nil {
		v, err = im.then(n, v, op)
	}
	if err == nil {
		v, err = im.reorder(n, v, o.dims, o.axes)
	}
	return v, err
}

// position resolves an axis that may count from the end.
func position(at int64, rank int) (int, error) {
	if at < 0 {
		at += int64(rank)
	}
	if at < 0 || at >= int64(rank) {
		return 0, fmt.Errorf("axis %d of %d", at, rank)
	}
	return int(at), nil
}
