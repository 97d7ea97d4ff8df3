package sim

import (
	"fmt"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/memory"
)

// Evaluator prices one workload on one machine again and again while its widths
// change: it keeps the cost of every op and recomputes only what a change touches.
// It is not safe for concurrent use.
type Evaluator struct {
	graph
	err error
}

// NewEvaluator prepares a workload for a machine. The workload keeps its shapes; its
// widths are copied, see [Evaluator.SetBits].
func NewEvaluator(acc *arch.Accelerator, w *workload.Workload) (*Evaluator, error) {
	e, err := newEvaluator(acc, w, nil)
	if err != nil {
		return nil, err
	}
	e.refresh()
	return e, e.err
}

func newEvaluator(acc *arch.Accelerator, w *workload.Workload, loops *Loops) (*Evaluator, error) {
	if err := w.Validate(); err != nil {
		return nil, fmt.Errorf("workload %s: %w", w.Name, err)
	}
	for i := range w.Ops {
		if err := w.Ops[i].CheckSize(max(acc.Batch, 1)); err != nil {
			return nil, fmt.Errorf("workload %s: op %d %q in a batch of %d: %w", w.Name, i, w.Ops[i].Name, acc.Batch, err)
		}
	}
	m, err := newMachine(acc, loops)
	if err != nil {
		return nil, err
	}
	g, err := newGraph(m, w)
	if err != nil {
		return nil, err
	}
	return &Evaluator{graph: g}, nil
}

// SetBits sets the weight widths of op i and the width of its activations, both at
// most [workload.MaxBits].
func (e *Evaluator) SetBits(i int, weight workload.Widths, act uint8) {
	en := &e.ops[i]
	if en.layer != nil {
		if err := weight.Check(e.workload.Ops[i].VirtualChannels()); err != nil {
			panic(fmt.Sprintf("sim: weight widths of op %d: %v", i, err))
		}
		en.bits = append(en.bits[:0], weight...)
	}
	en.dirty = true
	if en.act == act {
		return
	}
	en.act = act
	e.touchReaders(i)
	for _, from := range en.from {
		if from >= 0 {
			e.ops[from].dirty = true // what it writes back has another width
			e.touchReaders(from)
		}
	}
}

// refresh recomputes what changed.
func (e *Evaluator) refresh() {
	changed := false
	for i := range e.ops {
		if e.ops[i].dirty {
			e.reprice(i)
			changed = true
		}
	}
	if changed && e.m.streams() {
		e.overlapFrames()
	}
}

// reprice computes the cost of op i at its current widths.
func (e *Evaluator) reprice(i int) {
	en := &e.ops[i]
	en.dirty = false
	if l := en.layer; l != nil {
		l.SetActs(int(en.act), e.m.chip.Stored(int(en.act)), e.m.chip.Stored(e.outBits(i)))
		l.SetBits(en.bits)
		l.InOnChip, l.OutOnChip = e.inputOnChip(i), e.staysOnChip(i)
	}
	var err error
	if en.cost, err = e.price(i); err != nil && e.err == nil {
		e.err = err
	}
	en.frame = en.cost
	en.energy = e.m.energy.Of(en.layer, &en.cost)
}

func (e *Evaluator) price(i int) (memory.Cost, error) {
	en := &e.ops[i]
	switch {
	case en.product():
		return e.m.memory.Price(en.layer)
	case e.workload.Ops[i].Kind == workload.Vector && e.m.chip.Vector.Lanes == 0:
		return memory.Cost{}, nil // free, as part of the ops around it
	}
	return e.m.memory.Work(e.work(i)), nil
}

// overlapFrames charges a batch to units that work on different frames at a time: a
// frame leaves every time the slowest unit has finished one, so that unit is charged
// for the whole batch and the others for the first frame, which makes
//
//	Σ cycles + (batch − 1) · max cycles.
//
// Weights are loaded once for all frames.
func (e *Evaluator) overlapFrames() {
	slowest, _ := e.slowest()
	for i := range e.ops {
		en := &e.ops[i]
		frames := e.m.passes(&e.workload.Ops[i])
		en.cost = memory.Cost{Tiling: en.frame.Tiling}
		en.cost.AddTimes(&en.frame, frames)
		again := (frames - 1) * en.frame.Moved.Weights
		en.cost.Moved.Weights -= again
		en.cost.Read -= again
		if en.cost.Parts = en.frame.Parts; i == slowest {
			en.cost.Parts = en.frame.Parts.Times(frames)
		}
		en.energy = e.m.energy.OfFrames(en.layer, &en.frame, &en.cost, frames)
	}
}

// slowest is the op whose unit takes longest for the frames of a batch, and how long.
func (e *Evaluator) slowest() (op int, cycles int64) {
	cycles = -1
	for i := range e.ops {
		if t := e.ops[i].frame.Parts.Total() * e.m.passes(&e.workload.Ops[i]); t > cycles {
			op, cycles = i, t
		}
	}
	return op, cycles
}

// Cost returns the cycles and the energy of the whole workload at the current widths.
func (e *Evaluator) Cost() (cycles int64, energyPJ float64) {
	e.refresh()
	for i := range e.ops {
		cycles += e.ops[i].cost.Parts.Total()
		energyPJ += e.ops[i].energy.Total()
	}
	return cycles, energyPJ
}

// OpCost returns the cycles and the energy of one op at the current widths.
func (e *Evaluator) OpCost(i int) (cycles int64, energyPJ float64) {
	e.refresh()
	return e.ops[i].cost.Parts.Total(), e.ops[i].energy.Total()
}

// Err returns the error of the last refresh, such as an op whose smallest tile no
// longer fits the scratchpads; Cost is then meaningless.
func (e *Evaluator) Err() error { return e.err }
