package memory

import (
	"bitcycle/arch"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/units"
)

func bytes(bits int64) int64 { return units.Bytes(bits) }

// portOf reads the ports of a machine whose scratchpads hold so many tiles.
func portOf(m *arch.Memory, buffers int) pipeline.Port {
	return pipeline.Port{
		BytesPerCycle: m.BitsPerCycle / 8,
		Split:         m.Ports == "split",
		WeightRate:    m.WeightBitsPerCycle / 8,
		InputRate:     m.InputBitsPerCycle / 8,
		OutputRate:    m.OutputBitsPerCycle / 8,
		Latency:       int64(m.LatencyCycles),
		Buffers:       buffers,
	}
}

// expose adds what the busiest port needs beyond the array: on split ports to its own
// cause, on a shared one to the causes by their traffic.
func expose(parts *cost.Stalls, moved pipeline.Traffic, p *pipeline.Port) {
	extra := p.Busy(moved) - parts.Total()
	if extra <= 0 {
		return
	}
	if !p.Split {
		byTraffic(parts, extra, moved.Weights, moved.Inputs, moved.Outputs)
		return
	}
	w, i, o := p.Each(moved)
	switch max(w, i, o) {
	case i:
		parts.Input += extra
	case w:
		parts.WeightLoad += extra
	default:
		parts.Output += extra
	}
}

// byTraffic charges cycles to the three kinds by what they move.
func byTraffic(parts *cost.Stalls, cycles, weights, inputs, outputs int64) {
	total := float64(weights + inputs + outputs)
	w := int64(float64(cycles) * float64(weights) / total)
	i := int64(float64(cycles) * float64(inputs) / total)
	parts.WeightLoad += w
	parts.Input += i
	parts.Output += cycles - w - i
}
