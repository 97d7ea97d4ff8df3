package onnx

import (
	"fmt"
	"math"
	"slices"
)

// Constants are computed when their values are wanted. What follows makes a
// constant of others: its element type and dimensions at once, its values later.

// maxFolded bounds the elements of a constant that is computed, unless those that it is
// made of have as many: a small file must not exhaust the memory.
const maxFolded = 1 << 23

// lazy returns a constant, made of others, whose values f computes: floats for a
// kind of floats, else ints. It is nil, as for no constant, if it is no tensor.
func lazy(kind int64, dims []int64, from []*tensor, f func(n int) ([]float32, []int64, error)) *tensor {
	t := &tensor{kind: kind, dims: dims}
	limit := maxFolded
	for _, x := range from {
		n, _ := x.size()
		limit = max(limit, n)
	}
	n, err := t.size()
	if err != nil {
		return nil
	}
	t.later = func() (*tensor, error) {
		if n > limit {
			return nil, fmt.Errorf("%d numbers are computed of fewer, more than %d", n, limit)
		}
		floats, ints, err := f(n)
		return &tensor{floats: floats, ints: ints}, err
	}
	switch { // whatever its precision was
	case fractional(kind):
		t.kind = typeFloat
	case kind == typeInt4:
		t.kind = typeInt8
	case kind == typeUint4:
		t.kind = typeUint8
	}
	return t
}

// fractional tells element types of floats.
func fractional(kind int64) bool {
	return kind == typeFloat || kind == typeHalf || kind == typeBfloat || kind == typeDouble
}

// moved returns the constant of the given dimensions whose element i is element
// at()(i) of t.
func (t *tensor) moved(dims []int64, at func() func(i int) int) *tensor {
	y := lazy(t.kind, dims, []*tensor{t}, func(n int) (floats []float32, ints []int64, err error) {
		if fractional(t.kind) {
			floats, err = picked(t.values32, n, at())
		} else {
			ints, err = picked(t.integers, n, at())
		}
		return floats, ints, err
	})
	if y != nil {
		y.coded, y.width = t.coded.moved(int(product(dims)), at), t.width
	}
	return y
}

func picked[T any](values func() ([]T, error), n int, from func(i int) int) ([]T, error) {
	x, err := values()
	if err != nil {
		return nil, err
	}
	out := make([]T, n)
	for i := range out {
		k := from(i)
		if k < 0 || k >= len(x) {
			return nil, fmt.Errorf("element %d of %d", k, len(x))
		}
		out[i] = x[k]
	}
	return out, nil
}

// strides returns how far apart, in a tensor of these dimensions, neighbours
// along each axis lie.
func strides(dims []int64) []int {
	out, stride := make([]int, len(dims)), 1
	for i := len(dims) - 1; i >= 0; i-- {
		out[i] = stride
		stride *= int(dims[i])
	}
	return out
}

// walker returns, for a tensor of these dimensions, where element i lies if
// neighbours along each axis are steps apart, from an offset on.
func walker(dims []int64, steps []int, offset int) func(i int) int {
	own := strides(dims)
	return func(i int) int {
		at := offset
		for d, s := range own {
			at += i / s % int(dims[d]) * steps[d]
		}
		return at
	}
}

// broadcastSteps returns the steps along the axes of dims through a tensor that
// is broadcast to them.
func broadcastSteps(from, dims []int64) []int {
	steps, own, skip := make([]int, len(dims)), strides(from), len(dims)-len(from)
	for i, d := range from {
		if d != 1 {
			steps[skip+i] = own[i]
		}
	}
	return steps
}

// broadcast returns the dimensions that tensors of a and b together have.
func broadcast(a, b []int64) ([]int64, error) {
	if len(a) < len(b) {
		a, b = b, a
	}
	out, skip := slices.Clone(a), len(a)-len(b)
	for i, d := range b {
		switch o := &out[skip+i]; {
		case *o == d || d == 1:
		case *o == 1:
			*o = d
		default:
			return nil, fmt.Errorf("%v and %v do not fit each other", a, b)
		}
	}
	return out, nil
}

// elements computes a constant from others of the same or fewer elements, value
// by value: with f if they are floats, else with g.
func elements(kind int64, dims []int64, in []*tensor, f func([]float32) float32, g func([]int64) int64) *tensor {
	floats := fractional(in[len(in)-1].kind) // a condition comes first
	if floats && f == nil || !floats && g == nil {
		return nil
	}
	return lazy(kind, dims, in, func(n int) ([]float32, []int64, error) {
		if floats {
			x, err := mapped(dims, in, n, (*tensor).values32, f)
			if err == nil && !fractional(kind) {
				return nil, convert(x, func(v float32) int64 { return int64(v) }), nil
			}
			return x, nil, err
		}
		x, err := mapped(dims, in, n, (*tensor).integers, g)
		if err == nil && fractional(kind) {
			return convert(x, func(v int64) float32 { return float32(v) }), nil, nil
		}
		return nil, x, err
	})
}

func mapped[T any](dims []int64, in []*tensor, n int, values func(*tensor) ([]T, error), f func([]T) T) ([]T, error) {
	x, at := make([][]T, len(in)), make([]func(int) int, len(in))
	for k, t := range in {
		var err error
		if x[k], err = values(t); err != nil {
			return nil, err
		}
		at[k] = walker(dims, broadcastSteps(t.dims, dims), 0)
	}
	out, args := make([]T, n), make([]T, len(in))
	for i := range out {
		for k := range in {
			args[k] = x[k][at[k](i)]
		}
		out[i] = f(args)
	}
	return out, nil
}

// cast returns a constant as another element type; floats are cut to integers.
func (t *tensor) cast(kind int64) *tensor {
	if fractional(kind) == fractional(t.kind) {
		return t.moved(t.dims, func() func(int) int { return func(i int) int { return i } }).as(kind)
	}
	return lazy(kind, t.dims, []*tensor{t}, func(int) ([]float32, []int64, error) {
		x, err := t.values32()
		if err != nil || fractional(kind) {
			return x, nil, err
		}
		return nil, convert(x, func(v float32) int64 {
			if kind == typeBool {
				return truth(v != 0)
			}
			return int64(v)
		}), nil
	})
}

// as names the element type of a constant of integers.
func (t *tensor) as(kind int64) *tensor {
	if t != nil && !fractional(kind) {
		t.kind = kind
	}
	return t
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// filled returns a constant that has one value everywhere.
func filled(dims []int64, value *tensor) *tensor {
	return value.moved(dims, func() func(int) int { return func(int) int { return 0 } })
}

// vector returns a constant of integers.
func vector(v []int64) *tensor {
	return &tensor{kind: typeInt64, dims: []int64{int64(len(v))}, ints: v}
}

// maxNumber is what ONNX writes for "to the end".
const maxNumber = math.MaxInt64
