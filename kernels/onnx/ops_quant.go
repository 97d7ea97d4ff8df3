package onnx

import (
	"fmt"
	"math"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// quantOperators translates the operators of quantized models.
var quantOperators = map[string]func(*importer, *node) (value, error){
	"Quant":            importQuant,
	"QuantizeLinear":   importQuantizeLinear,
	"DequantizeLinear": importDequantizeLinear,
}

// importQuant translates QONNX Quant of a tensor or of a constant.
func importQuant(im *importer, n *node) (value, error) {
	v, err := im.arg(n, 0)
	if err != nil {
		return v, err
	}
	scale, err := im.numbers(n, 1)
	if err != nil {
		return v, err
	}
	bits, err := im.numbers(n, 3)
	if err != nil {
		return v, err
	}
	if err := im.zeroPoint(n, 2); err != nil {
		return v, err
	}
	signed := n.attrs["signed"].i != 0
	if v.constant != nil {
		return quantConstant(v, scale, bits)
	}
	if len(scale) != 1 || len(bits) != 1 {
		return v, fmt.Errorf("%d scales and %d widths: must be one each", len(scale), len(bits))
	}
	return im.putOnGrid(n, v, float64(scale[0]), bits[0], signed)
}

// numbers returns the float constant at input i of n.
func (im *importer) numbers(n *node, i int) ([]float32, error) {
	t, err := im.constant(n, i)
	if err == nil && t == nil {
		err = fmt.Errorf("input %d is missing", i+1)
	}
	if err != nil {
		return nil, err
	}
	return t.values32()
}

// quantConstant turns float weights into a term.
func quantConstant(v value, scale, bits []float32) (value, error) {
	w, err := v.constant.values32()
	if err != nil {
		return v, err
	}
	m := 1
	if len(v.constant.dims) > 0 {
		m = int(v.constant.dims[0])
	}
	if m == 0 || len(w)%m != 0 || len(scale) != m || len(bits) != m {
		return v, fmt.Errorf("%d scales and %d widths for %d output channels", len(scale), len(bits), m)
	}
	t := term{codes: make([]int16, len(w))}
	for c := range m {
		if !(bits[c] >= 1 && bits[c] <= workload.MaxBits) || scale[c] == 0 {
			return v, fmt.Errorf("channel %d: %v bits with scale %v", c, bits[c], scale[c])
		}
		t.scale, t.bits = append(t.scale, float64(scale[c])), append(t.bits, uint8(bits[c]))
	}
	for i, x := range w {
		t.codes[i] = int16(min(max(math.Round(float64(x)/t.scale[i*m/len(w)]), -1<<15), 1<<15-1))
	}
	c := *v.constant
	c.terms = []term{t}
	return value{constant: &c}, nil
}

// zeroPoint checks that the zero point at input i is 0.
func (im *importer) zeroPoint(n *node, i int) error {
	t, err := im.constant(n, i)
	if err != nil || t == nil {
		return err
	}
	zero := []int64{0}
	if t.kind == typeFloat {
		var f []float32
		if f, err = t.values32(); err == nil && len(f) > 0 && f[0] != 0 {
			zero[0] = 1
		}
	} else {
		zero, err = t.integers()
	}
	for _, z := range zero {
		if z != 0 {
			return fmt.Errorf("zero point %q must be 0", n.inputs[i])
		}
	}
	return err
}

// putOnGrid records that a value is put on a grid: the first grid of a node is
// that of its output, a later one that of whoever reads the result.
func (im *importer) putOnGrid(n *node, v value, scale float64, bits float32, signed bool) (value, error) {
	if !(bits >= 1 && bits <= workload.MaxBits) || bits != float32(uint8(bits)) || !(scale > 0) {
		return v, fmt.Errorf("grid of %v bits and scale %v", bits, scale)
	}
	if exact, ok := im.quant.exact.Grids[n.outputs[0]]; ok && float32(exact) == float32(scale) {
		scale = exact
	}
	g := kernels.Grid{Scale: scale, Bits: uint8(bits), Signed: signed}
	if _, known := im.quant.grids[v.node]; !known {
		im.quant.grids[v.node] = g
	}
	v.grid = &g
	return v, nil
}

// importQuantizeLinear only remembers the codes' type and scale for the
// DequantizeLinear that must follow.
func importQuantizeLinear(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	t, err := im.constant(n, 2)
	if err != nil {
		return v, err
	}
	kind := int64(typeUint8)
	if t != nil {
		kind = t.kind
	}
	v.codes = kind
	return v, im.zeroPoint(n, 2)
}

func importDequantizeLinear(im *importer, n *node) (value, error) {
	v, err := im.arg(n, 0)
	if err != nil {
		return v, err
	}
	t, err := im.constant(n, 1)
	if err != nil || t == nil {
		return v, fmt.Errorf("scale is missing")
	}
	scale, err := t.values32()
	if err != nil {
		return v, err
	}
	if err := im.zeroPoint(n, 2); err != nil {
		return v, err
	}
	if v.constant != nil {
		return dequantConstant(n, v.constant, scale)
	}
	width, ok := map[int64]float32{typeUint8: 8, typeInt8: 8, typeUint16: 16, typeInt16: 16}[v.codes]
	if !ok || len(scale) != 1 {
		return v, fmt.Errorf("must follow QuantizeLinear to 8 or 16 bits with one scale")
	}
	signed := v.codes == typeInt8 || v.codes == typeInt16
	v.codes = 0
	return im.putOnGrid(n, v, float64(scale[0]), width, signed)
}

// dequantConstant turns integer weights into a term.
func dequantConstant(n *node, t *tensor, scale []float32) (value, error) {
	codes, err := t.integers()
	if err != nil {
		return value{}, err
	}
	if t.kind != typeInt8 || len(t.dims) == 0 || int(t.dims[0]) != len(scale) || len(scale) == 0 || n.attrs["axis"].i != 0 {
		return value{}, fmt.Errorf("weights %q must be int8 with one scale per output channel", t.name)
	}
	w := term{}
	c := &tensor{name: t.name, kind: typeFloat, dims: t.dims, floats: make([]float32, len(codes))}
	for _, s := range scale {
		w.scale, w.bits = append(w.scale, float64(s)), append(w.bits, 8)
	}
	for i, v := range codes {
		w.codes = append(w.codes, int16(v))
		c.floats[i] = scale[i*len(scale)/len(codes)] * float32(v)
	}
	c.terms = []term{w}
	return value{constant: c}, nil
}

// addTerms is the sum of two constants that are terms.
func addTerms(a, b *tensor) (value, error) {
	x, err := a.values32()
	if err != nil {
		return value{}, err
	}
	y, err := b.values32()
	if err != nil {
		return value{}, err
	}
	if len(x) != len(y) {
		return value{}, fmt.Errorf("%d and %d weights", len(x), len(y))
	}
	c := &tensor{name: a.name, kind: typeFloat, dims: a.dims, floats: make([]float32, len(x))}
	for i := range x {
		c.floats[i] = x[i] + y[i]
	}
	c.terms = append(append(c.terms, a.terms...), b.terms...)
	return value{constant: c}, nil
}
