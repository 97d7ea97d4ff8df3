package sim

import (
	"fmt"
	"strings"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/schedule"
)

// Result returns what [Run] returns, at the current widths and on the current machine.
func (e *Evaluator) Result() (*Result, error) {
	if e.refresh(); e.err != nil {
		return nil, e.err
	}
	if err := e.m.enter(); err != nil {
		return nil, err
	}
	acc := e.m.acc
	r := &Result{
		Machine: acc.Name, Workload: e.workload.Name, Batch: max(acc.Batch, 1), ClockHz: acc.ClockHz, Area: area(acc),
		Layers: make([]Layer, len(e.ops)),
	}
	fits, all := e.fit()
	r.Totals.Fit = all
	for i := range r.Layers {
		l := &r.Layers[i]
		*l = e.figures(i, fits[i])
		if err := e.describe(i, l); err != nil {
			return nil, err
		}
		r.Totals.sum(l)
	}
	r.Totals.finish(acc.ClockHz)
	r.IntervalCycles = e.interval(r.Totals.Cycles)
	if acc.ClockHz > 0 {
		r.IntervalS = float64(r.IntervalCycles) / acc.ClockHz
	}
	r.Assumptions = append(e.m.assumptions(), e.byFootprint()...)
	return r, nil
}

// byFootprint names the layers that were too large to be run line by line.
func (e *Evaluator) byFootprint() []string {
	if e.m.acc.MemorySystem() != "decoupled" || e.m.acc.Memory.CacheModel != "lines" {
		return nil
	}
	var names []string
	for i := range e.ops {
		if e.costOf(i).ByFootprint {
			names = append(names, e.workload.Ops[i].Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d layers of more than %d requests have their caches charged by the footprint of loops: %s", len(names), e.m.lines, strings.Join(names, ", "))}
}

// figures turns the cost of op i into a layer of the result.
func (e *Evaluator) figures(i int, f Fit) Layer {
	op, en := &e.workload.Ops[i], &e.ops[i]
	c := e.costOf(i)
	batch := max(e.m.acc.Batch, 1)
	l := Layer{
		Name: op.Name, Kind: kindName(op.Kind),
		Cycles: c.Parts.Total(), Stalls: c.Parts, MACs: op.MACs() * int64(batch),
		ActBits: int(en.act), DRAMRead: c.Read, DRAMWrite: c.Write, Energy: en.energy,
		SRAM: SRAMTraffic{c.SRAM.Weights, c.SRAM.Inputs, c.SRAM.OutputsRead, c.SRAM.OutputsWritten},
		Fit:  f,
	}
	if en.product {
		l.describeBits(en.bits, op.VirtualChannels())
		l.work = en.work * float64(e.m.passes(op)) / float64(e.m.cores())
	}
	if l.busy = l.Cycles; e.m.streams() {
		l.busy = en.cost.Parts.Total() * e.m.passes(op)
	}
	l.finish(e.m.acc.ClockHz)
	return l
}

// describe says what op i is and how it is mapped.
func (e *Evaluator) describe(i int, l *Layer) error {
	l.Shape = ShapeOf(&e.workload.Ops[i])
	if !e.ops[i].product {
		return nil
	}
	of, err := e.layer(i)
	if err != nil {
		return err
	}
	l.Mapping = e.m.memory.Mapping(of, e.costOf(i))
	return nil
}

// describeBits fills the widths of all weight vectors, pruned ones included.
func (l *Layer) describeBits(bits workload.Widths, vectors int) {
	l.WeightBitsMin, l.WeightBitsMax = int(bits.Min()), int(bits.Max())
	l.WeightBitsMean = bits.Mean(vectors)
	l.weights = int64(vectors)
}

// workCycles is the time that the full array would need at the widths of the layer.
func (m *machine) workCycles(l *layer.Layer) float64 {
	var cycles float64
	var rate [schedule.Widths]float64
	for w := int(l.Sched.Least); w <= int(l.Sched.Wide); w++ {
		rate[w] = m.engine.Rate(w, l.ActBits)
	}
	for i := range l.Sched.Sets {
		set := &l.Sched.Sets[i]
		for w := int(set.Min); w <= int(set.Max); w++ {
			if n := set.Count[w]; n > 0 {
				cycles += float64(n) / rate[w]
			}
		}
	}
	return cycles * float64(l.Reduction()) * float64(l.Positions())
}

// finish fills what follows from cycles.
func (l *Layer) finish(clockHz float64) {
	if clockHz > 0 {
		l.LatencyS = float64(l.Cycles) / clockHz
	}
	if l.busy > 0 {
		l.Utilisation = min(1, l.work/float64(l.busy))
	}
}

// sum adds a layer to the totals; widths are averaged over weight vectors.
func (l *Layer) sum(o *Layer) {
	l.Name = "total"
	l.Cycles += o.Cycles
	l.Stalls.Add(o.Stalls)
	l.MACs += o.MACs
	l.DRAMRead += o.DRAMRead
	l.DRAMWrite += o.DRAMWrite
	l.Energy = l.Energy.Plus(o.Energy)
	l.SRAM.add(o.SRAM)
	l.work += o.work
	l.busy += o.busy
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

// area is what the machine's file states, and what the synthesis fits and CACTI give
// where it is silent.
func area(acc *arch.Accelerator) Area {
	of := &acc.Area
	estimate := *of
	if of.Array.Value <= 0 || of.Weights.Value <= 0 || of.Inputs.Value <= 0 || of.Outputs.Value <= 0 {
		estimate = arch.EstimateArea(acc)
	}
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
