package memory

import (
	"cmp"
	"fmt"

	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/tiling"
)

// Tiles is a pipeline of tiles through double-buffered scratchpads, see package
// pipeline, on ports of fixed rates or on closed-loop DRAM, in the best tiling.
//
// See docs/machine-model.md, sections 7 and 8.2.
type Tiles struct {
	// Stop, when set, tells why to stop in the middle of a long layer, or nil.
	Stop func() error

	tiled
	runner pipeline.Runner
	flat   pipeline.Flat
	dram   *dramPort // nil on flat memory
	idd    bool      // DRAM is priced by its currents
	runs   int       // tilings of a large layer that are tried on DRAM
	work   pipeline.Program
	piece  pipeline.Tile // of work, lent
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
			c.DRAMPJ = max(c.DRAMPJ, float64(8*c.Moved.Total())*dram.pjPerBit())
			return energy(l, c)
		}
	}
	m := newTiles(e, s, port)
	m.dram, m.idd, m.runs = dram, idd, finalists(s.Mapping.Search)
	m.search.Free = true
	return m, nil
}

// Price runs the tilings that the search cannot rule out.
func (m *Tiles) Price(l *layer.Layer) (Cost, error) {
	t, err := m.begin(l)
	if err != nil {
		return Cost{}, err
	}
	m.builder.Begin(l)
	if m.dram != nil && m.search.Compulsory() > large {
		return m.priceLarge(l, t)
	}
	var best Cost
	for ok := true; ok; t, ok = m.search.Next() {
		if c, whole := m.try(&t); whole && m.search.Offer(c.spend()) {
			best = c
		}
		if err := m.stopped(); err != nil {
			return Cost{}, err
		}
	}
	m.settle(l, &best)
	return best, nil
}

// A layer of more compulsory bytes than large is tried on DRAM in few tilings of not
// more tiles than many, since every burst counts.
const (
	large = 64 << 20
	many  = 1 << 17
)

// priceLarge runs the first few tilings of least bound, or the one of fewest tiles.
func (m *Tiles) priceLarge(l *layer.Layer, t tiling.Tiling) (best Cost, err error) {
	fewest := t
	left := m.runs
	for ok := true; ok && left > 0; t, ok = m.search.Next() {
		if t.Tiles(l) < fewest.Tiles(l) {
			fewest = t
		}
		if t.Tiles(l) > many {
			continue
		}
		if c, whole := m.try(&t); whole && m.search.Offer(c.spend()) {
			best = c
		}
		left--
	}
	if best.Tiles == 0 {
		best, _ = m.try(&fewest)
	}
	m.settle(l, &best)
	return best, m.stopped()
}

// stopped is the reason to stop, if there is one.
func (m *Tiles) stopped() error {
	if m.Stop == nil {
		return nil
	}
	return m.Stop()
}

// try runs a tiling, or a part of it when that is enough to rule it out.
func (m *Tiles) try(t *tiling.Tiling) (c Cost, whole bool) {
	if m.dram != nil {
		return m.tryOnDRAM(t)
	}
	program := m.builder.Program(t)
	c = m.count(t, program)
	m.run(program, &c)
	return c, true
}

// tryOnDRAM runs every tile by itself: where its bytes lie makes a difference.
func (m *Tiles) tryOnDRAM(t *tiling.Tiling) (c Cost, whole bool) {
	c, whole = Cost{Tiling: *t}, true
	m.beginDRAM()
	m.builder.Each(t, func(tile *pipeline.Tile) bool {
		c.add(tile, 1)
		m.runner.Add(tile)
		whole = !m.search.Late(m.runner.Now(), c.ArrayCycles) && (c.Tiles%(1<<10) != 0 || m.stopped() == nil)
		return whole
	})
	m.endDRAM(&c)
	return c, whole
}

func (m *Tiles) beginDRAM() {
	m.dram.reset()
	m.runner.Begin(m.dram)
}

func (m *Tiles) endDRAM(c *Cost) {
	cycles, waits := m.runner.End()
	c.Parts.Add(waits)
	if m.idd {
		c.DRAMPJ = m.dram.energyPJ(cycles)
	}
}

// run sends a program through the pipeline of flat memory.
func (m *Tiles) run(p *pipeline.Program, c *Cost) {
	m.flat = m.port.Bus()
	_, waits := m.runner.Run(p, &m.flat)
	c.Parts.Add(waits)
}

// Replay runs a priced layer once more with every tile by itself.
func (m *Tiles) Replay(l *layer.Layer, c *Cost) ([]pipeline.Tile, pipeline.Timeline) {
	m.builder.Begin(l)
	return m.record(func(visit func(tile *pipeline.Tile) bool) { m.builder.Each(&c.Tiling, visit) })
}

// record lists the tiles that each tells, and when they run.
func (m *Tiles) record(each func(visit func(tile *pipeline.Tile) bool)) (tiles []pipeline.Tile, line pipeline.Timeline) {
	m.runner.Record = &line
	if m.dram != nil {
		m.beginDRAM()
	} else {
		m.flat = m.port.Bus()
		m.runner.Begin(&m.flat)
	}
	each(func(tile *pipeline.Tile) bool {
		tiles = append(tiles, *tile)
		line.Parts.Add(tile.Parts)
		m.runner.Add(tile)
		return true
	})
	cycles, waits := m.runner.End()
	line.Cycles = cycles
	line.Parts.Add(waits)
	m.runner.Record = nil
	return tiles, line
}

// finalists is how many tilings of least bound of a large layer are run on DRAM.
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
