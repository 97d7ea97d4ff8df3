package memory

import (
	"fmt"

	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/tiling"
)

// tiled is what the systems share that cut a layer to the scratchpads.
type tiled struct {
	engine  engine.Engine
	chip    *chip.Chip
	port    pipeline.Port
	search  tiling.Search
	builder tiling.Builder
	site    Site
}

func newTiled(e engine.Engine, s Site, port pipeline.Port) tiled {
	return tiled{
		site: s, engine: e, chip: s.Chip, port: port,
		search:  tiling.Search{Engine: e, Chip: s.Chip, Port: port, Goal: tiling.Goal{By: s.Mapping.Objective, Energy: s.energyOf()}},
		builder: tiling.Builder{Engine: e, Chip: s.Chip},
	}
}

// begin turns the search to a layer: to the loops that are given, where they are.
func (m *tiled) begin(l *layer.Layer) (tiling.Tiling, error) {
	m.search.Fixed = nil
	if o := m.site.given(l); o != nil {
		if o.KH > 0 || o.KW > 0 {
			return tiling.Tiling{}, fmt.Errorf("op %q: given loops cut the window (KH, KW): the tile pipeline does not", l.Op.Name)
		}
		fixed := tiling.Fixed{Images: o.B, Rows: o.OH, Cols: o.OW, Channels: o.OC, Chans: o.IC, Order: o.Order}
		m.search.Fixed = &fixed
	}
	return m.search.Begin(l)
}

// energyOf prices what a tiling spends.
func (s Site) energyOf() func(l *layer.Layer, spend tiling.Spend) float64 {
	var c Cost // lent to the price of one layer at a time
	return func(l *layer.Layer, spend tiling.Spend) float64 {
		c = Cost{ArrayCycles: spend.ArrayCycles, SRAM: spend.Access, Parts: cost.Stalls{Compute: spend.Cycles}, VectorOps: s.Chip.Vector.Operations(l), DRAMPJ: spend.DRAMPJ}
		c.move(spend.Moved, s.Chip.ReadOutputs)
		return s.Energy(l, &c)
	}
}

// spend is what a tiling has taken.
func (c *Cost) spend() tiling.Spend {
	return tiling.Spend{Cycles: c.Parts.Total(), ArrayCycles: c.ArrayCycles, Moved: c.Moved, DRAMPJ: c.DRAMPJ}
}

// count is the cost of a tiling but for the time of its transfers: what its tiles move
// and compute.
func (m *tiled) count(t *tiling.Tiling, p *pipeline.Program) Cost {
	c := Cost{Tiling: *t}
	p.Each(c.add)
	return c
}

// add counts a tile that runs so many times, but for the time of its transfers.
func (c *Cost) add(tile *pipeline.Tile, times int64) {
	c.Moved.Add(pipeline.Traffic{Weights: tile.Weights, Inputs: tile.Inputs, Outputs: tile.Outputs}, times)
	c.ArrayCycles += times * tile.Cycles
	c.Parts.Add(tile.Parts.Times(times))
	c.Tiles += int(times)
}

// settle fills the counts that follow from the tiling and its traffic.
func (m *tiled) settle(l *layer.Layer, c *Cost) {
	c.move(c.Moved, m.chip.ReadOutputs)
	c.SRAM = c.Tiling.Access(m.engine, l)
	c.VectorOps = m.chip.Vector.Operations(l)
}

// Mapping describes the tiles and their order.
func (m *tiled) Mapping(l *layer.Layer, c *Cost) Mapping {
	if c.Tiles == 0 {
		return Mapping{}
	}
	t := &c.Tiling
	say, per := channelTiles, min(t.Sets*l.Sched.Lanes, l.Active())
	if l.Groups > 1 {
		say, per = groupTiles, t.Sets
	}
	out := Mapping{form: say, tiles: c.Tiles}
	for i, n := range [...]int{t.Images, t.Rows, t.Cols, per, t.Chans} {
		out.n[i] = int32(n)
	}
	if t.InputsFirst {
		out.n[5] = 1
	}
	return out
}
