package memory

import (
	"cmp"
	"fmt"
	"slices"

	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/units"
)

// Tiles is a pipeline of tiles through double-buffered scratchpads, see package
// pipeline, on ports of fixed rates or on closed-loop DRAM. The cheapest tilings by
// the estimate of the search are run, and the best of them is taken.
//
// See docs/machine-model.md, sections 7 and 8.2.
type Tiles struct {
	tiled
	runner pipeline.Runner
	flat   pipeline.Flat
	dram   *dramPort // nil on flat memory
	idd    bool      // DRAM is priced by its currents
	work   pipeline.Program
}

// NewTiles puts an engine behind ports of fixed rates.
func NewTiles(e engine.Engine, s Site) *Tiles {
	return newTiles(e, s, portOf(s.Memory, s.Chip.Buffers))
}

func newTiles(e engine.Engine, s Site, port pipeline.Port) *Tiles {
	m := &Tiles{tiled: newTiled(e, s, port), runner: pipeline.Runner{Buffers: port.Buffers}}
	m.search.Exposed = true
	return m
}

// NewTilesOnDRAM puts an engine of so many cycles per second on closed-loop DRAM; the
// search ranks tilings at its peak rate.
func NewTilesOnDRAM(e engine.Engine, s Site, clockHz float64, model string) (*Tiles, error) {
	dram, err := newDRAMPort(s.Memory, clockHz)
	if err != nil {
		return nil, err
	}
	port := portOf(s.Memory, s.Chip.Buffers)
	port.Split, port.BytesPerCycle = false, dram.bytesPerCycle()
	idd := model == "idd"
	if idd {
		prices := *s.Prices
		prices.DRAM = dram.pjPerBit()
		s.Prices = &prices
	}
	m := newTiles(e, s, port)
	m.dram, m.idd = dram, idd
	return m, nil
}

// Price runs the best tilings.
func (m *Tiles) Price(l *layer.Layer) (Cost, error) {
	plans, err := m.search.Plan(l)
	if err != nil {
		return Cost{}, err
	}
	m.builder.Begin(l)
	var best Cost
	bestScore := 0.0
	for i := range plans {
		if i > 0 && plans[i].Least >= bestScore {
			continue
		}
		program := m.builder.Program(&plans[i].Tiling, m.dram != nil)
		c := m.count(&plans[i].Tiling, program)
		m.run(program, &c)
		score := m.search.Goal.Score(float64(c.Parts.Total()), c.Moved, l)
		if i == 0 || score < bestScore {
			best, bestScore = c, score
		}
	}
	m.settle(l, &best)
	return best, nil
}

// run sends a program through the pipeline, and prices closed-loop DRAM.
func (m *Tiles) run(p *pipeline.Program, c *Cost) {
	if m.dram == nil {
		m.flat = m.port.Bus()
		_, c.Parts = m.runner.Run(p, &m.flat)
		return
	}
	m.dram.reset()
	var cycles int64
	cycles, c.Parts = m.runner.Run(p, m.dram)
	if m.idd {
		c.DRAMPJ = m.dram.energyPJ(cycles)
	}
}

// Work cuts element-wise work into tiles that fit the scratchpads.
func (m *Tiles) Work(w Work) Cost {
	c := w.cost()
	c.Tiles = m.cut(w)
	m.run(&m.work, &c)
	return c
}

// cut fills the program of work with equal pieces.
func (m *Tiles) cut(w Work) int {
	n := int64(1)
	for _, side := range [2]struct{ bits, limit int64 }{{w.InBits, m.chip.Room.Inputs}, {w.OutBits, m.chip.Room.Outputs}} {
		if side.limit > 0 {
			n = max(n, units.Ceil(side.bits, side.limit))
		}
	}
	n = max(1, min(n, w.Busy))
	part := func(total, i int64) int64 { return total*(i+1)/n - total*i/n }
	m.work.Reset()
	m.work.Steps = append(m.work.Steps, pipeline.Step{Hi: int(n), Repeat: 1})
	in, out := bytes(w.InBits), bytes(w.OutBits)
	for i := range n {
		busy := part(w.Busy, i)
		m.work.Tiles = append(m.work.Tiles, pipeline.Tile{
			Inputs: part(in, i), Outputs: part(out, i), Cycles: busy, Parts: cost.Stalls{Compute: busy},
			Address: [pipeline.Kinds]int64{0, in * i / n, in + out*i/n},
		})
	}
	return int(n)
}

// Replay runs a priced layer once more with every tile by itself.
func (m *Tiles) Replay(l *layer.Layer, c *Cost) ([]pipeline.Tile, pipeline.Timeline) {
	m.builder.Begin(l)
	return m.record(m.builder.Program(&c.Tiling, true))
}

// ReplayWork is [Tiles.Replay] for an op without weights.
func (m *Tiles) ReplayWork(w Work) ([]pipeline.Tile, pipeline.Timeline) {
	m.cut(w)
	return m.record(&m.work)
}

func (m *Tiles) record(p *pipeline.Program) ([]pipeline.Tile, pipeline.Timeline) {
	var line pipeline.Timeline
	var again Cost
	m.runner.Record = &line
	m.run(p, &again)
	m.runner.Record = nil
	line.Cycles, line.Parts = again.Parts.Total(), again.Parts
	return slices.Clone(p.Tiles), line
}

// Port is the ports that the search ranks tilings by.
func (m *Tiles) Port() pipeline.Port { return m.port }

// Assumptions describes the pipeline and what is behind its ports.
func (m *Tiles) Assumptions() []string {
	list := []string{storageText(&m.chip.Storage)}
	if m.dram == nil {
		return append(list, fmt.Sprintf("tile pipeline with %d buffers on %s, latency %d cycles", m.port.Buffers, rates(&m.port), m.port.Latency))
	}
	spec := m.dram.spec()
	list = append(list, fmt.Sprintf("tile pipeline with %d buffers on %d channel(s) of %s, address order %s, DRAM idle and its rows closed at the start of every op",
		m.port.Buffers, len(m.dram.channels), spec.Name, m.dram.mapping))
	if m.idd {
		list = append(list, fmt.Sprintf("DRAM energy from the IDD currents of %s, background and refresh included, without I/O termination (%s)", spec.Name, cmp.Or(spec.Source, "no source given")))
	}
	return list
}
