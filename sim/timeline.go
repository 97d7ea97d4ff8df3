package sim

import (
	"bitcycle/sim/internal/memory"
	"bitcycle/sim/internal/pipeline"
)

// Tile is one step of a layer: the bytes of Weights, Inputs and Outputs that it loads
// and stores, the Cycles of the array, and their causes in Parts.
type Tile = pipeline.Tile

// Port is the path between the scratchpads and memory: BytesPerCycle of one port, or
// Split ports with a rate each; the Latency from the last beat until the data can be
// used, and the Buffers that hold tiles, 2 of them for double buffering.
type Port = pipeline.Port

// Transfer is one request on a port: it occupies the port from Start to End, and moves
// a Kind of bytes ('w', 'i' or 'o') of a Tile.
type Transfer = pipeline.Transfer

// Timeline is the outcome of a tile pipeline: its Cycles and their causes in Parts,
// Start and End of each tile's compute, and the transfers on the Bus.
type Timeline = pipeline.Timeline

// Span is from a cycle of an op up to another.
type Span = memory.Span

// Call is a call in load, execute and store units: when its requests are sent, when the
// array works on it or waits within it, and when its stores are sent, in cycles of the op.
// Where caches are charged by footprint, calls are spread over the op as they were charged.
type Call = memory.Call

// Pipeline runs tiles through double-buffered scratchpads. A port serves the requests
// strictly in program order, which with two buffers is
//
//	W0 I0 W1 I1 | O0 W2 I2 | O1 W3 I3 | …
//
// where requests of no bytes vanish; docs/machine-model.md, section 8.2.
func Pipeline(tiles []Tile, p Port) Timeline { return pipeline.Run(tiles, p) }
