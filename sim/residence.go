package sim

import (
	"slices"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/units"
)

// residence is how long the tensors of a workload are alive, and their sizes in bits: a
// tensor from the op that writes it to the last that reads it.
type residence struct {
	g    *graph
	size []int64 // of the outputs of each op
	last []int   // op that reads them last; -1 if none does
	// later is the sizes of outputs that ops before this one have written and ops
	// after it read.
	later []int64
	// input is the size of the workload's input, inputLast the op that reads it last.
	input     int64
	inputLast int

	// Of a streaming machine: when the first output of an op comes, and how long its
	// outputs wait for others, in frames.
	start, waits []float64
}

func (g *graph) residence() *residence {
	r := &residence{g: g, inputLast: -1, start: make([]float64, len(g.ops)), waits: make([]float64, len(g.ops))}
	for i := range g.ops {
		r.size = append(r.size, g.outputsOf(i))
		last := -1
		if readers := g.ops[i].readers; len(readers) > 0 {
			last = int(slices.Max(readers))
		}
		r.last = append(r.last, last)
		if slices.Contains(g.producers(i), -1) {
			r.input, r.inputLast = max(r.input, g.inputsOf(i)), i
		}
	}
	r.later = make([]int64, len(g.ops)+1)
	for t, last := range r.last {
		if last > t+1 { // alive beside the ops in between
			r.later[t+1] += r.size[t]
			r.later[last] -= r.size[t]
		}
	}
	for i := range g.ops {
		r.later[i+1] += r.later[i]
	}
	return r
}

// outputsOf is the bits of the outputs of op i in memory, of the images that it works on
// together.
func (g *graph) outputsOf(i int) int64 {
	op := &g.workload.Ops[i]
	stored := g.m.chip.Stored(g.outBits(i))
	images := int64(g.m.together(op))
	if op.Kind <= workload.MatMul {
		return images * int64(op.N) * g.m.chip.Pixel(op.Channels(), stored)
	}
	return images * op.OutputElements() * int64(stored)
}

// inputsOf is the bits of what op i says it reads, whole maps. Not all of it need be
// somebody's outputs: a list of layers may leave out what stands between them.
func (g *graph) inputsOf(i int) int64 {
	op := &g.workload.Ops[i]
	return int64(g.m.together(op)) * op.InputElements() * int64(g.m.chip.Stored(int(max(1, g.ops[i].act))))
}

// alive is the bits of the tensors that are kept while op i runs: those that it reads,
// that it writes, and that wait for a later op, such as the shortcut of a residual block.
// Element-wise work that reads a tensor of its output's size for the last time writes in
// its place.
func (r *residence) alive(i int) int64 {
	var waiting, read int64
	write := r.size[i]
	if r.inputLast > i && !slices.Contains(r.g.producers(i), -1) {
		waiting += r.input
	}
	waiting += r.later[i]
	op := &r.g.workload.Ops[i]
	inPlace := op.Kind == workload.Vector
	for at, t := range r.g.producers(i) {
		switch {
		case slices.Contains(r.g.producers(i)[:at], t): // read twice, kept once
		case t < 0:
			read += r.input
		default:
			read += r.size[t]
			if r.last[t] > i { // counted among those that wait
				waiting -= r.size[t]
			}
			if inPlace && r.last[t] == i && r.g.workload.Ops[t].OutputElements() == op.OutputElements() {
				write, inPlace = max(0, write-r.size[t]), false
			}
		}
	}
	return waiting + max(read, r.g.inputsOf(i)) + write
}

// streamed is the bits that the unit of op i keeps on a streaming machine: the rows under
// its window, or one position of a product, and where its operands arrive at different
// times those that wait longer than for an earlier op.
func (r *residence) streamed(i int) int64 {
	var first, kept float64
	for _, t := range r.g.producers(i) {
		if t >= 0 {
			first = max(first, r.start[t])
		}
	}
	for _, t := range r.g.producers(i) {
		if t >= 0 {
			wait := min(1, first-r.start[t])
			kept += max(0, wait-r.waits[t]) * float64(r.size[t])
			r.waits[t] = max(r.waits[t], wait)
		}
	}
	share, lag := window(&r.g.workload.Ops[i])
	r.start[i] = first + lag
	return int64(kept + share*float64(r.g.inputsOf(i)))
}

// window is the share of a frame that an op has at hand while its window passes, and that
// has come before its first output: of the workload's pools the windows are not known.
func window(op *workload.Op) (share, lag float64) {
	switch op.Kind {
	case workload.Conv, workload.Depthwise:
		rows := (op.Kernel[0]-1)*max(1, op.Dilation[0]) + 1
		share = min(1, float64(rows)/float64(op.In[1]))
		lag = min(1, float64(max(1, rows-op.Pad[0]))/float64(op.In[1]))
	case workload.MatMul:
		share = 1 / float64(op.N)
		if lag = share; op.Dynamic {
			share, lag = 1, 1
		}
	}
	return share, lag
}

// fit judges every op and the workload.
func (e *Evaluator) fit() (ops []Fit, all Fit) {
	ops = make([]Fit, 0, len(e.ops))
	r := e.residence()
	rooms := roomsOf(e.m.acc)
	all = rooms
	for i := range e.ops {
		f := rooms
		if !e.workload.Ops[i].Dynamic {
			f.Weights = e.ops[i].weights
		}
		all.Weights += f.Weights
		if e.m.streams() {
			f.Activations = units.Bytes(r.streamed(i))
			all.Activations += f.Activations
		} else {
			f.Activations = units.Bytes(r.alive(i))
			all.Activations = max(all.Activations, f.Activations)
		}
		f.judge(e.m.acc.Memory.External)
		ops = append(ops, f)
	}
	all.judge(e.m.acc.Memory.External)
	return ops, all
}

// roomsOf is a machine's room for weights and activations: activations lie in the input
// and the output scratchpad.
func roomsOf(acc *arch.Accelerator) Fit {
	b := &acc.Buffers
	if b.Unified {
		room := int64(b.Weights.Bytes) + int64(b.Inputs.Bytes)
		return Fit{WeightRoom: room, ActivationRoom: room, Shared: true, Behind: int64(acc.Memory.BehindBytes)}
	}
	f := Fit{WeightRoom: int64(b.Weights.Bytes), ActivationRoom: int64(b.Inputs.Bytes) + int64(b.Outputs.Bytes), Behind: int64(acc.Memory.BehindBytes)}
	if acc.Memory.FlashBytes > 0 {
		f.WeightRoom = int64(acc.Memory.FlashBytes)
	}
	if b.Inputs.Bytes == 0 || b.Outputs.Bytes == 0 {
		f.ActivationRoom = 0
	}
	return f
}
