package sim

import (
	"context"
	"fmt"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

// Options are the choices of a run that belong neither to the machine nor to the
// workload; the zero value is ready to use.
type Options struct {
	// Trace, when set, is called with the tile timeline of every op that ran through
	// the tile pipeline, in the order of the ops.
	Trace func(op int, tiles []Tile, line Timeline)
	// Loops, when set, fixes the tile loops of every op instead of searching them, on
	// machines whose memory overlaps "steady".
	Loops *Loops
}

// Loops is a tile loop nest: the size of a tile in each dimension, and the loops from
// the outermost in by their names B, OW, OH, IC and OC.
type Loops struct {
	B, OW, OH, IC, OC int
	Order             []string
}

// Run charges a workload to a machine.
func Run(ctx context.Context, acc *arch.Accelerator, w *workload.Workload, opt Options) (*Result, error) {
	e, err := newEvaluator(acc, w, opt)
	if err != nil {
		return nil, err
	}
	for i := range e.ops {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e.reprice(i)
		if opt.Trace != nil && e.err == nil && e.m.overlap == overlapTiles {
			e.trace(i)
		}
	}
	if e.m.streams() {
		e.overlapFrames()
	}
	if e.err != nil {
		return nil, e.err
	}
	r := &Result{Machine: acc.Name, Workload: w.Name, Batch: max(acc.Batch, 1), ClockHz: acc.ClockHz, Area: area(acc)}
	for i := range w.Ops {
		r.Layers = append(r.Layers, e.report(i))
		r.Totals.sum(&r.Layers[i])
	}
	r.Totals.finish(acc.ClockHz)
	r.Assumptions = e.assumptions()
	return r, nil
}

// trace runs op i once more with every tile by itself and reports its timeline.
func (e *Evaluator) trace(i int) {
	en, p := &e.ops[i], &e.planner
	switch {
	case en.cost.tiles == 0:
		return
	case en.layer != nil && en.layer.active() == 0:
		e.m.cutWork(e.m.prunedWork(en.layer), p, 0)
	case en.layer != nil:
		e.m.buildTiles(en.layer, p, &en.cost.tiling, true)
	default:
		e.m.cutWork(e.work(i), p, en.cost.parts.Compute)
	}
	var again cost
	line := Timeline{}
	e.m.runTiles(p, &again, &line)
	line.Cycles, line.Parts = again.parts.Total(), again.parts
	e.m.opt.Trace(i, append([]Tile(nil), p.tiles...), line)
}

// report turns the cost of op i into a layer of the result.
func (e *Evaluator) report(i int) Layer {
	op, en := &e.workload.Ops[i], &e.ops[i]
	c := &en.cost
	l := Layer{
		Name: op.Name, Kind: kindName(op.Kind), Shape: shape(op),
		Cycles: c.parts.Total(), Stalls: c.parts, MACs: op.MACs() * int64(max(e.m.acc.Batch, 1)),
		ActBits: int(en.act), DRAMRead: c.read, DRAMWrite: c.write, Energy: en.energy,
		SRAM: SRAMTraffic{c.sram.weights, c.sram.inputs, c.sram.outputsRead, c.sram.outputsWritten},
	}
	if en.layer != nil {
		l.describeBits(en.bits, en.layer.virtual)
		l.Mapping = e.m.describe(en.layer, c)
		l.work = e.m.workCycles(en.layer) * float64(max(e.m.acc.Batch, 1)/e.m.frames)
	}
	l.finish(e.m.acc.ClockHz)
	return l
}

// describeBits fills the widths of all weight vectors, pruned ones included.
func (l *Layer) describeBits(bits workload.Widths, vectors int) {
	l.WeightBitsMin, l.WeightBitsMax = int(bits.Min()), int(bits.Max())
	l.WeightBitsMean = bits.Mean(vectors)
	l.weights = int64(vectors)
}

// workCycles is the time that the full array would need at the widths of the layer.
func (m *machine) workCycles(l *layer) float64 {
	var cycles float64
	for i := range l.sched.sets {
		for w := 1; w <= int(l.sched.sets[i].max); w++ {
			if n := l.sched.sets[i].count[w]; n > 0 {
				cycles += float64(n) / m.engine.rate(w, l.actBits)
			}
		}
	}
	return cycles * float64(l.chans*l.area) * float64(l.positions())
}

// finish fills what follows from cycles.
func (l *Layer) finish(clockHz float64) {
	if clockHz > 0 {
		l.LatencyS = float64(l.Cycles) / clockHz
	}
	if l.Cycles > 0 {
		l.Utilisation = min(1, l.work/float64(l.Cycles))
	}
}

// sum adds a layer to the totals; widths are averaged over weight vectors.
func (l *Layer) sum(o *Layer) {
	l.Name = "total"
	l.Cycles += o.Cycles
	l.Stalls.add(o.Stalls)
	l.MACs += o.MACs
	l.DRAMRead += o.DRAMRead
	l.DRAMWrite += o.DRAMWrite
	l.Energy.add(o.Energy)
	l.SRAM.add(o.SRAM)
	l.work += o.work
	if o.weights == 0 {
		return
	}
	if l.weights == 0 {
		l.WeightBitsMin = o.WeightBitsMin
	}
	l.WeightBitsMean = (l.WeightBitsMean*float64(l.weights) + o.WeightBitsMean*float64(o.weights)) / float64(l.weights+o.weights)
	l.WeightBitsMin = min(l.WeightBitsMin, o.WeightBitsMin)
	l.WeightBitsMax = max(l.WeightBitsMax, o.WeightBitsMax)
	l.weights += o.weights
}

func kindName(k workload.Kind) string {
	switch k {
	case workload.Conv:
		return "conv"
	case workload.Depthwise:
		return "depthwise"
	case workload.MatMul:
		return "matmul"
	case workload.Chain:
		return "chain"
	}
	return "vector"
}

// shape describes an op in a line.
func shape(op *workload.Op) string {
	switch op.Kind {
	case workload.Conv, workload.Depthwise:
		s := fmt.Sprintf("%d×%d×%d → %d×%d×%d, %d×%d/%d", op.In[0], op.In[1], op.In[2], op.Channels(), op.Out[0], op.Out[1], op.Kernel[0], op.Kernel[1], op.Stride[0])
		if op.Kind == workload.Conv && op.Groups > 1 {
			s += fmt.Sprintf(" g%d", op.Groups)
		}
		return s
	case workload.MatMul:
		return fmt.Sprintf("%d×%d · %d×%d", op.M, op.K, op.K, op.N)
	case workload.Chain:
		r := op.Recursion
		return fmt.Sprintf("%d × %d steps of order %d", r.Rows, r.Length, r.Order)
	}
	return fmt.Sprintf("%d → %d elements", op.ElementsIn, op.ElementsOut)
}

// describe names the tiles of a layer and their order.
func (m *machine) describe(l *layer, c *cost) string {
	switch {
	case m.overlap == overlapNone:
		return "one tile"
	case m.overlap == overlapSteady:
		return c.steady.String()
	case c.tiles == 0:
		return ""
	}
	if e, ok := m.engine.(bitSerial); ok && m.overlap == overlapMax && m.port.Split && e.bothSerial() {
		return fmt.Sprintf("image by image, %d sets of %d channels, %d positions at a time", len(l.sched.sets), l.sched.lanes, e.cols)
	}
	t := &c.tiling
	what, per := "channels", min(t.sets*l.sched.lanes, l.active())
	if l.groups > 1 {
		what, per = "groups", t.sets
	}
	order := "weights stay"
	if t.inputsFirst {
		order = "inputs stay"
	}
	return fmt.Sprintf("%d tiles of %d×%d×%d positions × %d %s × %d inputs, %s", c.tiles, t.images, t.rows, t.cols, per, what, t.chans, order)
}

// area is what the machine's file states, and what the synthesis fits and CACTI give
// where it is silent.
func area(acc *arch.Accelerator) Area {
	estimate := arch.EstimateArea(acc)
	pick := func(stated, estimated arch.Constant) float64 {
		if stated.Value > 0 {
			return stated.Value
		}
		return estimated.Value
	}
	return Area{
		Array:       pick(acc.Area.Array, estimate.Array),
		SRAMWeights: pick(acc.Area.Weights, estimate.Weights),
		SRAMInputs:  pick(acc.Area.Inputs, estimate.Inputs),
		SRAMOutputs: pick(acc.Area.Outputs, estimate.Outputs),
		Chip:        acc.Area.Chip.Value,
	}
}
