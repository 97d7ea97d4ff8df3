package tiling

import (
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/units"
)

// emit appends the tiles of one stretch of positions and one of channels, a tile
// for each cut of the reduction.
func (w *writer) emit(st *stretch, s int) {
	p, l := &w.program, w.layer
	lo, hi, groups := w.t.setRange(l, s)
	from := len(p.Tiles)
	for c := range w.chans {
		chans := min(w.t.Chans, l.Chans-c*w.t.Chans)
		tile := pipeline.Tile{Parts: w.arrayTime(st, s, c, chans, lo, hi)}
		if w.loadsWeights(st) {
			tile.Weights = w.weights[2*s+bool01(c == w.chans-1)]
		}
		if st.first && s+c == 0 { // metadata travel with the first weights
			tile.Weights += units.Bytes(w.Chip.WithWeights(l))
		}
		if w.loadsInputs(s) && !l.InOnChip {
			tile.Inputs = units.Bytes(st.pixels * w.Chip.Pixel(l.InputsOf(lo, hi, groups, chans), l.StoreBits))
		}
		tile.Address[pipeline.Weights] = w.weightAddress(lo, c)
		tile.Address[pipeline.Inputs] = w.inputBase + st.input*int64(l.Chans*l.StoreBits)/8
		if c == w.chans-1 {
			w.output(&tile, st, lo, hi)
		}
		p.Tiles = append(p.Tiles, tile)
	}
	p.Steps = append(p.Steps, pipeline.Step{Lo: from, Hi: len(p.Tiles), Repeat: 1})
}

// loadsWeights: weights are loaded the first time, and again for every stretch of
// positions when another tile has taken their place.
func (w *writer) loadsWeights(st *stretch) bool {
	return st.first || !w.t.WeightsHeld && (w.t.InputsFirst || w.chans > 1)
}

func (w *writer) loadsInputs(s int) bool {
	return s == 0 || w.layer.OwnInputs() || !w.t.InputsHeld && (!w.t.InputsFirst || w.chans > 1)
}

func (w *writer) weightAddress(lo, c int) int64 {
	l := w.layer
	first := l.Sched.Channels(0, lo)
	return (int64(first)*l.Reduction() + int64(c*w.t.Chans*l.Area)) * int64(max(l.Sched.Wide, 1)) / 8
}

// output adds what the finished outputs of a stretch cost: their bytes and the
// vector unit's work.
func (w *writer) output(tile *pipeline.Tile, st *stretch, lo, hi int) {
	l := w.layer
	if !l.OutOnChip {
		tile.Outputs = units.Bytes(st.n * w.Chip.Pixel(l.OutputsOf(lo, hi), l.OutBits))
		if w.Chip.ReadOutputs {
			tile.Outputs *= 2
		}
	}
	tile.Address[pipeline.Outputs] = w.outputBase + st.out*int64(l.Channels*l.OutBits)/8
	w.Chip.Vector.Finish(&tile.Parts, l, st.n, lo, hi)
}

// arrayTime returns the array's time for a tile: from the table, but for the first and
// the last, which fill and drain the pipeline.
func (w *writer) arrayTime(st *stretch, s, c, chans, lo, hi int) cost.Stalls {
	first := st.first && s == 0 && c == 0
	last := st.last && s == w.sets-1 && c == w.chans-1
	if !first && !last {
		return w.times[(st.variant*w.sets+s)*2+bool01(c == w.chans-1)]
	}
	return w.Engine.Time(engine.Block{Layer: w.layer, Lo: lo, Hi: hi, Chans: chans, N: st.n, First: first, Last: last})
}

func bool01(b bool) int {
	if b {
		return 1
	}
	return 0
}
