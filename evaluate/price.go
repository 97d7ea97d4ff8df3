package evaluate

import (
	"fmt"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

// Price is what a workload costs on a machine: figures for comparisons of very many
// machines, without layers. [sim.Run] tells all.
type Price struct {
	sim.Brief
	Batch   int
	ClockHz float64
	AreaMM2 float64 // of the chip; 0 where no source gives it
}

// Pricer charges workloads to one machine after another: what it has priced before it
// looks up, see [sim.Evaluator]. The zero value is ready. It serves one caller at a time,
// and workloads and machines are not to be changed behind its back.
type Pricer struct {
	on map[*workload.Workload]*sim.Evaluator
}

// workloads bounds how many of them a Pricer keeps ready.
const workloads = 8

// Price charges a workload to a machine. What has no room on the chip and no memory behind
// it has no price.
func (p *Pricer) Price(machine *arch.Accelerator, w *workload.Workload) (Price, error) {
	e := p.on[w]
	if e == nil {
		var err error
		if e, err = sim.NewEvaluator(machine, w); err != nil {
			return Price{}, err
		}
		if p.on == nil || len(p.on) == workloads {
			p.on = map[*workload.Workload]*sim.Evaluator{}
		}
		p.on[w] = e
	} else if err := e.SetMachine(machine); err != nil {
		return Price{}, err
	}
	if !machine.Memory.External {
		if fit := e.Fit(); fit.Verdict == sim.DoesNotFit {
			return Price{}, fmt.Errorf("%s on %s %s", w.Name, machine.Name, fit)
		}
	}
	return Price{Brief: e.Brief(), Batch: max(machine.Batch, 1), ClockHz: machine.ClockHz, AreaMM2: sim.AreaOf(machine).Total()}, nil
}

// Cycles is the time of a run in clock cycles.
func (p *Price) Cycles() int64 { return p.Stalls.Total() }

// LatencyPerImageS is the time of a run over its images, in seconds; IntervalPerImageS the
// time from one run to the next over its images.
func (p *Price) LatencyPerImageS() float64 { return p.perImage(float64(p.Cycles()) / p.ClockHz) }

func (p *Price) IntervalPerImageS() float64 { return p.perImage(float64(p.IntervalCycles) / p.ClockHz) }

// EnergyPerImagePJ is the energy of a run over its images.
func (p *Price) EnergyPerImagePJ() float64 { return p.perImage(p.Energy.Total()) }

// DRAMBytesPerImage is what a run reads and writes over its images.
func (p *Price) DRAMBytesPerImage() float64 { return p.perImage(float64(p.DRAMRead + p.DRAMWrite)) }

func (p *Price) perImage(x float64) float64 { return x / float64(p.Batch) }
