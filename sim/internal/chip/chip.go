// Package chip is what surrounds the array on the chip: how tensors are stored, what
// the scratchpads hold, and the unit for element-wise work.
package chip

import (
	"bitcycle/arch"
	"bitcycle/sim/internal/units"
)

// Chip is the chip around an array.
type Chip struct {
	Storage
	Room   Room
	Vector Vector
	// Buffers is the tiles that a scratchpad holds at a time; 2 = double buffering.
	Buffers int
	// ReadOutputs: outputs are read before they are written.
	ReadOutputs bool
}

// New reads what surrounds the array of a machine.
func New(acc *arch.Accelerator) *Chip {
	buffers := tileBuffers(acc)
	return &Chip{
		Storage: newStorage(acc), Room: newRoom(&acc.Buffers, buffers), Vector: newVector(&acc.Vector),
		Buffers: buffers, ReadOutputs: acc.Memory.ReadOutputs,
	}
}

// tileBuffers is what the machine says, or 2 where a scratchpad is double or none has a
// size.
func tileBuffers(acc *arch.Accelerator) int {
	if n := acc.Memory.TileBuffers; n >= 1 {
		return n
	}
	if b := &acc.Buffers; b.Weights.Double || b.Inputs.Double || b.Weights.Bytes+b.Inputs.Bytes == 0 {
		return 2
	}
	return 1
}

// Room is what one tile may take of each scratchpad, in bits; 0 = no limit.
type Room struct {
	Weights, Inputs, Outputs int64
	Shared                   bool // weights and inputs share Inputs
}

func newRoom(b *arch.Buffers, buffers int) Room {
	parts := int64(max(buffers, 2))
	usable := func(b arch.Buffer) int64 {
		if b.Double {
			return int64(b.Bytes) * 8 / parts
		}
		return int64(b.Bytes) * 8
	}
	r := Room{Weights: usable(b.Weights), Inputs: usable(b.Inputs), Outputs: int64(b.Outputs.Bytes) * 8}
	if b.Outputs.Double {
		r.Outputs /= 2
	}
	if b.Unified && b.Weights.Bytes == 0 {
		r.Shared = true
	} else if b.Unified && b.Inputs.Bytes == 0 {
		r.Shared, r.Inputs = true, r.Weights
	}
	return r
}

// Fits reports whether a tile of the given bits fits.
func (r *Room) Fits(weights, inputs, outputs int64) bool {
	if !units.Fits(outputs, r.Outputs) {
		return false
	}
	if r.Shared {
		return units.Fits(weights+inputs, r.Inputs)
	}
	return units.Fits(weights, r.Weights) && units.Fits(inputs, r.Inputs)
}
