package tiling

import (
	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/units"
)

// node is all tilings with one cut of positions and reduction.
type node struct {
	p, r int
	busy int64 // the array's time for its cuts, at least
	know int   // how well that is known
	score
}

// node bounds the tilings of a node by a few products, while the array is busy so long.
// It returns false where none fits.
func (b *bounds) node(p *positionBound, r *reductionBound, sets []int, busy int64) (cycles, moved int64, ok bool) {
	l, room := b.l, &b.chip.Room
	t := p.cut
	t.Chans, t.Within, t.Sets = r.cut.Chans, r.cut.Within, 1
	tile, outputs := b.tile(&t, p, r)
	if !room.Fits(tile.weights, tile.inputs, outputs) {
		return 0, 0, false
	}
	head, tail := b.leastEnds(&t, p, r)
	if l.OwnInputs() {
		m := pipeline.Traffic{Weights: units.Bytes(b.bits.weights), Outputs: b.outputs}
		if !l.InOnChip {
			m.Inputs = units.Bytes(b.chip.Inputs(l, p.fresh))
		}
		return b.cycles(busy, m, head, tail, 0), m.Total(), true
	}
	once := counts{positions: p.n, chans: r.n, sets: units.Ceil(l.Units(), most(room, tile, outputs, sets))}
	m, other := b.least(&t, p, r, once, tile, false), b.least(&t, p, r, once, tile, true)
	moved = min(m.Total(), other.Total())
	if b.port.Split {
		return min(b.cycles(busy, m, head, tail, 0), b.cycles(busy, other, head, tail, 0)), moved, true
	}
	if other.Total() == moved {
		m = other
	}
	return b.cycles(busy, m, head, tail, 0), moved, true
}

// What a node knows of the array's time.
const (
	ofLayer = iota // the layer's in one piece
	ofEach         // that for each of its cuts
	ofBoth         // that for both
)

// leastEnds is what the first tile loads and the last one stores at least: with one set of
// channels in each.
func (b *bounds) leastEnds(t *Tiling, p *positionBound, r *reductionBound) (head, tail pipeline.Traffic) {
	l := b.l
	head.Weights = units.Bytes(r.foot.first) + b.metadata
	if l.Groups > 1 {
		return head, tail
	}
	if !l.InOnChip {
		head.Inputs = units.Bytes(p.first * b.chip.Pixel(l.InputsOf(0, 1, 1, t.Chans), l.StoreBits))
	}
	if n := len(l.Sched.Sets); !l.OutOnChip && n > 0 {
		tail.Outputs = units.Bytes(p.last * b.chip.Pixel(l.OutputsOf(n-1, n), l.OutBits))
	}
	return head, tail
}

// most is the most sets, of those that there are, whose tile may fit.
func most(room *chip.Room, one sizes, outputs int64, sets []int) int {
	for _, n := range sets {
		weights := one.weights * int64(n)
		if room.Fits(weights, one.inputs, outputs*int64(n)) {
			return n
		}
	}
	return 1
}

// least is the bytes that a loop order moves at least, with the widest tiles of
// channels and whatever could stay on chip beside the narrowest.
func (b *bounds) least(t *Tiling, p *positionBound, r *reductionBound, n counts, tile sizes, inputsFirst bool) (m pipeline.Traffic) {
	weights, inputs, _ := b.bits.holds(&b.chip.Room, tile, n)
	m = pipeline.Traffic{Weights: units.Bytes(b.bits.weights), Outputs: b.outputs}
	if !weights && (inputsFirst || n.chans > 1) {
		m.Weights *= int64(n.positions)
	}
	if b.l.InOnChip {
		return m
	}
	pixels := p.pixels
	if inputs {
		pixels = p.fresh
	}
	m.Inputs = units.Bytes(pixels * r.pixel)
	if !inputs && (!inputsFirst || n.chans > 1) {
		m.Inputs *= int64(n.sets)
	}
	return m
}
