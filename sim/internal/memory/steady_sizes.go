package memory

import (
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/schedule"
	"bitcycle/sim/internal/units"
)

// shape is one product with all of its channels, or one group, in the terms of the
// tile loops.
type shape struct {
	engine engine.Fusion
	l      *layer.Layer
	lo, hi int // sets
	dim    [loopCount]int
	im2col bool // inputs are stored as they enter the array
	wide   int  // widest and narrowest channel
	narrow int
	change int64 // cycles of changing the array's mode in one pass over all channels
}

func newShape(e engine.Fusion, l *layer.Layer, g group) shape {
	f := &l.Geo
	s := shape{engine: e, l: l, lo: g.lo, hi: g.hi, im2col: l.Flat && !l.Product(), narrow: schedule.Widths - 1}
	s.dim = [loopCount]int{l.Images, f.OutW, f.OutH, l.Chans, l.Sched.Channels(g.lo, g.hi)}
	if l.Product() {
		s.dim[loopB], s.dim[loopH] = f.OutH, 1
	}
	s.scan()
	return s
}

// scan finds the widest and the narrowest channel and counts changes of mode.
func (s *shape) scan() {
	sets := s.l.Sched.Sets
	for i := s.lo; i < s.hi; i++ {
		c := &sets[i]
		if i > s.lo && c.Same {
			continue
		}
		if i > s.lo {
			s.change += s.engine.Reconfigure(sets[i-1].Max, c.Max)
		}
		s.wide = max(s.wide, int(c.Max))
		for w := 1; w < s.narrow; w++ {
			if c.Count[w] > 0 {
				s.narrow = w
			}
		}
	}
}

// smallest is the first tile of output channels: the array's columns, or one where
// uniform channels are lowered flat.
func (s *shape) smallest() int {
	if s.im2col && s.wide == s.narrow {
		return 1
	}
	return s.l.Sched.Lanes
}

// largest returns the first power of two times unit that reaches the dimension.
func (s *shape) largest(loop, unit int) int {
	for unit < s.dim[loop] {
		unit *= 2
	}
	return unit
}

// block is the work of one pass over all output channels.
func (s *shape) block(t *nest) engine.Block {
	return engine.Block{Layer: s.l, Lo: s.lo, Hi: s.hi, Chans: t.tile[loopIC], N: t.positions()}
}

// folds sums the folds of all sets for one cut of the reduction, and of the columns
// that partial tiles of output channels leave empty.
func (s *shape) folds(t *nest) int64 {
	work := s.engine.Folds(s.block(t), uint8(s.wide))
	var sum int64
	for _, r := range s.l.Sched.Rounds(s.lo, s.hi, &work) {
		sum += r.Max * r.Repeat
	}
	columns := units.Ceil(t.tile[loopOC], s.l.Sched.Lanes) * t.count[loopOC]
	return sum + int64(columns-(s.hi-s.lo))*work[s.narrow]
}

// channelBits is a channel's weights for one cut of the reduction, padded to whole folds.
func (s *shape) channelBits(t *nest, w int) int64 {
	return s.engine.Padded(int64(s.l.Area)*int64(t.tile[loopIC]), w, s.l.ActBits) * int64(w)
}

// tile is the bits of the largest tile of each tensor.
func (s *shape) tile(t *nest) [pipeline.Kinds]int64 {
	return [pipeline.Kinds]int64{s.weightTile(t), s.inputTile(t), s.outputTile(t)}
}

func (s *shape) weightTile(t *nest) int64 {
	return s.channelBits(t, s.wide) * int64(t.tile[loopOC])
}

// weights is the traffic of all weights, loaded once.
func (s *shape) weights(t *nest) int64 {
	var sum, last int64
	channels := 0
	for i := s.lo; i < s.hi; i++ {
		c := &s.l.Sched.Sets[i]
		if i == s.lo || !c.Same {
			last = 0
			for w := 1; w <= int(c.Max); w++ {
				if c.Count[w] > 0 {
					last += int64(c.Count[w]) * s.channelBits(t, w)
				}
			}
		}
		sum += last
		channels += c.Hi - c.Lo
	}
	sum += int64(t.tile[loopOC]*t.count[loopOC]-channels) * s.channelBits(t, s.narrow)
	return sum * int64(t.count[loopIC])
}

func (s *shape) inputTile(t *nest) int64 {
	n := int64(t.tile[loopIC]) * int64(t.tile[loopB]) * int64(s.l.StoreBits)
	if s.im2col {
		return n * int64(t.tile[loopW]) * int64(t.tile[loopH]) * int64(s.l.Area)
	}
	g := &s.l.Geo
	return n * int64(g.KernelW+(t.tile[loopW]-1)*g.StrideW) * int64(g.KernelH+(t.tile[loopH]-1)*g.StrideH)
}

// outputTile is padded to whole columns.
func (s *shape) outputTile(t *nest) int64 {
	columns := int64(s.l.Sched.Lanes)
	return t.positions() * units.Ceil(int64(t.tile[loopOC]), columns) * columns * int64(s.l.OutBits)
}
