package tiling

import (
	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/units"
)

// bounds are lower bounds of what tilings of a layer take: no run of any of them takes
// fewer cycles or moves fewer bytes.
type bounds struct {
	engine  engine.Engine
	chip    *chip.Chip
	port    *pipeline.Port
	exposed bool

	l         *layer.Layer
	bits      sizes            // of the layer
	metadata  int64            // bytes
	outputs   int64            // bytes
	vector    int64            // of the element-wise work
	ends      int64            // what the first and the last tile add to the array's time
	positions []positionBound
	reduction []reductionBound
	axes      axes
}

// positionBound is what a cut of the positions needs, whatever else is cut.
type positionBound struct {
	n             int   // tiles
	out, in       int64 // output positions of a tile; its input positions at most
	pixels, fresh int64 // input positions that all tiles load; those that none has loaded before
	first, last   int64 // input positions of the first tile, output positions of the last
	busy          int64 // the array's time
}

// reductionBound is what a cut of the reduction needs.
type reductionBound struct {
	n       int
	weights int64 // bytes of all weights
	pixel   int64 // bits of an input position, over all stretches
	foot    footprint
	busy    int64
}

func (b *bounds) begin(l *layer.Layer, g *grid) {
	b.l = l
	b.bits = sizes{weights: b.chip.AllWeights(l), inputs: b.chip.Inputs(l, l.Pixels())}
	b.metadata, b.outputs = units.Bytes(b.chip.WithWeights(l)), b.allOutputs()
	b.vector = b.chip.Vector.Cycles(l.VectorOps(l.Positions(), 0, len(l.Sched.Sets)))
	b.ends = b.atEnds()
	b.positions, b.reduction = b.positions[:0], b.reduction[:0]
	for i := range g.positions {
		b.positions = append(b.positions, b.positionsOf(&g.positions[i]))
	}
	for i := range g.reduction {
		b.reduction = append(b.reduction, b.reductionOf(&g.reduction[i]))
	}
}

func (b *bounds) positionsOf(t *Tiling) positionBound {
	l := b.l
	b.axes.images = axis(b.axes.images, l.ImageAxis(), t.Images, false)
	b.axes.rows = axis(b.axes.rows, l.Geo.Rows(), t.Rows, false)
	b.axes.cols = axis(b.axes.cols, l.Geo.Cols(), t.Cols, false)
	a := &b.axes
	images, rows, cols := &a.images[len(a.images)-1], &a.rows[len(a.rows)-1], &a.cols[len(a.cols)-1]
	p := positionBound{
		n:  units.Ceil(l.Images, t.Images) * units.Ceil(l.Geo.OutH, t.Rows) * units.Ceil(l.Geo.OutW, t.Cols),
		in: tilePixels(l, t), out: int64(t.Images) * int64(t.Rows) * int64(t.Cols),
		pixels: a.pixels(), fresh: a.fresh(),
		first: int64(a.images[0].in) * int64(a.rows[0].in) * int64(a.cols[0].in),
		last:  int64(images.out) * int64(rows.out) * int64(cols.out),
	}
	cut := *t
	cut.Chans = l.Chans
	cut.EachPiece(l, func(x Piece, times int64) { p.busy += times * b.time(x) })
	return p
}

func (b *bounds) reductionOf(t *Tiling) reductionBound {
	l := b.l
	r := reductionBound{n: units.Ceil(l.Chans, t.Chans), foot: footprintOf(b.chip, l, int64(t.Chans)*int64(l.Area), t.Within)}
	for _, c := range cut(l.Chans, t.Chans) {
		if c.times == 0 {
			continue
		}
		r.weights += c.times * units.Bytes(b.chip.Weights(&l.Sched, 0, len(l.Sched.Sets), c.size*int64(l.Area)))
		r.pixel += c.times * b.chip.Pixel(int(c.size), l.StoreBits)
		r.busy += c.times * b.time(Piece{Positions: l.Positions(), Chans: int(c.size)})
	}
	return r
}

// time bounds the array's time for pieces that hold all channels together, however
// channels are cut.
func (b *bounds) time(p Piece) int64 {
	l := b.l
	return b.certain(b.engine.Time(engine.Block{Layer: l, Hi: len(l.Sched.Sets), Chans: p.Chans, N: p.Positions}))
}

// certain is what of a block's time remains in any pieces of it. Channels that run
// decoupled are dealt anew in each piece, and a fusion array changes its mode between
// channels of one piece alone.
func (b *bounds) certain(t cost.Stalls) int64 {
	if s := &b.l.Sched; s.Unit < s.Lanes {
		return t.Compute
	}
	if _, ok := b.engine.(engine.Fusion); ok {
		return t.Compute + t.Imbalance
	}
	return t.Total()
}

// atEnds is the time that filling before the first tile and draining after the last add
// at least.
func (b *bounds) atEnds() int64 {
	n := len(b.l.Sched.Sets)
	if b.l.Sched.Unit < b.l.Sched.Lanes || n == 0 {
		return 0
	}
	head := engine.Block{Layer: b.l, Hi: 1, Chans: 1, N: 1}
	tail := engine.Block{Layer: b.l, Lo: n - 1, Hi: n, Chans: 1, N: 1}
	sum := -b.certain(b.engine.Time(head)) - b.certain(b.engine.Time(tail))
	head.First, tail.Last = true, true
	return max(0, sum+b.certain(b.engine.Time(head))+b.certain(b.engine.Time(tail)))
}

// allOutputs is the bytes of all outputs.
func (b *bounds) allOutputs() int64 {
	n := units.Bytes(b.chip.Outputs(b.l))
	switch {
	case b.l.OutOnChip:
		return 0
	case b.chip.ReadOutputs:
		return 2 * n
	}
	return n
}

// tile is a tile's bits at most.
func (b *bounds) tile(t *Tiling, p *positionBound, r *reductionBound) (of sizes, outputs int64) {
	lo, hi, groups := t.setRange(b.l, 0)
	return sizes{
		weights: int64(t.Sets) * r.foot.weights,
		inputs:  p.in * b.chip.Pixel(b.l.InputsOf(lo, hi, groups, t.Chans), b.l.StoreBits),
	}, int64(t.Sets) * p.out * r.foot.outputs
}

// spend bounds what a tiling takes.
func (b *bounds) spend(t *Tiling, p *positionBound, r *reductionBound, n counts) Spend {
	s := Spend{Moved: b.traffic(t, p, r, n)}
	s.ArrayCycles = max(p.busy, r.busy) + b.ends
	if b.chip.Vector.Overlapped {
		s.ArrayCycles = max(s.ArrayCycles, b.vector)
	} else {
		s.ArrayCycles += b.vector
	}
	if !b.exposed {
		s.Cycles = max(s.ArrayCycles, b.port.Busy(s.Moved))
		return s
	}
	head, tail := b.head(t, p), b.tail(t, p, n)
	moving := b.port.Busy(s.Moved)
	loads := b.loads(t, n)
	s.Cycles = max(
		b.port.Wait(head)+s.ArrayCycles+b.port.Wait(tail),
		moving+b.port.Latency*bool64(s.Moved.Total() > 0),
		units.Ceil(s.ArrayCycles+moving+b.port.Latency*loads, int64(b.port.Buffers)),
	)
	return s
}

// traffic bounds the bytes of a tiling.
func (b *bounds) traffic(t *Tiling, p *positionBound, r *reductionBound, n counts) pipeline.Traffic {
	l := b.l
	moved := pipeline.Traffic{Weights: r.weights, Outputs: b.outputs}
	if !t.WeightsHeld && (t.InputsFirst || n.chans > 1) {
		moved.Weights *= int64(p.n)
	}
	moved.Weights += b.metadata
	if l.InOnChip {
		return moved
	}
	pixels := p.pixels
	if t.InputsHeld {
		pixels = p.fresh
	}
	switch {
	case t.Within:
		moved.Inputs = units.Bytes(pixels * r.pixel * int64(n.sets))
	case l.OwnInputs():
		moved.Inputs = units.Bytes(b.chip.Inputs(l, pixels))
	default:
		moved.Inputs = units.Bytes(pixels * r.pixel)
		if !t.InputsHeld && (!t.InputsFirst || n.chans > 1) {
			moved.Inputs *= int64(n.sets)
		}
	}
	return moved
}

// head is the bytes that the first tile loads.
func (b *bounds) head(t *Tiling, p *positionBound) (m pipeline.Traffic) {
	l := b.l
	lo, hi, groups := t.setRange(l, 0)
	m.Weights = units.Bytes(b.chip.Weights(&l.Sched, lo, hi, int64(min(t.Chans, l.Chans))*int64(l.Area))) + b.metadata
	if !l.InOnChip {
		m.Inputs = units.Bytes(p.first * b.chip.Pixel(l.InputsOf(lo, hi, groups, min(t.Chans, l.Chans)), l.StoreBits))
	}
	return m
}

// tail is the bytes that the last tile stores.
func (b *bounds) tail(t *Tiling, p *positionBound, n counts) (m pipeline.Traffic) {
	if b.l.OutOnChip {
		return m
	}
	lo, hi, _ := t.setRange(b.l, n.sets-1)
	m.Outputs = units.Bytes(p.last * b.chip.Pixel(b.l.OutputsOf(lo, hi), b.l.OutBits))
	if b.chip.ReadOutputs {
		m.Outputs *= 2
	}
	return m
}

// loads bounds the tiles that wait for a request of their own.
func (b *bounds) loads(t *Tiling, n counts) int64 {
	if b.l.Groups > 1 {
		return 0 // tiles of pruned channels load nothing
	}
	tiles := int64(n.sets) * int64(n.chans)
	if !t.WeightsHeld && (t.InputsFirst || n.chans > 1) {
		tiles *= int64(n.positions)
	}
	return tiles
}

func bool64(b bool) int64 { return int64(bool01(b)) }
