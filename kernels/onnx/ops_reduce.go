package onnx

import (
	"fmt"
	"slices"
	"strings"

	"bitcycle/kernels"
)

// reductions are made of a function of each value, one of an axis, and one of the
// result.
var reductions = map[string]struct {
	before kernels.Scalar
	over   string
	after  kernels.Scalar
}{
	"ReduceMean": {over: "mean"}, "ReduceSum": {over: "sum"}, "ReduceMax": {over: "max"}, "ReduceMin": {over: "min"},
	"ReduceL1":        {before: kernels.Scalar{Function: "abs"}, over: "sum"},
	"ReduceL2":        {before: kernels.Scalar{Function: "pow", A: 2}, over: "sum", after: kernels.Scalar{Function: "sqrt"}},
	"ReduceSumSquare": {before: kernels.Scalar{Function: "pow", A: 2}, over: "sum"},
	"IntegerMean":     {over: "mean"},
	"ReduceLogSum":    {over: "sum", after: kernels.Scalar{Function: "log"}},
}

// importReduce folds along axes.
func importReduce(im *importer, n *node) (value, error) {
	o, err := im.operand(n, 0)
	if err != nil {
		return o.value, err
	}
	if o.constant != nil {
		return o.value, fmt.Errorf("input %q is a constant", n.inputs[0])
	}
	axes, err := n.list(nil, "axes", -1)
	if err != nil {
		return o.value, err
	}
	t, err := im.constant(n, 1)
	if err == nil && t != nil {
		axes, err = t.integers()
	}
	if err != nil {
		return o.value, err
	}
	if len(axes) == 0 && n.int("noop_with_empty_axes", 0) == 1 {
		return o.value, nil
	}
	if o, err = im.ranked(n, o); err != nil {
		return o.value, err
	}
	at, err := positions(axes, len(o.dims))
	if err != nil {
		return o.value, err
	}
	return im.reduced(n, o.value, at)
}

// reduced folds v along the axes at these positions, all if there are none.
func (im *importer) reduced(n *node, v value, at []int) (value, error) {
	which, kept := "", []axis{}
	for i, a := range v.axes {
		if len(at) > 0 && !slices.Contains(at, i) {
			kept = append(kept, a)
			continue
		}
		if a == axisN && im.batch > 1 {
			return v, errImages
		}
		which += strings.TrimPrefix(string("NCHWD"[a]), "N")
	}
	r := reductions[n.op]
	var op kernels.Operator = kernels.Reduce{Function: r.over, Axes: which}
	if r.over == "mean" && (which == "HW" || which == "WH") && im.shape(v).D == 0 {
		op = kernels.GlobalPool{}
	}
	for _, f := range []kernels.Operator{r.before, op, r.after} {
		if s, ok := f.(kernels.Scalar); ok && s.Function == "" {
			continue
		}
		var err error
		if v, err = im.then(n, v, f); err != nil {
			return v, err
		}
	}
	if n.int("keepdims", 1) == 0 {
		v.axes = kept
	}
	return v, nil
}

// importGlobalMaxPool is a reduction of height and width.
func importGlobalMaxPool(im *importer, n *node) (value, error) {
	v, err := im.image(n)
	if err != nil {
		return v, err
	}
	return im.then(n, v, kernels.Reduce{Function: "max", Axes: "HW"})
}

func writeReduce(op string) func(x *exporter, i int) {
	return func(x *exporter, i int) {
		var axes []int
		for _, a := range x.net.Nodes[i].Op.(kernels.Reduce).Axes {
			if at := strings.IndexRune("NCHW", a); at > 0 {
				axes = append(axes, at)
			}
		}
		in := x.input(i, 0, 4)
		if len(axes) == 0 {
			x.out(i, 4, "Identity", nil, in)
			return
		}
		x.reduce(i, op, in, axes)
	}
}

// reduce writes a reduction: until operator set 18 sums alone took their axes as a
// tensor.
func (x *exporter) reduce(i int, op, in string, axes []int) {
	if op == "ReduceSum" {
		x.out(i, 4, op, nil, in, x.ints(in+"_axes", axes...))
		return
	}
	x.out(i, 4, op, map[string]attribute{"axes": intsAttr(axes...)}, in)
}
