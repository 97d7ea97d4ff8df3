package memory

import (
	"cmp"
	"fmt"
	"slices"

	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
)

// Tiles is a pipeline of tiles through double-buffered scratchpads, see package
// pipeline, on ports of fixed rates or on closed-loop DRAM, in the best tiling.
//
// See docs/machine-model.md, sections 7 and 8.2.
type Tiles struct {
	tiled
	runner pipeline.Runner
	flat   pipeline.Flat
	dram   *dramPort // nil on flat memory
	idd    bool      // DRAM is priced by its currents
	runs   int       // tilings that are tried on DRAM
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
	if energy := s.Energy; idd {
		s.Energy = func(l *layer.Layer, c *Cost) float64 {
			c.DRAMPJ = float64(8*c.Moved.Total()) * dram.pjPerBit()
			return energy(l, c)
		}
	}
	m := newTiles(e, s, port)
	m.dram, m.idd, m.runs = dram, idd, finalists(s.Mapping.Search)
	return m, nil
}

// Price runs the tilings that the search cannot rule out. On DRAM it is cut short after
// as many as the machine's file lets through.
func (m *Tiles) Price(l *layer.Layer) (Cost, error) {
	t, err := m.search.Begin(l)
	if err != nil {
		return Cost{}, err
	}
	m.builder.Begin(l)
	var best Cost
	for runs, ok := 1, true; ok; t, ok = m.search.Next() {
		program := m.builder.Program(&t, m.dram != nil)
		c := m.count(&t, program)
		m.run(program, &c)
		if m.search.Offer(c.spend()) {
			best = c
		}
		if runs++; m.runs > 0 && runs > m.runs {
			break
		}
	}
	m.settle(l, &best)
	return best, nil
}

// run sends a program through the pipeline, and prices closed-loop DRAM.
func (m *Tiles) run(p *pipeline.Program, c *Cost) {
	if m.dram == nil {
		m.flat = m.port.Bus()
		_, waits := m.runner.Run(p, &m.flat)
		c.Parts.Add(waits)
		return
	}
	m.dram.reset()
	cycles, waits := m.runner.Run(p, m.dram)
	c.Parts.Add(waits)
	if m.idd {
		c.DRAMPJ = m.dram.energyPJ(cycles)
	}
}

// Replay runs a priced layer once more with every tile by itself.
func (m *Tiles) Replay(l *layer.Layer, c *Cost) ([]pipeline.Tile, pipeline.Timeline) {
	m.builder.Begin(l)
	return m.record(m.builder.Program(&c.Tiling, true))
}

func (m *Tiles) record(p *pipeline.Program) ([]pipeline.Tile, pipeline.Timeline) {
	var line pipeline.Timeline
	var again Cost
	for i := range p.Tiles {
		again.Parts.Add(p.Tiles[i].Parts)
	}
	m.runner.Record = &line
	m.run(p, &again)
	m.runner.Record = nil
	line.Cycles, line.Parts = again.Parts.Total(), again.Parts
	return slices.Clone(p.Tiles), line
}

// finalists is how many tilings of least bound are run on DRAM.
func finalists(search string) int {
	switch search {
	case "exhaustive":
		return 64
	case "fixed":
		return 1
	}
	return 4
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
