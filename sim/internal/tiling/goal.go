package tiling

import (
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
)

// Goal is what a search minimises: cycles, energy, or the product of both (edp).
type Goal struct {
	By string
	// Energy is the energy in pJ of a layer that spends so much. It grows with all of it.
	Energy func(l *layer.Layer, s Spend) float64
}

// Spend is what a layer takes under a tiling.
type Spend struct {
	Cycles, ArrayCycles int64
	Moved               pipeline.Traffic
	Access              engine.Access // the search fills it in
	DRAMPJ              float64       // of closed-loop DRAM; 0 when it is priced by the bit, or unknown
}

// of is the goal of a spend, other than cycles.
func (g *Goal) of(l *layer.Layer, spend *Spend) float64 {
	energy := g.Energy(l, *spend)
	if g.By == "edp" {
		return energy * float64(spend.Cycles)
	}
	return energy
}

// Access is the scratchpad traffic of a layer under the tiling.
func (t *Tiling) Access(e engine.Engine, l *layer.Layer) (sum engine.Access) {
	t.EachPiece(l, func(p Piece, times int64) {
		b := engine.Block{Layer: l, Hi: len(l.Sched.Sets), Chans: p.Chans, N: p.Positions, Inputs: p.Pixels, Continued: p.Continued}
		sum.Add(e.Access(b), times)
	})
	return sum
}
