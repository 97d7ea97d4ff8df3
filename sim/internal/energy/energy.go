// Package energy prices what a layer takes: multiply-accumulates by their widths,
// register, scratchpad, network and memory traffic by the bit, vector work by the
// operation, and leakage and idle power by time.
//
// See docs/machine-model.md, section 10.
package energy

import (
	"bitcycle/arch"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/memory"
	"bitcycle/sim/internal/price"
	"bitcycle/sim/internal/schedule"
)

// Model is the energy of a machine. The engine is needed by [Model.Array] alone.
type Model struct {
	Engine engine.Engine

	array         *arch.Array
	prices        *price.List
	rowStationary bool
	closedLoop    bool // DRAM has priced itself
}

// New puts prices to what the array and the memory of a machine do.
func New(acc *arch.Accelerator, prices *price.List) Model {
	return Model{
		array: &acc.Array, prices: prices, rowStationary: acc.Engine == arch.RowStationary,
		closedLoop: acc.Memory.Kind == "dram" && acc.Energy.DRAMModel == "idd",
	}
}

// ClosedLoop reports whether DRAM is priced by its currents instead of by the bit.
func (m *Model) ClosedLoop() bool { return m.closedLoop }

// Array is the energy in pJ of what an op does in the array.
type Array struct{ MAC, Register float64 }

// Of prices the cost of an op with what it does in the array. Scratchpads are written by
// what memory delivers and read by what goes back to it, besides what the array moves.
func (m *Model) Of(in Array, c *memory.Cost) cost.Energy {
	const byteBits = 8
	p, sram, moved := m.prices, &c.SRAM, &c.Moved
	stored := min(c.Write, moved.Outputs) // memory may be written in longer lines
	out := cost.Energy{
		MAC: in.MAC, Register: in.Register,
		SRAMWeights: float64(sram.Weights)*p.Weights.Read + float64(moved.Weights*byteBits)*p.Weights.Write,
		SRAMInputs:  float64(sram.Inputs)*p.Inputs.Read + float64(moved.Inputs*byteBits)*p.Inputs.Write,
		SRAMOutputs: float64(sram.OutputsRead+stored*byteBits)*p.Outputs.Read +
			float64(sram.OutputsWritten+(moved.Outputs-stored)*byteBits)*p.Outputs.Write,
		NoC:     float64(sram.Weights+sram.Inputs+sram.OutputsWritten) * p.Network,
		DRAM:    float64(c.Read+c.Write) * byteBits * p.DRAM,
		Vector:  float64(c.VectorOps) * p.Vector,
		Leakage: m.Leakage(c.Parts.Total()),
	}
	if m.closedLoop {
		out.DRAM = c.DRAMPJ
	}
	out.DRAM += byteBits * m.cache(c)
	return out
}

// cache is what a cache before memory takes for a bit of each byte: requests read it and
// write it, what comes from memory is written to it, and what goes there is read from it.
func (m *Model) cache(c *memory.Cost) float64 {
	p, moved := &m.prices.Cache, &c.Moved
	return float64(moved.Weights+moved.Inputs+c.Write)*p.Read + float64(moved.Outputs+c.Read)*p.Write
}

// OfFrames prices so many frames that units work on at a time: frame is the cost of
// one, whole that of all, whose weights are loaded once and whose time overlaps.
func (m *Model) OfFrames(in Array, frame, whole *memory.Cost, frames int64) cost.Energy {
	out := m.Of(in, frame).Times(float64(frames))
	moved := m.Of(Array{}, whole)
	out.SRAMWeights, out.SRAMInputs, out.SRAMOutputs = moved.SRAMWeights, moved.SRAMInputs, moved.SRAMOutputs
	out.DRAM, out.Leakage = moved.DRAM, moved.Leakage
	return out
}

// Leakage is leakage and idle power over a number of cycles.
func (m *Model) Leakage(cycles int64) float64 { return m.prices.Standby(float64(cycles)) }

// Array prices what a layer of that cost does in the array. Idle elements are charged
// their share of a multiply-accumulate for every busy cycle.
func (m *Model) Array(l *layer.Layer, c *memory.Cost) Array {
	return Array{m.arrayPJ(l, c), m.registerPJ(l)}
}

// arrayPJ is the multiply-accumulates at the widths that the array processes, and
// the idle share of the elements that wait.
func (m *Model) arrayPJ(l *layer.Layer, c *memory.Cost) float64 {
	p := m.prices
	if p.Cycle > 0 {
		return p.Cycle * float64(c.ArrayCycles)
	}
	act := min(m.array.RoundAct(l.ActBits), schedule.Widths-1)
	var active, used float64
	var pj, rate [schedule.Widths]float64
	for w := int(l.Sched.Least); w <= int(l.Sched.Wide); w++ {
		pj[w], rate[w] = p.MAC[min(m.Engine.Mode(w), schedule.Widths-1)][act], m.Engine.Rate(w, l.ActBits)
	}
	perChannel := float64(l.Reduction()) * float64(l.Positions())
	for i := range l.Sched.Sets {
		set := &l.Sched.Sets[i]
		for w := int(set.Min); w <= int(set.Max); w++ {
			n := float64(set.Count[w]) * perChannel
			if n == 0 {
				continue
			}
			active += n * pj[w]
			used += n / rate[w]
		}
	}
	if p.Idle == 0 || used == 0 {
		return active
	}
	capacity := max(float64(c.ArrayCycles), used)
	return active + p.Idle*active/used*(capacity-used)
}

// registerPJ is operand and sum registers beside the multipliers: each product reads
// both operands, as wide as the array takes them, and reads and writes its sum.
func (m *Model) registerPJ(l *layer.Layer) float64 {
	price := m.prices.Register
	if price == 0 {
		return 0
	}
	if m.rowStationary {
		word := float64(max(m.array.NativeActBits, l.ActBits))
		return price * 4 * word * float64(l.Active()) * float64(l.Reduction()) * float64(l.Positions())
	}
	act, sum := m.array.RoundAct(l.ActBits), 2*int(l.SumBits())
	var bits float64
	for i := range l.Sched.Sets {
		set := &l.Sched.Sets[i]
		for w := int(set.Min); w <= int(set.Max); w++ {
			bits += float64(set.Count[w]) * float64(m.array.RoundWeight(w)+act+sum)
		}
	}
	return price * bits * float64(l.Reduction()) * float64(l.Positions())
}
