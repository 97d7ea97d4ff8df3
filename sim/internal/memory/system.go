// Package memory says what a layer costs when data must come and go: an engine says
// how long an array is busy with a block, a memory system what a layer of blocks
// takes.
//
// There is one file for each system. Three describe hardware: [Tiles], a pipeline of
// tiles on flat memory or DRAM, [Max], the slowest of the array and the ports, and
// [Queues] the same over whole layers that a compiler has cut. [Ideal] takes no time. Two imitate the software of a peer and take the engine that
// it was written for: [Steady] Bit Fusion's simulator, [Fitted] HAQ's latency table.
//
// A new system is a file here and a case of openMemory in package sim; arch says which
// machines may have it.
//
// See docs/machine-model.md, section 8.
package memory

import (
	"bitcycle/arch"
	"bitcycle/sim/internal/calls"
	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/price"
	"bitcycle/sim/internal/tiling"
)

// System is a memory system. It may keep scratch memory, so that one serves one
// caller at a time; what it returns depends on nothing but its arguments.
type System interface {
	// Price is the cost of a layer with at least one channel that is not pruned.
	Price(l *layer.Layer) (Cost, error)
	// Work is the cost of an op without weights.
	Work(w Work) Cost
	// Mapping describes the tiles of a layer of that cost and their order.
	Mapping(l *layer.Layer, c *Cost) Mapping
	// Assumptions says what a layer takes, how weights are stored and what is left out.
	Assumptions() []string
}

// Site is the machine around a memory system.
type Site struct {
	Memory  *arch.Memory
	Mapping *arch.Mapping
	Chip    *chip.Chip
	Cores   int // that share the memory
	Prices  *price.List
	Energy  func(l *layer.Layer, c *Cost) float64 // pJ of a layer of that cost
	Given   func(op string) *Loops                // that the caller has fixed; nil for none
}

// given is the loops of a layer, nil where the machine cuts it.
func (s *Site) given(l *layer.Layer) *Loops {
	if s.Given == nil {
		return nil
	}
	return s.Given(l.Op.Name)
}

// Cost is what a layer takes: cycles by cause, memory traffic in bytes, scratchpad
// traffic in bits, and the tiles behind it.
type Cost struct {
	Parts       cost.Stalls
	ArrayCycles int64 // in which the array is busy
	Read, Write int64 // bytes of memory
	Moved       pipeline.Traffic
	SRAM        engine.Access
	VectorOps   int64
	DRAMPJ      float64 // of closed-loop DRAM; 0 when it is priced by the bit
	Tiles       int
	Tiling      tiling.Tiling
	Nest        nest
	Calls       calls.Nest // of units that take calls
	ByFootprint bool       // caches by the sizes of loops, not line by line
}

// AddTimes adds n times o.
func (c *Cost) AddTimes(o *Cost, n int64) {
	c.Parts.Add(o.Parts.Times(n))
	c.SRAM.Add(o.SRAM, n)
	c.ArrayCycles += n * o.ArrayCycles
	c.Read += n * o.Read
	c.Write += n * o.Write
	c.Moved.Add(o.Moved, n)
	c.Tiles += int(n) * o.Tiles
	if n > 0 {
		c.Nest, c.Calls, c.ByFootprint = o.Nest, o.Calls, o.ByFootprint
	}
}

// move sets the traffic. Outputs that are read before they are written stand in moved
// twice.
func (c *Cost) move(moved pipeline.Traffic, readOutputs bool) {
	c.Moved = moved
	c.Read, c.Write = moved.Weights+moved.Inputs, moved.Outputs
	if readOutputs {
		c.Read, c.Write = c.Read+moved.Outputs/2, moved.Outputs-moved.Outputs/2
	}
}

// Work is an op without weights, or what a product of pruned channels leaves to do.
type Work struct {
	InBits, OutBits int64 // of all images; 0 when they stay on chip
	Busy            int64 // cycles of the unit that does it
	Operations      int64
}

// cost is the work's cost but for the time of its transfers.
func (w *Work) cost() Cost {
	c := Cost{Tiles: 1, VectorOps: w.Operations, Parts: cost.Stalls{Compute: w.Busy}}
	c.move(pipeline.Traffic{Inputs: bytes(w.InBits), Outputs: bytes(w.OutBits)}, false)
	return c
}
