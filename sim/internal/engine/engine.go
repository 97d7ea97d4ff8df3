// Package engine gives the time of a kind of array for a block of work in closed form,
// split by cause, and what the block moves between scratchpads and array.
//
// Every engine is a value without state, in a file of its own. Widths meet it as a
// schedule: the channels of a block in the order in which they share the array.
//
// See docs/machine-model.md, sections 4 and 10.4.
package engine

import (
	"fmt"

	"bitcycle/arch"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/schedule"
	"bitcycle/sim/internal/units"
)

// Engine is a kind of array.
type Engine interface {
	// Lanes is the number of output channels side by side.
	Lanes() int
	// Grain is the number of output positions side by side.
	Grain() int
	// Mode is the width at which w-bit weights are processed.
	Mode(w int) int
	// Rate is the multiply-accumulates per cycle of the full array at the widths.
	Rate(w, a int) float64
	// Time is the array's time for a block, split by cause.
	Time(b Block) cost.Stalls
	// Access counts scratchpad traffic.
	Access(b Block) Access
}

// Access counts the bits that a block moves between scratchpads and array.
type Access struct {
	Weights, Inputs             int64 // read
	OutputsRead, OutputsWritten int64
}

// Add adds n times b.
func (a *Access) Add(b Access, n int64) {
	a.Weights += n * b.Weights
	a.Inputs += n * b.Inputs
	a.OutputsRead += n * b.OutputsRead
	a.OutputsWritten += n * b.OutputsWritten
}

// rereads makes every sum that is written one that an earlier stretch of the reduction
// has begun, where there was one.
func (a *Access) rereads(b *Block) {
	if b.Continued {
		a.OutputsRead = a.OutputsWritten
	}
}

// charge adds a round of work·n cycles: what evenly shared work would take is
// compute, the rest waits for the widest channel.
func charge(s *cost.Stalls, r schedule.Round, n int64) {
	compute := units.Ceil(r.Sum*n, int64(r.Channels))
	s.Compute += compute * r.Repeat
	s.Imbalance += (r.Max*n - compute) * r.Repeat
}

// hasArray wants at least one row and one column.
func hasArray(a *arch.Array) error {
	if a.Rows < 1 || a.Cols < 1 {
		return fmt.Errorf("array.rows × array.cols = %d × %d: must be at least 1 × 1", a.Rows, a.Cols)
	}
	return nil
}
