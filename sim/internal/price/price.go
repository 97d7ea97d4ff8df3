// Package price lists what the events of a machine cost in pJ.
package price

import (
	"bitcycle/arch"
	"bitcycle/sim/internal/schedule"
)

// List is the prices of a machine: multiply-accumulates by their widths; register,
// scratchpad, network and memory traffic by the bit; vector work by the operation.
type List struct {
	MAC      [schedule.Widths][schedule.Widths]float64 // by weight and activation width
	Cycle    float64                                   // of the whole array for every busy cycle; 0: by the MAC
	Idle     float64                                   // share of a MAC that an element without work costs
	Register float64
	Network  float64
	DRAM     float64
	Vector   float64
	Weights  Access
	Inputs   Access
	Outputs  Access
	Cache    Access // of the cache before memory; 0 without one

	standbyMW, clockHz float64

	mac         arch.MACEnergy // behind MAC
	techNm      float64        // of mac
	scratchpads arch.Buffers   // behind Weights, Inputs and Outputs
	sram        arch.SRAM
	cache       arch.Cache // behind Cache
	cacheWord   int
	sramNm      float64
}

// Access is a scratchpad's prices by the bit.
type Access struct{ Read, Write float64 }

// Read reads the prices of a machine, or of another one. It reports whether what a layer does in the
// array costs something else now. Tables whose keys are the same are kept.
func (p *List) Read(acc *arch.Accelerator) (array bool) {
	e := &acc.Energy
	cycle, idle, register := e.MAC.CyclePJ(acc.TechNm), e.IdleFraction.Value, e.Register.Value
	array = p.macs(acc) || cycle != p.Cycle || idle != p.Idle || register != p.Register
	p.Cycle, p.Idle, p.Register = cycle, idle, register
	p.Network, p.DRAM, p.Vector = e.NoC.Value*e.Hops.Value, e.DRAM.Value, e.Vector.Value
	p.standbyMW, p.clockHz = e.LogicLeak.Value+e.Idle.Value+e.SRAM.LeakMW.Value, acc.ClockHz
	if p.sramNm != acc.TechNm || p.sram != e.SRAM || p.scratchpads != acc.Buffers {
		p.sramNm, p.sram, p.scratchpads = acc.TechNm, e.SRAM, acc.Buffers
		p.buffers(acc)
		p.cacheWord = 0
	}
	p.caches(acc)
	return array
}

// macs prices multiply-accumulates, if anything about them has changed.
func (p *List) macs(acc *arch.Accelerator) (changed bool) {
	mac := acc.Energy.MAC
	if p.techNm == acc.TechNm && p.mac == mac {
		return false
	}
	p.techNm, p.mac = acc.TechNm, mac
	for w := 1; w < schedule.Widths; w++ {
		for a := 1; a < schedule.Widths; a++ {
			p.MAC[w][a] = mac.PJ(w, a, acc.TechNm)
		}
	}
	return true
}

// buffers prices the three scratchpads; weights and inputs that share one cost alike.
func (p *List) buffers(acc *arch.Accelerator) {
	s, b := &acc.Energy.SRAM, acc.Buffers
	if b.Unified {
		if b.Weights.Bytes == 0 {
			b.Weights = b.Inputs
		} else if b.Inputs.Bytes == 0 {
			b.Inputs = b.Weights
		}
	}
	p.Weights.Read, p.Weights.Write = s.PJPerBit(b.Weights, s.Weights, acc.TechNm)
	p.Inputs.Read, p.Inputs.Write = s.PJPerBit(b.Inputs, s.Inputs, acc.TechNm)
	p.Outputs.Read, p.Outputs.Write = s.PJPerBit(b.Outputs, s.Outputs, acc.TechNm)
}

// caches prices the cache that requests go through, as one bank of the scratchpads' cells
// with words of a beat.
func (p *List) caches(acc *arch.Accelerator) {
	level, word := acc.Memory.Cache, acc.Memory.Requests.BeatBytes*8
	if acc.MemorySystem() != "decoupled" {
		level.Bytes = 0
	}
	if p.cache == level && p.cacheWord == word {
		return
	}
	p.cache, p.cacheWord = level, word
	p.Cache.Read, p.Cache.Write = acc.Energy.SRAM.PJPerBit(arch.Buffer{Bytes: level.Bytes, Banks: 1, Word: word}, arch.SRAMAccess{}, acc.TechNm)
}

// Standby is leakage and idle power over a number of cycles.
func (p *List) Standby(cycles float64) float64 {
	if p.clockHz <= 0 {
		return 0
	}
	return p.standbyMW * cycles / p.clockHz * 1e9
}
