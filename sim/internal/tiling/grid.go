package tiling

import (
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/units"
)

// grid is every tiling that a search chooses from. It depends on the layer and on what
// the array has side by side, never on buffers, ports or prices.
type grid struct {
	positions []Tiling // Images, Rows and Cols, the largest tiles first
	reduction []Tiling // Chans and Within
	sets      [2][]int // of whole sets or groups, and of the sets of a group where groups are cut
}

func (g *grid) fill(l *layer.Layer, grain int) {
	g.positions = appendPositions(g.positions[:0], l, grain)
	g.reduction = g.reduction[:0]
	g.sets[0], g.sets[1] = appendHalves(g.sets[0][:0], l.Units()), g.sets[1][:0]
	if l.Groups > 1 {
		g.reduction = append(g.reduction, Tiling{Chans: l.Chans})
		g.sets[1] = appendHalves(g.sets[1], l.Sched.LargestGroup())
	}
	for chans := l.Chans; ; chans = units.Ceil(chans, 2) {
		g.reduction = append(g.reduction, Tiling{Chans: chans, Within: l.Groups > 1})
		if chans == 1 || l.PerInput {
			return
		}
	}
}

// appendPositions appends the whole map and its halves: images first, then rows of one
// image, then parts of a row. The last direction that is cut is cut in whole multiples
// of the grain while there are several.
func appendPositions(dst []Tiling, l *layer.Layer, grain int) []Tiling {
	t := Tiling{Images: l.Images, Rows: l.Geo.OutH, Cols: l.Geo.OutW}
	for dst = append(dst, t); t.Images > 1; dst = append(dst, t) {
		t.Images = units.Ceil(t.Images, 2)
	}
	across := 1
	if t.Cols == 1 {
		across = grain
	}
	for ; t.Rows > 1; dst = append(dst, t) {
		t.Rows = half(t.Rows, across)
	}
	for ; t.Cols > 1; dst = append(dst, t) {
		t.Cols = half(t.Cols, grain)
	}
	return dst
}

// half is half of n rounded up, to a multiple of the grain if that is less than n.
func half(n, grain int) int {
	h := units.Ceil(n, 2)
	if aligned := units.Ceil(h, grain) * grain; aligned < n {
		return aligned
	}
	return h
}

// appendHalves appends n, its half rounded up and so on to 1.
func appendHalves(dst []int, n int) []int {
	for n = max(n, 1); n > 1; n = units.Ceil(n, 2) {
		dst = append(dst, n)
	}
	return append(dst, 1)
}
