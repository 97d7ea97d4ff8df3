package onnx

import (
	"fmt"

	"bitcycle/kernels"
)

// quantOperators translates the operators of quantized models on activations. A
// value that is put on a grid becomes a node of its own; settle.go tells afterwards
// which of them are more than what computes their input. A model that is executed in
// float32 keeps them all.
var quantOperators = map[string]func(*importer, *node) (value, error){
	"Quant":                 importQuant,
	"IntQuant":              importQuant,
	"BipolarQuant":          importQuant,
	"Trunc":                 importTrunc,
	"MultiThreshold":        importMultiThreshold,
	"RequantShift":          importRequantShift,
	"QuantizeLinear":        importQuantizeLinear,
	"DequantizeLinear":      importDequantizeLinear,
	"DynamicQuantizeLinear": importDynamic,
	"FloatQuant":            importFloatQuant,
	"ITAMax":                importWholeSoftmax,
	"ITAPartialMax":         importWholeSoftmax,
	"iSoftmax":              importWholeSoftmax,
	"iLayerNorm":            importWholeNorm,
	"iRMSNorm":              importWholeNorm,
	"iGELU":                 importWholeGelu,
	"IntegerDiv":            importWholeDiv,
	"IntegerMean":           importWholeMean,
}

// quantDomains lists the domains of these operators.
var quantDomains = set("", "ai.onnx", "com.microsoft", wholeDomain, "ai.onnx.contrib", qonnxDomain, finnDomain, "onnx.brevitas", "qonnx.custom_op.intquant")

// put puts v on a grid; where a model is executed in float32, on a grid for each
// channel if there are several.
func (im *importer) put(n *node, v value, grids ...kernels.Grid) (value, error) {
	for _, g := range grids {
		if err := g.Check(); err != nil {
			return v, err
		}
	}
	if im.quant == nil {
		y, err := im.then(n, v, kernels.Quantize{Grids: grids})
		if err == nil {
			im.coding.grids[y.node] = widest(grids)
		}
		return y, err
	}
	g := grids[0]
	g.Scale = im.quant.exactly(n.outputs[0], g.Scale)
	if im.quant.own {
		g.Round = kernels.Rounding(im.quant.exact.Rounding[n.outputs[0]])
		if err := g.Check(); err != nil {
			return v, err
		}
	}
	y, err := im.then(n, v, kernels.Requant{})
	if err == nil {
		im.quant.grids[y.node] = g
	}
	return y, err
}

// widest returns the grid of the most bits.
func widest(grids []kernels.Grid) kernels.Grid {
	most := grids[0]
	for _, g := range grids {
		if g.Bits > most.Bits {
			most = g
		}
	}
	return most
}

// exactly returns the step of the grid of a tensor in the precision that the
// metadata may hold.
func (q *quantImporter) exactly(tensor string, scale float64) float64 {
	if exact, ok := q.exact.Grids[tensor]; ok && float32(exact) == float32(scale) {
		return exact
	}
	return scale
}

// single returns input i of n, which must be a constant of one value.
func (im *importer) single(n *node, i int, what string) (float32, error) {
	t, err := im.given(n, i, what)
	if err != nil {
		return 0, err
	}
	x, err := t.values32()
	if err != nil {
		return 0, err
	}
	for _, v := range x {
		if v != x[0] {
			return 0, fmt.Errorf("%s %q has %d values that differ: activations have one", what, t.name, len(x))
		}
	}
	if len(x) == 0 {
		return 0, fmt.Errorf("%s %q is empty", what, t.name)
	}
	return x[0], nil
}

// gridOf reads the grid of a QONNX quantizer of activations.
func (im *importer) gridOf(n *node) (kernels.Grid, error) {
	var t [4]*tensor
	for i := 1; i < 4; i++ {
		if n.op == "BipolarQuant" && i > 1 {
			break
		}
		x, err := im.single(n, i, []string{"", "scale", "zero point", "width"}[i])
		if err != nil {
			return kernels.Grid{}, err
		}
		t[i] = floatTensor(n.inputs[i], []float32{x})
		t[i].dims = []int64{}
	}
	f, err := n.format(t[1], t[2], t[3])
	if err != nil {
		return kernels.Grid{}, err
	}
	grids, _, err := f.steps([]int64{})
	if err != nil {
		return kernels.Grid{}, err
	}
	return grids[0], nil
}

// gridsOf is gridOf for the channels of v, where a model is executed in float32.
func (im *importer) gridsOf(n *node, v value) ([]kernels.Grid, error) {
	g, err := im.gridOf(n)
	if err == nil || im.quant != nil {
		return []kernels.Grid{g}, err
	}
	var t [4]*tensor
	for i := 1; i < len(t) && i < len(n.inputs); i++ {
		c, bad := im.constant(n, i)
		if bad != nil || c == nil {
			return nil, err
		}
		x, bad := im.perFeature(v, c)
		if bad != nil {
			return nil, err
		}
		t[i] = floatTensor(c.name, x, len(x))
	}
	f, err := n.format(t[1], t[2], t[3])
	if err != nil {
		return nil, err
	}
	grids, _, err := f.steps([]int64{int64(im.shape(v).C)})
	return grids, err
}

// importQuant translates Quant, IntQuant and BipolarQuant of a tensor.
func importQuant(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	grids, err := im.gridsOf(n, v)
	if err != nil {
		return v, err
	}
	return im.put(n, v, grids...)
}

// signed tells whether a node's values can be negative, as far as grids tell.
func (im *importer) signed(node int) bool {
	if g, ok := im.coding.grids[node]; ok {
		lo, _ := g.Range()
		return lo < 0
	}
	n := &im.net.Nodes[node]
	in := make([]bool, len(n.Inputs))
	for i, k := range n.Inputs {
		in[i] = !im.signed(k)
	}
	return !n.Op.Nonnegative(in)
}

// reinterpret reads the codes of v, which is on a grid, as codes on another.
func (im *importer) reinterpret(n *node, v value, from, to kernels.Grid) (value, error) {
	if from == to {
		return v, nil
	}
	if err := to.Check(); err != nil {
		return v, err
	}
	c := im.shape(v).C
	factor := float32(to.Scale / from.Scale)
	offset := float32(float64(from.Zero-to.Zero) * to.Scale)
	y, err := im.then(n, v, kernels.Scale{Factor: repeat(factor, c), Offset: repeat(offset, c)})
	if err == nil {
		im.coding.grids[y.node] = to
	}
	return y, err
}

// weigh takes down what the weights of layer y are made of: element i of theirs is
// element order[i] of the constant, in its own order if order is nil.
func (im *importer) weigh(y value, t *tensor, order []int) {
	switch {
	case im.coding == nil:
	case t.width > 0:
		im.coding.widths[y.node] = t.width
	case t.coded != nil:
		im.coding.weights[y.node] = t.coded
		if order != nil {
			im.coding.weights[y.node] = t.coded.moved(len(order), func() func(int) int { return func(i int) int { return order[i] } })
		}
	}
}

// limits tells whether a node only says how wide the grid is that its output is put
// on afterwards.
func (im *importer) limits(n *node) (l limit, ok bool) {
	if im.quant == nil || n.op != "Clip" || len(n.outputs) == 0 {
		return l, false
	}
	l, ok = im.quant.exact.Limits[n.outputs[0]]
	return l, ok
}
