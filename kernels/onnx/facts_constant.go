package onnx

import (
	"fmt"
	"math"
	"slices"
)

// The rules of operators that make constants.

func ruleShape(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	d := in[0].dims
	if n.op == "Size" {
		return constant(&tensor{kind: typeInt64, dims: []int64{}, ints: []int64{product(d)}}), nil
	}
	clamp := func(at int64) int64 {
		if at < 0 {
			at += int64(len(d))
		}
		return min(max(at, 0), int64(len(d)))
	}
	from, to := clamp(n.int("start", 0)), clamp(n.int("end", maxNumber))
	return constant(vector(slices.Clone(d[from:max(from, to)]))), nil
}

// constant is the fact of a constant.
func constant(t *tensor) []fact {
	if t.dims == nil {
		t.dims = []int64{}
	}
	return []fact{{kind: t.kind, dims: t.dims, c: t}}
}

func ruleConstant(f *facts, n *node, in []fact) ([]fact, error) {
	t, err := n.constant()
	if err != nil {
		return nil, err
	}
	return constant(t), nil
}

func ruleFill(f *facts, n *node, in []fact) ([]fact, error) {
	dims, err := n.list(in, "shape", 0)
	if err != nil {
		return nil, err
	}
	if dims == nil {
		dims = []int64{}
	}
	value := n.attrs["value"].t
	if value == nil {
		value = &tensor{kind: typeFloat, dims: []int64{1}, floats: []float32{0}}
	}
	return []fact{{kind: value.kind, dims: dims, c: filled(dims, value)}}, nil
}

func ruleRange(f *facts, n *node, in []fact) ([]fact, error) {
	c := constants(in)
	if len(c) != 3 {
		return nil, fmt.Errorf("its length depends on the inputs")
	}
	var x [3][]float32
	for i, t := range c {
		var err error
		if x[i], err = t.values32(); err != nil || len(x[i]) != 1 {
			return nil, fmt.Errorf("start, limit and step must be numbers")
		}
	}
	count := math.Ceil((float64(x[1][0]) - float64(x[0][0])) / float64(x[2][0]))
	if !(count >= 0 && count < maxFolded) {
		return nil, fmt.Errorf("%v values", count)
	}
	return []fact{{kind: c[0].kind, dims: []int64{int64(count)}, c: lazy(c[0].kind, []int64{int64(count)}, nil, func(n int) (floats []float32, ints []int64, err error) {
		for i := range n {
			floats = append(floats, x[0][0]+float32(i)*x[2][0])
			ints = append(ints, int64(x[0][0])+int64(i)*int64(x[2][0]))
		}
		return floats, ints, nil
	})}}, nil
}
