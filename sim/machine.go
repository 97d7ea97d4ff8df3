package sim

import (
	"fmt"

	"bitcycle/arch"
)

// machine is an accelerator ready to run: its engine, scratchpads and ports.
type machine struct {
	acc    *arch.Accelerator
	engine engine
	pack   packer
	limit  capacity
	port   Port
	energy energyModel
	dram   *dramPort // nil unless memory is closed-loop DRAM
	opt    Options

	overlap   overlap
	frames    int // images that one op works on together: the batch, or 1 where frames overlap
	finalists int // tilings that the search may run through the pipeline
}

// overlap is how transfers and computation share time.
type overlap uint8

const (
	overlapNone   overlap = iota // memory takes no time
	overlapTiles                 // tile pipeline
	overlapMax                   // the slowest of compute and each port
	overlapSteady                // overlapped but for the first load and the last store
)

func newMachine(acc *arch.Accelerator) (*machine, error) {
	e, err := newEngine(acc)
	if err != nil {
		return nil, err
	}
	m := &machine{acc: acc, engine: e, pack: newPacker(acc), finalists: 4}
	m.frames = max(acc.Batch, 1)
	if m.streams() {
		m.frames = 1
	}
	switch acc.Mapping.Search {
	case "exhaustive":
		m.finalists = 64
	case "fixed": // the estimate alone decides
		m.finalists = 1
	}
	if err := m.setOverlap(); err != nil {
		return nil, err
	}
	m.setPort()
	m.setCapacity()
	m.energy = newEnergyModel(acc)
	if acc.Memory.Kind == "dram" {
		return m, m.attachDRAM()
	}
	return m, nil
}

func (m *machine) setOverlap() error {
	mem := &m.acc.Memory
	if mem.Kind == "ideal" || mem.Kind == "" {
		m.overlap = overlapNone
		return nil
	}
	if mem.Kind == "dram" {
		m.overlap = overlapTiles // the other forms have no order of requests
		return nil
	}
	switch mem.Overlap {
	case "none":
		m.overlap = overlapNone
	case "max":
		m.overlap = overlapMax
	case "steady":
		m.overlap = overlapSteady
	case "", "tiles":
		m.overlap = overlapTiles
	default:
		return fmt.Errorf("memory.overlap = %q: must be tiles, max, steady or none", mem.Overlap)
	}
	return nil
}

func (m *machine) setPort() {
	mem := &m.acc.Memory
	m.port = Port{
		BytesPerCycle: mem.BitsPerCycle / 8,
		Split:         mem.Ports == "split",
		WeightRate:    mem.WeightBitsPerCycle / 8,
		InputRate:     mem.InputBitsPerCycle / 8,
		OutputRate:    mem.OutputBitsPerCycle / 8,
		Latency:       int64(mem.LatencyCycles),
		Buffers:       mem.TileBuffers,
	}
	if m.port.Buffers < 1 {
		m.port.Buffers = 1
		if b := &m.acc.Buffers; b.Weights.Double || b.Inputs.Double || b.Weights.Bytes+b.Inputs.Bytes == 0 {
			m.port.Buffers = 2
		}
	}
}

func (m *machine) setCapacity() {
	b := &m.acc.Buffers
	parts := int64(max(m.port.Buffers, 2))
	usable := func(b arch.Buffer) int64 {
		if b.Double {
			return int64(b.Bytes) * 8 / parts
		}
		return int64(b.Bytes) * 8
	}
	m.limit = capacity{weights: usable(b.Weights), inputs: usable(b.Inputs), outputs: int64(b.Outputs.Bytes) * 8}
	if b.Outputs.Double {
		m.limit.outputs /= 2
	}
	if b.Unified && b.Weights.Bytes == 0 {
		m.limit.shared = true
	} else if b.Unified && b.Inputs.Bytes == 0 {
		m.limit.shared, m.limit.inputs = true, m.limit.weights
	}
}

// attachDRAM puts the closed-loop DRAM model behind the ports; the tile search ranks
// tilings at its peak rate.
func (m *machine) attachDRAM() error {
	p, err := newDRAMPort(m.acc)
	if err != nil {
		return err
	}
	m.dram = p
	m.port.Split, m.port.BytesPerCycle = false, p.bytesPerCycle()
	if m.acc.Energy.DRAMModel == "idd" {
		m.energy.dramPerBit = p.pjPerBit()
	}
	return nil
}

// runTiles sends p.tiles through the pipeline, and prices closed-loop DRAM.
func (m *machine) runTiles(p *planner, c *cost, record *Timeline) {
	p.run.buffers, p.run.record = m.port.Buffers, record
	if m.dram == nil {
		p.flat = newFlatPort(m.port)
		_, c.parts = p.run.run(p.tiles, p.program, &p.flat)
	} else {
		m.dram.reset()
		var cycles int64
		cycles, c.parts = p.run.run(p.tiles, p.program, m.dram)
		if m.acc.Energy.DRAMModel == "idd" {
			c.dramPJ = m.dram.energyPJ(cycles)
		}
	}
	p.run.record = nil
}

// streams reports whether every layer has a unit of its own.
func (m *machine) streams() bool { return m.acc.Engine == arch.Streaming }

// PeakMACs returns the multiply-accumulates per cycle of a machine's full array at
// the given widths.
func PeakMACs(acc *arch.Accelerator, weightBits, actBits int) (float64, error) {
	e, err := newEngine(acc)
	if err != nil {
		return 0, err
	}
	if weightBits < 1 || weightBits >= widths || actBits < 1 || actBits >= widths {
		return 0, fmt.Errorf("widths %d and %d: must be 1 to %d", weightBits, actBits, widths-1)
	}
	return e.rate(weightBits, actBits), nil
}
