package sim

import (
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/cost"
)

// stream is when the ops of one frame work on a streaming machine whose layers overlap
// within the frame.
//
// See docs/machine-model.md, section 4.6.
type stream struct {
	start, end []float64 // cycles from the start of the frame
}

// streamFrame runs one frame through the units. An op begins when its first window has come
// from the latest of its producers, which yield their outputs evenly, and ends no sooner
// than it has done its work, nor than its last window has come.
func (e *Evaluator) streamFrame() stream {
	s := stream{make([]float64, len(e.ops)), make([]float64, len(e.ops))}
	for i := range e.ops {
		op := &e.workload.Ops[i]
		took := float64(e.ops[i].cost.Parts.Total())
		first, last := firstWindow(op)
		for _, from := range e.producers(i) {
			if from < 0 {
				continue
			}
			s.start[i] = max(s.start[i], s.start[from]+first*(s.end[from]-s.start[from]))
			s.end[i] = max(s.end[i], s.end[from]+last*took)
		}
		s.end[i] = max(s.end[i], s.start[i]+took)
	}
	return s
}

// firstWindow is the share of a frame that has come when the first window of an op is
// there, position by position, and the share of its own work that the last one takes.
func firstWindow(op *workload.Op) (first, last float64) {
	switch op.Kind {
	case workload.Conv, workload.Depthwise:
		extent := func(i int) int { return (op.Kernel[i]-1)*max(1, op.Dilation[i]) + 1 }
		rows, cols := max(1, extent(0)-op.Pad[0]), max(1, extent(1)-op.Pad[1])
		return min(1, float64((rows-1)*op.In[2]+cols)/float64(op.In[1]*op.In[2])), 1 / float64(op.N)
	case workload.MatMul:
		if op.Dynamic {
			return 1, 1
		}
		return 1 / float64(op.N), 1 / float64(op.N)
	}
	return 0, 0
}

// shares charges each op what the frame takes longer because of it: the ends of the ops,
// in their order, as far as they lie behind all before. They sum to the latency.
func (s stream) shares(e *Evaluator) []cost.Stalls {
	parts := make([]cost.Stalls, len(s.end))
	var latest int64
	for i := range s.end {
		own := e.ops[i].cost.Parts
		more := max(0, int64(s.end[i]+0.5)-latest)
		latest += more
		if more >= own.Total() {
			parts[i] = own
			parts[i].Fill += more - own.Total()
			continue
		}
		parts[i] = cost.Stalls{Compute: more}
	}
	return parts
}
