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
	bits      sizes // of the layer
	metadata  int64 // bytes
	outputs   int64 // bytes
	fill      int64 // what the first tile adds to the array's time
	whole     int64 // the array's time for the layer in one piece
	positions []positionBound
	reduction []reductionBound
	axes      axes
}

// positionBound is what a cut of the positions needs, whatever else is cut.
type positionBound struct {
	cut           Tiling
	n             int   // tiles
	out, in       int64 // output positions of a tile; its input positions at most
	pixels, fresh int64 // input positions that all tiles load; those that none has loaded before
	first, last   int64 // input positions of the first tile, output positions of the last
	busy          int64 // the array's time while only the positions are cut; negative until it is asked for
	drain         int64 // what the last tile adds to the array's time; negative until it is asked for
}

// reductionBound is what a cut of the reduction needs.
type reductionBound struct {
	cut     Tiling
	n       int
	foot    footprint
	busy    int64   // the array's time while only the reduction is cut; negative until it is asked for
	pixel   int64   // bits of an input position, over all stretches
	weights int64   // bytes of all weights
	upTo    []int64 // bits of the weights of the first stretch, of the sets before each
	known   bool    // the last two
}

func (b *bounds) begin(l *layer.Layer, g *grid) {
	b.l = l
	b.bits = sizes{weights: b.chip.AllWeights(l), inputs: b.chip.Inputs(l, l.Pixels())}
	b.metadata, b.outputs = units.Bytes(b.chip.WithWeights(l)), b.allOutputs()
	b.fill = b.filling()
	whole := b.time(l.Positions(), l.Chans)
	b.whole = b.withEnds(whole, b.finished(whole, l.Positions()), b.fill)
	b.positions = b.positions[:0]
	for i := range g.positions {
		b.positions = append(b.positions, b.positionsOf(&g.positions[i]))
	}
	if n := len(g.reduction); n > cap(b.reduction) {
		b.reduction = append(b.reduction[:cap(b.reduction)], make([]reductionBound, n-cap(b.reduction))...)
	}
	b.reduction = b.reduction[:len(g.reduction)]
	for i := range g.reduction {
		b.reductionOf(&b.reduction[i], &g.reduction[i])
	}
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

func (b *bounds) positionsOf(t *Tiling) positionBound {
	l := b.l
	a := &b.axes
	a.images = axis(a.images, l.ImageAxis(), t.Images, false)
	a.rows = axis(a.rows, l.Geo.Rows(), t.Rows, false)
	a.cols = axis(a.cols, l.Geo.Cols(), t.Cols, false)
	images, rows, cols := &a.images[len(a.images)-1], &a.rows[len(a.rows)-1], &a.cols[len(a.cols)-1]
	return positionBound{
		cut: *t,
		n:   units.Ceil(l.Images, t.Images) * units.Ceil(l.Geo.OutH, t.Rows) * units.Ceil(l.Geo.OutW, t.Cols),
		in:  tilePixels(l, t), out: int64(t.Images) * int64(t.Rows) * int64(t.Cols),
		pixels: a.pixels(), fresh: a.fresh(),
		first: int64(a.images[0].in) * int64(a.rows[0].in) * int64(a.cols[0].in),
		last:  int64(images.out) * int64(rows.out) * int64(cols.out),
		busy:  -1, drain: -1,
	}
}

// alone is the array's time for one of the two cuts: no more than that for both.
func (b *bounds) alone(p *positionBound, r *reductionBound) int64 {
	if p.busy < 0 {
		p.busy = b.busy(p, &reductionBound{n: 1, cut: Tiling{Chans: b.l.Chans}})
	}
	if r.busy < 0 {
		r.busy = b.busy(&positionBound{cut: Tiling{Images: b.l.Images, Rows: b.l.Geo.OutH, Cols: b.l.Geo.OutW}}, r)
	}
	return max(p.busy, r.busy)
}

// busy is the array's time for a cut of positions and reduction, with the element-wise
// work on what each tile finishes.
func (b *bounds) busy(p *positionBound, r *reductionBound) int64 {
	l := b.l
	var array, both int64 // alone, and with the element-wise work
	last := l.Chans - (r.n-1)*r.cut.Chans
	for _, images := range cut(l.Images, p.cut.Images) {
		for _, rows := range cut(l.Geo.OutH, p.cut.Rows) {
			for _, cols := range cut(l.Geo.OutW, p.cut.Cols) {
				times := images.times * rows.times * cols.times
				if times == 0 {
					continue
				}
				n := images.size * rows.size * cols.size
				end := b.time(n, last)
				full := end
				if r.n > 1 && last != r.cut.Chans {
					full = b.time(n, r.cut.Chans)
				}
				array += times * (int64(r.n-1)*full + end)
				both += times * (int64(r.n-1)*full + b.finished(end, n))
			}
		}
	}
	if p.drain < 0 {
		p.drain = b.draining(p.last)
	}
	return b.withEnds(array, both, b.fill+p.drain)
}

// withEnds adds the time that filling and draining take, unless it passes beside
// element-wise work.
func (b *bounds) withEnds(array, both, ends int64) int64 {
	if b.chip.Vector.Overlapped {
		return max(array+ends, both)
	}
	return both + ends
}

// finished adds the element-wise work on n positions to the time of a block.
func (b *bounds) finished(busy, n int64) int64 {
	v := &b.chip.Vector
	work := v.Cycles(b.l.VectorOps(n, 0, len(b.l.Sched.Sets)))
	if v.Overlapped {
		return max(busy, work)
	}
	return busy + work
}

func (b *bounds) reductionOf(r *reductionBound, t *Tiling) {
	l := b.l
	r.cut, r.n, r.known, r.busy = *t, units.Ceil(l.Chans, t.Chans), false, -1
	r.foot = footprintOf(b.chip, l, int64(t.Chans)*int64(l.Area), t.Within)
	r.pixel = 0
	for _, c := range cut(l.Chans, t.Chans) {
		r.pixel += c.times * b.chip.Pixel(int(c.size), l.StoreBits)
	}
}

// learn fills what a cut of the reduction needs beyond its tiles' sizes.
func (b *bounds) learn(r *reductionBound) {
	if r.known {
		return
	}
	l := b.l
	r.known, r.weights = true, 0
	for _, c := range cut(l.Chans, r.cut.Chans) {
		if c.times > 0 {
			r.weights += c.times * units.Bytes(b.chip.Weights(&l.Sched, 0, len(l.Sched.Sets), c.size*int64(l.Area)))
		}
	}
	sum := int64(0)
	r.upTo = append(r.upTo[:0], 0)
	for i := range l.Sched.Sets {
		if i == 0 || !l.Sched.Sets[i].Same {
			sum = b.chip.Weights(&l.Sched, i, i+1, int64(r.cut.Chans)*int64(l.Area))
		}
		r.upTo = append(r.upTo, r.upTo[i]+sum)
	}
}

// time bounds the array's time for pieces that hold n positions, a stretch of the
// reduction and all channels together, however channels are cut.
func (b *bounds) time(n int64, chans int) int64 {
	l := b.l
	return b.certain(b.engine.Time(engine.Block{Layer: l, Hi: len(l.Sched.Sets), Chans: chans, N: n}))
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

// draining is the time that draining after the last tile, of n positions, adds at least.
func (b *bounds) draining(n int64) int64 {
	if !b.filled() {
		return 0
	}
	sets := len(b.l.Sched.Sets)
	tail := engine.Block{Layer: b.l, Lo: sets - 1, Hi: sets, Chans: 1, N: n}
	without := b.certain(b.engine.Time(tail))
	tail.Last = true
	return max(0, b.certain(b.engine.Time(tail))-without)
}

// filled reports whether the first and the last tile are known to hold channels, side
// by side.
func (b *bounds) filled() bool {
	s := &b.l.Sched
	return b.l.Groups == 1 && s.Unit == s.Lanes && len(s.Sets) > 0
}

// filling is the time that filling before the first tile adds at least.
func (b *bounds) filling() int64 {
	if !b.filled() {
		return 0
	}
	head := engine.Block{Layer: b.l, Hi: 1, Chans: 1, N: 1}
	without := b.certain(b.engine.Time(head))
	head.First = true
	return max(0, b.certain(b.engine.Time(head))-without)
}

// tile is a tile's bits at most.
func (b *bounds) tile(t *Tiling, p *positionBound, r *reductionBound) (of sizes, outputs int64) {
	lo, hi, groups := t.setRange(b.l, 0)
	return sizes{
		weights: int64(t.Sets) * r.foot.weights,
		inputs:  p.in * b.chip.Pixel(b.l.InputsOf(lo, hi, groups, t.Chans), b.l.StoreBits),
	}, int64(t.Sets) * p.out * r.foot.outputs
}

// spend bounds what a tiling takes while the array is busy so long.
func (b *bounds) spend(t *Tiling, p *positionBound, r *reductionBound, n counts, busy int64) Spend {
	b.learn(r)
	s := Spend{Moved: b.traffic(t, p, r, n), ArrayCycles: busy}
	s.Cycles = b.cycles(s.ArrayCycles, s.Moved, b.head(t, p, r), b.tail(t, p, n), b.loads(t, n))
	return s
}

// cycles bounds the time of an array that is busy so long while so much is moved, where
// the first tile loads its head, the last one stores its tail, and so many tiles wait
// for a request of their own.
func (b *bounds) cycles(busy int64, moved, head, tail pipeline.Traffic, loads int64) int64 {
	moving := b.port.Busy(moved)
	if !b.exposed {
		return max(busy, moving)
	}
	return max(
		b.port.Wait(head)+busy+b.port.Wait(tail),
		moving+b.port.Latency*int64(bool01(moved.Total() > 0)),
		units.Ceil(busy+moving+b.port.Latency*loads, int64(b.port.Buffers)),
	)
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
func (b *bounds) head(t *Tiling, p *positionBound, r *reductionBound) (m pipeline.Traffic) {
	lo, hi, groups := t.setRange(b.l, 0)
	m.Weights = units.Bytes(r.upTo[hi]-r.upTo[lo]) + b.metadata
	if !b.l.InOnChip {
		m.Inputs = units.Bytes(p.first * b.chip.Pixel(b.l.InputsOf(lo, hi, groups, t.Chans), b.l.StoreBits))
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
