package onnx

import (
	"fmt"
	"slices"

	"bitcycle/kernels"
)

// axesFor tells what the axes of a tensor of these dimensions mean: what they mean
// for a like tensor of the same dimensions, else by their number.
func (im *importer) axesFor(dims []int64, like *value) ([]axis, error) {
	if like != nil && len(like.axes) == len(dims) && len(dims) > 0 {
		at := slices.Index(like.axes, axisN)
		if at < 0 && im.batch == 1 || at >= 0 && dims[at] == im.batch {
			return like.axes, nil
		}
	}
	if len(dims) > 1 && len(dims) < 6 && dims[0] == im.batch && !im.whole {
		return imageAxes(len(dims)), nil
	}
	if im.batch > 1 {
		return nil, errImages
	}
	return wholeAxes(len(dims)), nil
}

// shapeOf returns the shape of one image of a tensor of these dimensions.
func (im *importer) shapeOf(dims []int64, axes []axis) (kernels.Shape, error) {
	if axes == nil {
		return kernels.Shape{C: int(product(dims)), H: 1, W: 1}, nil
	}
	s := kernels.Shape{C: 1, H: 1, W: 1}
	for i, a := range axes {
		d := int(dims[i])
		switch a {
		case axisN:
			if dims[i] != im.batch {
				return s, errImages
			}
		case axisC:
			s.C = d
		case axisH:
			s.H = d
		case axisW:
			s.W = d
		case axisD:
			if s.D = d; d == 1 {
				s.D = 0
			}
		}
	}
	if s.C < 1 || s.H < 1 || s.W < 1 || s.D < 0 {
		return s, fmt.Errorf("dimensions %s are empty", formatDims(dims))
	}
	return s, nil
}

// relabel gives the axes of v, which has these dimensions, other meanings.
func (im *importer) relabel(n *node, v value, dims []int64, want []axis) (value, error) {
	if slices.Equal(v.axes, want) && v.perm == nil {
		return v, nil
	}
	return im.reorder(n, v, dims, want)
}

// reorder lays v out anew as a tensor of other dimensions with these axes.
func (im *importer) reorder(n *node, v value, dims []int64, axes []axis) (value, error) {
	if v.perm != nil || axes != nil && len(axes) != len(dims) {
		return v, fmt.Errorf("%v cannot become %v", v.axes, axes)
	}
	for _, a := range [][]axis{v.axes, axes} {
		if im.batch > 1 && (len(a) == 0 || a[0] != axisN) {
			return v, errImages
		}
	}
	shape, err := im.shapeOf(dims, axes)
	if err != nil {
		return v, err
	}
	from, to := letters(v.axes), letters(axes)
	if shape == im.shape(v) && long(from, shape) == long(to, shape) {
		return value{node: v.node, axes: axes}, nil
	}
	y, err := im.then(n, v, kernels.Reorder{From: from, To: to, Out: shape})
	y.axes = axes
	return y, err
}

// long leaves out the axes that are one long.
func long(order string, s kernels.Shape) string {
	out := ""
	for _, a := range order {
		if n := map[rune]int{'C': s.C, 'H': s.H, 'W': s.W, 'D': s.D}[a]; n > 1 {
			out += string(a)
		}
	}
	return out
}
