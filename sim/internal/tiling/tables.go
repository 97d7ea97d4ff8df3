package tiling

import (
	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/units"
)

// tables hold what the tiles of a cut have in common.
type tables struct {
	axes
	channels
	entries []entry // by size of positions, tile of channels, full or last cut of the reduction
	weights []int64 // bytes, by tile of channels, full or last cut of the reduction; −1 unless known
}

// entry is the array's time for a tile that is neither the first nor the last.
type entry struct {
	known bool
	time  cost.Stalls
}

func (a *tables) fill(c *chip.Chip, l *layer.Layer, t *Tiling, apart bool) {
	n := t.counts(l)
	a.axes.fill(l, t, apart)
	a.channels.fill(l, t, n.sets, apart)
	last := l.Chans - (n.chans-1)*t.Chans
	for i := range a.tiles {
		x := &a.tiles[i]
		x.outputs, x.ops = c.Pixel(l.OutputsOf(x.lo, x.hi), l.OutBits), l.VectorOps(1, x.lo, x.hi)
		for cut, chans := range [2]int{t.Chans, last} {
			x.inputs[cut] = c.Pixel(l.InputsOf(x.lo, x.hi, x.units, chans), l.StoreBits)
		}
	}
	a.entries, a.weights = a.entries[:0], a.weights[:0]
	for range 2 * len(a.tiles) {
		a.weights = append(a.weights, -1)
		for range a.sizes {
			a.entries = append(a.entries, entry{})
		}
	}
}

// timeOf is the engine's time for a block, remembered by its place in the tables.
func (a *tables) timeOf(e engine.Engine, b engine.Block, variant, tile, last int) cost.Stalls {
	x := &a.entries[(variant*len(a.tiles)+tile)*2+last]
	if !x.known {
		x.known, x.time = true, e.Time(b)
	}
	return x.time
}

// weightsOf is the bytes of a tile of channels over k elements of the reduction.
func (a *tables) weightsOf(c *chip.Chip, l *layer.Layer, k int64, tile, last int) int64 {
	x := &a.weights[2*tile+last]
	if *x < 0 {
		*x = units.Bytes(c.Weights(&l.Sched, a.tiles[tile].lo, a.tiles[tile].hi, k))
	}
	return *x
}
