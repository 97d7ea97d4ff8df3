package memory

import (
	"fmt"

	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/units"
)

// Queues is a machine that loads, computes and saves a layer in queues beside each other,
// and moves every tensor once: a compiler has cut the layer to the scratchpads. A layer
// takes
//
//	start + max(array, ⌈bytes / rate⌉),
//
// with start the time of its instructions: layer_cycles, and layer_bytes that are fetched.
// Layers follow each other.
//
// See docs/machine-model.md, section 8.9.
type Queues struct {
	Ideal
	port         pipeline.Port
	start, bytes int64
}

// NewQueues puts an engine beside a port of a fixed rate: that of memory.bits_per_cycle,
// or the core's part of the memory that all cores share.
func NewQueues(e engine.Engine, s Site) *Queues {
	m := &Queues{Ideal: Ideal{e, s.Chip}, port: portOf(s.Memory, s.Chip.Buffers), bytes: int64(s.Memory.LayerBytes)}
	if all := s.Memory.SharedBitsPerCycle / 8; all > 0 {
		m.port.BytesPerCycle = min(m.port.BytesPerCycle, all/float64(max(s.Cores, 1)))
	}
	m.start = int64(s.Memory.LayerCycles) + units.Cycles(m.bytes, m.port.BytesPerCycle)
	return m
}

// Price is the slower of the array and the port, after the start.
func (m *Queues) Price(l *layer.Layer) (Cost, error) {
	c, err := m.Ideal.Price(l)
	m.finish(&c)
	return c, err
}

// Work is the slower of the unit and the port, after the start.
func (m *Queues) Work(w Work) Cost {
	c := w.cost()
	m.finish(&c)
	return c
}

// finish adds the start, and what the port needs beyond the array.
func (m *Queues) finish(c *Cost) {
	expose(&c.Parts, c.Moved, &m.port)
	c.Parts.DRAM += m.start
	c.Read += m.bytes
}

// Assumptions describes the queues.
func (m *Queues) Assumptions() []string {
	return []string{
		storageText(&m.chip.Storage),
		fmt.Sprintf("a layer takes %d cycles to start, then as long as the slower of the array and the memory port (%s), which moves each tensor once", m.start, rates(&m.port)),
	}
}
