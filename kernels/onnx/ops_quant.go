package onnx

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// quantOperators translates the operators of quantized models on activations. A
// value that is put on a grid becomes a node of its own; grids.go tells afterwards
// which of them are more than what computes their input.
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
}

// quantDomains lists the domains of these operators.
var quantDomains = set("", "ai.onnx", "com.microsoft", "PACTOps", qonnxDomain, finnDomain, "onnx.brevitas", "qonnx.custom_op.intquant")

// put puts v on a grid.
func (im *importer) put(n *node, v value, g kernels.Grid) (value, error) {
	if err := g.Check(); err != nil {
		return v, err
	}
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
	t, err := im.constant(n, i)
	if err != nil {
		return 0, err
	}
	if t == nil {
		return 0, fmt.Errorf("%s is missing", what)
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

// importQuant translates Quant, IntQuant and BipolarQuant of a tensor.
func importQuant(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	g, err := im.gridOf(n)
	if err != nil {
		return v, err
	}
	return im.put(n, v, g)
}

// importTrunc translates QONNX Trunc: codes lose their lowest bits, and what is
// left counts in the same steps, unless there is an output scale.
func importTrunc(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	if len(n.inputs) != 5 {
		return v, fmt.Errorf("%d inputs: must be 5 (value, scale, zero point, width before and after)", len(n.inputs))
	}
	var x [4]float32
	for i, what := range []string{"scale", "zero point", "width", "width afterwards"} {
		if x[i], err = im.single(n, i+1, what); err != nil {
			return v, err
		}
	}
	if x[1] != 0 {
		return v, fmt.Errorf("zero point %v: must be 0", x[1])
	}
	before, err := width(x[2])
	if err != nil {
		return v, err
	}
	after, err := width(x[3])
	if err != nil || after > before {
		return v, fmt.Errorf("width %v after %v: must not be more", x[3], x[2])
	}
	mode := n.attrs["rounding_mode"].s
	if mode == "" {
		mode = "FLOOR"
	}
	round, err := rounding(mode, true, 0)
	if err != nil {
		return v, err
	}
	signed := im.signed(v.node)
	g := kernels.Grid{Scale: float64(x[0]), Bits: before, Signed: signed, Round: kernels.HalfEven}
	if v, err = im.put(n, v, g); err != nil {
		return v, err
	}
	cut := g
	cut.Scale, cut.Bits, cut.Round = math.Ldexp(g.Scale, int(before-after)), after, round
	if v, err = im.put(n, v, cut); err != nil {
		return v, err
	}
	return im.reinterpret(n, v, cut, kernels.Grid{Scale: g.Scale, Bits: after, Signed: signed, Round: kernels.HalfEven})
}

// signed tells whether a node's values can be negative, as far as grids tell.
func (im *importer) signed(node int) bool {
	if g, ok := im.quant.grids[node]; ok {
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
		im.quant.grids[y.node] = to
	}
	return y, err
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
	if err != nil {
		return v, err
	}
	y, err := im.then(n, v, o)
	if err == nil {
		im.quant.grids[y.node] = g
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
		t, err := im.constant(n, i+1)
		if err != nil {
			return v, err
		}
		if t == nil {
			return v, errors.New("mul or add is missing")
		}
		x, err := im.perFeature(v, t)
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
	im.quant.shifts = true
	return im.put(n, v, kernels.Grid{Scale: 1, Bits: uint8(bits.Len(uint(levels)) - 1), Signed: signed != 0, Round: kernels.HalfUp})
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
	return max(float64(a.i), float64(a.f)) // one of them is 0
}

// importQuantizeLinear puts a tensor on the grid of a type; the value is codes until
// a DequantizeLinear says what they stand for.
func importQuantizeLinear(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	kind := int64(typeUint8)
	if dtype := n.int("output_dtype", 0); dtype != 0 {
		kind = dtype
	}
	zero, err := im.constant(n, 2)
	if err != nil {
		return v, err
	}
	if zero != nil {
		kind = zero.kind
	}
	g, err := im.linear(n, kind)
	if err != nil {
		return v, err
	}
	if l, ok := im.quant.exact.Limits[n.inputs[0]]; ok && l.Bits > 0 && l.Bits <= g.Bits {
		g.Bits, g.Narrow = l.Bits, l.Narrow
	}
	if v, err = im.put(n, v, g); err == nil {
		g = im.quant.grids[v.node]
		v.codes = &g
	}
	return v, err
}

// linear reads the grid of QuantizeLinear or DequantizeLinear of activations.
func (im *importer) linear(n *node, kind int64) (g kernels.Grid, err error) {
	var ok bool
	if g.Bits, g.Signed, ok = codeWidth(kind); !ok {
		return g, fmt.Errorf("codes of %s: must be 4, 8 or 16 bits", typeNames[kind])
	}
	scale, err := im.single(n, 1, "scale")
	if err != nil {
		return g, err
	}
	g.Scale, g.Round = float64(scale), kernels.HalfEven
	if t, err := im.constant(n, 2); err != nil || t == nil {
		return g, err
	}
	zero, err := im.single(n, 2, "zero point")
	if err != nil {
		return g, err
	}
	g.Zero, err = wholeNumber("zero point", zero)
	return g, err
}

// codeNames are the types that the input of a model of whole numbers may have.
var codeNames = map[string]int64{"": typeUint8, "uint8": typeUint8, "int8": typeInt8, "uint16": typeUint16, "int16": typeInt16}

// codeWidth returns the width of an element type of codes.
func codeWidth(kind int64) (bits uint8, signed, ok bool) {
	switch kind {
	case typeUint4, typeInt4:
		return 4, kind == typeInt4, true
	case typeUint8, typeInt8:
		return 8, kind == typeInt8, true
	case typeUint16, typeInt16:
		return 16, kind == typeInt16, true
	}
	return 0, false, false
}

// importDequantizeLinear reads codes as numbers, mostly those that they were.
func importDequantizeLinear(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	if v.codes == nil {
		return v, errors.New("must follow QuantizeLinear")
	}
	from := *v.codes
	v.codes = nil
	if exact := im.quant.exactly(n.outputs[0], from.Scale); exact != from.Scale && im.quant.grids[v.node] == from {
		from.Scale = exact
		im.quant.grids[v.node] = from
	}
	read, err := im.linear(n, codeKind(from))
	if err != nil {
		return v, err
	}
	to := from
	to.Scale, to.Zero = read.Scale, read.Zero
	if float32(from.Scale) == float32(to.Scale) {
		to.Scale = from.Scale // as exactly as it is known
	}
	return im.reinterpret(n, v, from, to)
}

// codeKind returns an element type that holds the codes of a grid.
func codeKind(g kernels.Grid) int64 {
	kinds := [2]int64{typeUint8, typeInt8}
	if g.Bits > 8 {
		kinds = [2]int64{typeUint16, typeInt16}
	}
	if g.Signed {
		return kinds[1]
	}
	return kinds[0]
}

func importDynamic(*importer, *node) (value, error) {
	return value{}, errors.New("dynamic quantization: scale and zero point depend on the data of each run; quantize statically, with calibration")
}

func importFloatQuant(*importer, *node) (value, error) {
	return value{}, errors.New("codes of floating point are not supported")
}

// takers lists operators that move codes as they are.
var takers = set("Concat", "Dropout", "Flatten", "Identity", "MaxPool", "Reshape", "Slice", "Split", "Squeeze", "Transpose", "Unsqueeze")

// codesRead returns the grid of the codes that a node reads and moves; nil if it
// reads numbers.
func (im *importer) codesRead(n *node) (*kernels.Grid, error) {
	var g *kernels.Grid
	for _, name := range n.inputs {
		v := im.values[name]
		if v.codes == nil {
			continue
		}
		switch {
		case n.op == "DequantizeLinear":
			return nil, nil
		case n.op == "Cast" && v.codes.Scale == 1 && v.codes.Zero == 0: // they are numbers
			return nil, nil
		case !takers[n.op]:
			return nil, fmt.Errorf("reads the codes %q, which no DequantizeLinear makes numbers", name)
		case g != nil && *g != *v.codes:
			return nil, errors.New("reads codes of different scales")
		}
		g = v.codes
	}
	return g, nil
}

// markCodes says of the outputs of a node that they are codes.
func (im *importer) markCodes(n *node, g *kernels.Grid) {
	for _, name := range n.outputs {
		if v, ok := im.values[name]; ok {
			v.codes = g
			im.values[name] = v
		}
	}
}

// weigh takes down what the weights of layer y are made of: element i of theirs is
// element order[i] of the constant, in its own order if order is nil.
func (im *importer) weigh(y value, t *tensor, order []int) {
	if im.quant != nil && t.coded != nil {
		im.quant.weights[y.node] = t.coded
		if order != nil {
			im.quant.weights[y.node] = t.coded.moved(len(order), func() func(int) int { return func(i int) int { return order[i] } })
		}
	}
}

// codedInput says of an input of codes that it is: numbers on the grid of its type.
func (im *importer) codedInput() {
	f := im.facts.of[im.in.Name]
	if width, signed, ok := codeWidth(f.kind); ok {
		v := im.values[im.in.Name]
		g := kernels.Grid{Scale: 1, Bits: width, Signed: signed, Round: kernels.HalfEven}
		v.codes, im.quant.grids[v.node] = &g, g
		im.values[im.in.Name] = v
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
