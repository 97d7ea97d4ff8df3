package memory

import (
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/units"
)

// burst is the bytes that a piece of element-wise work moves at least.
const burst = 64

// Work cuts element-wise work into a power of two of pieces that fit the scratchpads,
// as many as take the fewest cycles, fewest among equals.
func (m *Tiles) Work(w Work) Cost {
	c := w.cost()
	c.Tiles = int(m.cutWork(w))
	m.writeWork(w, int64(c.Tiles), m.dram != nil)
	m.run(&m.work, &c)
	return c
}

// cutWork chooses the number of pieces. Which numbers there are depends on the work
// alone: larger scratchpads allow fewer pieces, and never ask for them.
func (m *Tiles) cutWork(w Work) int64 {
	in, out := bytes(w.InBits), bytes(w.OutBits)
	most := max(1, min(w.Busy, (in+out)/burst))
	room := &m.chip.Room
	best, least := most, int64(-1)
	for n := int64(1); n < 2*most; n *= 2 {
		n := min(n, most)
		if n < most && !(units.Fits(units.Ceil(w.InBits, n), room.Inputs) && units.Fits(units.Ceil(w.OutBits, n), room.Outputs)) {
			continue
		}
		if least >= 0 && m.workBound(w, in, out, n) >= least {
			continue
		}
		if cycles := m.workCycles(w, n); least < 0 || cycles < least {
			best, least = n, cycles
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

// workCycles is what n pieces take on the ports.
func (m *Tiles) workCycles(w Work, n int64) int64 {
	m.writeWork(w, n, false)
	m.flat = m.port.Bus()
	cycles, _ := m.runner.Run(&m.work, &m.flat)
	return cycles
}

// writeWork writes the program of n pieces. Where they are not equal the larger ones
// come first. Apart, every piece is listed by itself, with its addresses.
func (m *Tiles) writeWork(w Work, n int64, apart bool) {
	in, out := bytes(w.InBits), bytes(w.OutBits)
	part := func(total, i int64) int64 { return total/n + min(1, max(0, total%n-i)) }
	var read, written int64
	m.work.Reset()
	for i := int64(0); i < n; {
		times := int64(1)
		if !apart {
			times = alike(i, n, in%n, out%n, w.Busy%n)
		}
		busy := part(w.Busy, i)
		t := pipeline.Tile{
			Inputs: part(in, i), Outputs: part(out, i), Cycles: busy, Parts: cost.Stalls{Compute: busy},
			Address: [pipeline.Kinds]int64{0, read, in + written},
		}
		m.work.Append(t, times)
		read += t.Inputs
		written += t.Outputs
		i += times
	}
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
	m.writeWork(w, int64(c.Tiles), true)
	return m.record(&m.work)
}
