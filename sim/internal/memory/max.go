package memory

import (
	"fmt"

	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
)

// Max is a roofline: transfers overlap with everything, and a layer takes as long as
// the slowest of the array and each port,
//
//	max(Σ tiles of the array, ⌈bytes / rate⌉ of each port).
//
// The tiling is the best of the search.
//
// See docs/machine-model.md, section 8.3.
type Max struct{ tiled }

// NewMax puts an engine beside ports of fixed rates.
func NewMax(e engine.Engine, s Site) *Max {
	return &Max{newTiled(e, s, portOf(s.Memory, s.Chip.Buffers))}
}

// Price is the slowest of the array and the ports.
func (m *Max) Price(l *layer.Layer) (Cost, error) {
	t, err := m.begin(l)
	if err != nil {
		return Cost{}, err
	}
	m.builder.Begin(l)
	var best Cost
	for ok := true; ok; t, ok = m.search.Next() {
		c := m.count(&t, m.builder.Program(&t))
		expose(&c.Parts, c.Moved, &m.port)
		if m.search.Offer(c.spend()) {
			best = c
		}
	}
	m.settle(l, &best)
	return best, nil
}

// Work is the slowest of the unit and the ports.
func (m *Max) Work(w Work) Cost {
	c := w.cost()
	expose(&c.Parts, c.Moved, &m.port)
	return c
}

// Assumptions describes the roofline.
func (m *Max) Assumptions() []string {
	return []string{
		storageText(&m.chip.Storage),
		fmt.Sprintf("a layer takes as long as the slowest of the array and the memory ports (%s); the first load, the last store and the latency of memory are not charged apart", rates(&m.port)),
	}
}
