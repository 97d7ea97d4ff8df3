package tiling

import "bitcycle/sim/internal/layer"

// chanTile is a tile of output channels, or several equal ones in a row.
type chanTile struct {
	lo, hi int // sets of the first
	units  int // sets of each, or groups
	at     int // index of the first
	repeat int64

	outputs, ops int64    // bits written and operations of the vector unit, for each position
	inputs       [2]int64 // bits of an input position, of a full and of the last cut of the reduction
}

// pass is the tiles of channels that follow each other: all of them, or those of one
// convolution group, or of several equal ones, where groups are cut.
type pass struct {
	tiles, end int // in channels.tiles
	repeat     int64
}

// channels are the tiles along the output channels.
type channels struct {
	passes []pass
	tiles  []chanTile
}

// fill lists n tiles of channels. Unless apart, equal neighbours are one; the first and
// the last of a pass, and the first and the last pass, always stay alone.
func (c *channels) fill(l *layer.Layer, t *Tiling, n int, apart bool) {
	c.passes, c.tiles = c.passes[:0], c.tiles[:0]
	if !t.Within {
		c.pass(l, t, 0, n, apart)
		return
	}
	per := t.perGroup(l)
	group := l.Sched.Group
	for g := range l.Groups {
		if !apart && g > 1 && g < l.Groups-1 && alike(l, group[g-1], group[g], group[g], group[g+1]) {
			c.passes[len(c.passes)-1].repeat++
			continue
		}
		c.pass(l, t, g*per, (g+1)*per, apart)
	}
}

// pass appends tiles from to to.
func (c *channels) pass(l *layer.Layer, t *Tiling, from, to int, apart bool) {
	first := len(c.tiles)
	for i := from; i < to; i++ {
		x := chanTile{at: i, repeat: 1}
		x.lo, x.hi, x.units = t.setRange(l, i)
		if last := len(c.tiles) - 1; !apart && last > first && i < to-1 {
			if before := &c.tiles[last]; before.units == x.units && alike(l, before.lo, before.hi, x.lo, x.hi) {
				before.repeat++
				continue
			}
		}
		c.tiles = append(c.tiles, x)
	}
	c.passes = append(c.passes, pass{first, len(c.tiles), 1})
}

// alike reports whether two ranges of sets hold the same widths, and read and write as
// many channels.
func alike(l *layer.Layer, lo, hi, lo2, hi2 int) bool {
	return l.Sched.Alike(lo, hi, lo2, hi2) && l.OutputsOf(lo, hi) == l.OutputsOf(lo2, hi2) &&
		l.VectorOps(1, lo, hi) == l.VectorOps(1, lo2, hi2) && l.InputsOf(lo, hi, 1, 1) == l.InputsOf(lo2, hi2, 1, 1)
}
