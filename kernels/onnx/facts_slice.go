package onnx

import (
	"fmt"
	"slices"
)

// The rules of operators that take parts of tensors, repeat or extend them.

func ruleSplit(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	lengths, err := n.list(in, "split", 1)
	if err != nil {
		return nil, err
	}
	at, err := position(n.int("axis", 0), len(in[0].dims))
	if err != nil {
		return nil, err
	}
	length := in[0].dims[at]
	if parts := int64(len(n.outputs)); lengths == nil && parts > 0 {
		each := (length + parts - 1) / parts
		for i := range parts {
			lengths = append(lengths, min(each, length-i*each))
		}
	}
	var out []fact
	offset := int64(0)
	own := strides(in[0].dims)
	for _, l := range lengths {
		if l < 0 || offset+l > length {
			return nil, fmt.Errorf("parts of %v of an axis of %d", lengths, length)
		}
		dims := slices.Clone(in[0].dims)
		dims[at] = l
		out = append(out, moved(in[0], dims, own, int(offset)*own[at]))
		offset += l
	}
	return out, nil
}

func ruleSlice(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	var list [4][]int64
	for i, name := range []string{"starts", "ends", "axes", "steps"} {
		var err error
		if list[i], err = n.list(in, name, i+1); err != nil {
			return nil, err
		}
	}
	starts, ends, axes, by := list[0], list[1], list[2], list[3]
	if axes == nil {
		for i := range starts {
			axes = append(axes, int64(i))
		}
	}
	at, err := positions(axes, len(in[0].dims))
	if err != nil {
		return nil, err
	}
	if len(ends) != len(starts) || len(at) != len(starts) || by != nil && len(by) != len(starts) {
		return nil, fmt.Errorf("%d starts, %d ends, %d axes, %d steps", len(starts), len(ends), len(at), len(by))
	}
	dims, steps, offset := slices.Clone(in[0].dims), strides(in[0].dims), 0
	for i, d := range at {
		step := int64(1)
		if by != nil {
			step = by[i]
		}
		first, count, err := span(starts[i], ends[i], step, in[0].dims[d])
		if err != nil {
			return nil, err
		}
		dims[d] = count
		offset += int(first) * steps[d]
		steps[d] *= int(step)
	}
	return []fact{moved(in[0], dims, steps, offset)}, nil
}

func ruleExpand(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	shape, err := n.list(in, "shape", 1)
	if err != nil {
		return nil, err
	}
	dims, err := broadcast(in[0].dims, shape)
	if err != nil {
		return nil, err
	}
	return []fact{moved(in[0], dims, broadcastSteps(in[0].dims, dims), 0)}, nil
}

func ruleTile(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	times, err := n.list(in, "repeats", 1)
	if err != nil {
		return nil, err
	}
	if len(times) != len(in[0].dims) {
		return nil, fmt.Errorf("%d repeats of %d axes", len(times), len(in[0].dims))
	}
	dims := slices.Clone(in[0].dims)
	for i := range dims {
		dims[i] *= times[i]
	}
	y := fact{kind: in[0].kind, dims: dims}
	if c := in[0].c; c != nil {
		own, from := strides(dims), strides(c.dims)
		y.c = c.moved(dims, func() func(int) int {
			return func(i int) int {
				at := 0
				for d := range own {
					at += i / own[d] % int(c.dims[d]) * from[d]
				}
				return at
			}
		})
	}
	return []fact{y}, nil
}

func rulePad(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	pads, err := n.list(in, "pads", 1)
	if err != nil {
		return nil, err
	}
	rank := len(in[0].dims)
	axes, err := n.list(in, "axes", 3)
	if err != nil {
		return nil, err
	}
	if axes == nil {
		for i := range rank {
			axes = append(axes, int64(i))
		}
	}
	at, err := positions(axes, rank)
	if err != nil {
		return nil, err
	}
	if len(pads) != 2*len(at) {
		return nil, fmt.Errorf("%d pads for %d axes", len(pads), len(at))
	}
	dims := slices.Clone(in[0].dims)
	for i, d := range at {
		dims[d] += pads[i] + pads[i+len(at)]
	}
	return []fact{{kind: in[0].kind, dims: dims}}, nil
}

// ruleGather: the axis is replaced by the axes of the indices.
func ruleGather(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0, 1); err != nil {
		return nil, err
	}
	x := in[0]
	at, err := position(n.int("axis", 0), len(x.dims))
	if err != nil {
		return nil, err
	}
	dims := slices.Concat(x.dims[:at], in[1].dims, x.dims[at+1:])
	if dims == nil {
		dims = []int64{}
	}
	y := fact{kind: x.kind, dims: dims}
	if x.c == nil || in[1].c == nil {
		return []fact{y}, nil
	}
	index, err := in[1].c.integers()
	if err != nil {
		return nil, err
	}
	length, inner, count := x.dims[at], int(product(x.dims[at+1:])), len(index)
	for _, i := range index {
		if i < -length || i >= length {
			return nil, fmt.Errorf("index %d of %d", i, length)
		}
	}
	y.c = x.c.moved(dims, func() func(int) int {
		return func(i int) int {
			outer, which, rest := i/(count*inner), i/inner%count, i%inner
			return (outer*int(length)+int((index[which]+length)%length))*inner + rest
		}
	})
	return []fact{y}, nil
}
