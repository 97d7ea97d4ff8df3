package onnx

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"bitcycle/kernels"
)

// The domain of QONNX operators (Pappalardo et al., "QONNX: representing
// arbitrary-precision quantized neural networks", AccML 2022).
const qonnxDomain = "qonnx.custom_op.general"

// metaKey names the model metadata that holds what ONNX has no place for: the
// widths of rows, the points of channels, and scales in double precision.
const metaKey = "bitcycle.quantized"

// exactScales is the content of that metadata, as JSON.
type exactScales struct {
	Grids  map[string]float64    `json:"grids"` // steps of grids by the tensor that is on them
	Layers map[string]exactLayer `json:"layers"`
}

type exactLayer struct {
	RowBits  []int     `json:"row_bits"`
	Points   []int     `json:"points,omitempty"`
	RowScale []float64 `json:"row_scale"`
	Gain     []float64 `json:"gain"`
	Bias     []float64 `json:"bias"`
}

// ExportQuantized writes a quantized network: grids of 8 and 16 bits as pairs of
// QuantizeLinear and DequantizeLinear, others as QONNX Quant; weights of 8 bits
// as int8, others as Quant of float constants; several points of a channel as a
// sum of constants. ImportQuantized reads it back to the same integers. Other
// readers should know that ONNX rounds halves to even, bitcycle up.
func ExportQuantized(w io.Writer, q *kernels.Quantized) error {
	if err := q.Validate(); err != nil {
		return err
	}
	x := &quantExporter{q: q, exact: exactScales{map[string]float64{}, map[string]exactLayer{}}, layers: map[int]*kernels.QLayer{}}
	x.exporter = newExporter(q.Net, exportOpset)
	x.reads, x.weights = x.onGrid, x.codes
	for i := range q.Layers {
		x.layers[q.Layers[i].Node] = &q.Layers[i]
	}
	for i := range q.Net.Nodes {
		n := &q.Net.Nodes[i]
		if err := x.node(i); err != nil {
			return fmt.Errorf("node %q: %w", n.Name, err)
		}
		if !n.Op.Selects() { // those read their inputs on their own grid
			x.names[i] = x.quant(x.names[i], q.Grids[i])
		}
	}
	meta, err := json.Marshal(x.exact)
	if err != nil {
		return err
	}
	x.meta[metaKey] = string(meta)
	return x.write(w)
}

type quantExporter struct {
	*exporter
	q      *kernels.Quantized
	layers map[int]*kernels.QLayer
	exact  exactScales
}

// onGrid returns the tensor that node n reads as input j, on the grid that it
// is read on.
func (x *quantExporter) onGrid(n, j int, tensor string) string {
	from := x.net.Nodes[n].Inputs[j]
	want := x.q.Grids[from]
	if l := x.layers[n]; l != nil {
		want = l.In
	} else if x.net.Nodes[n].Op.Selects() {
		want = x.q.Grids[n]
	}
	if want == x.q.Grids[from] {
		return tensor
	}
	return x.quant(tensor, want)
}

// quant puts a tensor on a grid.
func (x *quantExporter) quant(tensor string, g kernels.Grid) string {
	scale := x.floats(tensor+"_scale", []float32{float32(g.Scale)})
	kind, ok := map[kernels.Grid]int64{
		{Bits: 8}: typeUint8, {Bits: 8, Signed: true}: typeInt8, {Bits: 16}: typeUint16, {Bits: 16, Signed: true}: typeInt16,
	}[kernels.Grid{Bits: g.Bits, Signed: g.Signed}]
	var out string
	if ok {
		if g.Bits == 16 {
			x.opset = max(x.opset, 21)
		}
		zero := x.constant(intTensor(tensor+"_zero", kind, []int{0}))
		codes := x.add(tensor+"_codes", "QuantizeLinear", []string{tensor, scale, zero}, nil)
		out = x.add(tensor+"_grid", "DequantizeLinear", []string{codes, scale, zero}, nil)
	} else {
		out = x.qonnx(tensor+"_grid", tensor, scale, []float32{float32(g.Bits)}, g.Signed)
	}
	x.exact.Grids[out] = g.Scale
	return out
}

// qonnx adds a Quant operator with one or several bit widths.
func (x *quantExporter) qonnx(name, tensor, scale string, bits []float32, signed bool, dims ...int) string {
	x.domains[qonnxDomain] = 1
	attrs := map[string]attribute{"signed": intAttr(0), "narrow": intAttr(0), "rounding_mode": stringAttr("ROUND")}
	if signed {
		attrs["signed"] = intAttr(1)
	}
	zero, width := x.floats(name+"_zero", []float32{0}), x.floats(name+"_bits", bits, dims...)
	out := x.add(name, "Quant", []string{tensor, scale, zero, width}, attrs)
	x.graph.nodes[len(x.graph.nodes)-1].domain = qonnxDomain
	return out
}

// codes writes the weights and the bias of layer node i.
func (x *quantExporter) codes(i int, dims ...int) (w, b string) {
	n, l := &x.net.Nodes[i], x.layers[i]
	points := slices.Repeat([]uint8{1}, n.Shape.C)
	if l.Points != nil {
		points = l.Points
	}
	for p := range max(1, int(slices.Max(points))) {
		term := x.term(n, l, points, p, dims)
		if p == 0 {
			w = term
		} else {
			w = x.add(n.Name+".weight_sum", "Add", []string{w, term}, nil)
		}
	}
	bias := make([]float32, len(l.Bias))
	for m, v := range l.Bias {
		bias[m] = float32(v)
	}
	x.record(n.Name, l)
	return w, x.floats(n.Name+".bias", bias, len(bias))
}

func (x *quantExporter) record(name string, l *kernels.QLayer) {
	e := exactLayer{RowScale: l.RowScale, Gain: l.Gain, Bias: l.Bias}
	for _, b := range l.RowBits {
		e.RowBits = append(e.RowBits, int(b))
	}
	for _, p := range l.Points {
		e.Points = append(e.Points, int(p))
	}
	x.exact.Layers[name] = e
}

// term writes point p of every channel; channels with fewer points get zeros.
func (x *quantExporter) term(n *kernels.Node, l *kernels.QLayer, points []uint8, p int, dims []int) string {
	k := n.Reduction()
	codes := make([]int16, n.Shape.C*k)
	scale, bits := make([]float32, n.Shape.C), make([]float32, n.Shape.C)
	row := 0
	for m := range scale {
		scale[m], bits[m] = 1, 2
		if int(points[m]) > p {
			r := row + p
			copy(codes[m*k:], l.W[r*k:(r+1)*k])
			if s := float32(l.RowScale[r] * l.Gain[m]); s != 0 {
				scale[m] = s
			}
			bits[m] = max(float32(l.RowBits[r]), 2) // ±1 takes two bits in two's complement
		}
		row += int(points[m])
	}
	name := n.Name + ".weight"
	column := slices.Repeat([]int{1}, len(dims))
	column[0] = n.Shape.C
	if slices.Max(bits) == 8 && slices.Min(bits) == 8 {
		w := x.constant(intTensor(name+"_codes", typeInt8, codes, dims...))
		s := x.floats(name+"_scale", scale, n.Shape.C)
		zero := x.constant(intTensor(name+"_zero", typeInt8, make([]int, n.Shape.C), n.Shape.C))
		return x.add(name, "DequantizeLinear", []string{w, s, zero}, map[string]attribute{"axis": intAttr(0)})
	}
	values := make([]float32, len(codes))
	for i, c := range codes {
		values[i] = scale[i/k] * float32(c)
	}
	w, s := x.floats(name+"_values", values, dims...), x.floats(name+"_scale", scale, column...)
	return x.qonnx(name, w, s, bits, true, column...)
}
