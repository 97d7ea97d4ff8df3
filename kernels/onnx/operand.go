package onnx

import (
	"fmt"
	"slices"

	"bitcycle/kernels"
)

// operand is a value and the dimensions of its tensor.
type operand struct {
	value
	dims []int64
}

// operand returns input i of n.
func (im *importer) operand(n *node, i int) (operand, error) {
	v, err := im.arg(n, i)
	if err != nil {
		return operand{}, err
	}
	return operand{v, im.dimsOf(v, im.dims(n, i))}, nil
}

// dimsOf returns the dimensions of a value, which are stated unless its axes tell.
func (im *importer) dimsOf(v value, stated []int64) []int64 {
	switch {
	case v.constant != nil:
		return v.constant.dims
	case stated != nil:
		return stated
	case v.axes == nil:
		return []int64{int64(im.shape(v).Size())}
	}
	return convert(v.axes, func(a axis) int64 { return im.length(v, a) })
}

// plain returns a value whose features lie in the order of its tensor.
func (im *importer) plain(n *node, v value) (value, error) {
	if v.perm == nil {
		return v, nil
	}
	if im.quant != nil {
		return v, fmt.Errorf("input is flattened in an order other than channels, height, width")
	}
	return im.then(n, value{node: v.node, axes: v.axes}, kernels.Pick{C: v.perm})
}

// ranked returns an operand of which every dimension is an axis.
func (im *importer) ranked(n *node, o operand) (operand, error) {
	var err error
	if o.value, err = im.plain(n, o.value); err != nil || len(o.axes) == len(o.dims) {
		return o, err
	}
	axes, err := im.axesFor(o.dims, nil)
	if err == nil && len(axes) != len(o.dims) {
		err = fmt.Errorf("%d axes are too many", len(o.dims))
	}
	if err == nil {
		o.value, err = im.reorder(n, o.value, o.dims, axes)
	}
	return o, err
}

// aligned returns an operand with axes of these meanings, of which the last ones
// are its own.
func (im *importer) aligned(n *node, o operand, axes []axis) (operand, error) {
	if axes == nil || len(o.dims) > len(axes) {
		return o, fmt.Errorf("%v cannot become %v", o.axes, axes)
	}
	lead := len(axes) - len(o.dims)
	o.dims = slices.Concat(slices.Repeat([]int64{1}, lead), o.dims)
	if o.perm == nil && slices.Equal(o.axes, axes[lead:]) && (im.batch == 1 || !slices.Contains(axes[:lead], axisN)) {
		o.axes = axes
		return o, nil
	}
	var err error
	if o.value, err = im.plain(n, o.value); err == nil {
		o.value, err = im.reorder(n, o.value, o.dims, axes)
	}
	return o, err
}

// spread repeats an operand along the axes where dims are longer.
func (im *importer) spread(n *node, o operand, dims []int64) (operand, error) {
	if slices.Equal(o.dims, dims) {
		return o, nil
	}
	axes := o.axes
	if len(axes) != len(dims) {
		var err error
		if axes, err = im.axesFor(dims, nil); err != nil {
			return o, err
		}
	}
	o, err := im.aligned(n, o, axes)
	if err != nil {
		return o, err
	}
	var p kernels.Pick
	for i, a := range axes {
		if o.dims[i] == dims[i] {
			continue
		}
		if a == axisN {
			return o, errImages
		}
		if dims[i] > maxIndices {
			return o, fmt.Errorf("%v to %v: an axis is too long to be repeated", o.dims, dims)
		}
		*indices(&p, a) = make([]int, dims[i])
	}
	o.dims = dims
	if p.D != nil || p.H != nil || p.W != nil || p.C != nil {
		o.value, err = im.then(n, o.value, p)
	}
	return o, err
}

// maxIndices bounds how many values of an axis are told one by one, and the values of
// a constant that is broadcast: a small file must not exhaust the memory.
const maxIndices = 1 << 22

// indices returns those of an axis.
func indices(p *kernels.Pick, a axis) *[]int {
	return map[axis]*[]int{axisC: &p.C, axisH: &p.H, axisW: &p.W, axisD: &p.D}[a]
}

// together returns two operands with the same axes.
func (im *importer) together(n *node, a, b operand) (x, y operand, err error) {
	if slices.Equal(a.dims, b.dims) && slices.Equal(a.axes, b.axes) && slices.Equal(a.perm, b.perm) {
		return a, b, nil
	}
	if im.quant != nil {
		return a, b, fmt.Errorf("inputs have different layouts %v and %v", a.axes, b.axes)
	}
	dims, err := broadcast(a.dims, b.dims)
	if err != nil {
		return a, b, err
	}
	var axes []axis
	for _, o := range []operand{b, a} {
		if len(o.axes) == len(dims) && (axes == nil || slices.Equal(o.dims, dims)) {
			axes = o.axes
		}
	}
	if axes == nil {
		if axes, err = im.axesFor(dims, nil); err != nil {
			return a, b, err
		}
	}
	if axes == nil && slices.Equal(a.dims, b.dims) { // one long vector each
		if a.value, err = im.reorder(n, a.value, a.dims, nil); err == nil {
			b.value, err = im.reorder(n, b.value, b.dims, nil)
		}
		return a, b, err
	}
	if x, err = im.aligned(n, a, axes); err == nil {
		y, err = im.aligned(n, b, axes)
	}
	return x, y, err
}

// constantFor returns the values of a constant that meet an operand, one for each
// channel or for each value, and the operand, repeated where the constant is longer.
func (im *importer) constantFor(n *node, o operand, t *tensor) (operand, []float32, error) {
	dims, err := broadcast(o.dims, t.dims)
	if err != nil {
		return o, nil, err
	}
	if slices.Equal(dims, o.dims) {
		x, err := im.perFeature(o.value, t)
		if err == nil || im.quant != nil {
			return o, x, err
		}
	}
	if o.value, err = im.plain(n, o.value); err != nil {
		return o, nil, err
	}
	if o, err = im.spread(n, o, dims); err != nil {
		return o, nil, err
	}
	if product(dims) > maxIndices {
		return o, nil, fmt.Errorf("constant %q of %v meets %v", t.name, t.dims, dims)
	}
	if at := slices.Index(o.axes, axisN); at >= 0 && im.batch > 1 && len(t.dims) == len(dims) && t.dims[at] > 1 {
		return o, nil, errImages
	}
	x, err := im.few(t)
	if err != nil {
		return o, nil, err
	}
	if len(x) == 1 {
		x, err = im.repeated(x[0], im.shape(o.value).C)
		return o, x, err
	}
	x, err = stored(x, t.dims, dims, o.axes, im.shape(o.value))
	return o, x, err
}

// stored returns the values of a constant that is broadcast to dims, for one image
// and in the order in which they are stored.
func stored(x []float32, from, dims []int64, axes []axis, shape kernels.Shape) ([]float32, error) {
	own := slices.Clone(dims)
	if at := slices.Index(axes, axisN); at >= 0 {
		own[at] = 1
	}
	at := walker(own, broadcastSteps(from, own), 0)
	full := make([]float32, product(own))
	for i := range full {
		full[i] = x[at(i)]
	}
	file := Tensor{axes: axes}
	return file.Stored(full, shape)
}

// constantNode makes a constant a node with these axes.
func (im *importer) constantNode(n *node, t *tensor, axes []axis) (value, error) {
	if im.quant != nil || len(axes) != len(t.dims) || product(t.dims) > maxIndices {
		return value{}, fmt.Errorf("constant %q of %v as a tensor", t.name, t.dims)
	}
	shape, err := im.shapeOf(t.dims, axes)
	if err != nil {
		return value{}, err
	}
	x, err := im.few(t)
	if err == nil && im.batch > 1 && slices.Contains(axes, axisN) {
		err = errImages
	}
	if err == nil {
		x, err = stored(x, t.dims, t.dims, axes, shape)
	}
	if err != nil {
		return value{}, err
	}
	i, err := im.add(&node{name: t.name}, kernels.Node{Op: kernels.Constant{Shape: shape, Values: x}})
	return value{node: i, axes: axes}, err
}
