package onnx

import (
	"errors"
	"fmt"

	"bitcycle/kernels"
)

// importLayerNorm normalizes the last axes: the channels of every pixel, or all of
// an image. The forms of com.microsoft that add a shortcut before do that first.
func importLayerNorm(im *importer, n *node) (value, error) {
	o, err := im.operand(n, 0)
	if err == nil && o.constant != nil {
		err = fmt.Errorf("input %q is a constant", n.inputs[0])
	}
	if err != nil {
		return o.value, err
	}
	center, inputs := true, []int{1, 2}
	switch n.op {
	case "RMSNorm", "RMSNormalization", "SimplifiedLayerNormalization":
		center = false
	case "SkipLayerNormalization", "SkipSimplifiedLayerNormalization":
		center = n.op == "SkipLayerNormalization"
		if inputs = []int{2, 3}; !center {
			inputs = []int{2, 4} // no offset: input 3 is the bias, and there is no input 4
		}
		if o, err = im.skipped(n, o, center); err != nil {
			return o.value, err
		}
	}
	if o, err = im.ranked(n, o); err != nil {
		return o.value, err
	}
	at, err := position(n.int("axis", -1), len(o.dims))
	if err != nil {
		return o.value, err
	}
	op := kernels.Norm{Groups: 1, Center: center, Epsilon: n.float("epsilon", n.float("eps", 1e-5))}
	switch {
	case product(o.dims[:at]) == im.batch && at < len(o.dims)-1:
		op.Pixels = true
	case at != len(o.dims)-1:
		return o.value, fmt.Errorf("axis = %d of %d: must be the last one, or all", at, len(o.dims))
	default:
		if o, err = im.onChannels(n, o, at); err != nil {
			return o.value, err
		}
	}
	return im.normalized(n, o, op, inputs)
}

// skipped adds the shortcut and the bias.
func (im *importer) skipped(n *node, o operand, center bool) (operand, error) {
	skip, err := im.operand(n, 1)
	if err != nil {
		return o, err
	}
	if o, err = im.sum(n, o, skip); err != nil {
		return o, err
	}
	at := 3
	if center {
		at = 4
	}
	bias, err := im.constant(n, at)
	if err == nil && bias != nil {
		o, err = im.shift(n, o, bias)
	}
	return o, err
}

// normalized adds a normalization with the factor and the offset at two inputs.
func (im *importer) normalized(n *node, o operand, op kernels.Norm, inputs []int) (value, error) {
	for i, to := range []*[]float32{&op.Factor, &op.Offset} {
		t, err := im.constant(n, inputs[i])
		if err == nil && t != nil {
			if _, err = broadcast(o.dims, t.dims); err == nil {
				_, *to, err = im.constantFor(n, o, t)
			}
		}
		if err != nil {
			return o.value, err
		}
	}
	return im.then(n, o.value, op)
}

// importInstanceNorm normalizes each channel over the pixels.
func importInstanceNorm(im *importer, n *node) (value, error) {
	return im.groupNorm(n, func(s kernels.Shape) int { return s.C })
}

// importGroupNorm normalizes groups of channels over the pixels.
func importGroupNorm(im *importer, n *node) (value, error) {
	return im.groupNorm(n, func(kernels.Shape) int { return int(n.int("num_groups", 0)) })
}

func (im *importer) groupNorm(n *node, groups func(s kernels.Shape) int) (value, error) {
	v, err := im.image(n)
	if err != nil {
		return v, err
	}
	s := im.shape(v)
	op := kernels.Norm{Groups: groups(s), Pixels: true, Center: true, Epsilon: n.float("epsilon", 1e-5)}
	if op.Groups < 1 || s.C%op.Groups != 0 {
		return v, fmt.Errorf("%d groups of %d channels", op.Groups, s.C)
	}
	for i, to := range []*[]float32{&op.Factor, &op.Offset} {
		t, err := im.constant(n, i+1)
		if err == nil && t == nil {
			err = errors.New("factor and offset must be given")
		}
		if err != nil {
			return v, err
		}
		x, err := im.few(t)
		if err == nil && len(x) != s.C && len(x) != op.Groups {
			err = fmt.Errorf("tensor %q has %d values for %d channels in %d groups", t.name, len(x), s.C, op.Groups)
		}
		if err != nil {
			return v, err
		}
		for c := range s.C { // of each group, or of each channel
			*to = append(*to, x[c*len(x)/s.C])
		}
	}
	return im.then(n, v, op)
}

// writeNorm writes a normalization as the arithmetic that it is.
func writeNorm(x *exporter, i int) {
	n, in := &x.net.Nodes[i], x.input(i, 0, 4)
	o, s, name := n.Op.(kernels.Norm), n.Shape, n.Name
	add := func(what, op string, inputs ...string) string { return x.add(name+"_"+what, op, inputs, nil) }
	shape := x.ints(name+"_sets", 0, o.Groups, s.C/o.Groups, s.Pixels())
	axes := intsAttr(2)
	if o.Pixels {
		axes = intsAttr(2, 3)
	}
	mean := func(what, of string) string {
		return x.add(name+"_"+what, "ReduceMean", []string{of}, map[string]attribute{"axes": axes})
	}
	z := add("split", "Reshape", in, shape)
	if o.Center {
		z = add("centered", "Sub", z, mean("mean", z))
	}
	variance := add("padded", "Add", mean("variance", add("square", "Mul", z, z)), x.floats(name+"_epsilon", []float32{o.Epsilon}))
	z = add("normal", "Div", z, add("deviation", "Sqrt", variance))
	z = add("joined", "Reshape", z, x.ints(name+"_shape", 0, s.C, s.H, s.W))
	for _, c := range []struct {
		op   string
		list []float32
	}{{"Mul", o.Factor}, {"Add", o.Offset}} {
		switch len(c.list) {
		case 0:
			continue
		case s.C:
			z = add("constants", c.op, z, x.floats(name+"_"+c.op, c.list, s.C, 1, 1))
		default:
			z = add("constants", c.op, z, x.each(name+"_"+c.op, c.list, s))
		}
	}
	x.out(i, 4, "Identity", nil, z)
}

// writeMatMul writes a product of activations as (BᵀAᵀ) with the channels first.
func writeMatMul(x *exporter, i int) {
	n := &x.net.Nodes[i]
	a, b, s := x.input(i, 0, 4), x.input(i, 1, 4), n.Shape
	k := x.net.Nodes[n.Inputs[0]].Shape.C
	a = x.add(n.Name+"_columns", "Reshape", []string{a, x.ints(n.Name+"_left", 0, k, s.Pixels())}, nil)
	b = x.add(n.Name+"_rows", "Reshape", []string{b, x.ints(n.Name+"_right", 0, s.C, k)}, nil)
	y := x.add(n.Name+"_product", "MatMul", []string{b, a}, nil)
	x.out(i, 4, "Reshape", nil, y, x.ints(n.Name+"_shape", 0, s.C, s.H, s.W))
}
