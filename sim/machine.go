package sim

import (
	"fmt"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/energy"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/memory"
	"bitcycle/sim/internal/price"
	"bitcycle/sim/internal/schedule"
)

// machine is an accelerator ready to run: its array and chip, a memory system and the
// energy of what they do.
type machine struct {
	acc    *arch.Accelerator
	engine engine.Engine
	chip   *chip.Chip
	memory memory.System
	tiles  *memory.Tiles // the memory system when it is a pipeline of tiles, else nil
	energy energy.Model

	frames int  // images that one op works on together: the batch, or 1 where frames overlap
	reuse  bool // outputs stay on chip for the next op where they fit
}

func newMachine(acc *arch.Accelerator, loops *Loops) (*machine, error) {
	e, err := engine.New(acc)
	if err != nil {
		return nil, err
	}
	m := &machine{acc: acc, engine: e, chip: chip.New(acc), frames: max(acc.Batch, 1)}
	if m.streams() {
		m.frames = 1
	}
	prices := price.New(acc)
	m.energy = energy.New(acc, e, prices)
	site := memory.Site{
		Memory: &acc.Memory, Mapping: &acc.Mapping, Chip: m.chip, Prices: prices,
		Energy: func(l *layer.Layer, c *memory.Cost) float64 { return m.energy.Of(l, c).Total() },
	}
	if err := m.openMemory(site, loops); err != nil {
		return nil, err
	}
	return m, nil
}

// openMemory chooses the memory system. Imitations of a peer want its engine.
func (m *machine) openMemory(s memory.Site, loops *Loops) (err error) {
	mem := &m.acc.Memory
	m.reuse = m.acc.Buffers.LayerReuse
	switch kind, overlap := mem.Kind, mem.Overlap; {
	case kind == "ideal", kind == "", kind == "flat" && overlap == "none":
		m.memory, m.reuse = memory.NewIdeal(m.engine, s), false
	case overlap == "tiles", overlap == "":
		if m.tiles, err = m.openTiles(s); err == nil {
			m.memory = m.tiles
		}
	case kind == "dram":
		return fmt.Errorf(`memory.overlap = %q: memory.kind = "dram" needs tiles`, overlap)
	case overlap == "max":
		m.memory = memory.NewMax(m.engine, s)
	case overlap == "steady":
		var e engine.Fusion
		if e, err = built(m.acc, arch.Fusion, engine.NewFusion); err == nil {
			m.memory, err = memory.NewSteady(e, s, (*memory.Loops)(loops))
		}
	case overlap == "fitted":
		var e engine.BitSerial
		if e, err = built(m.acc, arch.BitSerial, engine.NewBitSerial); err == nil {
			m.memory, err = memory.NewFitted(e, s)
		}
	default:
		return fmt.Errorf("memory.overlap = %q: must be tiles, max, steady, fitted or none", overlap)
	}
	return err
}

func (m *machine) openTiles(s memory.Site) (*memory.Tiles, error) {
	if m.acc.Memory.Kind == "dram" {
		return memory.NewTilesOnDRAM(m.engine, s, m.acc.ClockHz, m.acc.Energy.DRAMModel)
	}
	return memory.NewTiles(m.engine, s), nil
}

// built is the engine that an imitation was written for.
func built[E engine.Engine](acc *arch.Accelerator, kind arch.Engine, build func(*arch.Array) (E, error)) (e E, err error) {
	if acc.Engine != kind {
		return e, fmt.Errorf("memory.overlap = %q: needs engine = %q", acc.Memory.Overlap, kind)
	}
	return build(&acc.Array)
}

// together is the number of images that one op works on together.
func (m *machine) together(op *workload.Op) int {
	if m.streams() {
		return 1
	}
	return op.Batch * m.frames
}

// passes is how often an op runs for the whole batch, one frame at a time.
func (m *machine) passes(op *workload.Op) int64 {
	return int64(op.Batch) * int64(max(m.acc.Batch, 1)) / int64(m.together(op))
}

// streams reports whether every layer has a unit of its own.
func (m *machine) streams() bool { return m.acc.Engine == arch.Streaming }

// PeakMACs returns the multiply-accumulates per cycle of a machine's full array at
// the given widths.
func PeakMACs(acc *arch.Accelerator, weightBits, actBits int) (float64, error) {
	e, err := engine.New(acc)
	if err != nil {
		return 0, err
	}
	if weightBits < 1 || weightBits >= schedule.Widths || actBits < 1 || actBits >= schedule.Widths {
		return 0, fmt.Errorf("widths %d and %d: must be 1 to %d", weightBits, actBits, schedule.Widths-1)
	}
	return e.Rate(weightBits, actBits), nil
}
