package tiling

import (
	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/units"
)

// source makes any tile of a tiling.
type source struct {
	engine engine.Engine
	chip   *chip.Chip
	layer  *layer.Layer
	t      *Tiling
	counts
	*tables

	inputBase, outputBase int64 // bytes
}

// place lays the layer's tensors one after the other in memory: weights, inputs, outputs.
func (s *source) place() {
	const align = 64
	l := s.layer
	s.inputBase = units.Ceil(units.Bytes(s.chip.AllWeights(l)), align) * align
	s.outputBase = s.inputBase + units.Ceil(units.Bytes(s.chip.Inputs(l, l.Pixels())), align)*align
}

// tile is the one of a stretch of positions, the i-th tile of channels and the c-th cut
// of the reduction: what it loads, computes and stores.
func (s *source) tile(st *stretch, i, c int) pipeline.Tile {
	l := s.layer
	lo, hi, groups := s.t.setRange(l, i)
	chans := min(s.t.Chans, l.Chans-c*s.t.Chans)
	last := c == s.chans-1
	tile := pipeline.Tile{Parts: s.arrayTime(st, i, c, chans, lo, hi)}
	if s.loadsWeights(st) {
		tile.Weights = s.weights[2*i+bool01(last)]
	}
	if st.first && i+c == 0 { // metadata travel with the first weights
		tile.Weights += units.Bytes(s.chip.WithWeights(l))
	}
	if s.loadsInputs(i) && !l.InOnChip {
		pixels := st.pixels
		if s.t.InputsHeld {
			pixels = st.fresh // the halo is there
		}
		tile.Inputs = units.Bytes(pixels * s.chip.Pixel(l.InputsOf(lo, hi, groups, chans), l.StoreBits))
	}
	tile.Address[pipeline.Weights] = s.weightAddress(lo, c)
	tile.Address[pipeline.Inputs] = s.inputBase + st.input*int64(l.Chans*l.StoreBits)/8
	if last {
		s.output(&tile, st, lo, hi)
	}
	tile.Cycles = tile.Parts.Total()
	return tile
}

// loadsWeights: weights are loaded the first time, and again for every stretch of
// positions when another tile has taken their place.
func (s *source) loadsWeights(st *stretch) bool {
	return st.first || !s.t.WeightsHeld && (s.t.InputsFirst || s.chans > 1)
}

func (s *source) loadsInputs(i int) bool {
	return i == 0 || s.layer.OwnInputs() || !s.t.InputsHeld && (!s.t.InputsFirst || s.chans > 1)
}

func (s *source) weightAddress(lo, c int) int64 {
	l := s.layer
	first := l.Sched.Channels(0, lo)
	return (int64(first)*l.Reduction() + int64(c*s.t.Chans*l.Area)) * int64(max(l.Sched.Wide, 1)) / 8
}

// output adds what the finished outputs of a stretch cost: their bytes and the
// vector unit's work.
func (s *source) output(tile *pipeline.Tile, st *stretch, lo, hi int) {
	l := s.layer
	if !l.OutOnChip {
		tile.Outputs = units.Bytes(st.n * s.chip.Pixel(l.OutputsOf(lo, hi), l.OutBits))
		if s.chip.ReadOutputs {
			tile.Outputs *= 2
		}
	}
	tile.Address[pipeline.Outputs] = s.outputBase + st.out*int64(l.Channels*l.OutBits)/8
	s.chip.Vector.Finish(&tile.Parts, l, st.n, lo, hi)
}

// arrayTime returns the array's time for a tile: from the table, but for the first and
// the last, which fill and drain the pipeline.
func (s *source) arrayTime(st *stretch, i, c, chans, lo, hi int) cost.Stalls {
	first := st.first && i == 0 && c == 0
	last := st.last && i == s.sets-1 && c == s.chans-1
	if !first && !last {
		return s.times[(st.variant*s.sets+i)*2+bool01(c == s.chans-1)]
	}
	return s.engine.Time(engine.Block{Layer: s.layer, Lo: lo, Hi: hi, Chans: chans, N: st.n, First: first, Last: last})
}

func bool01(b bool) int {
	if b {
		return 1
	}
	return 0
}
