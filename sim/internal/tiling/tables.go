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
	times   []cost.Stalls // of the array, by size of positions, tile of channels, full or last cut of the reduction
	weights []int64       // bytes, by tile of channels, full or last cut of the reduction
}

func (a *tables) fill(e engine.Engine, c *chip.Chip, l *layer.Layer, t *Tiling, apart bool) {
	a.axes.fill(l, t, apart)
	a.times, a.weights = a.times[:0], a.weights[:0]
	n := t.counts(l)
	last := l.Chans - (n.chans-1)*t.Chans
	for s := range n.sets {
		lo, hi, _ := t.setRange(l, s)
		for _, chans := range [2]int{t.Chans, last} {
			a.weights = append(a.weights, units.Bytes(c.Weights(&l.Sched, lo, hi, int64(chans)*int64(l.Area))))
		}
	}
	for _, positions := range a.sizes {
		for s := range n.sets {
			lo, hi, _ := t.setRange(l, s)
			block := engine.Block{Layer: l, Lo: lo, Hi: hi, Chans: t.Chans, N: positions}
			time := e.Time(block)
			a.times = append(a.times, time)
			if last != t.Chans {
				block.Chans = last
				time = e.Time(block)
			}
			a.times = append(a.times, time)
		}
	}
}
