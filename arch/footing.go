package arch

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Footing is what machines have in common where they are compared: the images of a
// run and the kind of memory system.
type Footing struct {
	Batch int // images per run
	// IdealBytesPerS is the bandwidth that a machine with ideal memory gets, in bytes
	// per second; 0 leaves it ideal.
	IdealBytesPerS float64
}

// Place returns a copy of a machine on the footing, and a sentence for everything
// that the footing replaced. The machine itself is not changed.
//
// Every machine runs the footing's batch. Memory systems become the tile pipeline
// on the machine's own bandwidth, with the data formats of the machine:
//
//   - The three ports that are fitted to HAQ's latency table (Wang et al., CVPR
//     2019) become one port of memory.bits_per_cycle, at most the three together:
//     the fit gives each tensor a memory of its own, the board has one.
//   - "steady" of Bit Fusion's simulator and "max" keep their ports. Outputs are no
//     longer read before they are written, which is the simulator's doing.
//   - Ideal memory stays ideal, or becomes a shared port of IdealBytesPerS. The
//     streaming engine stays ideal: all of its layers run at a time, on weights that
//     are on chip.
//   - The tile pipeline, on flat memory or DRAM, and memory systems that are none of
//     these stay: they are the machine's own.
//
// The error names what keeps the machine from standing there, such as a scratchpad
// that holds no tile.
func (f Footing) Place(a *Accelerator) (*Accelerator, []string, error) {
	on := *a
	on.Sources, on.Unconfirmed = maps.Clone(a.Sources), slices.Clone(a.Unconfirmed)
	var notes []string
	if f.Batch != a.Batch {
		notes = append(notes, fmt.Sprintf("batch %d instead of %d", f.Batch, a.Batch))
		on.Batch = f.Batch
		on.replaced("batch")
	}
	if note := f.placeMemory(&on); note != "" {
		notes = append(notes, note)
	}
	if err := on.Validate(); err != nil {
		return nil, nil, fmt.Errorf("machine %s on one footing: %w", a.Name, err)
	}
	return &on, notes, nil
}

// placeMemory replaces the memory system of a copy and says by what.
func (f Footing) placeMemory(on *Accelerator) string {
	m := &on.Memory
	switch before := on.MemorySystem(); before {
	case "ideal":
		return f.placeIdeal(on)
	case "fitted ports":
		ports := m.WeightBitsPerCycle + m.InputBitsPerCycle + m.OutputBitsPerCycle
		m.Overlap, m.Ports, m.BitsPerCycle = "tiles", "shared", min(m.BitsPerCycle, ports)
		on.replaced("memory.weight_bits_per_cycle", "memory.input_bits_per_cycle", "memory.output_bits_per_cycle")
		return "the ports fitted to HAQ's table replaced by the tile pipeline on one port of " + on.rate()
	case "steady", "max":
		m.Overlap = "tiles"
		note := fmt.Sprintf("memory overlap %q replaced by the tile pipeline on %s", before, on.rate())
		if m.ReadOutputs {
			m.ReadOutputs = false
			note += ", outputs not read before they are written"
		}
		return note
	}
	return ""
}

func (f Footing) placeIdeal(on *Accelerator) string {
	if f.IdealBytesPerS == 0 {
		return "ideal memory takes no time: not ranked"
	}
	if on.Engine == Streaming {
		return "ideal memory takes no time: not ranked; layers that all run at a time get no bandwidth"
	}
	m := &on.Memory
	m.Kind, m.Overlap, m.Ports, m.BitsPerCycle = "flat", "tiles", "shared", f.IdealBytesPerS*8/on.ClockHz
	m.External, m.FlashBytes = true, 0
	on.replaced("memory.bits_per_cycle")
	return fmt.Sprintf("ideal memory replaced by the tile pipeline on %s as given", on.rate())
}

// replaced drops what was known about values that the footing has set.
func (a *Accelerator) replaced(keys ...string) {
	a.Unconfirmed = slices.DeleteFunc(a.Unconfirmed, func(key string) bool { return slices.Contains(keys, key) })
	for _, key := range keys {
		delete(a.Sources, key)
	}
}

// rate describes the bandwidth to memory and where it comes from.
func (a *Accelerator) rate() string {
	m := &a.Memory
	text := fmt.Sprintf("%.4g bits per cycle", m.BitsPerCycle)
	if m.Ports == "split" {
		text = fmt.Sprintf("ports of %.4g, %.4g and %.4g bits per cycle", m.WeightBitsPerCycle, m.InputBitsPerCycle, m.OutputBitsPerCycle)
	}
	text += fmt.Sprintf(" (%.4g GB/s)", a.MemoryBytesPerS()/1e9)
	if source := a.Sources["memory.bits_per_cycle"]; source != "" && m.Ports == "shared" {
		text += ", " + strings.TrimSuffix(source, ".")
	}
	return text
}

// MemorySystem names how the machine's memory is charged: "ideal" (no time),
// "tiles" (the double-buffered tile pipeline, on flat memory or DRAM), "fitted
// ports" (the fit to HAQ's latency table), else the value of memory.overlap.
func (a *Accelerator) MemorySystem() string {
	m := &a.Memory
	switch {
	case m.Kind == "ideal" || m.Overlap == "none":
		return "ideal"
	case m.Kind == "dram":
		return "tiles"
	case m.Overlap == "fitted":
		return "fitted ports"
	}
	return m.Overlap
}

// MemoryBytesPerS is the peak bandwidth to memory in bytes per second: of the
// shared port, of split ports together, or of all DRAM channels; 0 where memory is
// ideal.
func (a *Accelerator) MemoryBytesPerS() float64 {
	m := &a.Memory
	switch {
	case a.MemorySystem() == "ideal":
		return 0
	case m.Kind == "dram":
		spec, err := LoadDRAM(m.Preset)
		if err != nil {
			return 0
		}
		return float64(m.Channels*spec.BurstBytes) / (float64(spec.BurstClocks) * spec.TCKNs * 1e-9)
	case m.Ports == "split":
		return (m.WeightBitsPerCycle + m.InputBitsPerCycle + m.OutputBitsPerCycle) / 8 * a.ClockHz
	}
	return m.BitsPerCycle / 8 * a.ClockHz
}
