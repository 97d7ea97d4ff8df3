package onnx

import (
	"fmt"
	"slices"

	"bitcycle/kernels"
)

// importPad reads padding from attributes (before opset 11) or inputs: with a
// number, which is moved to zero and back, or with values of the tensor.
func importPad(im *importer, n *node) (value, error) {
	o, err := im.moving(n)
	if err != nil {
		return o.value, err
	}
	pads := n.attrs["pads"].ints
	if t, err := im.constant(n, 1); err != nil {
		return o.value, err
	} else if t != nil {
		if pads, err = t.integers(); err != nil {
			return o.value, err
		}
	}
	axes, err := im.padAxes(n, len(o.dims))
	if err != nil {
		return o.value, err
	}
	if len(pads) != 2*len(axes) {
		return o.value, fmt.Errorf("%d pads of %d axes", len(pads), len(axes))
	}
	all := make([][2]int, len(o.dims))
	for i, at := range axes {
		all[at] = [2]int{int(pads[i]), int(pads[i+len(axes)])}
		for _, p := range all[at] {
			if p < -1<<20 || p > 1<<20 {
				return o.value, fmt.Errorf("pads %v: out of range", pads)
			}
		}
	}
	return im.padded(n, o, all)
}

// padAxes returns the positions that pads speak of.
func (im *importer) padAxes(n *node, rank int) ([]int, error) {
	t, err := im.constant(n, 3)
	if err != nil {
		return nil, err
	}
	if t != nil {
		list, err := t.integers()
		if err != nil {
			return nil, err
		}
		return positions(list, rank)
	}
	var all []int
	for i := range rank {
		all = append(all, i)
	}
	return all, nil
}

// padded grows every axis, or cuts it, at both ends.
func (im *importer) padded(n *node, o operand, pads [][2]int) (value, error) {
	mode := n.attrs["mode"].s
	index := map[int][]int{}
	for at, p := range pads {
		switch {
		case p == [2]int{}:
			continue
		case o.axes[at] == axisN:
			return o.value, errImages
		}
		length := int(o.dims[at])
		before, after := p[0], p[1]
		if mode == "" || mode == "constant" {
			if before, after = min(before, 0), min(after, 0); before == 0 && after == 0 {
				continue
			}
		}
		if length+before+after > maxIndices {
			return o.value, fmt.Errorf("pads %v of %d values: too many", p, length)
		}
		for i := -before; i < length+after; i++ {
			k, ok := mirrored(mode, i, length)
			if !ok {
				return o.value, fmt.Errorf("mode = %q: pads %v of %d values", mode, p, length)
			}
			index[at] = append(index[at], k)
		}
		if len(index[at]) == 0 {
			return o.value, fmt.Errorf("pads %v leave nothing of %d values", p, length)
		}
	}
	o, err := im.picked(n, o, index)
	if err != nil || mode != "" && mode != "constant" {
		return o.value, err
	}
	return im.filled(n, o, pads)
}

// mirrored returns which of length values lies at place i, inside or outside.
func mirrored(mode string, i, length int) (k int, ok bool) {
	switch mode {
	case "reflect":
		if i < 0 {
			i = -i
		}
		if i >= length {
			i = 2*(length-1) - i
		}
	case "edge":
		i = min(max(i, 0), length-1)
	case "wrap":
		i = (i%length + length) % length
	}
	return i, i >= 0 && i < length
}

// filled puts a number around a tensor.
func (im *importer) filled(n *node, o operand, pads [][2]int) (value, error) {
	fill, err := im.fill(n)
	if err != nil {
		return o.value, err
	}
	var k kernels.Pad
	to := map[axis][2]*int{axisC: {&k.Channels[0], &k.Channels[1]}, axisH: {&k.Pad[0], &k.Pad[2]}, axisW: {&k.Pad[1], &k.Pad[3]}}
	for at, p := range pads {
		for side := range p {
			switch {
			case p[side] <= 0:
			case o.axes[at] == axisD:
				return o.value, fmt.Errorf("pads %v of %v: only channels, height and width grow", pads, o.axes)
			default:
				*to[o.axes[at]][side] = p[side]
			}
		}
	}
	if k == (kernels.Pad{}) {
		return o.value, nil
	}
	return im.around(n, o.value, k, fill)
}

// around pads with a number.
func (im *importer) around(n *node, v value, k kernels.Pad, fill float32) (value, error) {
	if fill == 0 {
		return im.then(n, v, k)
	}
	by := func(x float32) (value, error) {
		c := im.shape(v).C
		return im.then(n, v, kernels.Scale{Factor: repeat(1, c), Offset: repeat(x, c)})
	}
	v, err := by(-fill)
	if err == nil {
		v, err = im.then(n, v, k)
	}
	if err != nil {
		return v, err
	}
	return by(fill)
}

// fill returns the number that padding is with.
func (im *importer) fill(n *node) (float32, error) {
	fill := n.float("value", 0)
	t, err := im.constant(n, 2)
	if err != nil || t == nil {
		return fill, err
	}
	x, err := im.few(t.cast(typeFloat))
	if err == nil && len(x) == 1 {
		fill = x[0]
	}
	return fill, err
}

// importSlice reads starts, ends, axes and steps from attributes (before opset 10) or inputs.
func importSlice(im *importer, n *node) (value, error) {
	o, err := im.moving(n)
	if err != nil {
		return o.value, err
	}
	list := [4][]int64{n.attrs["starts"].ints, n.attrs["ends"].ints, n.attrs["axes"].ints, nil}
	for i := range list {
		if t, err := im.constant(n, i+1); err != nil {
			return o.value, err
		} else if t != nil {
			if list[i], err = t.integers(); err != nil {
				return o.value, err
			}
		}
	}
	starts, ends, axes, steps := list[0], list[1], list[2], list[3]
	for a := range starts {
		if list[2] == nil {
			axes = append(axes, int64(a))
		}
	}
	at, err := positions(axes, len(o.dims))
	if err != nil {
		return o.value, err
	}
	if len(ends) != len(starts) || len(at) != len(starts) || steps != nil && len(steps) != len(starts) {
		return o.value, fmt.Errorf("%d starts, %d ends, %d axes, %d steps", len(starts), len(ends), len(at), len(steps))
	}
	parts := map[int][3]int{}
	for i, d := range at {
		step := int64(1)
		if steps != nil {
			step = steps[i]
		}
		first, count, err := span(starts[i], ends[i], step, o.dims[d])
		if err != nil {
			return o.value, err
		}
		parts[d] = [3]int{int(first), int(step), int(count)}
	}
	o, err = im.sliced(n, o, parts)
	return o.value, err
}

// sliced takes parts of axes by their positions: first, step and count.
func (im *importer) sliced(n *node, o operand, parts map[int][3]int) (operand, error) {
	s := im.shape(o.value)
	k := kernels.Slice{Step: [3]int{1, 1, 1}, Count: [3]int{s.C, s.H, s.W}}
	deep := s.D > 0
	for at, p := range parts {
		a := o.axes[at]
		if p == [3]int{0, 1, int(o.dims[at])} {
			delete(parts, at)
			continue
		}
		if deep = deep || a == axisN || a == axisD; !deep {
			k.Start[a-axisC], k.Step[a-axisC], k.Count[a-axisC] = p[0], p[1], p[2]
		}
	}
	if len(parts) == 0 {
		return o, nil
	}
	if deep {
		return im.pickedParts(n, o, parts)
	}
	o.dims = slices.Clone(o.dims)
	for at, p := range parts {
		o.dims[at] = int64(p[2])
	}
	var err error
	o.value, err = im.then(n, o.value, k)
	return o, err
}

// pickedParts is sliced for tensors with a depth.
func (im *importer) pickedParts(n *node, o operand, parts map[int][3]int) (operand, error) {
	index := map[int][]int{}
	for at, p := range parts {
		if p[2] > maxIndices {
			return o, fmt.Errorf("%d values of an axis are too many", p[2])
		}
		for i := range p[2] {
			index[at] = append(index[at], p[0]+i*p[1])
		}
	}
	return im.picked(n, o, index)
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
