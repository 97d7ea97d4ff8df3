package tiling

import (
	"slices"

	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/units"
)

// Fixed is a tile that the caller has chosen: sizes in positions and channels, 0 for all,
// and the loops from the outermost in, by the names B, OH, OW, OC and IC.
type Fixed struct {
	Images, Rows, Cols, Channels, Chans int
	Order                               []string
}

// fix leaves one tile in the grid.
func (g *grid) fix(l *layer.Layer, f *Fixed) {
	size := func(n, whole int) int {
		if n < 1 {
			return whole
		}
		return min(n, whole)
	}
	t := Tiling{Images: size(f.Images, l.Images), Rows: size(f.Rows, l.Geo.OutH), Cols: size(f.Cols, l.Geo.OutW)}
	if l.Product() { // whose positions are in one column
		t.Rows, t.Cols = size(f.Cols, l.Geo.OutH), 1
	}
	g.positions = append(g.positions[:0], t)
	g.reduction = append(g.reduction[:0], Tiling{Chans: size(f.Chans, l.Chans)})
	sets := l.Units()
	if l.Groups == 1 && f.Channels > 0 {
		sets = min(sets, units.Ceil(f.Channels, l.Sched.Lanes))
	}
	g.sets[0], g.sets[1] = append(g.sets[0][:0], sets), g.sets[1][:0]
}

// allows reports whether a loop order is the one that was chosen: weights stay where the
// channels are outside of all positions.
func (f *Fixed) allows(inputsFirst bool) bool {
	for _, name := range f.Order {
		if name == "OC" {
			return !inputsFirst
		}
		if slices.Contains([]string{"B", "OH", "OW"}, name) {
			return inputsFirst
		}
	}
	return true
}
