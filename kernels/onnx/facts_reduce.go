package onnx

import (
	"fmt"
	"slices"
)

// The rules of operators that fold or choose along axes.

// reduces folds along axes: op joins values, and a mean divides by their number.
func reduces(op *operation, mean bool) rule {
	return func(f *facts, n *node, in []fact) ([]fact, error) {
		if err := need(in, 0); err != nil {
			return nil, err
		}
		x := in[0]
		axes, err := n.list(in, "axes", 1)
		if err != nil {
			return nil, err
		}
		if len(axes) == 0 && n.int("noop_with_empty_axes", 0) == 1 {
			return []fact{x}, nil
		}
		at, err := positions(axes, len(x.dims))
		if err != nil {
			return nil, err
		}
		keep := n.int("keepdims", 1) != 0
		dims, full := []int64{}, slices.Clone(x.dims)
		for i, d := range x.dims {
			switch {
			case len(axes) > 0 && !slices.Contains(at, i):
				dims = append(dims, d)
				continue
			case keep:
				dims = append(dims, 1)
			}
			full[i] = 1
		}
		y := fact{kind: x.kind, dims: dims}
		if x.c != nil && op != nil && product(x.dims) > 0 {
			y.c = reduced(x.c, dims, full, op, mean)
		}
		return []fact{y}, nil
	}
}

// reduced folds a constant; full are its dimensions with 1 for every axis that
// goes.
func reduced(t *tensor, dims, full []int64, op *operation, mean bool) *tensor {
	return lazy(t.kind, dims, []*tensor{t}, func(n int) (floats []float32, ints []int64, err error) {
		to := walker(t.dims, broadcastSteps(full, t.dims), 0)
		if !fractional(t.kind) {
			x, err := t.integers()
			return nil, folded(x, n, to, op.g), err
		}
		x, err := t.values32()
		floats = folded(x, n, to, op.f)
		for i := range floats {
			if mean {
				floats[i] /= float32(len(x) / n)
			}
		}
		return floats, nil, err
	})
}

func folded[T any](x []T, n int, to func(i int) int, f func(a, b T) T) []T {
	out, seen := make([]T, n), make([]bool, n)
	for i, v := range x {
		if at := to(i); seen[at] {
			out[at] = f(out[at], v)
		} else {
			out[at], seen[at] = v, true
		}
	}
	return out
}

// ruleArg is ArgMax or ArgMin.
func ruleArg(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	at, err := position(n.int("axis", 0), len(in[0].dims))
	if err != nil {
		return nil, err
	}
	dims := slices.Clone(in[0].dims)
	dims[at] = 1
	if n.int("keepdims", 1) == 0 {
		dims = slices.Delete(dims, at, at+1)
	}
	return []fact{{kind: typeInt64, dims: dims}}, nil
}

func ruleTopK(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	k := []int64{n.int("k", 0)}
	if t := input(in, 1).c; t != nil {
		var err error
		if k, err = t.integers(); err != nil {
			return nil, err
		}
	}
	at, err := position(n.int("axis", -1), len(in[0].dims))
	if err != nil || len(k) != 1 {
		return nil, fmt.Errorf("axis and k must be given")
	}
	dims := slices.Clone(in[0].dims)
	dims[at] = k[0]
	return []fact{{kind: in[0].kind, dims: dims}, {kind: typeInt64, dims: dims}}, nil
}
