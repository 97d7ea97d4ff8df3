package memory

import (
	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
)

// Ideal is memory that takes no time: a layer is one block, and every tensor is loaded
// and stored once.
//
// See docs/machine-model.md, section 8.1.
type Ideal struct {
	engine engine.Engine
	chip   *chip.Chip
}

// NewIdeal puts an engine on ideal memory.
func NewIdeal(e engine.Engine, s Site) *Ideal { return &Ideal{e, s.Chip} }

// Price is the array's time, then or beside it the vector unit's.
func (m *Ideal) Price(l *layer.Layer) (Cost, error) {
	b := engine.Whole(l)
	c := Cost{Tiles: 1, Parts: m.engine.Time(b), SRAM: m.engine.Access(b), VectorOps: m.chip.Vector.Operations(l)}
	m.chip.Vector.FinishAll(&c.Parts, l)
	c.ArrayCycles = c.Parts.Total()
	c.move(m.compulsory(l), m.chip.ReadOutputs)
	return c, nil
}

// compulsory is the traffic of a machine that loads and stores every tensor once.
func (m *Ideal) compulsory(l *layer.Layer) pipeline.Traffic {
	t := pipeline.Traffic{Weights: bytes(m.chip.AllWeights(l) + m.chip.WithWeights(l))}
	if !l.InOnChip {
		t.Inputs = bytes(m.chip.Inputs(l, l.Pixels()))
	}
	if !l.OutOnChip {
		t.Outputs = bytes(m.chip.Outputs(l))
	}
	if m.chip.ReadOutputs {
		t.Outputs *= 2
	}
	return t
}

// Work is the unit's time.
func (m *Ideal) Work(w Work) Cost { return w.cost() }

// Mapping is one tile.
func (m *Ideal) Mapping(*layer.Layer, *Cost) Mapping { return Mapping{form: oneTile} }

// Assumptions says that memory takes no time.
func (m *Ideal) Assumptions() []string {
	return []string{
		storageText(&m.chip.Storage),
		"memory takes no time: every tensor is loaded and stored once",
	}
}
