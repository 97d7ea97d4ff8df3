package pipeline

import "bitcycle/sim/internal/units"

// Port is the path between the scratchpads and memory. Rates are bytes per cycle.
type Port struct {
	BytesPerCycle float64 // of the one port that all share
	Split         bool    // weights, inputs and outputs have a port each, with these rates:
	WeightRate    float64
	InputRate     float64
	OutputRate    float64
	Latency       int64 // cycles from the last beat until the data can be used
	Buffers       int   // tiles that a scratchpad holds at a time; 2 = double buffering
}

// Traffic is bytes by kind.
type Traffic struct{ Weights, Inputs, Outputs int64 }

// Add adds n times t.
func (a *Traffic) Add(t Traffic, n int64) {
	a.Weights += n * t.Weights
	a.Inputs += n * t.Inputs
	a.Outputs += n * t.Outputs
}

// Total is the bytes of all kinds.
func (a Traffic) Total() int64 { return a.Weights + a.Inputs + a.Outputs }

// Each is the cycles that each kind needs on split ports.
func (p *Port) Each(t Traffic) (weights, inputs, outputs int64) {
	return units.Cycles(t.Weights, p.WeightRate), units.Cycles(t.Inputs, p.InputRate), units.Cycles(t.Outputs, p.OutputRate)
}

// Busy is the time of the busiest port.
func (p *Port) Busy(t Traffic) int64 {
	if p.Split {
		return max(p.Each(t))
	}
	return units.Cycles(t.Total(), p.BytesPerCycle)
}

// Wait is the time until bytes that have the ports for themselves can be used.
func (p *Port) Wait(t Traffic) int64 {
	if t.Total() == 0 {
		return 0
	}
	return p.Busy(t) + p.Latency
}

// Bus moves the bytes of a tile: it returns when it starts, when it is free for the
// next request, and when the last byte has arrived. Requests come in program order.
type Bus interface {
	Request(kind Kind, tile *Tile, eligible int64) (start, end, done int64)
}

// Flat is a [Bus] of fixed rates; kinds share a port or have one each.
type Flat struct {
	rate [Kinds]float64
	unit [Kinds]int // port of each kind
	free [Kinds]int64
	lat  int64
}

// Bus returns the port with nothing on it.
func (p *Port) Bus() Flat {
	f := Flat{lat: p.Latency}
	if p.Split {
		f.unit = [Kinds]int{0, 1, 2}
		f.rate = [Kinds]float64{p.WeightRate, p.InputRate, p.OutputRate}
		return f
	}
	f.rate = [Kinds]float64{p.BytesPerCycle, p.BytesPerCycle, p.BytesPerCycle}
	return f
}

// Request occupies the port of the kind from the moment that it is free.
func (f *Flat) Request(kind Kind, tile *Tile, eligible int64) (start, end, done int64) {
	return f.hold(kind, units.Cycles(tile.Bytes(kind), f.rate[kind]), eligible)
}

func (f *Flat) hold(kind Kind, cycles, eligible int64) (start, end, done int64) {
	free := &f.free[f.unit[kind]]
	start = max(*free, eligible)
	end = start + cycles
	*free = end
	return start, end, end + f.lat
}

// spans appends the cycles that the requests of each tile hold their ports.
func (f *Flat) spans(dst []beats, tiles []Tile) []beats {
	for i := range tiles {
		t := &tiles[i]
		dst = append(dst, beats{
			units.Cycles(t.Weights, f.rate[Weights]), units.Cycles(t.Inputs, f.rate[Inputs]), units.Cycles(t.Outputs, f.rate[Outputs]),
		})
	}
	return dst
}
