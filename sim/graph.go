package sim

import (
	"slices"

	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/memory"
	"bitcycle/sim/internal/units"
)

// graph is the ops of a workload on a machine, and how the tensors between them are
// stored: their widths, and whether they leave the chip.
type graph struct {
	m        *machine
	workload *workload.Workload
	ops      []entry
}

// entry is an op and its current cost.
type entry struct {
	layer   *layer.Layer // nil for vector work and recursions
	from    []int        // ops whose outputs it reads; -1 is the workload's input
	readers []int        // ops that read its outputs
	bits    workload.Widths
	act     uint8
	dirty   bool
	cost    memory.Cost
	energy  cost.Energy
	frame   memory.Cost // of one frame, where frames overlap
}

// product reports whether the op has weights that are not all pruned.
func (en *entry) product() bool { return en.layer != nil && en.layer.Active() > 0 }

func newGraph(m *machine, w *workload.Workload) (graph, error) {
	g := graph{m: m, workload: w, ops: make([]entry, len(w.Ops))}
	for i := range w.Ops {
		op := &w.Ops[i]
		en := &g.ops[i]
		en.act, en.dirty, en.from = op.ActBits, true, w.Producers(i)
		if op.Kind != workload.Vector && op.Kind != workload.Chain {
			var err error
			en.bits = slices.Clone(op.WeightBits)
			if en.layer, err = layer.New(m.acc, m.engine.Lanes(), op, i == 0, m.together(op)); err != nil {
				return g, err
			}
		}
		for _, from := range en.from {
			if from >= 0 {
				g.ops[from].readers = append(g.ops[from].readers, i)
			}
		}
	}
	return g, nil
}

// outBits is the width at which op i writes its outputs back.
func (g *graph) outBits(i int) int {
	en := &g.ops[i]
	switch g.m.acc.Memory.OutBits {
	case "32":
		return 32
	case "act":
		return max(1, int(en.act))
	}
	if out := g.workload.Ops[i].OutBits; out > 0 {
		return int(out)
	}
	widest := 0
	for _, r := range en.readers {
		widest = max(widest, int(g.ops[r].act))
	}
	if widest == 0 { // no op reads them: as wide as the op's own inputs
		return max(1, int(en.act))
	}
	return widest
}

// staysOnChip reports whether the outputs of op i wait in the input scratchpad for
// the op after, their only reader.
func (g *graph) staysOnChip(i int) bool {
	r := g.ops[i].readers
	if g.m.streams() { // units hand their outputs on
		return len(r) > 0
	}
	if !g.m.reuse || len(r) != 1 || r[0] != i+1 {
		return false
	}
	op := &g.workload.Ops[i]
	images := int64(g.m.together(op))
	return units.Fits(op.OutputElements()*images*int64(g.m.chip.Stored(g.outBits(i))), g.m.chip.Room.Inputs)
}

// inputOnChip reports whether all that op i reads has stayed on chip.
func (g *graph) inputOnChip(i int) bool {
	from := g.ops[i].from
	for _, f := range from {
		if f < 0 || !g.staysOnChip(f) {
			return false
		}
	}
	return len(from) > 0
}

// work is what op i is without a product: element-wise work, recursions, or the
// constant outputs of a layer whose channels are all pruned.
func (g *graph) work(i int) memory.Work {
	en, op := &g.ops[i], &g.workload.Ops[i]
	if l := en.layer; l != nil {
		if l.OutOnChip {
			return memory.Work{}
		}
		return memory.Work{OutBits: g.m.chip.Outputs(l)}
	}
	images := int64(g.m.together(op))
	w := memory.Work{Operations: int64(op.VectorOps) * images}
	in, out := int64(op.ElementsIn), op.OutputElements()
	if op.Kind == workload.Chain {
		in, w.Operations = op.InputElements(), out*images
		w.Busy = g.m.chip.Vector.Chain(op.Recursion, int(images))
	} else {
		w.Busy = g.m.chip.Vector.Cycles(w.Operations)
	}
	for _, from := range en.from {
		if from >= 0 && g.staysOnChip(from) {
			in -= min(in, g.workload.Ops[from].OutputElements())
		}
	}
	w.InBits = in * images * int64(g.m.chip.Stored(int(max(1, en.act))))
	if !g.staysOnChip(i) {
		w.OutBits = out * images * int64(g.m.chip.Stored(g.outBits(i)))
	}
	return w
}

// touchReaders marks the readers of op i, whose outputs may stay on chip now, or no
// longer.
func (g *graph) touchReaders(i int) {
	for _, r := range g.ops[i].readers {
		g.ops[r].dirty = g.ops[r].dirty || g.m.reuse
	}
}
