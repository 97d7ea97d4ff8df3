package tiling

import (
	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/units"
)

// footprint is the scratchpad use of the widest set of output channels, or of the
// largest group unless groups are cut: bits of weights for k elements of the
// reduction, and of accumulators for one position.
type footprint struct {
	k                int64
	within           bool
	weights, outputs int64
}

// footprints remembers the footprints of a layer.
type footprints []footprint

func (all *footprints) of(c *chip.Chip, l *layer.Layer, k int64, within bool) footprint {
	for _, f := range *all {
		if f.k == k && f.within == within {
			return f
		}
	}
	f := footprint{k: k, within: within}
	sched := &l.Sched
	if l.Groups > 1 && !within {
		for g := range l.Groups {
			f.cover(c, l, sched.Group[g], sched.Group[g+1])
		}
	} else {
		for u := range sched.Sets {
			if u == 0 || !sched.Sets[u].Same {
				f.cover(c, l, u, u+1)
			}
		}
	}
	*all = append(*all, f)
	return f
}

func (f *footprint) cover(c *chip.Chip, l *layer.Layer, lo, hi int) {
	f.weights = max(f.weights, c.Weights(&l.Sched, lo, hi, f.k))
	f.outputs = max(f.outputs, int64(l.Sched.Channels(lo, hi))*l.SumBits())
}

// tilePixels bounds the input positions of one tile.
func tilePixels(l *layer.Layer, t *Tiling) int64 {
	extent := func(out, in, kernel, stride, total int) int64 {
		if out >= total {
			return int64(in)
		}
		return int64(min(in, max((out-1)*stride+kernel, out*stride)))
	}
	g := &l.Geo
	return int64(t.Images) * extent(t.Rows, g.InH, g.KernelH, g.StrideH, g.OutH) * extent(t.Cols, g.InW, g.KernelW, g.StrideW, g.OutW)
}

// inputPixels returns the input positions that all tiles load together, halos
// counted once for each tile.
func inputPixels(l *layer.Layer, t *Tiling) int64 {
	g := &l.Geo
	var rows, cols int
	for r := 0; r < g.OutH; r += t.Rows {
		_, n := g.InputRows(r, min(r+t.Rows, g.OutH))
		rows += n
	}
	for c := 0; c < g.OutW; c += t.Cols {
		_, n := g.InputCols(c, min(c+t.Cols, g.OutW))
		cols += n
	}
	return int64(l.Images) * int64(rows) * int64(cols)
}

// sizes is a layer's tensors in bits.
type sizes struct{ weights, inputs, outputs int64 }

func sizesOf(c *chip.Chip, l *layer.Layer) sizes {
	return sizes{weights: c.AllWeights(l), inputs: c.Inputs(l, l.Pixels()), outputs: c.Outputs(l)}
}

// hold decides which operand stays on chip over the outer loop.
//
// In a shared scratchpad one operand stays beside the tiles of the other, both where
// both fit.
func (s *sizes) hold(room *chip.Room, t *Tiling, tile sizes, n counts) {
	t.WeightsHeld = n.sets == 1 && n.chans == 1
	t.InputsHeld = n.positions == 1 && n.chans == 1
	switch {
	case !room.Shared:
		t.WeightsHeld = t.WeightsHeld || units.Fits(s.weights, room.Weights)
		t.InputsHeld = t.InputsHeld || units.Fits(s.inputs, room.Inputs)
	case units.Fits(s.weights+s.inputs, room.Inputs):
		t.WeightsHeld, t.InputsHeld = true, true
	case t.InputsFirst:
		t.WeightsHeld = t.WeightsHeld || units.Fits(s.weights+tile.inputs, room.Inputs)
	default:
		t.InputsHeld = t.InputsHeld || units.Fits(s.inputs+tile.weights, room.Inputs)
	}
}

// traffic returns what a tiling moves, estimated to a few bytes for each tile.
func (s *sizes) traffic(c *chip.Chip, l *layer.Layer, t *Tiling, n counts) pipeline.Traffic {
	moved := pipeline.Traffic{Weights: units.Bytes(s.weights), Inputs: units.Bytes(s.inputs), Outputs: units.Bytes(s.outputs)}
	if !t.InputsHeld {
		moved.Inputs = units.Bytes(c.Inputs(l, inputPixels(l, t)))
	}
	if l.InOnChip {
		moved.Inputs = 0
	}
	if l.OutOnChip {
		moved.Outputs = 0
	}
	if !t.WeightsHeld && (t.InputsFirst || n.chans > 1) {
		moved.Weights *= int64(n.positions)
	}
	if !t.InputsHeld && !l.OwnInputs() && (!t.InputsFirst || n.chans > 1) {
		moved.Inputs *= int64(n.sets)
	}
	if c.ReadOutputs {
		moved.Outputs *= 2
	}
	return moved
}

// first is the bytes that the first tile loads, about.
func (s *sizes) first(l *layer.Layer, n counts) int64 {
	if l.OwnInputs() {
		return (units.Bytes(s.weights) + units.Bytes(s.inputs)/int64(n.positions)) / int64(n.sets*n.chans)
	}
	return units.Bytes(s.weights)/int64(n.sets*n.chans) + units.Bytes(s.inputs)/int64(n.positions*n.chans)
}
