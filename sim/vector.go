package sim

import (
	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

// epilogue adds the vector unit's work on a tile's outputs: all of it after the
// array, or what outlasts the array when both run side by side.
func (s *Stalls) epilogue(cycles int64, overlapped bool) {
	if overlapped {
		cycles = max(0, cycles-s.Total())
	}
	s.Output += cycles
}

// vectorOps is the element-wise work after the product on n positions of the given
// output channels: the op's own, and one scaled addition for every further point of
// a multipoint kernel.
func (l *layer) vectorOps(n int64, outputs, lo, hi int) int64 {
	ops := int64(l.op.VectorOps) * int64(outputs)
	if l.op.Points != nil {
		ops += int64(l.share(l.virtual-l.channels, lo, hi))
	}
	return n * ops
}

// vectorCycles is the time of the epilogue; a machine without vector lanes does it free.
func (m *machine) vectorCycles(l *layer, n int64, outputs, lo, hi int) int64 {
	lanes := int64(m.acc.Vector.Lanes)
	if lanes == 0 {
		return 0
	}
	return ceil(l.vectorOps(n, outputs, lo, hi), lanes)
}

// epilogueTotal is the vector unit's time that the whole layer adds to the array's.
func (m *machine) epilogueTotal(l *layer) int64 {
	if m.acc.Vector.Overlapped {
		return 0
	}
	return m.vectorCycles(l, l.positions(), l.channels, 0, len(l.sched.sets))
}

// chainCycles is the time of independent recursions (Sigma-Delta modulators). A
// recursion is serial along its length, or along each block when its state is reset
// there; units steps start each cycle, and a step ends latency cycles after it starts.
// Steps of different chains interleave, so the units are busy all the time, or the
// longest chains decide, of which the last starts when the units have started the
// others:
//
//	max(⌈steps/units⌉ + latency − 1, ⌈longest chains/units⌉ − 1 + longest · latency).
//
// One unit and one chain are the serial form, N units and one chain the systolic
// one, and blocks the chain cut into sub-chains.
func chainCycles(r workload.Recursion, images int, v *arch.Vector) int64 {
	units, latency := int64(max(v.ChainUnits, 1)), int64(max(v.ChainCycles, 1))
	rows := int64(r.Rows) * int64(images)
	longest, each := int64(r.Length), int64(1)
	if r.Block > 0 {
		longest, each = int64(r.Block), int64(r.Length/r.Block)
	}
	started := ceil(min(rows*each, units*latency), units) - 1
	return max(ceil(int64(r.Length)*rows, units)+latency-1, started+longest*latency)
}

// work is an op without weights: element-wise work or recursions.
type work struct {
	op              *workload.Op
	images          int
	inBits, outBits int64 // of all images; 0 when they stay on chip
	operations      int64
}

// priceVector prices element-wise work: its lanes' time, overlapped with reading and
// writing. A machine without vector lanes does it free, as part of the ops around.
func (m *machine) priceVector(w work, p *planner) cost {
	lanes := int64(m.acc.Vector.Lanes)
	if lanes == 0 {
		return cost{}
	}
	c := m.priceWork(w, p, ceil(w.operations, lanes))
	c.vectorOps = w.operations
	return c
}

// priceChain prices recursions on the chain units.
func (m *machine) priceChain(w work, p *planner) cost {
	c := m.priceWork(w, p, chainCycles(w.op.Recursion, w.images, &m.acc.Vector))
	c.vectorOps = w.operations
	return c
}

// priceWork cuts element-wise work into tiles that fit the scratchpads.
func (m *machine) priceWork(w work, p *planner, busy int64) cost {
	c := cost{arrayCycles: 0, tiles: 1, loaded: traffic{inputs: bytes(w.inBits), outputs: bytes(w.outBits)}}
	c.read, c.write = c.loaded.inputs, c.loaded.outputs
	switch m.overlap {
	case overlapNone:
		c.parts.Compute = busy
	case overlapTiles:
		c.tiles = m.cutWork(w, p, busy)
		m.runTiles(p, &c, nil)
	default:
		c.parts.Compute = busy
		m.exposePorts(&c)
	}
	return c
}

// cutWork fills p.tiles with equal pieces.
func (m *machine) cutWork(w work, p *planner, busy int64) int {
	n := int64(1)
	for _, side := range [2]struct{ bits, limit int64 }{{w.inBits, m.limit.inputs}, {w.outBits, m.limit.outputs}} {
		if side.limit > 0 {
			n = max(n, ceil(side.bits, side.limit))
		}
	}
	n = max(1, min(n, busy))
	part := func(total, i int64) int64 { return total*(i+1)/n - total*i/n }
	p.tiles, p.program = p.tiles[:0], append(p.program[:0], step{hi: int(n), repeat: 1})
	in, out := bytes(w.inBits), bytes(w.outBits)
	for i := range n {
		c := part(busy, i)
		t := Tile{Inputs: part(in, i), Outputs: part(out, i), Cycles: c, Parts: Stalls{Compute: c}}
		t.address = [3]int64{0, in * i / n, in + out*i/n}
		p.tiles = append(p.tiles, t)
	}
	return int(n)
}
