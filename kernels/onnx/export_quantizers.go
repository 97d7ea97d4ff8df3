package onnx

import (
	"errors"

	"bitcycle/kernels"
)

// writeQuantize writes grids as QONNX's Quant or BipolarQuant, of all channels at once.
func writeQuantize(x *exporter, i int) {
	n, rank := &x.net.Nodes[i], x.rank(i)
	grids, in := n.Op.(kernels.Quantize).Grids, x.input(i, 0, rank)
	dims := []int{len(grids)}
	if rank == 4 {
		dims = []int{len(grids), 1, 1}
	}
	each := func(what string, f func(g kernels.Grid) float32) string {
		return x.floats(n.Name+"_"+what, convert(grids, f), dims...)
	}
	scale := each("scale", func(g kernels.Grid) float32 { return float32(g.Scale) })
	g := grids[0]
	if g.Bipolar {
		x.out(i, rank, "BipolarQuant", nil, in, scale)
	} else {
		zero := each("zero", func(g kernels.Grid) float32 { return float32(g.Zero) })
		bits := each("bits", func(g kernels.Grid) float32 { return float32(g.Bits) })
		x.out(i, rank, "Quant", quantAttrs(g), in, scale, zero, bits)
	}
	x.foreign(qonnxDomain)
}

// quantAttrs are the attributes of QONNX's Quant for a grid.
func quantAttrs(g kernels.Grid) map[string]attribute {
	return map[string]attribute{"signed": intAttr(truth(g.Signed)), "narrow": intAttr(truth(g.Narrow)), "rounding_mode": stringAttr(modes[g.Round])}
}

// foreign puts the last node into another domain.
func (x *exporter) foreign(domain string) {
	x.domains[domain] = 1
	x.graph.nodes[len(x.graph.nodes)-1].domain = domain
}

// writable reports grids that Quant has no form for.
func writable(grids []kernels.Grid) error {
	for _, g := range grids {
		odd := g.Round == kernels.HalfOdd && g.Zero%2 == 0 || g.Round == kernels.HalfEven && g.Zero%2 != 0
		if a, b := quantAttrs(g), quantAttrs(grids[0]); g.Bipolar != grids[0].Bipolar || a["signed"].i != b["signed"].i ||
			a["narrow"].i != b["narrow"].i || a["rounding_mode"].s != b["rounding_mode"].s || !g.Bipolar && (g.Round == kernels.HalfUp || odd) {
			return errors.New("its grids have no ONNX form")
		}
	}
	return nil
}

// writeQuantizeFloat writes a grid of floating point as QONNX's FloatQuant.
func writeQuantizeFloat(x *exporter, i int) {
	n, rank := &x.net.Nodes[i], x.rank(i)
	o := n.Op.(kernels.QuantizeFloat)
	inputs := []string{x.input(i, 0, rank)}
	for _, v := range []float32{o.Scale, float32(o.Exponent), float32(o.Mantissa), float32(o.Bias), o.Max} {
		inputs = append(inputs, x.constant(&tensor{name: n.Name + "_format", kind: typeFloat, dims: []int64{}, floats: []float32{v}}))
	}
	x.out(i, rank, "FloatQuant", nil, inputs...)
	x.foreign(qonnxDomain)
}

// writeQuantizeDynamic writes one of the outputs of DynamicQuantizeLinear.
func writeQuantizeDynamic(x *exporter, i int) {
	n, rank := &x.net.Nodes[i], x.rank(i)
	o, in := n.Op.(kernels.QuantizeDynamic), x.input(i, 0, rank)
	out := []string{x.fresh(n.Name + "_codes"), x.fresh(n.Name + "_scale"), x.fresh(n.Name + "_zero")}
	x.graph.nodes = append(x.graph.nodes, node{name: out[0], op: "DynamicQuantizeLinear", inputs: []string{in}, outputs: out})
	float := map[string]attribute{"to": intAttr(typeFloat)}
	switch o.Part {
	case kernels.DynamicCodes:
		x.out(i, rank, "Cast", float, out[0])
	case kernels.DynamicScale:
		x.out(i, 2, "Reshape", nil, out[1], x.ints(n.Name+"_shape", 1, 1))
	default:
		x.out(i, 2, "Reshape", nil, x.add(n.Name+"_number", "Cast", out[2:], float), x.ints(n.Name+"_shape", 1, 1))
	}
}
