package memory

import (
	"cmp"
	"fmt"
	"math"

	"bitcycle/arch"
	"bitcycle/sim/dram"
	"bitcycle/sim/internal/pipeline"
)

// dramPort moves bytes through the closed-loop DRAM model, burst after burst in
// program order: a request arrives at the controller when it is eligible and holds
// the bus from the end of the request before. Times cross the clock domains rounded
// up. Several channels interleave every request evenly.
type dramPort struct {
	channels []*dram.Channel
	mapping  string  // address order
	ratio    float64 // accelerator cycles per DRAM clock
	latency  int64
	free     int64 // end of the last transfer
	arrived  int64 // arrival of the last request, DRAM clocks
}

func newDRAMPort(mem *arch.Memory, clockHz float64) (*dramPort, error) {
	spec, err := arch.LoadDRAM(mem.Preset)
	if err != nil {
		return nil, fmt.Errorf("memory.preset: %w", err)
	}
	p := &dramPort{mapping: cmp.Or(mem.Mapping, "ro ba co bg"), ratio: spec.TCKNs * 1e-9 * clockHz, latency: int64(mem.LatencyCycles)}
	if !(p.ratio > 0) {
		return nil, fmt.Errorf("clock_hz = %g: must be positive with DRAM", clockHz)
	}
	for range max(1, mem.Channels) {
		c, err := dram.New(*spec, dram.Options{Mapping: mem.Mapping, Window: mem.Window, CtrlCycles: mem.CtrlCycles, Reorder: mem.Reorder})
		if err != nil {
			return nil, fmt.Errorf("memory: %w", err)
		}
		p.channels = append(p.channels, c)
	}
	return p, nil
}

func (p *dramPort) spec() arch.DRAM { return p.channels[0].Spec() }

// bytesPerCycle is the peak rate of all channels.
func (p *dramPort) bytesPerCycle() float64 {
	spec := p.spec()
	return float64(len(p.channels)*spec.BurstBytes) / float64(spec.BurstClocks) / p.ratio
}

// pjPerBit is the energy by the bit of a read or a written burst, whichever takes less:
// no run takes less.
func (p *dramPort) pjPerBit() float64 {
	spec := p.spec()
	return min(spec.Energy.ReadPJ.Value, spec.Energy.WritePJ.Value) / float64(spec.BurstBytes*8)
}

func (p *dramPort) reset() {
	for _, c := range p.channels {
		c.Reset()
	}
	p.free, p.arrived = 0, 0
}

// clock returns the DRAM clock at or after a cycle, cycle the cycle at or after a clock.
func (p *dramPort) clock(cycle int64) int64 { return int64(math.Ceil(float64(cycle)/p.ratio - 1e-9)) }

func (p *dramPort) cycle(clock int64) int64 { return int64(math.Ceil(float64(clock)*p.ratio - 1e-9)) }

// Request streams the bytes of one kind through all channels.
func (p *dramPort) Request(kind pipeline.Kind, tile *pipeline.Tile, eligible int64) (start, end, done int64) {
	p.arrived = max(p.arrived, p.clock(eligible))
	n := int64(len(p.channels))
	bytes, address := tile.Bytes(kind), tile.Address[kind]
	var last int64
	for i, c := range p.channels {
		part := bytes*int64(i+1)/n - bytes*int64(i)/n
		last = max(last, c.Stream(uint64(address/n), part, kind == pipeline.Outputs, p.arrived))
	}
	start = max(p.free, eligible)
	end = max(start, p.cycle(last))
	p.free = end
	return start, end, end + p.latency
}

// energyPJ is the energy of all channels over a run of cycles.
func (p *dramPort) energyPJ(cycles int64) float64 {
	var sum float64
	for _, c := range p.channels {
		sum += c.Energy(p.clock(cycles)).Total()
	}
	return sum
}
