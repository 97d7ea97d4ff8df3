package sim

import (
	"math"
	"slices"

	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/memory"
	"bitcycle/sim/internal/units"
)

// graph is the ops of a workload on a machine, and how the tensors between them are
// stored: their widths, and whether they leave the chip.
type graph struct {
	m        machine
	workload *workload.Workload
	ops      []entry
	frames   []memory.Cost // of one frame of each op, where frames overlap

	before  []int   // the op before each
	readers []int32 // of all ops
	bits    workload.Widths
	shapes  numbers[shape]
	widths  numbers[string]
}

// entry is an op and its current cost.
type entry struct {
	readers []int32 // ops that read its outputs
	bits    workload.Widths
	shape   int32 // equal for products of equal shapes
	widths  int32 // equal for equal bits; -1 for those of a search
	act     uint8
	product bool // has weights
	dirty   bool // has to be priced
	err     error
	priced
	energy cost.Energy
}

// uniform is how many numbers of widths are those of a single width.
const uniform = workload.MaxBits + 1

// widthsNumber is the number of widths.
func (g *graph) widthsNumber(bits workload.Widths) int32 {
	if len(bits) == 1 {
		return int32(bits[0])
	}
	return uniform + g.widths.number(string(bits))
}

// lay lays out the ops of a workload.
func (g *graph) lay(w *workload.Workload) {
	g.workload = w
	g.shapes, g.widths = numbers[shape]{of: g.shapes.of}, numbers[string]{of: g.widths.of}
	clear(g.shapes.of)
	clear(g.widths.of)
	g.ops = resized(g.ops, len(w.Ops))
	g.before = resized(g.before, len(w.Ops))
	g.bits = g.bits[:0]
	for i := range w.Ops {
		op, en := &w.Ops[i], &g.ops[i]
		*en = entry{act: op.ActBits, dirty: true, shape: -1, product: op.Kind != workload.Vector && op.Kind != workload.Chain}
		g.before[i] = i - 1
		if en.product {
			en.shape, en.widths = g.shapes.number(shapeOf(op, i == 0)), g.widthsNumber(op.WeightBits)
			from := len(g.bits)
			g.bits = append(g.bits, op.WeightBits...)
			en.bits = g.bits[from:len(g.bits):len(g.bits)]
		}
	}
	g.link()
}

// resized returns a slice of n elements, with the memory of the old one where it is large
// enough.
func resized[T any](old []T, n int) []T {
	if cap(old) < n {
		return make([]T, n)
	}
	return old[:n]
}

// link lists the readers of every op.
func (g *graph) link() {
	total := 0
	for i := range g.ops {
		total += len(g.producers(i))
	}
	g.readers = resized(g.readers, total)
	count := make([]int32, len(g.ops))
	for i := range g.ops {
		for _, from := range g.producers(i) {
			if from >= 0 {
				count[from]++
			}
		}
	}
	at := int32(0)
	for i, n := range count {
		g.ops[i].readers = g.readers[at : at : at+n]
		at += n
	}
	for i := range g.ops {
		for _, from := range g.producers(i) {
			if from >= 0 {
				g.ops[from].readers = append(g.ops[from].readers, int32(i))
			}
		}
	}
}

// producers are the ops whose outputs op i reads; -1 is the workload's input.
func (g *graph) producers(i int) []int {
	if from := g.workload.Ops[i].From; from != nil {
		return from
	}
	return g.before[i : i+1]
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
	if g.formedOnTheWay(i) {
		return true
	}
	if !g.m.reuse || len(r) != 1 || int(r[0]) != i+1 {
		return false
	}
	op := &g.workload.Ops[i]
	images := int64(g.m.together(op))
	return units.Fits(op.OutputElements()*images*int64(g.m.chip.Stored(g.outBits(i))), g.m.chip.Room.Inputs)
}

// formedOnTheWay reports whether the outputs of product i are added to another tensor as
// they leave the array.
func (g *graph) formedOnTheWay(i int) bool {
	r := g.ops[i].readers
	if !g.m.acc.Buffers.FuseAdds || g.m.ideal() || !g.ops[i].product || len(r) != 1 || int(r[0]) != i+1 {
		return false
	}
	op, add := &g.workload.Ops[i], &g.workload.Ops[i+1]
	out := int(op.OutputElements())
	return add.Kind == workload.Vector && add.ElementsOut == out && add.ElementsIn == 2*out && add.Batch == op.Batch
}

// inputOnChip reports whether all that op i reads has stayed on chip.
func (g *graph) inputOnChip(i int) bool {
	from := g.producers(i)
	for _, f := range from {
		if f < 0 || !g.staysOnChip(f) {
			return false
		}
	}
	return len(from) > 0
}

// hostCycles is what the host takes to prepare an image, where op i is the first to read
// it.
func (g *graph) hostCycles(i int) int64 {
	h := &g.m.acc.Host
	if h.ImageUs == 0 && h.NsPerByte == 0 || !slices.Contains(g.producers(i), -1) {
		return 0
	}
	for before := range i {
		if slices.Contains(g.producers(before), -1) {
			return 0
		}
	}
	stored := int64(g.m.chip.Stored(int(max(1, g.ops[i].act))))
	bytes := units.Bytes(g.workload.Ops[i].InputElements() * stored)
	return int64(math.Ceil((h.ImageUs*1e-6 + h.NsPerByte*1e-9*float64(bytes)) * g.m.acc.ClockHz))
}

// interval is the cycles from a run to the next where runs take so many: the host prepares
// the next images meanwhile.
func (e *Evaluator) interval(cycles int64) int64 {
	if e.m.streams() {
		_, cycles = e.slowest()
		return cycles
	}
	var beside int64
	for i := range e.ops {
		if each := e.hostCycles(i); each > 0 {
			beside += each * units.Ceil(e.m.passes(&e.workload.Ops[i])*int64(e.m.together(&e.workload.Ops[i])), int64(e.m.cores()))
		}
	}
	return max(cycles-beside, beside)
}

// work is what op i, which has no weights, is: element-wise work or recursions.
func (g *graph) work(i int) memory.Work {
	en, op := &g.ops[i], &g.workload.Ops[i]
	images := int64(g.m.together(op))
	w := memory.Work{Operations: int64(op.VectorOps) * images}
	in, out := int64(op.ElementsIn), op.OutputElements()
	if op.Kind == workload.Chain {
		in, w.Operations = op.InputElements(), out*images
		w.Busy = g.m.chip.Vector.Chain(op.Recursion, int(images))
	} else {
		w.Busy = g.m.chip.Vector.Cycles(w.Operations)
	}
	for _, from := range g.producers(i) {
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
		g.ops[r].dirty = g.ops[r].dirty || g.m.reuse || g.m.acc.Buffers.FuseAdds
	}
}
