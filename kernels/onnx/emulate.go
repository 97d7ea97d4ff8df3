package onnx

import (
	"slices"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// A quantized model that is executed in float32 says at which widths its layers read
// their inputs and hold their weights, for machines to be charged.

// unstated is the width of what a quantized model leaves in float32.
const unstated = 8

// placed returns the nodes, by their new numbers, that are on a grid: scales behind them
// are not part of them.
func (im *importer) placed(to []int) (nodes []int) {
	if im.coding == nil {
		return nil
	}
	for i := range im.coding.grids {
		if i < len(to) && to[i] >= 0 {
			nodes = append(nodes, to[i])
		}
	}
	return nodes
}

// layerWidths returns the widths of the layers and products of a network, whose nodes are
// those of the importer at to(i); nil for float models.
func (im *importer) layerWidths(net *kernels.Network, to func(i int) int) []workload.LayerWidths {
	if im.coding == nil || im.quant != nil {
		return nil
	}
	e := &emulated{net: net, bits: map[int]uint8{}}
	rows := map[int]workload.Widths{}
	for i := range im.net.Nodes {
		if g, ok := im.coding.grids[i]; ok {
			e.bits[to(i)] = g.Bits
		}
		if w := im.rowWidths(i); w != nil {
			rows[to(i)] = w
		}
	}
	var out []workload.LayerWidths
	for _, i := range net.Layers() {
		w := workload.LayerWidths{Name: net.Nodes[i].Name, ActBits: e.read(net.Nodes[i].Inputs[0]), WeightBits: rows[i]}
		if w.WeightBits == nil {
			w.WeightBits = workload.Widths{unstated}
		}
		out = append(out, w)
	}
	for _, i := range net.MatMuls() {
		f := net.Nodes[i].Factors()
		out = append(out, workload.LayerWidths{Name: net.Nodes[i].Name, ActBits: e.read(f[0]), WeightBits: workload.Widths{e.read(f[1])}})
	}
	return out
}

// rowWidths returns the widths of the weights of node i, row by row; nil if nothing is
// known of them.
func (im *importer) rowWidths(i int) workload.Widths {
	if bits, ok := im.coding.widths[i]; ok {
		return workload.Widths{min(bits, workload.MaxBits)}
	}
	c := im.coding.weights[i]
	if c == nil {
		return nil
	}
	terms, err := c.settle()
	if err != nil || len(terms) == 0 {
		return nil
	}
	t, m := &terms[0], im.net.Nodes[i].Shape.C
	if t.of == nil {
		return workload.Widths{t.steps[0].bits}
	}
	if m == 0 || len(t.codes)%m != 0 {
		return nil
	}
	var bits workload.Widths
	for row := range slices.Chunk(t.of, len(t.codes)/m) {
		most := uint8(0)
		for _, s := range row {
			most = max(most, t.steps[s].bits)
		}
		bits = append(bits, most)
	}
	return bits
}

// emulated tells at which widths tensors of a network are.
type emulated struct {
	net  *kernels.Network
	bits map[int]uint8 // of nodes that put their values on a grid
}

// read returns the width at which node i is read.
func (e *emulated) read(i int) uint8 {
	if bits, ok := e.bits[i]; ok {
		return min(bits, workload.MaxBits)
	}
	n := &e.net.Nodes[i]
	switch op := n.Op.(type) {
	case kernels.Scale:
		return e.read(n.Inputs[0])
	case kernels.Arithmetic:
		if op.Function == "sub" { // codes and their zero point
			return e.read(n.Inputs[0])
		}
	default:
		if op.Selects() && len(n.Inputs) > 0 {
			most := uint8(1)
			for _, in := range n.Inputs {
				most = max(most, e.read(in))
			}
			return most
		}
	}
	return unstated
}
