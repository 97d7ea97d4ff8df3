package memory

import (
	"fmt"
	"slices"

	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/calls"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/units"
)

// turn puts a group of a layer, as often as it comes, into the terms of the units.
func (m *Decoupled) turn(l *layer.Layer, g group) {
	outs := l.Sched.Channels(g.lo, g.hi)
	width := int(l.Sched.Wide)
	p := &m.product
	*p = calls.Product{
		Matrix: l.Product(), Groups: int(g.times), Stride: [2]int{1, 1}, Dilation: [2]int{1, 1},
		InBits: l.StoreBits, WeightBits: m.engine.Mode(width), OutBits: l.OutBits,
		Passes: m.engine.Folds(1, width, l.ActBits), InHeld: l.InOnChip, OutHeld: l.OutOnChip,
	}
	if l.Op.Points != nil { // several vectors make an output
		p.OutBits = max(1, units.Ceil(l.OutBits*l.OutputsOf(g.lo, g.hi), outs))
	}
	p.WeightStep = bytes(int64(outs) * int64(p.WeightBits))
	if p.Matrix {
		m.turnMatrix(l, outs)
		return
	}
	op := l.Op
	p.Extent = calls.Sizes{l.Images, l.Geo.OutH, l.Geo.OutW, outs, max(1, op.Kernel[0]), max(1, op.Kernel[1]), l.Chans}
	p.Stride, p.In, p.Pad = [2]int{l.Geo.StrideH, l.Geo.StrideW}, [2]int{l.Geo.InH, l.Geo.InW}, [2]int{l.Geo.PadTop, l.Geo.PadLeft}
	for i := range p.Dilation {
		p.Dilation[i] = max(1, op.Dilation[i])
	}
	p.InStep = bytes(m.chip.Pixel(l.InputChannels(), l.StoreBits))
	p.OutStep = bytes(m.chip.Pixel(max(l.Channels, l.Virtual), p.OutBits))
	p.InGroup, p.OutGroup = int64(l.Chans)*int64(p.InBits)/8, int64(outs)*int64(p.OutBits)/8
}

// turnMatrix: groups are matrices of their own.
func (m *Decoupled) turnMatrix(l *layer.Layer, outs int) {
	p := &m.product
	p.Extent = calls.Sizes{1, 1, l.Geo.OutH * l.Geo.OutW, outs, 1, 1, l.Chans}
	p.InStep = bytes(m.chip.Pixel(l.Chans, l.StoreBits))
	p.OutStep = bytes(m.chip.Pixel(outs, p.OutBits))
	p.InGroup, p.OutGroup = int64(p.Extent[calls.Cols])*p.InStep, int64(p.Extent[calls.Cols])*p.OutStep
}

// count fills what does not depend on time: the array's cycles by cause, and the bits
// between scratchpads and array.
func (m *Decoupled) count(l *layer.Layer, n *calls.Nest, c *Cost) {
	p, e := &m.product, &m.product.Extent
	folds := int64(e[calls.KRows]) * int64(e[calls.KCols]) * parts(e[calls.Ins], n.Tile[calls.Ins], m.room.Depth) * p.Passes
	sets := parts(e[calls.Outs], n.Tile[calls.Outs], m.room.Lanes)
	for _, b := range pieces(e[calls.Batch], n.Tile[calls.Batch]) {
		for _, r := range pieces(e[calls.Rows], n.Tile[calls.Rows]) {
			for _, w := range pieces(e[calls.Cols], n.Tile[calls.Cols]) {
				if times := b.times * r.times * w.times; times > 0 {
					fold := m.engine.Fold(int64(b.size)*int64(r.size), int64(w.size))
					c.Parts.Add(fold.Times(times * folds * sets * int64(p.Groups)))
				}
			}
		}
	}
	c.ArrayCycles = c.Parts.Total() - c.Parts.Host
	positions := int64(e[calls.Batch]) * int64(e[calls.Rows]) * int64(e[calls.Cols]) * int64(p.Groups)
	reduction := int64(e[calls.KRows]) * int64(e[calls.KCols]) * int64(e[calls.Ins])
	passed := int64(units.Ceil(e[calls.Batch], n.Tile[calls.Batch])) * int64(units.Ceil(e[calls.Rows], n.Tile[calls.Rows])) * int64(units.Ceil(e[calls.Cols], n.Tile[calls.Cols]))
	act, sum := int64(m.acts(l)), l.SumBits()
	c.SRAM.Weights = passed * int64(p.Groups) * reduction * int64(e[calls.Outs]) * int64(p.WeightBits)
	c.SRAM.Inputs = positions * reduction * act * sets
	c.SRAM.OutputsWritten = positions * int64(e[calls.Outs]) * folds * sum
	c.SRAM.OutputsRead = c.SRAM.OutputsWritten - positions*int64(e[calls.Outs])*sum
}

// acts is the width at which the array takes activations.
func (m *Decoupled) acts(l *layer.Layer) int { return m.array.RoundAct(l.ActBits) }

// piece is a size of tile along a loop and how many there are.
type piece struct {
	size  int
	times int64
}

func pieces(extent, tile int) [2]piece {
	tile = min(tile, extent)
	out := [2]piece{{tile, int64(extent / tile)}}
	if rest := extent % tile; rest > 0 {
		out[1] = piece{rest, 1}
	}
	return out
}

// parts is Σ over the tiles of a loop of ⌈tile/unit⌉.
func parts(extent, tile, unit int) (sum int64) {
	for _, p := range pieces(extent, tile) {
		sum += p.times * int64(units.Ceil(p.size, unit))
	}
	return sum
}

// nestOf puts loops that were given to the sizes of a product.
func nestOf(o *Loops, l *layer.Layer, p *calls.Product) (calls.Nest, error) {
	n := calls.Nest{}
	for d, size := range [calls.Dims]int{o.B, o.OH, o.OW, o.OC, o.KH, o.KW, o.IC} {
		if n.Tile[d] = min(size, p.Extent[d]); size < 1 {
			n.Tile[d] = p.Extent[d]
		}
	}
	var seen [calls.Dims]bool
	at := 0
	for _, name := range o.Order {
		d := calls.Dim(slices.Index(workload.LoopNames, name))
		if d < 0 || seen[d] {
			return n, fmt.Errorf("op %q: loop order %v: %q: want each of %v at most once", l.Op.Name, o.Order, name, workload.LoopNames)
		}
		n.Order[at], seen[d] = d, true
		at++
	}
	for _, d := range calls.ConvOrder {
		if !seen[d] {
			n.Order[at] = d
			at++
		}
	}
	return n, nil
}

// callMapping keeps a nest of calls for its sentence.
func callMapping(n *calls.Nest, tiles int) Mapping {
	m := Mapping{form: callLoops, tiles: tiles}
	for d := range calls.Dims {
		m.n[d], m.order[d] = int32(n.Tile[d]), uint8(n.Order[d])
	}
	return m
}
