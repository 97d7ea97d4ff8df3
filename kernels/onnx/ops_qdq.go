package onnx

import (
	"errors"
	"fmt"
	"slices"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

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
	if l, ok := im.coding.exact.Limits[n.inputs[0]]; ok && l.Bits > 0 && l.Bits <= g.Bits {
		g.Bits, g.Narrow = l.Bits, l.Narrow
	}
	if v, err = im.put(n, v, g); err == nil {
		g = im.coding.grids[v.node]
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
		return im.dequantized(n)
	}
	from := *v.codes
	v.codes = nil
	if exact := im.coding.exactly(n.outputs[0], from.Scale); exact != from.Scale && im.coding.grids[v.node] == from {
		from.Scale = exact
		im.coding.grids[v.node] = from
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

// dequantized is (x − zero)·scale of codes that are numbers, where a model is executed
// in float32: zero and scale may depend on the data.
func (im *importer) dequantized(n *node) (value, error) {
	y, err := im.operand(n, 0)
	if err == nil && im.quant != nil {
		err = errors.New("must follow QuantizeLinear")
	}
	if err != nil {
		return y.value, err
	}
	for _, part := range []struct {
		at       int
		function string
		constant func(x []float32) kernels.Scale
	}{{2, "sub", shiftedDown}, {1, "mul", factors}} {
		if part.at >= len(n.inputs) || n.inputs[part.at] == "" {
			continue
		}
		o, err := im.operand(n, part.at)
		if err != nil {
			return o.value, err
		}
		if o.constant != nil {
			y, err = im.scaled(n, y, o.constant.cast(typeFloat), part.constant)
		} else {
			y, err = im.combined(n, y, o, part.function)
		}
		if err != nil {
			return y.value, err
		}
	}
	return y.value, nil
}

// importDynamic translates DynamicQuantizeLinear, where a model is executed in float32.
func importDynamic(im *importer, n *node) (value, error) {
	if im.quant != nil {
		return value{}, errors.New("dynamic quantization: scale and zero point depend on the data of each run")
	}
	o, err := im.moving(n)
	if err != nil {
		return o.value, err
	}
	if im.batch > 1 {
		return o.value, errImages // one scale for all
	}
	if len(n.outputs) != 3 {
		return o.value, fmt.Errorf("%d outputs: must be 3 (codes, scale and zero point)", len(n.outputs))
	}
	for i, part := range []kernels.DynamicPart{kernels.DynamicScale, kernels.DynamicZero} {
		node, err := im.add(n, kernels.Node{Op: kernels.QuantizeDynamic{Part: part}, Inputs: []int{o.node}})
		if err != nil {
			return o.value, err
		}
		im.values[n.outputs[i+1]] = value{node: node, axes: []axis{}}
	}
	v, err := im.then(n, o.value, kernels.QuantizeDynamic{Part: kernels.DynamicCodes})
	if err == nil {
		im.coding.grids[v.node] = kernels.Grid{Scale: 1, Bits: 8, Round: kernels.HalfEven}
	}
	return v, err
}

// importFloatQuant translates FloatQuant, where a model is executed in float32.
func importFloatQuant(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err == nil && im.quant != nil {
		err = errors.New("codes of floating point: no grid of integers")
	}
	if err != nil {
		return v, err
	}
	var in []fact
	for i, name := range n.inputs {
		f := im.facts.of[name]
		if i > 0 && f.c == nil && name != "" {
			return v, fmt.Errorf("input %q must be a constant", name)
		}
		in = append(in, f)
	}
	o, err := n.floatFormat(in)
	if err != nil {
		return v, err
	}
	if v, err = im.then(n, v, o); err == nil {
		im.coding.grids[v.node] = kernels.Grid{Scale: 1, Bits: uint8(min(o.Bits(), kernels.ResidualBits)), Signed: true}
	}
	return v, err
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

// codedInput says of an input of codes that it is: numbers on the grid of its type.
func (im *importer) codedInput() {
	f := im.facts.of[im.in.Name]
	if width, signed, ok := codeWidth(f.kind); ok {
		v := im.values[im.in.Name]
		g := kernels.Grid{Scale: 1, Bits: width, Signed: signed, Round: kernels.HalfEven}
		v.codes, im.coding.grids[v.node] = &g, g
		im.values[im.in.Name] = v
	}
}

// Some exporters write quantizers as arithmetic: Round, then Clip to codes.

// isClipped tells whether a Round of a model that is to be executed in integers is read by
// nothing but Clip.
func (im *importer) isClipped(n *node) bool {
	if im.quant == nil || len(n.outputs) != 1 || !im.isRead(n.outputs[0]) {
		return false
	}
	for i := range im.graph.nodes {
		if r := &im.graph.nodes[i]; slices.Contains(r.inputs, n.outputs[0]) && (r.op != "Clip" || r.inputs[0] != n.outputs[0]) {
			return false
		}
	}
	return !slices.ContainsFunc(im.graph.outputs, func(v valueInfo) bool { return v.name == n.outputs[0] })
}

// rounded tells whether a Clip reads such a Round.
func (im *importer) rounded(n *node) bool {
	if im.quant == nil || len(n.inputs) == 0 {
		return false
	}
	for i := range im.graph.nodes {
		if r := &im.graph.nodes[i]; r.op == "Round" && slices.Contains(r.outputs, n.inputs[0]) {
			return im.isClipped(r)
		}
	}
	return false
}

// importRoundedClip puts a tensor on the whole numbers between the bounds of a Clip.
func importRoundedClip(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	lo, hi, err := im.bounds(n)
	if err != nil {
		return v, err
	}
	for g := (kernels.Grid{Scale: 1, Bits: 1, Signed: lo < 0, Round: kernels.HalfEven}); g.Bits <= workload.MaxBits; g.Bits++ {
		for _, g.Narrow = range []bool{false, true} {
			if l, h := g.Range(); float32(l) == lo && float32(h) == hi && l < h {
				return im.put(n, v, g)
			}
		}
	}
	return v, fmt.Errorf("bounds %v and %v are not the codes of 1 to %d bits", lo, hi, workload.MaxBits)
}
