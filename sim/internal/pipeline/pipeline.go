// Package pipeline runs the tiles of a layer through double-buffered scratchpads.
//
// The program order of the requests with two buffers is
//
//	W0 I0 W1 I1 | O0 W2 I2 | O1 W3 I3 | …
//
// and requests of no bytes vanish. A port serves its requests strictly in that
// order. The load of tile t may start when the compute of tile t−Buffers ends, its
// store when its own compute ends; its compute starts when the compute before it has
// ended, its loads have arrived and the store of tile t−Buffers is done. A cycle in
// which the array waits is charged to the request of the waiting tile that is on a
// port, to DRAM when there is none.
//
// [Run] runs a list of tiles on ports of fixed rates. A [Runner] runs a [Program],
// which lists what repeats once, on any [Bus].
//
// See docs/machine-model.md, section 8.2.
package pipeline

import "bitcycle/sim/internal/cost"

// Kind is what a request moves.
type Kind int

// The kinds of bytes.
const (
	Weights Kind = iota
	Inputs
	Outputs
	Kinds
)

var kindLetter = [Kinds]byte{'w', 'i', 'o'}

// Tile is one step of a layer: what it loads, computes and stores.
type Tile struct {
	Weights, Inputs, Outputs int64 // bytes
	Cycles                   int64 // of the array
	Parts                    cost.Stalls

	Address [Kinds]int64 // where the bytes lie in memory; DRAM alone looks at it
}

// Bytes returns what the tile moves of one kind.
func (t *Tile) Bytes(kind Kind) int64 {
	switch kind {
	case Weights:
		return t.Weights
	case Inputs:
		return t.Inputs
	}
	return t.Outputs
}

// Transfer is one request on a port: it occupies the port from Start to End.
type Transfer struct {
	Start, End int64
	Kind       byte // 'w', 'i' or 'o'
	Tile       int
}

// Timeline is the outcome of a run.
type Timeline struct {
	Cycles     int64
	Parts      cost.Stalls
	Start, End []int64 // of each tile's compute
	Bus        []Transfer
}
