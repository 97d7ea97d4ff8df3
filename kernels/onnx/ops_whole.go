package onnx

import (
	"errors"
	"fmt"
	"math/bits"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// Operators of Deeploy's integer networks: whole numbers in, whole numbers out.

// wholeDomain is the domain that its exporters name, if any.
const wholeDomain = "PACTOps"

// putWhole puts v on a grid of whole numbers.
func (im *importer) putWhole(n *node, v value, bits uint8, signed bool) (value, error) {
	im.coding.shifts = true
	return im.put(n, v, kernels.Grid{Scale: 1, Bits: bits, Signed: signed})
}

// levels returns the width of so many levels, which an attribute gives.
func (n *node) levels(name string) (uint8, error) {
	v := n.number(name, 256)
	if !(v >= 2 && v <= 1<<workload.MaxBits) || bits.OnesCount(uint(v)) != 1 || v != float64(uint(v)) {
		return 0, fmt.Errorf("%s = %v: must be a power of two of at most %d bits", name, v, workload.MaxBits)
	}
	return uint8(bits.Len(uint(v)) - 1), nil
}

// integer returns an attribute that must be a whole number.
func (n *node) integer(name string) (int64, error) {
	v := n.number(name, 0)
	if v != float64(int64(v)) {
		return 0, fmt.Errorf("%s = %v: must be a whole number", name, v)
	}
	return int64(v), nil
}

// integers reads several of them, up to the first that is none.
func (n *node) integers(names []string, into ...*int64) (err error) {
	for i, name := range names {
		if *into[i], err = n.integer(name); err != nil {
			return err
		}
	}
	return nil
}

// lastAxis returns input 0 of n with its last axis as the channels.
func (im *importer) lastAxis(n *node) (operand, error) {
	o, err := im.operand(n, 0)
	if err == nil && o.constant != nil {
		err = fmt.Errorf("input %q is a constant", n.inputs[0])
	}
	if err == nil {
		o, err = im.ranked(n, o)
	}
	if err != nil {
		return o, err
	}
	return im.onChannels(n, o, len(o.dims)-1)
}

// secondAxis returns input 0 of n with its second axis as the channels.
func (im *importer) secondAxis(n *node) (operand, error) {
	o, err := im.operand(n, 0)
	if err == nil && im.quant != nil {
		err = fmt.Errorf("axes %v", o.axes)
	}
	if err == nil {
		o, err = im.ranked(n, o)
	}
	if err == nil && len(o.dims) < 2 {
		err = fmt.Errorf("rank %d", len(o.dims))
	}
	if err != nil {
		return o, err
	}
	return im.onChannels(n, o, 1)
}

// onChannels brings an axis of an operand onto the channels.
func (im *importer) onChannels(n *node, o operand, at int) (operand, error) {
	if o.axes[at] == axisC {
		return o, nil
	}
	want, err := alongChannels(o.axes, len(o.dims), at)
	if err == nil {
		o.value, err = im.reorder(n, o.value, o.dims, want)
	}
	return o, err
}

// importWholeSoftmax translates ITAMax, ITAPartialMax and iSoftmax.
func importWholeSoftmax(im *importer, n *node) (value, error) {
	o, err := im.lastAxis(n)
	if err != nil {
		return o.value, err
	}
	width, err := n.levels("n_levels")
	if err != nil {
		return o.value, err
	}
	op := kernels.WholeSoftmax{Levels: 1 << width}
	switch n.op {
	case "ITAPartialMax":
		group, err := n.integer("group_width")
		if err != nil || group < 1 || group > 1<<16 {
			return o.value, errors.Join(err, fmt.Errorf("group_width = %d: must be 1 to 65536", group))
		}
		op.Group = int(group)
	case "iSoftmax":
		if err := n.integers([]string{"coeffA", "coeffB", "coeffC", "log2"}, &op.A, &op.B, &op.C, &op.Period); err != nil {
			return o.value, err
		}
		if op.Period < 1 {
			return o.value, fmt.Errorf("log2 = %d: must be at least 1", op.Period)
		}
	}
	v, err := im.then(n, o.value, op)
	if err != nil {
		return v, err
	}
	return im.putWhole(n, v, width, false)
}

// importWholeNorm translates iLayerNorm and iRMSNorm.
func importWholeNorm(im *importer, n *node) (value, error) {
	o, err := im.lastAxis(n)
	if err != nil {
		return o.value, err
	}
	width, err := n.levels("n_levels")
	if err != nil {
		return o.value, err
	}
	op := kernels.WholeNorm{Divisor: float32(n.number("D", 0)), Center: n.op == "iLayerNorm"}
	lists := []*[]float32{&op.Factor, &op.Offset}
	for i, to := range lists[:1+truth(op.Center)] {
		t, err := im.given(n, i+1, []string{"weight", "bias"}[i])
		if err != nil {
			return o.value, err
		}
		if *to, err = im.perFeature(o.value, t); err != nil {
			return o.value, err
		}
	}
	v, err := im.then(n, o.value, op)
	if err != nil {
		return v, err
	}
	return im.putWhole(n, v, width, true)
}

// importWholeDiv translates IntegerDiv.
func importWholeDiv(im *importer, n *node) (value, error) {
	a, b, err := im.operands(n)
	if err == nil && b.constant != nil {
		err = fmt.Errorf("input %q is a constant", n.inputs[1])
	}
	if err != nil {
		return a.value, err
	}
	var op kernels.WholeDiv
	if err := n.integers([]string{"Delta", "eta", "eps"}, &op.Gain, &op.Share, &op.Rest); err != nil {
		return a.value, err
	}
	if a, err = im.binary(n, a, b, op); err != nil {
		return a.value, err
	}
	return im.putWhole(n, a.value, kernels.MaxGridBits, true)
}

// importWholeGelu translates iGELU, a table.
func importWholeGelu(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	op := kernels.Scalar{Function: "igelu", A: float32(n.number("b", 0)), B: float32(n.number("one", 0))}
	if v, err = im.then(n, v, op); err != nil {
		return v, err
	}
	return im.putWhole(n, v, kernels.MaxGridBits, true)
}

// importWholeMean translates IntegerMean, whose definition is one of powers of two:
// halves go up.
func importWholeMean(im *importer, n *node) (value, error) {
	before, err := im.data(n, 0)
	if err != nil {
		return before, err
	}
	g, ok := im.gridBehind(before.node)
	if !ok {
		return before, fmt.Errorf("nothing says how wide its input is")
	}
	v, err := importReduce(im, n)
	if err != nil {
		return v, err
	}
	if count := im.shape(before).Size() / im.shape(v).Size(); bits.OnesCount(uint(count)) != 1 {
		return v, fmt.Errorf("a mean of %d: must be of a power of two", count)
	}
	g.Round = kernels.HalfUp
	im.coding.shifts = true
	return im.put(n, v, g)
}

// gridBehind returns the grid that the values of a node were put on before they were
// moved to where they are.
func (im *importer) gridBehind(node int) (kernels.Grid, bool) {
	for {
		if g, ok := im.coding.grids[node]; ok {
			return g, true
		}
		n := &im.net.Nodes[node]
		if !n.Op.Selects() || len(n.Inputs) != 1 {
			return kernels.Grid{}, false
		}
		node = n.Inputs[0]
	}
}
