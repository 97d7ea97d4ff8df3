package tiling

import (
	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/units"
)

// footprint is the scratchpad use of the widest set of output channels, or of the
// largest group unless groups are cut: bits of weights for k elements of the
// reduction, and of accumulators for one position. First is the weights of the first.
type footprint struct{ weights, outputs, first int64 }

func footprintOf(c *chip.Chip, l *layer.Layer, k int64, within bool) (f footprint) {
	sched := &l.Sched
	if l.Groups > 1 && !within {
		f.first = c.Weights(sched, sched.Group[0], sched.Group[1], k)
		for g := range l.Groups {
			f.cover(c, l, sched.Group[g], sched.Group[g+1], k)
		}
		return f
	}
	for u := range sched.Sets {
		if u == 0 {
			f.first = c.Weights(sched, 0, 1, k)
		}
		if u == 0 || !sched.Sets[u].Same {
			f.cover(c, l, u, u+1, k)
		}
	}
	return f
}

func (f *footprint) cover(c *chip.Chip, l *layer.Layer, lo, hi int, k int64) {
	f.weights = max(f.weights, c.Weights(&l.Sched, lo, hi, k))
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

// sizes is the bits of weights and inputs of a tile or of a layer.
type sizes struct{ weights, inputs int64 }

// holds returns which operands may stay on chip over the outer loop: both where there is
// room for both, else in a scratchpad of its own each that fits, and in a shared one
// either beside the tiles of the other.
func (s *sizes) holds(room *chip.Room, tile sizes, n counts) (weights, inputs, choose bool) {
	weights = n.sets == 1 && n.chans == 1
	inputs = n.positions == 1 && n.chans == 1
	if !room.Shared {
		return weights || units.Fits(s.weights, room.Weights), inputs || units.Fits(s.inputs, room.Inputs), false
	}
	if units.Fits(s.weights+s.inputs, room.Inputs) {
		return true, true, false
	}
	weights = weights || units.Fits(s.weights+tile.inputs, room.Inputs)
	inputs = inputs || units.Fits(s.inputs+tile.weights, room.Inputs)
	return weights, inputs, weights && inputs
}
