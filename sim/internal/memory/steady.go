package memory

import (
	"fmt"

	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/price"
)

// Steady imitates Bit Fusion's published simulator (Sharma et al., ISCA 2018;
// hsharma35/bitfusion, optimizer.py). All transfers overlap with computation but for
// the first load and the last store,
//
//	max(array, bits moved in between / rate) + first load / rate + last store / rate,
//
// partial tiles take as long as full ones, outputs are read and written for every
// stretch of the reduction that does not stay, and the sizes and order of the five
// tile loops are those of fewest cycles, then least energy.
//
// See docs/machine-model.md, section 8.5.
type Steady struct {
	engine engine.Fusion
	chip   *chip.Chip
	port   pipeline.Port
	prices *price.List
	site   Site

	groups []group
	search search
	last   map[*layer.Layer]nest // best before the widths changed: it bounds the next search
}

// NewSteady puts a fusion array on a shared port.
func NewSteady(e engine.Fusion, s Site) (*Steady, error) {
	port := portOf(s.Memory, s.Chip.Buffers)
	if port.Split || s.Chip.Room.Shared {
		return nil, fmt.Errorf(`memory.overlap = "steady": needs memory.ports = "shared" and buffers.unified = false`)
	}
	return &Steady{engine: e, chip: s.Chip, port: port, prices: s.Prices, site: s, last: map[*layer.Layer]nest{}}, nil
}

// Price searches each group of a layer and sums their costs.
func (m *Steady) Price(l *layer.Layer) (Cost, error) {
	var sum Cost
	m.groups = appendGroups(m.groups[:0], l)
	for _, g := range m.groups {
		best, ok := m.searchGroup(l, g)
		if !ok {
			room := &m.chip.Room
			return Cost{}, fmt.Errorf("op %q: no tile fits the scratchpads (weights %d, inputs %d, outputs %d bits a tile)",
				l.Op.Name, room.Weights, room.Inputs, room.Outputs)
		}
		c := m.search.cost(&best)
		sum.AddTimes(&c, g.times)
	}
	m.last[l] = sum.Nest
	if pruned := prunedBytes(m.chip, l, l.Virtual-l.Active()); pruned > 0 {
		sum.Parts.Output += m.port.Busy(pipeline.Traffic{Outputs: pruned})
		sum.Moved.Outputs += pruned
		sum.Write += pruned
	}
	sum.VectorOps = m.chip.Vector.Operations(l)
	m.chip.Vector.FinishAll(&sum.Parts, l)
	return sum, nil
}

func (m *Steady) searchGroup(l *layer.Layer, g group) (nestCost, bool) {
	m.search.init(newShape(m.engine, l, g), m.prices, m.port.BytesPerCycle*8, &m.chip.Room)
	if loops := m.site.given(l); loops != nil {
		return m.search.loops(loops)
	}
	return m.search.best(m.last[l])
}

// Work is the slower of the unit and the port.
func (m *Steady) Work(w Work) Cost {
	c := w.cost()
	expose(&c.Parts, c.Moved, &m.port)
	return c
}

// Mapping lists the loops from the outermost in, with their tiles.
func (m *Steady) Mapping(_ *layer.Layer, c *Cost) Mapping { return c.Nest.mapping() }

// Assumptions says that this is an imitation.
func (m *Steady) Assumptions() []string {
	return []string{
		"weights padded to whole folds of the array and outputs to whole columns; " + noMetadata,
		"transfers overlap with computation but for the first load and the last store, in the tile loops of fewest cycles: Bit Fusion's published simulator (" + rates(&m.port) + ", no latency)",
	}
}

// cost turns a priced nest into the cost of one such group.
func (s *search) cost(c *nestCost) Cost {
	const w, i, o = pipeline.Weights, pipeline.Inputs, pipeline.Outputs
	t := &c.nest
	out := Cost{
		ArrayCycles: c.busy, Tiles: 1, Nest: c.nest,
		Moved: pipeline.Traffic{Weights: bytes(c.moved[w]), Inputs: bytes(c.moved[i]), Outputs: bytes(2 * c.moved[o])},
		Read:  bytes(c.moved[w] + c.moved[i] + c.moved[o]), Write: bytes(c.moved[o]),
	}
	b, passes := s.block(t), t.passes()
	out.Parts = s.engine.Time(b).Times(passes)
	out.Parts.Fill += s.engine.Fill()
	out.Parts.Compute += c.busy - out.Parts.Total() // whole tiles and columns of padding
	chargeWait(&out.Parts, c)
	out.SRAM.Add(s.engine.Access(b), passes)
	for _, n := range t.count {
		out.Tiles *= n
	}
	return out
}

// chargeWait charges the exposed transfers: first loads and the last store to their
// tensors, what computation cannot hide to all of them by their traffic.
func chargeWait(parts *cost.Stalls, c *nestCost) {
	weights, inputs, outputs := c.moved[pipeline.Weights], c.moved[pipeline.Inputs], 2*c.moved[pipeline.Outputs]
	if weights+inputs+outputs > 0 && c.wait > 0 {
		byTraffic(parts, c.wait, weights, inputs, outputs)
	}
}
