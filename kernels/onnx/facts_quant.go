package onnx

import (
	"slices"
)

// The rules of operators of quantized models.

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
