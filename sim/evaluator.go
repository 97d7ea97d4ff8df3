package sim

import (
	"fmt"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/memory"
	"bitcycle/sim/internal/units"
)

// Evaluator prices one workload again and again while its widths or the machine change:
// a search calls [Evaluator.SetBits] and [Evaluator.Cost], a sweep [Evaluator.SetMachine]
// and [Evaluator.Brief]. It recomputes only what a change touches, and looks up what it
// has priced before: an op of the same shape and widths, on a machine that is the same in
// every key that matters to a layer's cycles and bytes. Keys of energy never do where tiles
// are chosen by cycles, those of scratchpads and bandwidth not where memory is ideal. What
// it remembers takes some megabytes at most and changes no result.
//
// It is not safe for concurrent use: each worker has its own.
type Evaluator struct {
	graph
	memo
	part   int32 // of the machine, for the memo
	prices int32 // counts what was charged for work in the array
	layers shelf
	err    error
}

// NewEvaluator prepares a workload for a machine. The workload keeps its shapes; its
// widths are copied, see [Evaluator.SetBits].
func NewEvaluator(acc *arch.Accelerator, w *workload.Workload) (*Evaluator, error) {
	e := &Evaluator{}
	if err := e.open(acc, w, &Options{}); err != nil {
		return nil, err
	}
	e.refresh()
	return e, e.err
}

// open begins with another workload on another machine.
func (e *Evaluator) open(acc *arch.Accelerator, w *workload.Workload, opt *Options) error {
	if err := w.Validate(); err != nil {
		return fmt.Errorf("workload %s: %w", w.Name, err)
	}
	e.lay(w)
	e.forget()
	e.layers.clear()
	e.m.lines = max(linesAtLeast, linesOfAll/int64(max(len(w.Ops), 1)))
	if opt.Loops != nil || len(opt.Mapping) > 0 {
		if system := acc.MemorySystem(); system == "ideal" || system == "fitted ports" {
			return fmt.Errorf("machine %s: memory that is %s cuts no layer: its loops cannot be given", acc.Name, system)
		}
		e.fix(opt.given)
	}
	return e.turnTo(acc)
}

// fix fixes the loops of ops: those that look alike may have others.
func (e *Evaluator) fix(given func(op string) *Loops) {
	e.m.given = given
	for i := range e.ops {
		if op := &e.workload.Ops[i]; e.ops[i].product && given(op.Name) != nil {
			shape := shapeOf(op, i == 0)
			shape.own = op.Name
			e.ops[i].shape = e.shapes.number(shape)
		}
	}
}

// SetMachine moves the workload, at its current widths, to another machine, which is not
// to be changed while it is there. After an error the evaluator has none.
func (e *Evaluator) SetMachine(acc *arch.Accelerator) error {
	if e.err = e.turnTo(acc); e.err == nil {
		e.refresh()
	}
	return e.err
}

func (e *Evaluator) turnTo(acc *arch.Accelerator) error {
	for i := range e.workload.Ops {
		if err := e.workload.Ops[i].CheckSize(max(acc.Batch, 1)); err != nil {
			return fmt.Errorf("workload %s: op %d %q in a batch of %d: %w", e.workload.Name, i, e.workload.Ops[i].Name, acc.Batch, err)
		}
	}
	if e.m.become(acc) {
		e.prices++
	}
	for i := range e.ops {
		e.ops[i].dirty = true
	}
	var known bool
	if e.part, known = e.memo.part(&e.m); known {
		return nil
	}
	return e.m.enter()
}

// SetBits sets the weight widths of op i and the width of its activations, both at
// most [workload.MaxBits].
func (e *Evaluator) SetBits(i int, weight workload.Widths, act uint8) {
	en := &e.ops[i]
	if en.product {
		if err := weight.Check(e.workload.Ops[i].VirtualChannels()); err != nil {
			panic(fmt.Sprintf("sim: weight widths of op %d: %v", i, err))
		}
		en.bits, en.widths = append(en.bits[:0], weight...), -1
		if len(weight) == 1 {
			en.widths = e.widthsNumber(weight)
		}
	}
	en.dirty = true
	if en.act == act {
		return
	}
	en.act = act
	e.touchReaders(i)
	for _, from := range e.producers(i) {
		if from >= 0 {
			e.ops[from].dirty = true // what it writes back has another width
			e.touchReaders(from)
		}
	}
}

// refresh recomputes what changed.
func (e *Evaluator) refresh() {
	changed := false
	e.err = nil
	for i := range e.ops {
		en := &e.ops[i]
		if en.dirty {
			e.reprice(i)
			changed = true
		}
		if en.err != nil && e.err == nil {
			e.err = en.err
		}
	}
	if changed {
		e.chargeFrames()
	}
}

// reprice finds the cost of op i at its current widths.
func (e *Evaluator) reprice(i int) {
	en := &e.ops[i]
	en.dirty = false
	if en.err = e.priceOf(i); en.err != nil {
		en.priced = priced{}
	}
	en.cost.Parts.Host += e.hostCycles(i) * int64(e.m.together(&e.workload.Ops[i]))
	en.energy = e.m.energy.Of(en.array, &en.cost)
}

// priceOf fills the price of op i.
func (e *Evaluator) priceOf(i int) (err error) {
	en := &e.ops[i]
	if !en.product {
		en.priced = priced{}
		if e.workload.Ops[i].Kind == workload.Vector && e.m.chip.Vector.Lanes == 0 {
			return nil // free, as part of the ops around it
		}
		en.cost, err = e.workCost(e.work(i))
		return err
	}
	q := e.question(i)
	if p := e.memo.charge(q); p != nil {
		if p.of != e.prices {
			if err := e.chargeArray(i, p); err != nil {
				return err
			}
		}
		en.priced = *p
		return nil
	}
	l, err := e.layer(i)
	if err != nil {
		return err
	}
	if en.cost, err = e.layerCost(l); err != nil {
		return err
	}
	en.array, en.of, en.work = e.m.energy.Array(l, &en.cost), e.prices, e.m.workCycles(l)
	en.weights = units.Bytes(e.m.chip.AllWeights(l) + e.m.chip.WithWeights(l))
	e.remember(q, &en.priced)
	return nil
}

func (e *Evaluator) question(i int) question {
	en := &e.ops[i]
	q := question{part: e.part, shape: en.shape, widths: en.widths, act: en.act, out: uint8(e.m.chip.Stored(e.outBits(i)))}
	if e.inputOnChip(i) {
		q.chip |= 1
	}
	if e.staysOnChip(i) {
		q.chip |= 2
	}
	return q
}

// chargeArray charges what op i does in the array at the current prices.
func (e *Evaluator) chargeArray(i int, p *priced) error {
	l, err := e.layer(i)
	if err != nil {
		return err
	}
	p.array, p.of = e.m.energy.Array(l, &p.cost), e.prices
	return nil
}

// layer is op i as a layer on the machine, at its current widths.
func (e *Evaluator) layer(i int) (*layer.Layer, error) {
	if err := e.m.enter(); err != nil {
		return nil, err
	}
	en, op := &e.ops[i], &e.workload.Ops[i]
	l, err := e.layers.layer(&e.m, op, en, i == 0)
	if err != nil {
		return nil, err
	}
	l.SetActs(int(en.act), e.m.chip.Stored(int(en.act)), e.m.chip.Stored(e.outBits(i)))
	l.InOnChip, l.OutOnChip = e.inputOnChip(i), e.staysOnChip(i)
	return l, nil
}

// layerCost is the cost of a layer.
func (e *Evaluator) layerCost(l *layer.Layer) (memory.Cost, error) {
	if l.Active() > 0 {
		return e.m.memory.Price(l)
	}
	return e.workCost(e.pruned(l))
}

// pruned is the work of a layer whose channels are all pruned: constant outputs.
func (e *Evaluator) pruned(l *layer.Layer) memory.Work {
	if l.OutOnChip {
		return memory.Work{}
	}
	return memory.Work{OutBits: e.m.chip.Outputs(l)}
}

func (e *Evaluator) workCost(w memory.Work) (memory.Cost, error) {
	return e.taskCost(task{e.part, w}, func() (memory.Cost, error) {
		if err := e.m.enter(); err != nil {
			return memory.Cost{}, err
		}
		return e.m.memory.Work(w), nil
	})
}

// chargeFrames charges a batch where images are worked on one by one.
func (e *Evaluator) chargeFrames() {
	switch {
	case e.m.streams():
		e.overlapFrames()
	case e.m.single():
		e.takeTurns()
	}
}

// takeTurns charges a batch to cores that take its images by turns: what an image takes,
// as often as a core is at work, and each image's own traffic and energy.
func (e *Evaluator) takeTurns() {
	e.frames = resized(e.frames, len(e.ops))
	cores := int64(e.m.cores())
	for i := range e.ops {
		en := &e.ops[i]
		image, images := &en.cost, e.m.passes(&e.workload.Ops[i])
		whole := &e.frames[i]
		*whole = memory.Cost{Tiling: image.Tiling}
		whole.AddTimes(image, images)
		whole.Parts = image.Parts.Times(units.Ceil(images, cores))
		en.energy = e.m.energy.Of(en.array, image).Times(float64(images))
		en.energy.Leakage = e.m.energy.Leakage(whole.Parts.Total())
	}
}

// overlapFrames charges a batch to units that work on different frames at a time: a
// frame leaves every time the slowest unit has finished one, so that unit is charged
// for the whole batch and the others for the first frame, which makes
//
//	Σ cycles + (batch − 1) · max cycles.
//
// Weights are loaded once for all frames. Where layers overlap within a frame, the first
// frame takes what [stream] says in place of the sum.
func (e *Evaluator) overlapFrames() {
	e.frames = resized(e.frames, len(e.ops))
	slowest, _ := e.slowest()
	var shares []cost.Stalls
	if e.m.acc.Array.OverlapLayers {
		shares = e.streamFrame().shares(e)
	}
	for i := range e.ops {
		en := &e.ops[i]
		frame, frames := &en.cost, e.m.passes(&e.workload.Ops[i])
		whole := &e.frames[i]
		*whole = memory.Cost{Tiling: frame.Tiling}
		whole.AddTimes(frame, frames)
		again := (frames - 1) * frame.Moved.Weights
		whole.Moved.Weights -= again
		whole.Read -= again
		if whole.Parts = frame.Parts; shares != nil {
			whole.Parts = shares[i]
		}
		if i == slowest {
			whole.Parts.Add(frame.Parts.Times(frames - 1))
		}
		en.energy = e.m.energy.OfFrames(en.array, frame, whole, frames)
	}
}

// slowest is the op whose unit takes longest for the frames of a batch, and how long.
func (e *Evaluator) slowest() (op int, cycles int64) {
	cycles = -1
	for i := range e.ops {
		if t := e.ops[i].cost.Parts.Total() * e.m.passes(&e.workload.Ops[i]); t > cycles {
			op, cycles = i, t
		}
	}
	return op, cycles
}

// costOf is what op i is charged.
func (e *Evaluator) costOf(i int) *memory.Cost {
	if e.m.single() {
		return &e.frames[i]
	}
	return &e.ops[i].cost
}

// Cost returns the cycles and the energy of the whole workload at the current widths.
func (e *Evaluator) Cost() (cycles int64, energyPJ float64) {
	e.refresh()
	for i := range e.ops {
		cycles += e.costOf(i).Parts.Total()
		energyPJ += e.ops[i].energy.Total()
	}
	return cycles, energyPJ
}

// OpCost returns the cycles and the energy of one op at the current widths.
func (e *Evaluator) OpCost(i int) (cycles int64, energyPJ float64) {
	e.refresh()
	return e.costOf(i).Parts.Total(), e.ops[i].energy.Total()
}

// Err returns the error of the last refresh, such as an op whose smallest tile no
// longer fits the scratchpads; Cost is then meaningless.
func (e *Evaluator) Err() error { return e.err }

// A workload may run so many requests through caches line by line: its layers share
// them evenly, and each has some in any case.
const (
	linesOfAll   = 24 << 20
	linesAtLeast = 1 << 19
)
