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
// energy of what they do. The array and the memory system are there when a layer has to
// be priced, see [machine.enter].
type machine struct {
	acc    *arch.Accelerator
	given  func(op string) *Loops // the loops that the caller has fixed; nil for none
	lines  int64                  // requests of a layer that caches are run for line by line
	chip   *chip.Chip
	prices price.List
	energy energy.Model

	frames int  // images that one op works on together: the batch, or 1 where frames overlap
	reuse  bool // outputs stay on chip for the next op where they fit

	engine engine.Engine
	memory memory.System
	tiles  *memory.Tiles // the memory system when it is a pipeline of tiles, else nil
}

// become makes it another machine. It reports whether what a layer does in the array
// costs another energy now.
func (m *machine) become(acc *arch.Accelerator) (array bool) {
	m.acc, m.chip, m.frames = acc, chip.New(acc), max(acc.Batch, 1)
	if m.single() {
		m.frames = 1
	}
	m.reuse = acc.Buffers.LayerReuse && !m.ideal()
	array = m.prices.Read(acc)
	m.energy = energy.New(acc, &m.prices)
	m.engine, m.memory, m.tiles = nil, nil, nil
	return array
}

// enter builds the array and the memory system, if they are not there.
func (m *machine) enter() (err error) {
	if m.memory != nil {
		return nil
	}
	if m.engine, err = engine.New(m.acc); err != nil {
		return err
	}
	m.energy.Engine = m.engine
	return m.openMemory(memory.Site{
		Memory: &m.acc.Memory, Mapping: &m.acc.Mapping, Chip: m.chip, Prices: &m.prices, Given: m.given, Cores: m.cores(),
		Energy: func(l *layer.Layer, c *memory.Cost) float64 { return m.energy.Of(m.energy.Array(l, c), c).Total() },
	})
}

// ideal reports whether memory takes no time.
func (m *machine) ideal() bool {
	kind := m.acc.Memory.Kind
	return kind == "ideal" || kind == "" || kind == "flat" && m.acc.Memory.Overlap == "none"
}

// openMemory chooses the memory system. Imitations of a peer want its engine.
func (m *machine) openMemory(s memory.Site) (err error) {
	var system memory.System
	mem := &m.acc.Memory
	switch kind, overlap := mem.Kind, mem.Overlap; {
	case m.ideal():
		system = memory.NewIdeal(m.engine, s)
	case overlap == "tiles", overlap == "":
		m.tiles, err = m.openTiles(s)
		system = m.tiles
	case kind == "dram":
		return fmt.Errorf(`memory.overlap = %q: memory.kind = "dram" needs tiles`, overlap)
	case overlap == "max":
		system = memory.NewMax(m.engine, s)
	case overlap == "queues":
		system = memory.NewQueues(m.engine, s)
	case overlap == "steady":
		var e engine.Fusion
		if e, err = built(m.acc, arch.Fusion, engine.NewFusion); err == nil {
			system, err = memory.NewSteady(e, s)
		}
	case overlap == "decoupled":
		var e engine.Systolic
		if e, err = built(m.acc, arch.Systolic, engine.NewSystolic); err == nil {
			system = memory.NewDecoupled(e, s, m.acc, m.lines)
		}
	case overlap == "fitted":
		var e engine.BitSerial
		if e, err = built(m.acc, arch.BitSerial, engine.NewBitSerial); err == nil {
			system, err = memory.NewFitted(e, s)
		}
	default:
		return fmt.Errorf("memory.overlap = %q: must be tiles, max, queues, steady, fitted, decoupled or none", overlap)
	}
	if err == nil {
		m.memory = system
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
	if m.single() {
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

// single reports whether the images of a batch are worked on one by one: by units that
// follow each other, or by cores that take them by turns.
func (m *machine) single() bool { return m.streams() || m.acc.Engine == arch.Pixels }

// cores is the arrays that work on images of their own.
func (m *machine) cores() int {
	if m.acc.Engine == arch.Pixels {
		return max(m.acc.Array.Cores, 1)
	}
	return 1
}

// PeakMACs returns the multiply-accumulates per cycle of a machine's full array, of
// all cores, at the given widths.
func PeakMACs(acc *arch.Accelerator, weightBits, actBits int) (float64, error) {
	e, err := engine.New(acc)
	if err != nil {
		return 0, err
	}
	if weightBits < 1 || weightBits >= schedule.Widths || actBits < 1 || actBits >= schedule.Widths {
		return 0, fmt.Errorf("widths %d and %d: must be 1 to %d", weightBits, actBits, schedule.Widths-1)
	}
	m := machine{acc: acc}
	return float64(m.cores()) * e.Rate(weightBits, actBits), nil
}
