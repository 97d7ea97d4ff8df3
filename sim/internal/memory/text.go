package memory

import (
	"cmp"
	"fmt"

	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/pipeline"
)

// storageText says how weights lie in memory.
func storageText(s *chip.Storage) string {
	with := noMetadata
	if s.Metadata {
		with = "a 32-bit scale per channel, and a width index where widths differ, travel with the weights"
	}
	return fmt.Sprintf("mixed-width weights packed as %s, aligned to %d bits; %s", cmp.Or(s.Layout, "rows"), s.Align, with)
}

const noMetadata = "scales and width indices are not charged"

// rates says how wide the ports are.
func rates(p *pipeline.Port) string {
	if p.Split {
		return fmt.Sprintf("%.4g, %.4g and %.4g bits per cycle for weights, inputs and outputs", 8*p.WeightRate, 8*p.InputRate, 8*p.OutputRate)
	}
	return fmt.Sprintf("%.4g bits per cycle", 8*p.BytesPerCycle)
}

// Assumptions describes the pipeline and what is behind its ports.
func (m *Tiles) Assumptions() []string {
	list := []string{storageText(&m.chip.Storage)}
	if m.dram == nil {
		return append(list, fmt.Sprintf("tile pipeline with %d buffers on %s, latency %d cycles", m.port.Buffers, rates(&m.port), m.port.Latency))
	}
	spec := m.dram.spec()
	list = append(list, fmt.Sprintf("tile pipeline with %d buffers on %d channel(s) of %s, address order %s, DRAM idle and its rows closed at the start of every op",
		m.port.Buffers, len(m.dram.channels), spec.Name, m.dram.mapping))
	if m.idd {
		list = append(list, fmt.Sprintf("DRAM energy from the IDD currents of %s, background and refresh included, without I/O termination (%s)", spec.Name, cmp.Or(spec.Source, "no source given")))
	}
	return list
}

// Assumptions describes the roofline.
func (m *Max) Assumptions() []string {
	return []string{
		storageText(&m.chip.Storage),
		fmt.Sprintf("a layer takes as long as the slowest of the array and the memory ports (%s); the first load, the last store and the latency of memory are not charged apart", rates(&m.port)),
	}
}
