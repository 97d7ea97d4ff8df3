package sim

import (
	"fmt"
	"slices"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

// Evaluator prices one workload on one machine again and again while its widths
// change: it keeps the cost of every op and recomputes only what a change touches.
// It is not safe for concurrent use.
type Evaluator struct {
	m        *machine
	workload *workload.Workload
	ops      []entry
	readers  [][]int // ops that read each op's output
	planner  planner
	err      error
}

// entry is an op and its current cost.
type entry struct {
	layer  *layer // nil for vector work and recursions
	from   []int
	bits   workload.Widths
	act    uint8
	dirty  bool
	cost   cost
	energy Energy
	frame  cost // of one frame, where frames overlap
}

// NewEvaluator prepares a workload for a machine. The workload keeps its shapes; its
// widths are copied, see [Evaluator.SetBits].
func NewEvaluator(acc *arch.Accelerator, w *workload.Workload) (*Evaluator, error) {
	e, err := newEvaluator(acc, w, Options{})
	if err != nil {
		return nil, err
	}
	e.refresh()
	return e, e.err
}

func newEvaluator(acc *arch.Accelerator, w *workload.Workload, opt Options) (*Evaluator, error) {
	if err := w.Validate(); err != nil {
		return nil, fmt.Errorf("workload %s: %w", w.Name, err)
	}
	m, err := newMachine(acc)
	if err != nil {
		return nil, err
	}
	e := &Evaluator{m: m, workload: w, ops: make([]entry, len(w.Ops)), readers: make([][]int, len(w.Ops))}
	for i := range w.Ops {
		op := &w.Ops[i]
		en := &e.ops[i]
		en.act, en.dirty = op.ActBits, true
		if op.Kind != workload.Vector && op.Kind != workload.Chain {
			en.bits = slices.Clone(op.WeightBits)
			if en.layer, err = newLayer(m, w, i); err != nil {
				return nil, err
			}
		}
		for _, from := range e.producers(i) {
			if from >= 0 {
				e.readers[from] = append(e.readers[from], i)
			}
		}
	}
	m.opt = opt
	return e, nil
}

// SetBits sets the weight widths of op i and the width of its activations, both at
// most [workload.MaxBits].
func (e *Evaluator) SetBits(i int, weight workload.Widths, act uint8) {
	en := &e.ops[i]
	if en.layer != nil {
		if err := weight.Check(en.layer.virtual); err != nil {
			panic(fmt.Sprintf("sim: weight widths of op %d: %v", i, err))
		}
		en.bits = append(en.bits[:0], weight...)
	}
	en.dirty = true
	if en.act == act {
		return
	}
	en.act = act
	for _, from := range e.producers(i) {
		if from >= 0 {
			e.ops[from].dirty = true // what it writes back has another width
			for _, r := range e.readers[from] {
				e.ops[r].dirty = e.ops[r].dirty || e.m.acc.Buffers.LayerReuse
			}
		}
	}
}

// producers lists the ops that op i reads; -1 is the workload's input.
func (e *Evaluator) producers(i int) []int {
	en := &e.ops[i]
	if en.from == nil {
		en.from = e.workload.Producers(i)
	}
	return en.from
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

// overlapFrames charges a batch to units that work on different frames at a time: a
// frame leaves every time the slowest unit has finished one, so that unit is charged
// for the whole batch and the others for the first frame, which makes
//
//	Σ cycles + (batch − 1) · max cycles.
func (e *Evaluator) overlapFrames() {
	slowest := 0
	for i := range e.ops {
		if e.ops[i].frame.parts.Total() > e.ops[slowest].frame.parts.Total() {
			slowest = i
		}
	}
	batch := int64(max(e.m.acc.Batch, 1))
	for i := range e.ops {
		en := &e.ops[i]
		parts := en.frame.parts
		en.energy = e.m.energy.of(en.layer, &en.frame, e.m.engine).times(float64(batch))
		en.cost = cost{steady: en.frame.steady, tiling: en.frame.tiling}
		en.cost.addTimes(&en.frame, batch)
		if en.cost.parts = parts; i == slowest {
			en.cost.parts = parts.times(batch)
		}
		en.energy.Leakage = e.m.energy.standbyPJ(float64(en.cost.parts.Total()))
	}
}

// reprice computes the cost of op i at its current widths.
func (e *Evaluator) reprice(i int) {
	en := &e.ops[i]
	op := &e.workload.Ops[i]
	en.dirty = false
	switch op.Kind {
	case workload.Vector:
		en.cost = e.m.priceVector(e.work(i), &e.planner)
	case workload.Chain:
		en.cost = e.m.priceChain(e.work(i), &e.planner)
	default:
		l := en.layer
		l.setWidths(e.m, int(en.act), e.outBits(i))
		l.setBits(en.bits, e.m.acc.Array.Order)
		l.inOnChip, l.outOnChip = e.inputOnChip(i), e.staysOnChip(i)
		e.planner.hint = en.cost.steady
		c, err := e.m.price(l, &e.planner)
		if err != nil && e.err == nil {
			e.err = err
		}
		en.cost = c
	}
	en.frame = en.cost
	en.energy = e.m.energy.of(en.layer, &en.cost, e.m.engine)
}

// outBits is the width at which op i writes its outputs back.
func (e *Evaluator) outBits(i int) int {
	switch e.m.acc.Memory.OutBits {
	case "32":
		return accumulator
	case "act":
		return max(1, int(e.ops[i].act))
	}
	if out := e.workload.Ops[i].OutBits; out > 0 {
		return int(out)
	}
	widest := 0
	for _, r := range e.readers[i] {
		widest = max(widest, int(e.ops[r].act))
	}
	if widest == 0 { // no op reads them: as wide as the op's own inputs
		return max(1, int(e.ops[i].act))
	}
	return widest
}

// staysOnChip reports whether the outputs of op i wait in the input scratchpad for
// the op after, their only reader.
func (e *Evaluator) staysOnChip(i int) bool {
	r := e.readers[i]
	if !e.m.acc.Buffers.LayerReuse || e.m.overlap == overlapNone || len(r) != 1 || r[0] != i+1 {
		return false
	}
	op := &e.workload.Ops[i]
	images := int64(op.Batch * e.m.frames)
	return within(op.OutputElements()*images*int64(e.m.stored(e.outBits(i))), e.m.limit.inputs)
}

// inputOnChip reports whether all that op i reads has stayed on chip.
func (e *Evaluator) inputOnChip(i int) bool {
	for _, from := range e.producers(i) {
		if from < 0 || !e.staysOnChip(from) {
			return false
		}
	}
	return len(e.producers(i)) > 0
}

// Cost returns the cycles and the energy of the whole workload at the current widths.
func (e *Evaluator) Cost() (cycles int64, energyPJ float64) {
	e.refresh()
	for i := range e.ops {
		cycles += e.ops[i].cost.parts.Total()
		energyPJ += e.ops[i].energy.Total()
	}
	return cycles, energyPJ
}

// Err returns the error of the last refresh, such as an op whose smallest tile no
// longer fits the scratchpads; Cost is then meaningless.
func (e *Evaluator) Err() error { return e.err }

// OpCost returns the cycles and the energy of one op at the current widths.
func (e *Evaluator) OpCost(i int) (cycles int64, energyPJ float64) {
	e.refresh()
	return e.ops[i].cost.parts.Total(), e.ops[i].energy.Total()
}

// work describes an op without weights.
func (e *Evaluator) work(i int) work {
	op := &e.workload.Ops[i]
	images := int64(op.Batch) * int64(e.m.frames)
	w := work{op: op, images: int(images)}
	act := int64(e.m.stored(int(max(1, e.ops[i].act))))
	in, out := int64(op.ElementsIn), op.OutputElements()
	w.operations = int64(op.VectorOps) * images
	if op.Kind == workload.Chain {
		in, w.operations = op.InputElements(), out*images
	}
	for _, from := range e.producers(i) {
		if from >= 0 && e.staysOnChip(from) {
			in -= min(in, e.workload.Ops[from].OutputElements())
		}
	}
	w.inBits = in * images * act
	if !e.staysOnChip(i) {
		w.outBits = out * images * int64(e.m.stored(e.outBits(i)))
	}
	return w
}
