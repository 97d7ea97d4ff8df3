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
	folding  map[arch.Shape]int64 // products at a time of some layers
	largest  int64                // of all units
}

// NewStreaming builds the engine of an array.
func NewStreaming(a *arch.Array) (Streaming, error) {
	e := Streaming{array: a, pe: int64(a.PE), simd: int64(a.SIMD)}
	if e.pe < 1 || e.simd < 1 {
		return e, fmt.Errorf("array.pe × array.simd = %d × %d: must be at least 1 × 1", a.PE, a.SIMD)
	}
	e.folding, e.largest = a.Foldings(), e.pe*e.simd
	for _, n := range e.folding {
		e.largest = max(e.largest, n)
	}
	return e, nil
}

// Lanes are the PEs.
func (e Streaming) Lanes() int { return int(e.pe) }

// Mode is the next width that the array has.
func (e Streaming) Mode(w int) int { return e.array.RoundWeight(w) }

// Grain is 1.
func (e Streaming) Grain() int { return 1 }

// Rate is that of the largest unit, PE·SIMD where all are alike.
func (e Streaming) Rate(int, int) float64 { return float64(e.largest) }

// folded is the products at a time of a layer with a unit of its own size, 0 of others.
func (e Streaming) folded(b *Block) int64 {
	if len(e.folding) == 0 {
		return 0
	}
	op := b.Layer.Op
	return e.folding[arch.Shape{Groups: op.Groups, Channels: op.Channels() / max(op.Groups, 1), Reduction: op.K}]
}

// Time is one cycle for each PE × SIMD products of a position.
func (e Streaming) Time(b Block) cost.Stalls {
	if n := e.folded(&b); n > 0 {
		return cost.Stalls{Compute: units.Ceil(b.channels()*b.reduction(), n) * b.N}
	}
	return cost.Stalls{Compute: int64(b.Hi-b.Lo) * units.Ceil(b.reduction(), e.simd) * b.N}
}

// Access: every cycle reads a word of PE·SIMD weights, as wide as the widest channel
// of the layer, and SIMD inputs.
func (e Streaming) Access(b Block) Access {
	cycles := e.Time(b).Compute
	act := int64(b.Layer.ActBits)
	words, inputs := e.pe*e.simd, e.simd
	if n := e.folded(&b); n > 0 {
		words, inputs = n, n
	}
	a := Access{
		Weights:        cycles * words * int64(b.sched().Wide),
		Inputs:         cycles * inputs * act,
		OutputsWritten: b.channels() * b.N * act,
	}
	a.rereads(&b)
	return a
}
