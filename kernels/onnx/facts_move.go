package onnx

import (
	"fmt"
	"slices"
)

// The rules of operators that only move values.

// reshaped is a tensor with the same elements under other dimensions.
func reshaped(x fact, dims []int64) fact {
	y := fact{kind: x.kind, dims: dims}
	if x.c != nil {
		c := *x.c
		c.dims = dims
		y.c = &c
	}
	return y
}

// moved is a tensor that takes its elements from x: neighbours along each axis
// are steps apart, from offset on.
func moved(x fact, dims []int64, steps []int, offset int) fact {
	y := fact{kind: x.kind, dims: dims}
	if x.c != nil {
		y.c = x.c.moved(dims, func() func(int) int { return walker(dims, steps, offset) })
	}
	return y
}

func ruleReshape(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	shape, err := n.list(in, "shape", 1)
	if err != nil {
		return nil, err
	}
	if shape == nil {
		return nil, fmt.Errorf("shape is missing")
	}
	dims, err := resolve(shape, in[0].dims, n.int("allowzero", 0) != 0)
	if err != nil {
		return nil, err
	}
	return []fact{reshaped(in[0], dims)}, nil
}

func ruleFlatten(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	d := in[0].dims
	at := n.int("axis", 1)
	if at < 0 {
		at += int64(len(d))
	}
	if at < 0 || at > int64(len(d)) {
		return nil, fmt.Errorf("axis %d of %d", at, len(d))
	}
	return []fact{reshaped(in[0], []int64{product(d[:at]), product(d[at:])})}, nil
}

func product(dims []int64) int64 {
	n := int64(1)
	for _, d := range dims {
		n *= d
	}
	return n
}

func ruleSqueeze(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	axes, err := n.list(in, "axes", 1)
	if err != nil {
		return nil, err
	}
	at, err := positions(axes, len(in[0].dims))
	if err != nil {
		return nil, err
	}
	dims := []int64{}
	for i, d := range in[0].dims {
		if axes == nil && d == 1 || slices.Contains(at, i) {
			continue
		}
		dims = append(dims, d)
	}
	if product(dims) != product(in[0].dims) {
		return nil, fmt.Errorf("axes %v of %v: must have length 1", axes, in[0].dims)
	}
	return []fact{reshaped(in[0], dims)}, nil
}

func ruleUnsqueeze(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	axes, err := n.list(in, "axes", 1)
	if err != nil {
		return nil, err
	}
	rank := len(in[0].dims) + len(axes)
	at, err := positions(axes, rank)
	if err != nil {
		return nil, err
	}
	dims, rest := make([]int64, 0, rank), in[0].dims
	for i := range rank {
		if slices.Contains(at, i) {
			dims = append(dims, 1)
			continue
		}
		if len(rest) == 0 {
			return nil, fmt.Errorf("axes %v: one is named twice", axes)
		}
		dims, rest = append(dims, rest[0]), rest[1:]
	}
	return []fact{reshaped(in[0], dims)}, nil
}

func ruleTranspose(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	rank := len(in[0].dims)
	perm := n.attrs["perm"].ints
	if perm == nil {
		for i := range rank {
			perm = append(perm, int64(rank-1-i))
		}
	}
	if err := permutation(perm, rank); err != nil {
		return nil, err
	}
	dims, steps, own := make([]int64, rank), make([]int, rank), strides(in[0].dims)
	for i, p := range perm {
		dims[i], steps[i] = in[0].dims[p], own[p]
	}
	return []fact{moved(in[0], dims, steps, 0)}, nil
}

// permutation reports a list that does not name each axis once.
func permutation(perm []int64, rank int) error {
	for i, p := range perm {
		if p < 0 || p >= int64(rank) || slices.Contains(perm[:i], p) {
			return fmt.Errorf("perm %v is not a permutation of %d axes", perm, rank)
		}
	}
	if len(perm) != rank {
		return fmt.Errorf("perm %v is not a permutation of %d axes", perm, rank)
	}
	return nil
}

func ruleConcat(f *facts, n *node, in []fact) ([]fact, error) {
	if len(in) == 0 {
		return nil, fmt.Errorf("no inputs")
	}
	for i := range in {
		if err := need(in, i); err != nil {
			return nil, err
		}
	}
	rank := len(in[0].dims)
	at, err := position(n.int("axis", 0), rank)
	if err != nil {
		return nil, err
	}
	dims := slices.Clone(in[0].dims)
	for _, x := range in[1:] {
		if len(x.dims) != rank {
			return nil, fmt.Errorf("inputs of %v and %v", in[0].dims, x.dims)
		}
		for i, d := range x.dims {
			if i == at {
				dims[i] += d
			} else if d != dims[i] {
				return nil, fmt.Errorf("inputs of %v and %v", in[0].dims, x.dims)
			}
		}
	}
	return []fact{{kind: in[0].kind, dims: dims, c: concatenated(constants(in), dims, at)}}, nil
}

// concatenated puts constants side by side along an axis.
func concatenated(parts []*tensor, dims []int64, at int) *tensor {
	if parts == nil {
		return nil
	}
	return lazy(parts[0].kind, dims, parts, func(n int) (floats []float32, ints []int64, err error) {
		if fractional(parts[0].kind) {
			floats, err = joined(parts, n, dims, at, (*tensor).values32)
		} else {
			ints, err = joined(parts, n, dims, at, (*tensor).integers)
		}
		return floats, ints, err
	})
}

func joined[T any](parts []*tensor, n int, dims []int64, at int, values func(*tensor) ([]T, error)) ([]T, error) {
	out := make([]T, 0, n)
	outer, lists := int(product(dims[:at])), make([][]T, len(parts))
	for k, p := range parts {
		var err error
		if lists[k], err = values(p); err != nil {
			return nil, err
		}
	}
	for i := range outer {
		for _, list := range lists {
			length := len(list) / outer
			out = append(out, list[i*length:(i+1)*length]...)
		}
	}
	return out, nil
}

// sameAs is the shape of input i.
func sameAs(i int) rule {
	return func(f *facts, n *node, in []fact) ([]fact, error) {
		if err := need(in, i); err != nil {
			return nil, err
		}
		return []fact{{kind: in[i].kind, dims: in[i].dims}}, nil
	}
}

var sameShape = sameAs(0)

// ruleIdentity passes a tensor on.
func ruleIdentity(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	return []fact{in[0]}, nil
}

// blocks moves blocks of pixels to channels or back.
func blocks(toSpace bool) rule {
	return func(f *facts, n *node, in []fact) ([]fact, error) {
		if err := need(in, 0); err != nil {
			return nil, err
		}
		d, b := slices.Clone(in[0].dims), n.int("blocksize", 0)
		if len(d) != 4 || b < 1 || b > 1<<15 {
			return nil, fmt.Errorf("blocks of %d in %v", b, d)
		}
		if toSpace && d[1]%(b*b) != 0 || !toSpace && (d[2]%b != 0 || d[3]%b != 0) {
			return nil, fmt.Errorf("blocks of %d do not divide %v", b, d)
		}
		if toSpace {
			d[1], d[2], d[3] = d[1]/(b*b), d[2]*b, d[3]*b
		} else {
			d[1], d[2], d[3] = d[1]*b*b, d[2]/b, d[3]/b
		}
		return []fact{{kind: in[0].kind, dims: d}}, nil
	}
}
