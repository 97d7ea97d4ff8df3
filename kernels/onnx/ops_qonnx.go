package onnx

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// importTrunc translates QONNX Trunc: codes lose their lowest bits. What is left counts
// in the same steps, or, where there is an output scale, in steps of that; then its ratio
// to the scale, as a power of two, says how many bits go.
func importTrunc(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	what := []string{"scale", "zero point", "width", "width afterwards"}
	switch len(n.inputs) {
	case 5:
	case 6:
		what = []string{"scale", "zero point", "width", "output scale", "width afterwards"}
	default:
		return v, fmt.Errorf("%d inputs: must be 5 or 6 (value, scale, zero point, width, output scale if any, width afterwards)", len(n.inputs))
	}
	x := map[string]float32{}
	for i, w := range what {
		if x[w], err = im.single(n, i+1, w); err != nil {
			return v, err
		}
	}
	if x["zero point"] != 0 {
		return v, fmt.Errorf("zero point %v: must be 0", x["zero point"])
	}
	before, err := width(x["width"])
	if err != nil {
		return v, err
	}
	after, err := width(x["width afterwards"])
	if err != nil {
		return v, err
	}
	signed := n.int("signed", truth(im.signed(v.node))) != 0
	g := kernels.Grid{Scale: float64(x["scale"]), Bits: before, Signed: signed, Round: kernels.HalfEven}
	to := kernels.Grid{Scale: g.Scale, Bits: after, Signed: signed, Narrow: n.int("narrow", 0) != 0, Round: kernels.HalfEven}
	gone := int(before) - int(after)
	if len(n.inputs) == 6 {
		to.Scale = float64(x["output scale"])
		gone = int(math.Round(math.Log2(to.Scale / g.Scale)))
	}
	if gone < 0 || gone > int(before) {
		return v, fmt.Errorf("%d bits go of %d: must be 0 to all", gone, before)
	}
	return im.truncated(n, v, g, to, gone)
}

// truncated puts v on a grid, drops the lowest bits of its codes and reads what is left
// on another grid.
func (im *importer) truncated(n *node, v value, g, to kernels.Grid, gone int) (value, error) {
	mode := n.attrs["rounding_mode"].s
	if mode == "" {
		mode = "FLOOR"
	}
	round, err := rounding(mode, true, 0)
	if err != nil {
		return v, err
	}
	if v, err = im.put(n, v, g); err != nil {
		return v, err
	}
	cut := to
	cut.Scale, cut.Round = math.Ldexp(g.Scale, gone), round
	if v, err = im.put(n, v, cut); err != nil {
		return v, err
	}
	return im.reinterpret(n, v, cut, to)
}

// importMultiThreshold translates FINN's y = out_bias + out_scale·#{k: x ≥ T[c][k]}.
func importMultiThreshold(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	if layout := n.attrs["data_layout"].s; layout == "NHWC" && (len(v.axes) != 4 || v.axes[3] != axisC) {
		return v, fmt.Errorf("data_layout = %q of axes %v", layout, v.axes)
	}
	t, x, err := im.weights(n, 1, 2)
	if err != nil {
		return v, err
	}
	c, rows, levels := im.shape(v).C, int(t.dims[0]), int(t.dims[1])
	if v.perm != nil || rows != 1 && rows != c || levels < 1 {
		return v, fmt.Errorf("thresholds of %v for %d channels", t.dims, c)
	}
	o := kernels.Threshold{Factor: n.float("out_scale", 1), Offset: n.float("out_bias", 0)}
	for row := range rows {
		list := x[row*levels : (row+1)*levels]
		if !slices.IsSorted(list) {
			return v, fmt.Errorf("thresholds of channel %d do not rise", row)
		}
		o.Levels = append(o.Levels, list)
	}
	g, err := o.Grid()
	if err != nil && im.quant != nil {
		return v, err
	}
	known := err == nil
	y, err := im.then(n, v, o)
	if err == nil && known {
		im.coding.grids[y.node] = g
	}
	return y, err
}

// importRequantShift translates Deeploy's y = clip(⌊(x·mul + add + div/2)/div⌋).
func importRequantShift(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	div, levels, signed := n.number("div", 0), n.number("n_levels_out", n.number("n_levels", 0)), n.number("signed", 0)
	if !(div >= 1) || !(levels >= 2 && levels <= 1<<workload.MaxBits) || levels != math.Trunc(levels) || bits.OnesCount(uint(levels)) != 1 {
		return v, fmt.Errorf("div = %v, n_levels_out = %v: must be at least 1 and a power of two of at most %d bits", div, levels, workload.MaxBits)
	}
	scale := kernels.Scale{}
	for i, to := range []*[]float32{&scale.Factor, &scale.Offset} {
		t, err := im.given(n, i+1, []string{"factor mul", "sum add"}[i])
		if err != nil {
			return v, err
		}
		x, err := im.perChannel(v, t)
		if err != nil {
			return v, err
		}
		*to = make([]float32, len(x))
		for k, w := range x {
			(*to)[k] = float32(float64(w) / div)
			if float64((*to)[k])*div != float64(w) {
				return v, fmt.Errorf("mul or add %v over div %v takes more than 24 bits", w, div)
			}
		}
	}
	if v, err = im.then(n, v, scale); err != nil {
		return v, err
	}
	im.coding.shifts = true
	return im.put(n, v, kernels.Grid{Scale: 1, Bits: uint8(bits.Len(uint(levels)) - 1), Signed: signed != 0, Round: kernels.HalfUp})
}

// perChannel is perFeature where a list as long as the channels is one of them, wherever
// its axis stands: RequantShift of 1-D networks.
func (im *importer) perChannel(v value, t *tensor) ([]float32, error) {
	if c := int64(im.shape(v).C); v.perm == nil && len(t.dims) > 1 && t.dims[0] == c && product(t.dims) == c {
		return im.few(t)
	}
	return im.perFeature(v, t)
}

// number returns an attribute that is an integer, a float or a tensor of one number.
func (n *node) number(name string, otherwise float64) float64 {
	a, ok := n.attrs[name]
	if !ok {
		return otherwise
	}
	if a.t != nil {
		if x, err := a.t.values32(); err == nil && len(x) == 1 {
			return float64(x[0])
		}
		return math.NaN()
	}
	return float64(a.i) + float64(a.f) // one of them is 0
}
