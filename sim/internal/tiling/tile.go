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
	t      Tiling
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

// tile is the one of a stretch of positions, the i-th listed tile of channels and the
// c-th cut of the reduction: what it loads, computes and stores.
func (s *source) tile(st *stretch, i, c int) pipeline.Tile {
	l, x := s.layer, &s.tiles[i]
	chans := min(s.t.Chans, l.Chans-c*s.t.Chans)
	last := c == s.chans-1
	tile := pipeline.Tile{Parts: s.arrayTime(st, i, c, chans)}
	if s.loadsWeights(st) {
		tile.Weights = s.weightsOf(s.chip, l, int64(chans)*int64(l.Area), i, bool01(last))
	}
	if st.first && x.at+c == 0 { // metadata travel with the first weights
		tile.Weights += units.Bytes(s.chip.WithWeights(l))
	}
	if s.loadsInputs(x.at) && !l.InOnChip {
		pixels := st.pixels
		if s.t.InputsHeld {
			pixels = st.fresh // the halo is there
		}
		tile.Inputs = units.Bytes(pixels * x.inputs[bool01(last)])
	}
	if last {
		s.output(&tile, st, x)
	}
	tile.Cycles = tile.Parts.Total()
	return tile
}

// loadsWeights: weights are loaded the first time, and again for every stretch of
// positions when another tile has taken their place.
func (s *source) loadsWeights(st *stretch) bool {
	return st.first || !s.t.WeightsHeld && (s.t.InputsFirst || s.chans > 1)
}

func (s *source) loadsInputs(at int) bool {
	return at == 0 || s.layer.OwnInputs() || !s.t.InputsHeld && (!s.t.InputsFirst || s.chans > 1)
}

// address is where the bytes of a tile lie.
func (s *source) address(st *stretch, i, c int) (at [pipeline.Kinds]int64) {
	l := s.layer
	first := l.Sched.Channels(0, s.tiles[i].lo)
	at[pipeline.Weights] = (int64(first)*l.Reduction() + int64(c*s.t.Chans*l.Area)) * int64(max(l.Sched.Wide, 1)) / 8
	at[pipeline.Inputs] = s.inputBase + st.input*int64(l.Chans*l.StoreBits)/8
	if c == s.chans-1 {
		at[pipeline.Outputs] = s.outputBase + st.out*int64(l.Channels*l.OutBits)/8
	}
	return at
}

// output adds what the finished outputs of a stretch cost: their bytes and the
// vector unit's work.
func (s *source) output(tile *pipeline.Tile, st *stretch, x *chanTile) {
	if !s.layer.OutOnChip {
		tile.Outputs = units.Bytes(st.n * x.outputs)
		if s.chip.ReadOutputs {
			tile.Outputs *= 2
		}
	}
	s.chip.Vector.Finish(&tile.Parts, st.n*x.ops)
}

// arrayTime returns the array's time for a tile: from the table, but for the first and
// the last, which fill and drain the pipeline.
func (s *source) arrayTime(st *stretch, i, c, chans int) cost.Stalls {
	x := &s.tiles[i]
	b := engine.Block{Layer: s.layer, Lo: x.lo, Hi: x.hi, Chans: chans, N: st.n, Row: st.row}
	b.First = st.first && x.at == 0 && c == 0
	b.Last = st.last && x.at == s.sets-1 && c == s.chans-1
	if b.First || b.Last {
		return s.engine.Time(b)
	}
	return s.timeOf(s.engine, b, st.variant, i, bool01(c == s.chans-1))
}

func bool01(b bool) int {
	if b {
		return 1
	}
	return 0
}
