package sim

import (
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/memory"
	"bitcycle/sim/internal/units"
)

// How the tensors between ops are stored: their widths, and whether they leave the chip.

// outBits is the width at which op i writes its outputs back.
func (e *Evaluator) outBits(i int) int {
	en := &e.ops[i]
	switch e.m.acc.Memory.OutBits {
	case "32":
		return 32
	case "act":
		return max(1, int(en.act))
	}
	if out := e.workload.Ops[i].OutBits; out > 0 {
		return int(out)
	}
	widest := 0
	for _, r := range en.readers {
		widest = max(widest, int(e.ops[r].act))
	}
	if widest == 0 { // no op reads them: as wide as the op's own inputs
		return max(1, int(en.act))
	}
	return widest
}

// staysOnChip reports whether the outputs of op i wait in the input scratchpad for
// the op after, their only reader.
func (e *Evaluator) staysOnChip(i int) bool {
	r := e.ops[i].readers
	if e.m.streams() { // units hand their outputs on
		return len(r) > 0
	}
	if !e.m.reuse || len(r) != 1 || r[0] != i+1 {
		return false
	}
	op := &e.workload.Ops[i]
	images := int64(e.m.together(op))
	return units.Fits(op.OutputElements()*images*int64(e.m.chip.Stored(e.outBits(i))), e.m.chip.Room.Inputs)
}

// inputOnChip reports whether all that op i reads has stayed on chip.
func (e *Evaluator) inputOnChip(i int) bool {
	from := e.ops[i].from
	for _, f := range from {
		if f < 0 || !e.staysOnChip(f) {
			return false
		}
	}
	return len(from) > 0
}

// work is what op i is without a product: element-wise work, recursions, or the
// constant outputs of a layer whose channels are all pruned.
func (e *Evaluator) work(i int) memory.Work {
	en, op := &e.ops[i], &e.workload.Ops[i]
	if l := en.layer; l != nil {
		if l.OutOnChip {
			return memory.Work{}
		}
		return memory.Work{OutBits: e.m.chip.Outputs(l)}
	}
	images := int64(e.m.together(op))
	w := memory.Work{Operations: int64(op.VectorOps) * images}
	in, out := int64(op.ElementsIn), op.OutputElements()
	if op.Kind == workload.Chain {
		in, w.Operations = op.InputElements(), out*images
		w.Busy = e.m.chip.Vector.Chain(op.Recursion, int(images))
	} else {
		w.Busy = e.m.chip.Vector.Cycles(w.Operations)
	}
	for _, from := range en.from {
		if from >= 0 && e.staysOnChip(from) {
			in -= min(in, e.workload.Ops[from].OutputElements())
		}
	}
	w.InBits = in * images * int64(e.m.chip.Stored(int(max(1, en.act))))
	if !e.staysOnChip(i) {
		w.OutBits = out * images * int64(e.m.chip.Stored(e.outBits(i)))
	}
	return w
}
