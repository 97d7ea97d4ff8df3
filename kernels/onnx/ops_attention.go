package onnx

import (
	"errors"
	"slices"

	"bitcycle/kernels"
)

// Products of any two tensors, of which one may be constant.

// multiplied is a·b over the last two axes. A constant matrix makes a layer, other
// constants are tensors like all others.
func (im *importer) multiplied(n *node, a, b operand) (operand, error) {
	dims, err := matmul(a.dims, b.dims)
	if err != nil {
		return a, err
	}
	switch {
	case a.constant != nil && b.constant != nil:
		return a, errors.New("both factors are constants")
	}
	for i, o := range []*operand{&a, &b} {
		if o.constant == nil {
			continue
		}
		if _, _, err := o.constant.matrix(); err == nil {
			return im.layered(n, a, b, i == 1, dims)
		}
		if o.value, err = im.constantNode(n, o.constant, wholeAxes(len(o.dims))); err != nil {
			return a, err
		}
	}
	return im.stacked(n, a, b, dims)
}

// layered is the product with a constant matrix, behind or before.
func (im *importer) layered(n *node, a, b operand, behind bool, dims []int64) (operand, error) {
	x, at := &a, len(a.dims)-1
	if !behind {
		x, at = &b, max(len(b.dims)-2, 0)
	}
	var err error
	if *x, err = im.ranked(n, *x); err != nil {
		return *x, err
	}
	axes := x.axes
	if axes[at] != axisC {
		if axes, err = alongChannels(x.axes, len(x.dims), at); err != nil {
			return *x, err
		}
	}
	deep := im.shape(x.value).D > 0 && slices.Contains(axes, axisD)
	if deep { // depths are rows like others
		axes = []axis{axisN, axisH, axisC, axisW}
		rows := product(x.dims[:at]) / im.batch
		x.dims = []int64{im.batch, rows, x.dims[at], product(x.dims[at+1:])}
	}
	if !slices.Equal(x.axes, axes) {
		if x.value, err = im.reorder(n, x.value, x.dims, axes); err != nil {
			return *x, err
		}
	}
	if deep {
		at = 2
	}
	y, err := im.productAt(n, a.value, b.value, at)
	out := operand{y, dims}
	if err == nil && (deep || len(y.axes) != len(dims)) {
		out.dims = im.dimsOf(y, nil)
		out.value, err = im.reshape(n, y, out.dims, dims)
		out.dims = dims
	}
	return out, err
}

// stacked is the product of two stacks of matrices.
func (im *importer) stacked(n *node, a, b operand, dims []int64) (operand, error) {
	if len(a.dims) == 1 {
		a.dims = []int64{1, a.dims[0]}
		a.axes = append([]axis{axisH}, a.axes...)
	}
	if len(b.dims) == 1 {
		b.dims = append(b.dims, 1)
		b.axes = append(b.axes, axisH)
	}
	stack, err := broadcast(a.dims[:len(a.dims)-2], b.dims[:len(b.dims)-2])
	if err != nil {
		return a, err
	}
	rows, k, columns := a.dims[len(a.dims)-2], a.dims[len(a.dims)-1], b.dims[len(b.dims)-1]
	if a, err = im.matrices(n, a, stack, rows, k); err != nil {
		return a, err
	}
	if product(b.dims[:len(b.dims)-2]) == 1 && im.batch == 1 {
		b, err = im.matrices(n, b, nil, k, columns)
	} else {
		b, err = im.matrices(n, b, stack, k, columns)
	}
	if err != nil {
		return b, err
	}
	y, err := im.add(n, kernels.Node{Op: kernels.MatMul{}, Inputs: []int{a.node, b.node}})
	if err != nil {
		return a, err
	}
	out := operand{value{node: y, axes: a.axes}, dims}
	if named := slices.Concat(stack, []int64{rows, columns}); slices.Equal(named, dims) {
		if axes := stackAxes(stack); axes != nil {
			out.axes = axes
			return out, nil
		}
	}
	out.value, err = im.reshape(n, out.value, im.dimsOf(out.value, nil), dims)
	return out, err
}

// matrices lays an operand out as a stack of matrices: depths, rows, channels.
func (im *importer) matrices(n *node, o operand, stack []int64, rows, columns int64) (operand, error) {
	var err error
	full := slices.Concat(stack, []int64{rows, columns})
	if stack != nil && !slices.Equal(full, o.dims) {
		if o, err = im.spread(n, o, full); err != nil {
			return o, err
		}
	}
	if o.value, err = im.plain(n, o.value); err != nil {
		return o, err
	}
	axes, dims := []axis{axisD, axisH, axisC}, []int64{product(stack), rows, columns}
	if im.batch > 1 {
		if len(stack) == 0 || stack[0] != im.batch || len(o.axes) == 0 || o.axes[0] != axisN {
			return o, errImages
		}
		axes, dims = append([]axis{axisN}, axes...), append([]int64{im.batch, product(stack[1:])}, dims[1:]...)
	}
	o.value, err = im.reorder(n, o.value, dims, axes)
	return o, err
}

// stackAxes are the axes of a stack of matrices at depths; nil if the stack has more
// than one axis beside images.
func stackAxes(stack []int64) []axis {
	switch len(stack) {
	case 0:
		return []axis{axisH, axisC}
	case 1:
		return []axis{axisD, axisH, axisC}
	case 2:
		if stack[0] == 1 {
			return []axis{axisN, axisD, axisH, axisC}
		}
	}
	return nil
}
