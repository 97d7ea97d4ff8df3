package chip

import (
	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/units"
)

// Vector is the unit for element-wise work and for recursions. One without lanes does
// element-wise work free.
//
// See docs/machine-model.md, section 5.
type Vector struct {
	Lanes      int64
	Overlapped bool // the work on a product's outputs runs beside the array
	chains     int  // recursion steps that start in a cycle
	latency    int  // of a recursion step
}

func newVector(v *arch.Vector) Vector {
	return Vector{Lanes: int64(v.Lanes), Overlapped: v.Overlapped, chains: v.ChainUnits, latency: v.ChainCycles}
}

// Cycles is the time of so many element operations.
func (v *Vector) Cycles(operations int64) int64 {
	if v.Lanes == 0 {
		return 0
	}
	return units.Ceil(operations, v.Lanes)
}

// Operations is the element-wise work on the outputs of a layer that is charged.
func (v *Vector) Operations(l *layer.Layer) int64 {
	if v.Lanes == 0 {
		return 0
	}
	return l.VectorOps(l.Positions(), 0, len(l.Sched.Sets))
}

// Finish adds element operations on what the array has done to its time: all of them
// after the array, or what outlasts the array when both run side by side.
func (v *Vector) Finish(parts *cost.Stalls, operations int64) {
	cycles := v.Cycles(operations)
	if v.Overlapped {
		cycles = max(0, cycles-parts.Total())
	}
	parts.Output += cycles
}

// FinishAll is [Vector.Finish] for the whole layer.
func (v *Vector) FinishAll(parts *cost.Stalls, l *layer.Layer) {
	v.Finish(parts, l.VectorOps(l.Positions(), 0, len(l.Sched.Sets)))
}

// Chain is the time of a recursion on the unit, see [Chain].
func (v *Vector) Chain(r workload.Recursion, images int) int64 {
	return Chain(r, images, v.chains, v.latency)
}

// Chain is the time of independent recursions (Sigma-Delta modulators). A recursion is
// serial along its length, or along each block when its state is reset there; units
// steps start each cycle, and a step ends latency cycles after it starts. Steps of
// different chains interleave, so the units are busy all the time, or the longest
// chains decide, of which the last starts when the units have started the others:
//
//	max(⌈steps/units⌉ + latency − 1, ⌈longest chains/units⌉ − 1 + longest · latency).
//
// One unit and one chain are the serial form, N units and one chain the systolic one,
// and blocks the chain cut into sub-chains.
func Chain(r workload.Recursion, images, unitCount, latencyCycles int) int64 {
	n, latency := int64(max(unitCount, 1)), int64(max(latencyCycles, 1))
	rows := int64(r.Rows) * int64(images)
	longest, each := int64(r.Length), int64(1)
	if r.Block > 0 {
		longest, each = int64(r.Block), int64(r.Length/r.Block)
	}
	started := units.Ceil(min(rows*each, n*latency), n) - 1
	return max(units.Ceil(int64(r.Length)*rows, n)+latency-1, started+longest*latency)
}
