package onnx

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// The domain of QONNX operators (Pappalardo et al., "QONNX: representing
// arbitrary-precision quantized neural networks", AccML 2022).
const qonnxDomain = "qonnx.custom_op.general"

// The domain of operators of FINN.
const finnDomain = "finn.custom_op.general"

// metaKey names the model metadata that holds what ONNX has no place for: the
// widths of rows, the points of channels, and scales in double precision.
const metaKey = "bitcycle.quantized"

// exactScales is the content of that metadata, as JSON.
type exactScales struct {
	Grids  map[string]float64    `json:"grids"` // steps of grids by the tensor that is on them
	Layers map[string]exactLayer `json:"layers"`
	// Rounding is how tensors are rounded, by the number of a kernels.Rounding, where
	// that is not how this program does it.
	Rounding map[string]uint8 `json:"rounding,omitempty"`
	// Limits are the grids of fewer bits than their codes take, by the tensor that is
	// clamped to them first.
	Limits map[string]limit `json:"limits,omitempty"`
}

type limit struct {
	Bits   uint8 `json:"bits"`
	Narrow bool  `json:"narrow,omitempty"`
}

type exactLayer struct {
	RowBits  []int     `json:"row_bits"`
	Points   []int     `json:"points,omitempty"`
	Group    int       `json:"group,omitempty"`
	RowScale []float64 `json:"row_scale"`
	Gain     []float64 `json:"gain"`
	Bias     []float64 `json:"bias"`
}

// ExportQuantized writes a quantized network as onnxruntime loads it: grids as pairs
// of QuantizeLinear and DequantizeLinear of 8 or 16 bits, after a Clip where they
// have fewer; weights as integers of 8 or 16 bits; several points of a channel as a
// sum of constants. What the standard has no operator for, grids of two codes and
// roundings other than to nearest, is QONNX. ImportQuantized reads it back to the
// same integers. Other readers should know that ONNX rounds halves to even, bitcycle
// up.
func ExportQuantized(w io.Writer, q *kernels.Quantized) error { return exportQuantized(w, q, false) }

// ExportQONNX is ExportQuantized with widths that every reader of QONNX sees: grids
// of other widths than 8 and 16 bits as Quant, weights of other widths than 8 as
// Quant of numbers.
func ExportQONNX(w io.Writer, q *kernels.Quantized) error { return exportQuantized(w, q, true) }

func exportQuantized(w io.Writer, q *kernels.Quantized, widths bool) error {
	if err := q.Validate(); err != nil {
		return err
	}
	x := &quantExporter{q: q, widths: widths, reading: map[[2]int]kernels.Grid{}, layers: map[int]*kernels.QLayer{}}
	x.exact = exactScales{map[string]float64{}, map[string]exactLayer{}, map[string]uint8{}, map[string]limit{}}
	x.exporter = newExporter(q.Net, exportOpset)
	x.reads, x.weights = x.onGrid, x.codes
	for i := range q.Layers {
		x.layers[q.Layers[i].Node] = &q.Layers[i]
		x.reading[[2]int{q.Layers[i].Node, 0}] = q.Layers[i].In
	}
	for i, n := range q.Net.MatMuls() {
		for j, g := range q.Factors[i] {
			x.reading[[2]int{n, j * (len(q.Net.Nodes[n].Inputs) - 1)}] = g
		}
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
	q       *kernels.Quantized
	widths  bool // as QONNX has them
	layers  map[int]*kernels.QLayer
	reading map[[2]int]kernels.Grid // of layers and products, by node and input
	exact   exactScales
}

// onGrid returns the tensor that node n reads as input j, on the grid that it
// is read on.
func (x *quantExporter) onGrid(n, j int, tensor string) string {
	from := x.net.Nodes[n].Inputs[j]
	want := x.q.Grids[from]
	if g, own := x.reading[[2]int{n, j}]; own {
		want = g
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
	if g.Bits > workload.MaxBits { // an accumulator: whoever reads it finds it out again
		return tensor
	}
	scale := x.floats(tensor+"_scale", []float32{float32(g.Scale)})
	var rounded, out string
	if stored, ok := x.linear(g); ok {
		if stored.Bits == 16 {
			x.opset = max(x.opset, 21)
		}
		if stored != g {
			tensor = x.clamped(tensor, g)
		}
		zero := x.constant(intTensor(tensor+"_zero", codeKind(stored), []int{int(g.Zero)}))
		rounded = x.add(tensor+"_codes", "QuantizeLinear", []string{tensor, scale, zero}, nil)
		out = x.add(tensor+"_grid", "DequantizeLinear", []string{rounded, scale, zero}, nil)
	} else {
		out = x.qonnx(tensor+"_grid", tensor, scale, &g)
		rounded = out
	}
	if g.Round != kernels.HalfUp {
		x.exact.Rounding[rounded] = uint8(g.Round)
	}
	x.exact.Grids[out] = g.Scale
	return out
}

// linear returns the grid of QuantizeLinear that holds the codes of a grid, if that
// can be written so.
func (x *quantExporter) linear(g kernels.Grid) (stored kernels.Grid, ok bool) {
	stored = g
	stored.Bits, stored.Narrow = 8, false
	if g.Bits > 8 {
		stored.Bits = 16
	}
	lo, hi := stored.Range()
	holds := lo <= 0 && hi >= 0 // its zero point is one of its codes
	return stored, holds && !g.Bipolar && (g.Round == kernels.HalfUp || g.Round == kernels.HalfEven) && (!x.widths || stored == g)
}

// clamped limits a tensor to the values of a grid.
func (x *quantExporter) clamped(tensor string, g kernels.Grid) string {
	lo, hi := g.Range()
	limits := []string{tensor}
	for i, code := range []int32{lo, hi} {
		v := float32(code) * float32(g.Scale)
		limits = append(limits, x.floats(fmt.Sprintf("%s_limit%d", tensor, i), []float32{v}))
	}
	out := x.add(tensor+"_limited", "Clip", limits, nil)
	x.exact.Limits[out] = limit{g.Bits, g.Narrow}
	return out
}

// modes are the roundings by their names in QONNX.
var modes = map[kernels.Rounding]string{
	kernels.HalfUp: "ROUND", kernels.HalfEven: "ROUND", kernels.HalfOdd: "ROUND", kernels.Floor: "FLOOR", kernels.Ceil: "CEIL",
	kernels.TowardZero: "DOWN", kernels.AwayFromZero: "UP", kernels.HalfAway: "HALF_UP", kernels.HalfToZero: "HALF_DOWN",
}

// qonnx puts a tensor on a grid by a QONNX operator.
func (x *quantExporter) qonnx(name, tensor, scale string, g *kernels.Grid) string {
	x.domains[qonnxDomain] = 1
	var out string
	if g.Bipolar {
		out = x.add(name, "BipolarQuant", []string{tensor, scale}, nil)
	} else {
		zero, width := x.floats(name+"_zero", []float32{float32(g.Zero)}), x.floats(name+"_bits", []float32{float32(g.Bits)})
		out = x.add(name, "Quant", []string{tensor, scale, zero, width}, quantAttrs(*g))
	}
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
	e := exactLayer{RowScale: l.RowScale, Gain: l.Gain, Bias: l.Bias, Group: l.Group}
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
	t := pointTerm{codes: make([]int16, n.Shape.C*k)}
	row := 0
	for m := range n.Shape.C {
		scale, bits, zero := float32(1), float32(2), float32(0)
		if int(points[m]) > p {
			r := row + p
			copy(t.codes[m*k:], l.W[r*k:(r+1)*k])
			if s := float32(l.RowScale[r] * l.Gain[m]); s != 0 {
				scale = s
			}
			bits = max(float32(l.RowBits[r]), 2) // ±1 takes two bits in two's complement
			if l.RowZero != nil {
				zero = float32(l.RowZero[r])
			}
		}
		t.scale, t.bits, t.zero = append(t.scale, scale), append(t.bits, bits), append(t.zero, zero)
		row += int(points[m])
	}
	return x.constantTerm(n.Name+".weight", &t, l.Unsigned, dims)
}

// pointTerm is one point of every channel.
type pointTerm struct {
	codes             []int16 // without their zero points
	scale, bits, zero []float32
}

// constantTerm writes a term: 8-bit codes as int8 or uint8, others as Quant of numbers.
func (x *quantExporter) constantTerm(name string, t *pointTerm, unsigned bool, dims []int) string {
	m := len(t.scale)
	k := len(t.codes) / m
	column := slices.Repeat([]int{1}, len(dims))
	column[0] = m
	if !x.widths || slices.Max(t.bits) == 8 && slices.Min(t.bits) == 8 {
		stored, g := make([]int, len(t.codes)), kernels.Grid{Bits: 8, Signed: !unsigned}
		if slices.Max(t.bits) > 8 {
			g.Bits, x.opset = 16, max(x.opset, 21)
		}
		kind := codeKind(g)
		for i, c := range t.codes {
			stored[i] = int(c) + int(t.zero[i/k])
		}
		w := x.constant(intTensor(name+"_codes", kind, stored, dims...))
		s := x.floats(name+"_scale", t.scale, m)
		zero := x.constant(intTensor(name+"_zero", kind, convert(t.zero, func(z float32) int { return int(z) }), m))
		return x.add(name, "DequantizeLinear", []string{w, s, zero}, map[string]attribute{"axis": intAttr(0)})
	}
	values := make([]float32, len(t.codes))
	for i, c := range t.codes {
		values[i] = t.scale[i/k] * float32(c)
	}
	x.domains[qonnxDomain] = 1
	inputs := []string{x.floats(name+"_values", values, dims...), x.floats(name+"_scale", t.scale, column...)}
	inputs = append(inputs, x.floats(name+"_zero", t.zero, column...), x.floats(name+"_bits", t.bits, column...))
	signed := int64(1)
	if unsigned {
		signed = 0
	}
	out := x.add(name, "Quant", inputs, map[string]attribute{"signed": intAttr(signed), "narrow": intAttr(0), "rounding_mode": stringAttr("ROUND")})
	x.graph.nodes[len(x.graph.nodes)-1].domain = qonnxDomain
	return out
}
