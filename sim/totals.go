package sim

import "bitcycle/arch"

// Brief is what a run of a workload costs, without its layers.
type Brief struct {
	Stalls              Stalls // sum to the cycles
	Energy              Energy
	DRAMRead, DRAMWrite int64 // bytes
	IntervalCycles      int64 // from one run to the next: the cycles, or the slowest unit's where layers overlap
}

// Brief returns the cost of the whole workload at the current widths.
func (e *Evaluator) Brief() Brief {
	e.refresh()
	var b Brief
	for i := range e.ops {
		c := e.costOf(i)
		b.Stalls.Add(c.Parts)
		b.DRAMRead += c.Read
		b.DRAMWrite += c.Write
		b.Energy = b.Energy.Plus(e.ops[i].energy)
	}
	b.IntervalCycles = e.interval(b.Stalls.Total())
	return b
}

// Fit says whether the whole workload has room on the chip at the current widths.
func (e *Evaluator) Fit() Fit {
	e.refresh()
	_, all := e.fit()
	return all
}

// AreaOf returns the area of a machine: what its file states, and what the synthesis fits
// and CACTI give where it is silent.
func AreaOf(acc *arch.Accelerator) Area { return area(acc) }
