package onnx

import (
	"fmt"
	"math"
)

// The rules of operators that compute value by value.

// unary computes value by value.
func unary(fn func(float64) float64) rule {
	return func(f *facts, n *node, in []fact) ([]fact, error) {
		if err := need(in, 0); err != nil {
			return nil, err
		}
		y := fact{kind: in[0].kind, dims: in[0].dims}
		if c := in[0].c; c != nil && fn != nil {
			y.c = elements(c.kind, c.dims, []*tensor{c},
				func(x []float32) float32 { return float32(fn(float64(x[0]))) },
				func(x []int64) int64 { return int64(fn(float64(x[0]))) })
		}
		return []fact{y}, nil
	}
}

// operation is a function of two values, in floats and in integers.
type operation struct {
	f func(a, b float32) float32
	g func(a, b int64) int64
}

// many folds an operation over inputs that are broadcast to one another.
func many(op operation) rule {
	return func(f *facts, n *node, in []fact) ([]fact, error) {
		dims, err := together(in)
		if err != nil {
			return nil, err
		}
		y := fact{kind: in[0].kind, dims: dims}
		if c := constants(in); c != nil && op.f != nil {
			y.c = elements(c[0].kind, dims, c, fold2(op.f), fold2(op.g))
		}
		return []fact{y}, nil
	}
}

func fold2[T any](f func(a, b T) T) func(x []T) T {
	return func(x []T) T {
		y := x[0]
		for _, v := range x[1:] {
			y = f(y, v)
		}
		return y
	}
}

// together returns the dimensions that inputs are broadcast to.
func together(in []fact) ([]int64, error) {
	if len(in) == 0 {
		return nil, fmt.Errorf("no inputs")
	}
	dims := []int64{}
	for i := range in {
		if err := need(in, i); err != nil {
			return nil, err
		}
		var err error
		if dims, err = broadcast(dims, in[i].dims); err != nil {
			return nil, err
		}
	}
	return dims, nil
}

// compares tests two values.
func compares(test func(order int) bool) rule {
	return func(f *facts, n *node, in []fact) ([]fact, error) {
		dims, err := together(in)
		if err != nil || len(in) != 2 {
			return nil, fmt.Errorf("needs two inputs of known shapes")
		}
		y := fact{kind: typeBool, dims: dims}
		if c := constants(in); c != nil {
			y.c = elements(typeBool, dims, c,
				func(x []float32) float32 { return float32(truth(test(order(x[0], x[1])))) },
				func(x []int64) int64 { return truth(test(order(x[0], x[1]))) }).as(typeBool)
		}
		return []fact{y}, nil
	}
}

func order[T float32 | int64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func ruleWhere(f *facts, n *node, in []fact) ([]fact, error) {
	dims, err := together(in)
	if err != nil || len(in) != 3 {
		return nil, fmt.Errorf("needs three inputs of known shapes")
	}
	y := fact{kind: in[1].kind, dims: dims}
	if c := constants(in); c != nil {
		y.c = elements(c[1].kind, dims, []*tensor{c[0].cast(c[1].kind), c[1], c[2]}, choose[float32], choose[int64])
	}
	return []fact{y}, nil
}

func choose[T float32 | int64](x []T) T {
	if x[0] != 0 {
		return x[1]
	}
	return x[2]
}

// ruleClip computes min(max(x, lo), hi) of constants, too.
func ruleClip(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	y := fact{kind: in[0].kind, dims: in[0].dims}
	c := constants(in)
	if c == nil {
		return []fact{y}, nil
	}
	lo, hi := n.float("min", -math.MaxFloat32), n.float("max", math.MaxFloat32)
	for i, to := range []*float32{&lo, &hi} {
		if t := input(in, i+1).c; t != nil {
			x, err := t.values32()
			if err != nil || len(x) != 1 {
				return nil, fmt.Errorf("the bounds must be numbers")
			}
			*to = x[0]
		}
	}
	y.c = elements(c[0].kind, c[0].dims, c[:1],
		func(x []float32) float32 { return min(max(x[0], lo), hi) },
		func(x []int64) int64 { return int64(min(max(float64(x[0]), float64(lo)), float64(hi))) })
	return []fact{y}, nil
}

func ruleCast(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	y := fact{kind: n.int("to", typeFloat), dims: in[0].dims}
	if n.op == "CastLike" {
		y.kind = input(in, 1).kind
	}
	if in[0].c != nil {
		y.c = in[0].c.cast(y.kind)
	}
	return []fact{y}, nil
}
