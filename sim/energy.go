package sim

import "bitcycle/arch"

// energyModel prices what the counts of a layer cost (hardware model §0 of the
// energy tables): multiply-accumulates by their widths, register, scratchpad,
// network and memory traffic by the bit, vector work by the operation, and leakage
// and idle power by time.
type energyModel struct {
	acc        *arch.Accelerator
	mac        [widths][widths]float64 // pJ by weight and activation width
	cyclePJ    float64                 // of the whole array for every busy cycle
	idle       float64
	register   float64
	network    float64 // per bit
	dramPerBit float64
	vector     float64
	standbyMW  float64
	weights    sramPrice
	inputs     sramPrice
	outputs    sramPrice
}

// sramPrice is pJ per bit.
type sramPrice struct{ read, write float64 }

func newEnergyModel(acc *arch.Accelerator) energyModel {
	e := &acc.Energy
	m := energyModel{
		acc: acc, cyclePJ: e.MAC.CyclePJ(acc.TechNm), idle: e.IdleFraction.Value,
		register: e.Register.Value, network: e.NoC.Value * e.Hops.Value,
		dramPerBit: e.DRAM.Value, vector: e.Vector.Value,
		standbyMW: e.LogicLeak.Value + e.Idle.Value + e.SRAM.LeakMW.Value,
	}
	for w := 1; w < widths; w++ {
		for a := 1; a < widths; a++ {
			m.mac[w][a] = e.MAC.PJ(w, a, acc.TechNm)
		}
	}
	m.buffers()
	return m
}

// buffers prices the three scratchpads; weights and inputs that share one cost alike.
func (m *energyModel) buffers() {
	s, b := &m.acc.Energy.SRAM, m.acc.Buffers
	if b.Unified {
		if b.Weights.Bytes == 0 {
			b.Weights = b.Inputs
		} else if b.Inputs.Bytes == 0 {
			b.Inputs = b.Weights
		}
	}
	m.weights.read, m.weights.write = s.PJPerBit(b.Weights, s.Weights, m.acc.TechNm)
	m.inputs.read, m.inputs.write = s.PJPerBit(b.Inputs, s.Inputs, m.acc.TechNm)
	m.outputs.read, m.outputs.write = s.PJPerBit(b.Outputs, s.Outputs, m.acc.TechNm)
}

// standbyPJ is leakage and idle power over a number of cycles.
func (e *energyModel) standbyPJ(cycles float64) float64 {
	if e.acc.ClockHz <= 0 {
		return 0
	}
	return e.standbyMW * cycles / e.acc.ClockHz * 1e9
}

// floor is the energy of a layer that no tiling changes.
func (e *energyModel) floor(l *layer) float64 {
	act := min(l.actBits, widths-1)
	var sum float64
	for i := range l.sched.sets {
		for w := 1; w <= int(l.sched.sets[i].max); w++ {
			sum += float64(l.sched.sets[i].count[w]) * e.mac[w][act]
		}
	}
	return sum * float64(l.chans*l.area) * float64(l.positions())
}

// of prices a layer's cost. Scratchpads are written by what memory delivers and read
// by what goes back to it, besides what the array moves. Idle elements are charged
// their share of a multiply-accumulate for every busy cycle.
func (e *energyModel) of(l *layer, c *cost, arr engine) Energy {
	const byteBits = 8
	out := Energy{
		SRAMWeights: float64(c.sram.weights)*e.weights.read + float64(c.loaded.weights*byteBits)*e.weights.write,
		SRAMInputs:  float64(c.sram.inputs)*e.inputs.read + float64(c.loaded.inputs*byteBits)*e.inputs.write,
		SRAMOutputs: float64(c.sram.outputsRead+c.write*byteBits)*e.outputs.read +
			float64(c.sram.outputsWritten+(c.loaded.outputs-c.write)*byteBits)*e.outputs.write,
		NoC:    float64(c.sram.weights+c.sram.inputs+c.sram.outputsWritten) * e.network,
		DRAM:   float64(c.read+c.write) * byteBits * e.dramPerBit,
		Vector: float64(c.vectorOps) * e.vector,
	}
	if c.dramPJ > 0 {
		out.DRAM = c.dramPJ
	}
	out.Leakage = e.standbyPJ(float64(c.parts.Total()))
	if l != nil {
		out.MAC = e.arrayPJ(l, c, arr)
		out.Register = e.registerPJ(l)
	}
	return out
}

// arrayPJ is the multiply-accumulates at the widths that the array processes, and
// the idle share of the elements that wait.
func (e *energyModel) arrayPJ(l *layer, c *cost, arr engine) float64 {
	if e.cyclePJ > 0 {
		return e.cyclePJ * float64(c.arrayCycles)
	}
	act := min(e.acc.Array.RoundAct(l.actBits), widths-1)
	var active, used, capacity float64
	perChannel := float64(l.chans*l.area) * float64(l.positions())
	for i := range l.sched.sets {
		for w := 1; w <= int(l.sched.sets[i].max); w++ {
			n := float64(l.sched.sets[i].count[w]) * perChannel
			if n == 0 {
				continue
			}
			active += n * e.mac[min(arr.mode(w), widths-1)][act]
			used += n / arr.rate(w, l.actBits)
		}
	}
	if e.idle == 0 || used == 0 {
		return active
	}
	capacity = max(float64(c.arrayCycles), used)
	return active + e.idle*active/used*(capacity-used)
}

// registerPJ is operand and sum registers beside the multipliers: each product reads
// both operands, as wide as the array takes them, and reads and writes its sum.
func (e *energyModel) registerPJ(l *layer) float64 {
	if e.register == 0 {
		return 0
	}
	if e.acc.Engine == arch.RowStationary {
		word := float64(max(e.acc.Array.NativeActBits, l.actBits))
		return e.register * 4 * word * float64(l.active()) * float64(l.chans*l.area) * float64(l.positions())
	}
	a := &e.acc.Array
	var bits float64
	for i := range l.sched.sets {
		for w := 1; w <= int(l.sched.sets[i].max); w++ {
			bits += float64(l.sched.sets[i].count[w]) * float64(a.RoundWeight(w)+a.RoundAct(l.actBits)+2*int(l.sumBits()))
		}
	}
	return e.register * bits * float64(l.chans*l.area) * float64(l.positions())
}
