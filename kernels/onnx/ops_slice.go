package onnx

import (
	"fmt"

	"bitcycle/kernels"
)

// importPad reads zero padding from attributes (before opset 11) or inputs.
func importPad(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	if mode := n.attrs["mode"].s; mode != "" && mode != "constant" {
		return v, fmt.Errorf("mode = %q: must be constant", mode)
	}
	pads := n.attrs["pads"].ints
	if t, err := im.constant(n, 1); err != nil {
		return v, err
	} else if t != nil {
		if pads, err = t.integers(); err != nil {
			return v, err
		}
	}
	if err := im.zeroPad(n); err != nil {
		return v, err
	}
	at, err := im.sliceAxes(n, 3, v, len(pads)/2)
	if err != nil {
		return v, err
	}
	var k kernels.Pad
	to := map[axis][2]*int{axisC: {&k.Channels[0], &k.Channels[1]}, axisH: {&k.Pad[0], &k.Pad[2]}, axisW: {&k.Pad[1], &k.Pad[3]}}
	for i, a := range at {
		for side, p := range [2]int64{pads[i], pads[i+len(at)]} {
			switch {
			case p == 0:
			case a == axisN || a == axisD || v.perm != nil || p < 0 || p > 1<<20:
				return v, fmt.Errorf("pads %v of %v: only channels, height and width grow", pads, at)
			default:
				*to[a][side] = int(p)
			}
		}
	}
	return im.then(n, v, k)
}

// zeroPad checks that padding is with zero.
func (im *importer) zeroPad(n *node) error {
	fill := n.float("value", 0)
	t, err := im.constant(n, 2)
	if err != nil {
		return err
	}
	if t != nil {
		x, err := t.values32()
		if err != nil {
			return err
		}
		if len(x) == 1 {
			fill = x[0]
		}
	}
	if fill != 0 {
		return fmt.Errorf("padding with %v: must be 0", fill)
	}
	return nil
}

// sliceAxes returns the axes that count entries of an operator speak of: those
// listed at input i, else the first ones.
func (im *importer) sliceAxes(n *node, i int, v value, count int) ([]axis, error) {
	t, err := im.constant(n, i)
	if err != nil {
		return nil, err
	}
	list := n.attrs["axes"].ints
	if t != nil {
		if list, err = t.integers(); err != nil {
			return nil, err
		}
	}
	if list == nil {
		for a := range min(count, len(v.axes)) {
			list = append(list, int64(a))
		}
	}
	if len(list) != count {
		return nil, fmt.Errorf("%d entries for %d axes", count, len(list))
	}
	axes := make([]axis, count)
	for j, at := range list {
		p, err := position(at, len(v.axes))
		if err != nil {
			return nil, err
		}
		axes[j] = v.axes[p]
	}
	return axes, nil
}

// importSlice reads starts, ends, axes and steps from attributes (before opset 10) or inputs.
func importSlice(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	list := [3][]int64{n.attrs["starts"].ints, n.attrs["ends"].ints, nil}
	for i, at := range []int{1, 2, 4} {
		if t, err := im.constant(n, at); err != nil {
			return v, err
		} else if t != nil {
			if list[i], err = t.integers(); err != nil {
				return v, err
			}
		}
	}
	starts, ends, steps := list[0], list[1], list[2]
	axes, err := im.sliceAxes(n, 3, v, len(starts))
	if err != nil {
		return v, err
	}
	if len(ends) != len(starts) || steps != nil && len(steps) != len(starts) {
		return v, fmt.Errorf("%d starts, %d ends, %d steps", len(starts), len(ends), len(steps))
	}
	s := im.shape(v)
	k := kernels.Slice{Step: [3]int{1, 1, 1}, Count: [3]int{s.C, s.H, s.W}}
	for i, a := range axes {
		step := int64(1)
		if steps != nil {
			step = steps[i]
		}
		first, n, err := span(starts[i], ends[i], step, im.length(v, a))
		if err != nil {
			return v, err
		}
		whole := first == 0 && step == 1 && n == im.length(v, a)
		switch {
		case whole:
		case a == axisN || a == axisD || v.perm != nil:
			return v, fmt.Errorf("slice along %v: must be along channels, height or width", a)
		default:
			k.Start[a-axisC], k.Step[a-axisC], k.Count[a-axisC] = int(first), int(step), int(n)
		}
	}
	return im.then(n, v, k)
}

// span resolves a slice of an axis of the given length as ONNX does: negative
// positions count from the end, and both ends are clamped to the axis.
func span(start, end, step, length int64) (first, count int64, err error) {
	if step == 0 || step < -1<<31 || step > 1<<31 {
		return 0, 0, fmt.Errorf("step %d", step)
	}
	if start < 0 {
		start += length
	}
	if end < 0 {
		end += length
	}
	if step > 0 {
		start, end = min(max(start, 0), length), min(max(end, 0), length)
		count = (end - start + step - 1) / step
	} else {
		start, end = min(max(start, 0), length-1), min(max(end, -1), length-1)
		count = (start - end - step - 1) / -step
	}
	if count < 1 {
		return 0, 0, fmt.Errorf("slice from %d to %d in steps of %d is empty", start, end, step)
	}
	return start, count, nil
}
