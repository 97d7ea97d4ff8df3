package onnx

import (
	"fmt"
	"math"
	"slices"
)

// The rules of operators that compute values, and of those that make constants.

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

// ruleDequantize computes (x − zero)·scale of constants, too.
func ruleDequantize(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0, 1); err != nil {
		return nil, err
	}
	x := in[0]
	y := fact{kind: typeFloat, dims: x.dims}
	form := n.linearFormat(x, in)
	if x.c == nil || form == nil {
		return []fact{y}, nil
	}
	parts := []*tensor{x.c.cast(typeFloat), form.scale}
	if form.zero != nil {
		parts = append(parts, form.zero.cast(typeFloat))
	}
	y.c = elements(typeFloat, x.dims, parts, func(v []float32) float32 {
		if len(v) == 3 {
			return (v[0] - v[2]) * v[1]
		}
		return v[0] * v[1]
	}, nil)
	if y.c != nil && form.width > 0 {
		y.c.coded = &coded{later: func() ([]term, error) {
			codes, err := x.c.integers()
			if err != nil {
				return nil, err
			}
			return form.decode(codes, x.dims)
		}}
	}
	return []fact{y}, nil
}

// linearFormat reads scale and zero point of QuantizeLinear or DequantizeLinear of
// constants; nil if they are none, or fit in no way that is known.
func (n *node) linearFormat(x fact, in []fact) *format {
	f := &format{scale: input(in, 1).c, zero: input(in, 2).c}
	if f.scale == nil {
		return nil
	}
	f.width, f.signed, _ = codeWidth(x.kind)
	for _, t := range []**tensor{&f.scale, &f.zero} {
		if *t == nil {
			continue
		}
		if size := n.int("block_size", 0); size != 0 {
			if *t = (*t).blocked(x.dims, n.int("axis", 1), size); *t == nil {
				return nil
			}
		}
		if d := (*t).dims; len(d) == 1 && d[0] > 1 {
			at, err := position(n.int("axis", 1), len(x.dims))
			if err != nil || x.dims[at] != d[0] {
				return nil
			}
			c := **t
			c.dims = slices.Repeat([]int64{1}, len(x.dims)-at)
			c.dims[0] = d[0]
			*t = &c
		}
		if whole, err := broadcast((*t).dims, x.dims); err != nil || product(whole) != product(x.dims) {
			return nil
		}
	}
	return f
}

// blocked repeats each value along an axis of a tensor of these dimensions size times;
// nil if that does not fit.
func (t *tensor) blocked(dims []int64, axis, size int64) *tensor {
	at, err := position(axis, len(dims))
	if err != nil || size < 1 || len(t.dims) != len(dims) {
		return nil
	}
	for i, d := range dims {
		if i == at {
			d = (d + size - 1) / size
		}
		if t.dims[i] != d {
			return nil
		}
	}
	full, own := slices.Clone(t.dims), strides(t.dims)
	full[at] = dims[at]
	steps := strides(full)
	y := t.moved(full, func() func(i int) int {
		return func(i int) int {
			from := 0
			for d, s := range steps {
				k := i / s % int(full[d])
				if d == at {
					k /= int(size)
				}
				from += k * own[d]
			}
			return from
		}
	})
	if y != nil {
		y.name = t.name
	}
	return y
}

// ruleQuantize computes round(x/scale) + zero of constants, too.
func ruleQuantize(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	kind := n.int("output_dtype", typeUint8)
	if zero := input(in, 2); zero.dims != nil {
		kind = zero.kind
	}
	x := in[0]
	y := fact{kind: kind, dims: x.dims}
	form := n.linearFormat(fact{kind: kind, dims: x.dims}, in)
	if x.c == nil || form == nil || form.width == 0 {
		return []fact{y}, nil
	}
	y.c = lazy(kind, x.dims, []*tensor{x.c}, func(int) ([]float32, []int64, error) {
		v, err := x.c.values32()
		if err != nil {
			return nil, nil, err
		}
		codes, err := form.stored(v, x.dims)
		return nil, codes, err
	})
	return []fact{y}, nil
}

// ruleQLinearConcat: a scale and a zero point come first, and follow each input.
func ruleQLinearConcat(f *facts, n *node, in []fact) ([]fact, error) {
	var parts []fact
	for i := 2; i < len(in); i += 3 {
		parts = append(parts, fact{kind: in[i].kind, dims: in[i].dims})
	}
	return ruleConcat(f, n, parts)
}

func ruleDynamicQuantize(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	return []fact{{kind: typeUint8, dims: in[0].dims}, {kind: typeFloat, dims: []int64{}}, {kind: typeUint8, dims: []int64{}}}, nil
}

// ruleBroadcast is for operators of two tensors with their scales between.
func ruleBroadcast(a, b int) rule {
	return func(f *facts, n *node, in []fact) ([]fact, error) {
		if err := need(in, a, b); err != nil {
			return nil, err
		}
		dims, err := broadcast(in[a].dims, in[b].dims)
		if err != nil {
			return nil, err
		}
		return []fact{{kind: in[a].kind, dims: dims}}, nil
	}
}
