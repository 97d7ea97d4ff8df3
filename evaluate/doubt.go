package evaluate

import (
	"slices"
	"strings"

	"bitcycle/arch"
	"bitcycle/sim"
)

// Doubt is what is not certain of a machine's costs: its unconfirmed constants may be
// off by a share of their values, up and down, each by itself.
type Doubt struct {
	Share float64  // 0.3 is ±30 %; 0 is no doubt
	Keys  []string // the unconfirmed constants of energy, and clock_hz

	parts [len(energyParts)]factors // by part of the energy
	time  factors
}

// factors are what a figure may be multiplied by at least and at most.
type factors struct{ low, high float64 }

// UsualDoubt is the share by which unconfirmed constants are taken to be off where nobody
// gives another.
const UsualDoubt = 0.3

// Range is what a figure may be.
type Range struct{ Low, High float64 }

// energyParts are the parts of the energy with the tables and keys of the constants
// behind each.
var energyParts = [...]struct {
	of   func(e *sim.Energy) float64
	keys []string
}{
	{func(e *sim.Energy) float64 { return e.MAC }, []string{"energy.mac", "energy.idle_fraction"}},
	{func(e *sim.Energy) float64 { return e.Register }, []string{"energy.register_pj_per_bit"}},
	{func(e *sim.Energy) float64 { return e.SRAMWeights }, []string{"energy.sram.weights", "energy.sram.model", "energy.sram.cell"}},
	{func(e *sim.Energy) float64 { return e.SRAMInputs }, []string{"energy.sram.inputs", "energy.sram.model", "energy.sram.cell"}},
	{func(e *sim.Energy) float64 { return e.SRAMOutputs }, []string{"energy.sram.outputs", "energy.sram.model", "energy.sram.cell"}},
	{func(e *sim.Energy) float64 { return e.NoC }, []string{"energy.noc_pj_per_bit", "energy.noc_hops"}},
	{func(e *sim.Energy) float64 { return e.DRAM }, []string{"energy.dram_pj_per_bit", "energy.dram_model"}},
	{func(e *sim.Energy) float64 { return e.Vector }, []string{"energy.vector_pj_per_op"}},
	{func(e *sim.Energy) float64 { return e.Leakage }, []string{"energy.logic_leakage_mw", "energy.idle_mw", "energy.sram.leakage_mw"}},
}

// DoubtOf is the doubt about a machine whose unconfirmed constants may be off by a
// share. An unconfirmed clock stretches the time, and what leaks in it.
func DoubtOf(acc *arch.Accelerator, share float64) Doubt {
	d := Doubt{Share: share, time: factors{1, 1}}
	if share > 0 && acc.Doubtful("clock_hz") {
		d.Keys, d.time = append(d.Keys, "clock_hz"), factors{1 / (1 + share), 1 / (1 - share)}
	}
	for i := range energyParts {
		d.parts[i] = factors{1, 1}
		unconfirmed := doubtful(acc, energyParts[i].keys)
		if share > 0 && len(unconfirmed) > 0 {
			d.Keys, d.parts[i] = append(d.Keys, unconfirmed...), factors{1 - share, 1 + share}
		}
	}
	leak := &d.parts[len(d.parts)-1]
	leak.low, leak.high = leak.low*d.time.low, leak.high*d.time.high
	slices.Sort(d.Keys)
	d.Keys = slices.Compact(d.Keys)
	return d
}

// doubtful lists the unconfirmed values at some keys: the keys themselves, values below
// them and tables that they are in.
func doubtful(acc *arch.Accelerator, keys []string) (list []string) {
	for _, one := range acc.Unconfirmed {
		for _, key := range keys {
			if one == key || strings.HasPrefix(one, key+".") || strings.HasPrefix(key, one+".") {
				list = append(list, one)
			}
		}
	}
	return list
}

// Energy is what an energy may be.
func (d *Doubt) Energy(e *sim.Energy) Range {
	var r Range
	for i := range energyParts {
		part := energyParts[i].of(e)
		r.Low += part * d.parts[i].low
		r.High += part * d.parts[i].high
	}
	return r
}

// Latency is what a time may be.
func (d *Doubt) Latency(seconds float64) Range {
	return Range{seconds * d.time.low, seconds * d.time.high}
}

// rivals lists the ranked entries of a network that may take less than one of them,
// given that each machine's constants are the same for all of its rows.
func rivals(entries []Entry, best int, mayBeat func(e, best *Entry) bool) []int {
	var list []int
	for i := range entries {
		if i != best && entries[i].Ranked() && entries[i].Network == entries[best].Network && mayBeat(&entries[i], &entries[best]) {
			list = append(list, i)
		}
	}
	return list
}

// LatencyRivals are the entries that may be faster than the one at best.
func LatencyRivals(entries []Entry, best int) []int {
	return rivals(entries, best, func(e, best *Entry) bool {
		if e.Machine == best.Machine { // one clock
			return e.LatencyPerImageS() < best.LatencyPerImageS()
		}
		return e.Doubt.Latency(e.LatencyPerImageS()).Low < best.Doubt.Latency(best.LatencyPerImageS()).High
	})
}

// EnergyRivals are the entries that may take less energy than the one at best.
func EnergyRivals(entries []Entry, best int) []int {
	return rivals(entries, best, func(e, best *Entry) bool {
		a, b := &e.Cost.Totals.Energy, &best.Cost.Totals.Energy
		if e.Machine != best.Machine {
			return e.Doubt.Energy(a).Low/e.images() < best.Doubt.Energy(b).High/best.images()
		}
		least := 0.0 // of the difference, over constants that are the same for both
		for i := range energyParts {
			d, f := energyParts[i].of(a)/e.images()-energyParts[i].of(b)/best.images(), best.Doubt.parts[i]
			least += min(d*f.low, d*f.high)
		}
		return least < 0
	})
}
