package memory

import (
	"fmt"

	"bitcycle/sim/internal/chip"
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
}

func newTiled(e engine.Engine, s Site, port pipeline.Port) tiled {
	return tiled{
		engine: e, chip: s.Chip, port: port,
		search: tiling.Search{
			Engine: e, Chip: s.Chip, Port: port, Finalists: finalists(s.Mapping.Search),
			Goal: tiling.Goal{By: s.Mapping.Objective, Prices: s.Prices},
		},
		builder: tiling.Builder{Engine: e, Chip: s.Chip},
	}
}

// finalists is how many tilings the estimate lets through: with "fixed" it alone decides.
func finalists(search string) int {
	switch search {
	case "exhaustive":
		return 64
	case "fixed":
		return 1
	}
	return 4
}

// count is the cost of a tiling but for the time of its transfers: what its tiles move
// and compute.
func (m *tiled) count(t *tiling.Tiling, p *pipeline.Program) Cost {
	c := Cost{Tiling: *t}
	p.Each(func(tile *pipeline.Tile, times int64) {
		c.Moved.Weights += times * tile.Weights
		c.Moved.Inputs += times * tile.Inputs
		c.Moved.Outputs += times * tile.Outputs
		c.ArrayCycles += times * tile.Cycles
		c.Parts.Add(tile.Parts.Times(times))
		c.Tiles += int(times)
	})
	return c
}

// settle fills the counts that follow from the tiling and its traffic.
func (m *tiled) settle(l *layer.Layer, c *Cost) {
	c.move(c.Moved, m.chip.ReadOutputs)
	c.Tiling.EachPiece(l, func(p tiling.Piece, times int64) {
		b := engine.Block{Layer: l, Hi: len(l.Sched.Sets), Chans: p.Chans, N: p.Positions, Inputs: p.Pixels, Continued: p.Continued}
		c.SRAM.Add(m.engine.Access(b), times)
	})
	c.VectorOps = m.chip.Vector.Operations(l)
}

// Mapping describes the tiles and their order.
func (m *tiled) Mapping(l *layer.Layer, c *Cost) string {
	if c.Tiles == 0 {
		return ""
	}
	t := &c.Tiling
	what, per := "channels", min(t.Sets*l.Sched.Lanes, l.Active())
	if l.Groups > 1 {
		what, per = "groups", t.Sets
	}
	order := "weights stay"
	if t.InputsFirst {
		order = "inputs stay"
	}
	return fmt.Sprintf("%d tiles of %d×%d×%d positions × %d %s × %d inputs, %s", c.Tiles, t.Images, t.Rows, t.Cols, per, what, t.Chans, order)
}
