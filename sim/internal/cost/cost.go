// Package cost holds the two sums in which the price of a workload is stated: cycles
// by cause and energy by component.
package cost

import "math"

// Stalls splits cycles by cause; the parts sum to the cycles of what they describe.
type Stalls struct {
	Compute    int64 // the array works
	Fill       int64 // its pipeline fills and drains
	Imbalance  int64 // channels wait for the widest beside them
	WeightLoad int64 // the array waits for weights
	Input      int64 // … for inputs
	Output     int64 // … for outputs to leave, or for the vector unit
	DRAM       int64 // … for memory, while no request of its own is on a port
	Host       int64 // … for the processor that drives it
}

// Total returns the sum of all causes.
func (s Stalls) Total() int64 {
	return s.Compute + s.Fill + s.Imbalance + s.WeightLoad + s.Input + s.Output + s.DRAM + s.Host
}

// Cause is one cause with its cycles.
type Cause struct {
	Name   string // as files and JSON have it
	Cycles int64
}

// Causes lists all causes, those without cycles too, in the order of reports.
func (s Stalls) Causes() []Cause {
	return []Cause{
		{"compute", s.Compute},
		{"fill", s.Fill},
		{"imbalance", s.Imbalance},
		{"weight_load", s.WeightLoad},
		{"input", s.Input},
		{"output", s.Output},
		{"dram", s.DRAM},
	}
}

// Add adds t, cause by cause.
func (s *Stalls) Add(t Stalls) {
	s.Compute += t.Compute
	s.Fill += t.Fill
	s.Imbalance += t.Imbalance
	s.WeightLoad += t.WeightLoad
	s.Input += t.Input
	s.Output += t.Output
	s.DRAM += t.DRAM
	s.Host += t.Host
}

// Minus returns the difference, cause by cause.
func (s Stalls) Minus(t Stalls) Stalls {
	s.Add(t.Times(-1))
	return s
}

// Times returns n times as much of each cause.
func (s Stalls) Times(n int64) Stalls {
	return Stalls{n * s.Compute, n * s.Fill, n * s.Imbalance, n * s.WeightLoad, n * s.Input, n * s.Output, n * s.DRAM, n * s.Host}
}

// Scaled returns count times as much of each cause, to the nearest cycle.
func (s Stalls) Scaled(count float64) Stalls {
	f := func(n int64) int64 { return int64(math.Round(count * float64(n))) }
	return Stalls{f(s.Compute), f(s.Fill), f(s.Imbalance), f(s.WeightLoad), f(s.Input), f(s.Output), f(s.DRAM), f(s.Host)}
}

// Largest names the cause of most cycles other than computing; "" if there are none.
func (s Stalls) Largest() string {
	name, most := "", int64(0)
	for _, c := range []struct {
		name   string
		cycles int64
	}{
		{"fill", s.Fill},
		{"imbalance", s.Imbalance},
		{"weight load", s.WeightLoad},
		{"input", s.Input},
		{"output", s.Output},
		{"dram", s.DRAM},
		{"host", s.Host},
	} {
		if c.cycles > most {
			name, most = c.name, c.cycles
		}
	}
	return name
}

// Energy splits energy in pJ by component.
type Energy struct {
	MAC, Register, SRAMWeights, SRAMInputs, SRAMOutputs, NoC, DRAM, Vector, Leakage float64
}

// Total returns the sum of all components in pJ.
func (e Energy) Total() float64 {
	return e.MAC + e.Register + e.SRAMWeights + e.SRAMInputs + e.SRAMOutputs + e.NoC + e.DRAM + e.Vector + e.Leakage
}

// Plus returns the sum of both, component by component.
func (e Energy) Plus(o Energy) Energy {
	return Energy{
		MAC: e.MAC + o.MAC, Register: e.Register + o.Register,
		SRAMWeights: e.SRAMWeights + o.SRAMWeights, SRAMInputs: e.SRAMInputs + o.SRAMInputs, SRAMOutputs: e.SRAMOutputs + o.SRAMOutputs,
		NoC: e.NoC + o.NoC, DRAM: e.DRAM + o.DRAM, Vector: e.Vector + o.Vector, Leakage: e.Leakage + o.Leakage,
	}
}

// Times returns n times as much of each component.
func (e Energy) Times(n float64) Energy {
	return Energy{
		MAC: n * e.MAC, Register: n * e.Register, SRAMWeights: n * e.SRAMWeights, SRAMInputs: n * e.SRAMInputs, SRAMOutputs: n * e.SRAMOutputs,
		NoC: n * e.NoC, DRAM: n * e.DRAM, Vector: n * e.Vector, Leakage: n * e.Leakage,
	}
}
