package engine

import (
	"fmt"

	"bitcycle/arch"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/units"
)

// Streaming gives every layer a unit of its own with PE × SIMD lanes and weights on
// chip (FINN, Umuroglu et al., FPGA 2017):
//
//	cycles = ⌈M/PE⌉ · ⌈K/SIMD⌉ · positions,
//
// whatever the widths, which cost only memory. Frames overlap: that is for the caller
// to charge.
//
// See docs/machine-model.md, section 4.6.
type Streaming struct {
	array    *arch.Array
	pe, simd int64
}

// NewStreaming builds the engine of an array.
func NewStreaming(a *arch.Array) (Streaming, error) {
	e := Streaming{array: a, pe: int64(a.PE), simd: int64(a.SIMD)}
	if e.pe < 1 || e.simd < 1 {
		return e, fmt.Errorf("array.pe × array.simd = %d × %d: must be at least 1 × 1", a.PE, a.SIMD)
	}
	return e, nil
}

// Lanes are the PEs.
func (e Streaming) Lanes() int { return int(e.pe) }

// Mode is the next width that the array has.
func (e Streaming) Mode(w int) int { return e.array.RoundWeight(w) }

// Grain is 1.
func (e Streaming) Grain() int { return 1 }

// Rate is PE·SIMD.
func (e Streaming) Rate(int, int) float64 { return float64(e.pe * e.simd) }

// Time is one cycle for each PE × SIMD products of a position.
func (e Streaming) Time(b Block) cost.Stalls {
	return cost.Stalls{Compute: int64(b.Hi-b.Lo) * units.Ceil(b.reduction(), e.simd) * b.N}
}

// Access: every cycle reads a word of PE·SIMD weights, as wide as the widest channel
// of the layer, and SIMD inputs.
func (e Streaming) Access(b Block) Access {
	cycles := e.Time(b).Compute
	act := int64(b.Layer.ActBits)
	a := Access{
		Weights:        cycles * e.pe * e.simd * int64(b.sched().Wide),
		Inputs:         cycles * e.simd * act,
		OutputsWritten: b.channels() * b.N * act,
	}
	a.rereads(&b)
	return a
}
