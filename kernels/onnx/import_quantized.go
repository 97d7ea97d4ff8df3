package onnx

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"bitcycle/kernels"
)

// LoadQuantized reads a quantized network in the form that ExportQuantized
// writes. Errors begin with the path.
func LoadQuantized(path string) (*kernels.Quantized, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	q, err := decodeQuantized(data, filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return q, nil
}

// ImportQuantized is LoadQuantized for a model whose weights lie within it.
func ImportQuantized(r io.Reader) (*kernels.Quantized, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return decodeQuantized(data, "")
}

func decodeQuantized(data []byte, folder string) (*kernels.Quantized, error) {
	im, err := newImporter(data, folder)
	if err != nil {
		return nil, err
	}
	im.quant = &quantImporter{grids: map[int]kernels.Grid{}, reads: map[int]kernels.Grid{}, weights: map[int][]term{}}
	if text, ok := im.meta[metaKey]; ok {
		if err := json.Unmarshal([]byte(text), &im.quant.exact); err != nil {
			return nil, fmt.Errorf("metadata %q: %w", metaKey, err)
		}
	}
	if err := im.run(); err != nil {
		return nil, err
	}
	q, err := im.quantized()
	if err != nil {
		return nil, err
	}
	return q, q.Validate()
}

// quantImporter collects what makes the network of an importer quantized.
type quantImporter struct {
	exact   exactScales
	grids   map[int]kernels.Grid // of each node's output, the first that it is put on
	reads   map[int]kernels.Grid // that each node reads its inputs on
	weights map[int][]term       // of each layer node
}

// term is one point of every output channel of a layer: codes, a scale and a
// width for each. A constant that is a sum of terms carries them.
type term struct {
	codes []int16
	scale []float64
	bits  []uint8
}

// quantOperators translates the operators of quantized models.
var quantOperators = map[string]func(*importer, *node) (value, error){
	"Quant":            importQuant,
	"QuantizeLinear":   importQuantizeLinear,
	"DequantizeLinear": importDequantizeLinear,
}

// read records the grid that node i of the network reads its inputs on; what
// only selects among them is on the same grid.
func (q *quantImporter) read(i int, y *value, op kernels.OpType, inputs ...value) error {
	for _, v := range inputs {
		if v.grid == nil || inputs[0].grid == nil || *v.grid != *inputs[0].grid {
			if selects(op) {
				return fmt.Errorf("inputs must be on one grid")
			}
			return nil
		}
	}
	q.reads[i] = *inputs[0].grid
	if selects(op) {
		q.grids[i], y.grid = *inputs[0].grid, inputs[0].grid
	}
	return nil
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
		if !(bits[c] >= 1 && bits[c] <= kernels.MaxBits) || scale[c] == 0 {
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
	if !(bits >= 1 && bits <= kernels.MaxBits) || bits != float32(uint8(bits)) || !(scale > 0) {
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

// quantized makes the quantized network of what was collected.
func (im *importer) quantized() (*kernels.Quantized, error) {
	q := &kernels.Quantized{Net: im.net}
	for i := range im.net.Nodes {
		n := &im.net.Nodes[i]
		grid, ok := im.quant.grids[i]
		if !ok {
			return nil, fmt.Errorf("node %q is on no grid", n.Name)
		}
		q.Grids = append(q.Grids, grid)
		if n.Op != kernels.OpConv && n.Op != kernels.OpDense {
			continue
		}
		terms := im.quant.weights[i]
		if len(terms) == 0 {
			return nil, fmt.Errorf("layer %q has no integer weights", n.Name)
		}
		in, ok := im.quant.reads[i]
		if !ok {
			return nil, fmt.Errorf("the input of layer %q is on no grid", n.Name)
		}
		layer, err := im.quantLayer(i, terms)
		if err != nil {
			return nil, fmt.Errorf("layer %q: %w", n.Name, err)
		}
		layer.In = in
		q.Layers = append(q.Layers, layer)
	}
	return q, nil
}

// quantLayer makes a layer of its terms, exact where the metadata says how.
func (im *importer) quantLayer(i int, terms []term) (kernels.QLayer, error) {
	n := &im.net.Nodes[i]
	k := n.Reduction()
	l := kernels.QLayer{Node: i}
	exact, known := im.quant.exact.Layers[n.Name]
	if len(terms) > 1 && !known {
		return l, fmt.Errorf("sums of weights need the metadata that tells their points")
	}
	points := make([]int, n.Shape.C)
	for m := range points {
		if points[m] = 1; exact.Points != nil {
			if len(exact.Points) != len(points) {
				return l, fmt.Errorf("%d points entries in the metadata for %d channels", len(exact.Points), len(points))
			}
			points[m] = exact.Points[m]
			l.Points = append(l.Points, uint8(points[m]))
		}
		if points[m] < 0 || points[m] > len(terms) {
			return l, fmt.Errorf("channel %d has %d points in the metadata, %d in the model", m, points[m], len(terms))
		}
		for p := range points[m] {
			t := &terms[p]
			if len(t.codes) != n.Shape.C*k {
				return l, fmt.Errorf("%d weights for %d channels of %d", len(t.codes), n.Shape.C, k)
			}
			l.W = append(l.W, t.codes[m*k:(m+1)*k]...)
			l.RowScale, l.RowBits = append(l.RowScale, t.scale[m]), append(l.RowBits, t.bits[m])
		}
		l.Gain, l.Bias = append(l.Gain, 1), append(l.Bias, float64(n.Bias[m]))
	}
	if !known {
		return l, nil
	}
	if len(exact.RowBits) != len(l.RowBits) || len(exact.RowScale) != len(l.RowScale) || len(exact.Gain) != len(l.Gain) || len(exact.Bias) != len(l.Bias) {
		return l, fmt.Errorf("the metadata is of another layer")
	}
	l.RowScale, l.Gain, l.Bias = exact.RowScale, exact.Gain, exact.Bias
	for r, b := range exact.RowBits {
		l.RowBits[r] = uint8(min(max(b, 0), math.MaxUint8))
	}
	return l, nil
}
