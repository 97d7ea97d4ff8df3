package memory

import (
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/units"
)

// burst is the bytes that a piece of element-wise work moves at least.
const burst = 64

// Work cuts element-wise work into a power of two of pieces that fit the scratchpads,
// as many as take the fewest cycles, fewest among equals. Which numbers there are
// depends on the work alone: larger scratchpads allow fewer pieces, and never ask for
// them.
func (m *Tiles) Work(w Work) Cost {
	in, out := bytes(w.InBits), bytes(w.OutBits)
	most := max(1, min(w.Busy, (in+out)/burst))
	room := &m.chip.Room
	var best Cost
	for n := int64(1); n < 2*most; n *= 2 {
		n := min(n, most)
		if n < most && !(units.Fits(units.Ceil(w.InBits, n), room.Inputs) && units.Fits(units.Ceil(w.OutBits, n), room.Outputs)) {
			continue
		}
		if best.Tiles > 0 && m.workBound(w, in, out, n) >= best.Parts.Total() {
			continue
		}
		if c := m.tryWork(w, n); best.Tiles == 0 || c.Parts.Total() < best.Parts.Total() {
			best = c
		}
		if m.dram != nil && in+out > large {
			break
		}
	}
	return best
}

// workBound is what n pieces take at least.
func (m *Tiles) workBound(w Work, in, out, n int64) int64 {
	p := &m.port
	moving := p.Busy(pipeline.Traffic{Inputs: in, Outputs: out})
	ends := p.Wait(pipeline.Traffic{Inputs: units.Ceil(in, n)}) + p.Wait(pipeline.Traffic{Outputs: out / n})
	return max(ends+w.Busy, moving+p.Latency, units.Ceil(w.Busy+moving+n*p.Latency, int64(p.Buffers)))
}

// tryWork runs n pieces.
func (m *Tiles) tryWork(w Work, n int64) Cost {
	c := w.cost()
	c.Tiles = int(n)
	if m.dram != nil {
		m.beginDRAM()
		m.eachPiece(w, n, func(tile *pipeline.Tile) bool { m.runner.Add(tile); return true })
		m.endDRAM(&c)
		return c
	}
	m.work.Reset()
	for i := int64(0); i < n; {
		times := alike(i, n, bytes(w.InBits)%n, bytes(w.OutBits)%n, w.Busy%n)
		m.work.Append(w.piece(i, n), times)
		i += times
	}
	m.run(&m.work, &c)
	return c
}

// eachPiece calls visit with every piece by itself, with its addresses. The piece is
// lent.
func (m *Tiles) eachPiece(w Work, n int64, visit func(tile *pipeline.Tile) bool) {
	var read, written int64
	for i := range n {
		m.piece = w.piece(i, n)
		m.piece.Address[pipeline.Inputs], m.piece.Address[pipeline.Outputs] = read, bytes(w.InBits)+written
		read += m.piece.Inputs
		written += m.piece.Outputs
		if !visit(&m.piece) {
			return
		}
	}
}

// piece is the i-th of n: where they are not equal the larger ones come first.
func (w *Work) piece(i, n int64) pipeline.Tile {
	part := func(total int64) int64 { return total/n + min(1, max(0, total%n-i)) }
	busy := part(w.Busy)
	return pipeline.Tile{Inputs: part(bytes(w.InBits)), Outputs: part(bytes(w.OutBits)), Cycles: busy, Parts: cost.Stalls{Compute: busy}}
}

// alike is how many pieces from i on are equal, when the first so many are larger.
func alike(i, n int64, larger ...int64) int64 {
	end := n
	for _, x := range larger {
		if x > i {
			end = min(end, x)
		}
	}
	return end - i
}

// ReplayWork is [Tiles.Replay] for an op without weights.
func (m *Tiles) ReplayWork(w Work, c *Cost) ([]pipeline.Tile, pipeline.Timeline) {
	return m.record(func(visit func(tile *pipeline.Tile) bool) { m.eachPiece(w, int64(c.Tiles), visit) })
}
