// Package tiling cuts a layer into tiles that fit the scratchpads: it searches the
// sizes and the loop order, and writes the program that a pipeline runs.
//
// See docs/machine-model.md, section 7.
package tiling

import (
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/units"
)

// Tiling cuts a layer into tiles: Images × Rows × Cols output positions, Chans
// channels of the reduction, and Sets of the schedule (whole convolution groups when
// there are several).
type Tiling struct {
	Images, Rows, Cols int
	Chans              int
	Sets               int
	Within             bool // cut the groups themselves: sets of one group at a time
	// InputsFirst: the tiles of one stretch of positions run one after another
	// (inputs stay, weights pass by); else those of one stretch of channels do.
	InputsFirst bool
	WeightsHeld bool // all weights fit: each is loaded once
	InputsHeld  bool // all inputs fit
}

// cut is the tiling without its loop order.
func (t *Tiling) cut() Tiling {
	return Tiling{Images: t.Images, Rows: t.Rows, Cols: t.Cols, Chans: t.Chans, Sets: t.Sets, Within: t.Within}
}

// counts is the tiles of each kind.
type counts struct{ positions, chans, sets int }

func (t *Tiling) counts(l *layer.Layer) counts {
	g := &l.Geo
	n := counts{
		positions: units.Ceil(l.Images, t.Images) * units.Ceil(g.OutH, t.Rows) * units.Ceil(g.OutW, t.Cols),
		chans:     units.Ceil(l.Chans, t.Chans),
	}
	n.sets = t.setTiles(l)
	return n
}

// Tiles is the number of tiles of a layer.
func (t *Tiling) Tiles(l *layer.Layer) int64 {
	n := t.counts(l)
	return int64(n.positions) * int64(n.chans) * int64(n.sets)
}

// setTiles is the tiles of channels.
func (t *Tiling) setTiles(l *layer.Layer) int {
	if t.Within {
		return l.Groups * t.perGroup(l)
	}
	return max(1, units.Ceil(l.Units(), t.Sets))
}

// perGroup is the number of tiles of channels of the largest group, when groups are cut.
func (t *Tiling) perGroup(l *layer.Layer) int {
	return max(1, units.Ceil(l.Sched.LargestGroup(), t.Sets))
}

// setRange returns the sets of the i-th tile of channels, and its units.
func (t *Tiling) setRange(l *layer.Layer, i int) (lo, hi, units int) {
	group := l.Sched.Group
	if t.Within {
		g, part := i/t.perGroup(l), i%t.perGroup(l)
		end := group[g+1]
		lo = min(group[g]+part*t.Sets, end)
		return lo, min(lo+t.Sets, end), 1
	}
	lo, hi = i*t.Sets, min((i+1)*t.Sets, l.Units())
	units = hi - lo
	if l.Groups > 1 {
		lo, hi = group[lo], group[hi]
	}
	return lo, hi, units
}

// Piece is a size of tile that a cut of positions and reduction has, with all output
// channels in it.
type Piece struct {
	Positions, Pixels int64 // of outputs; of inputs, as if it lay at the map's corner
	Row               int64 // positions in a row of the map; 0: all
	Chans             int   // of the reduction
	Continued         bool  // adds to sums of an earlier stretch of the reduction
}

// EachPiece calls visit with every size of tile and how many there are.
func (t *Tiling) EachPiece(l *layer.Layer, visit func(p Piece, times int64)) {
	for _, images := range cut(l.Images, t.Images) {
		for _, rows := range cut(l.Geo.OutH, t.Rows) {
			for _, cols := range cut(l.Geo.OutW, t.Cols) {
				times := images.times * rows.times * cols.times
				if times == 0 {
					continue
				}
				_, high := l.Geo.InputRows(0, int(rows.size))
				_, wide := l.Geo.InputCols(0, int(cols.size))
				p := Piece{Positions: images.size * rows.size * cols.size, Pixels: images.size * int64(high) * int64(wide)}
				if !l.Product() {
					p.Row = cols.size
				}
				t.eachStretch(l, p, times, visit)
			}
		}
	}
}

// eachStretch visits the stretches of the reduction of a piece: the first, the full
// ones after it, and the rest.
func (t *Tiling) eachStretch(l *layer.Layer, p Piece, times int64, visit func(p Piece, times int64)) {
	p.Chans = min(t.Chans, l.Chans)
	visit(p, times)
	p.Continued = true
	for _, chans := range cut(l.Chans-p.Chans, t.Chans) {
		if p.Chans = int(chans.size); chans.times > 0 {
			visit(p, times*chans.times)
		}
	}
}

// pieces of a dimension: so many of one size.
type pieces struct{ size, times int64 }

// cut returns the full and the partial pieces of a dimension.
func cut(total, piece int) [2]pieces {
	c := [2]pieces{{int64(piece), int64(total / piece)}}
	if rest := total % piece; rest > 0 {
		c[1] = pieces{int64(rest), 1}
	}
	return c
}
