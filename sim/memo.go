package sim

import (
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/energy"
	"bitcycle/sim/internal/memory"
)

// priced is what an op takes, and what it does in the array.
type priced struct {
	cost  memory.Cost
	array energy.Array
	of    int32   // counts the prices behind array
	work  float64 // cycles that the full array would need
	// weights are the bytes of all weights and what travels with them.
	weights int64
}

// question is what the price of an op depends on, in numbers that the memo gives.
type question struct {
	part   int32 // what matters of the machine
	shape  int32 // of the op
	widths int32 // of its weights
	act    uint8 // width of its activations
	out    uint8 // width that its outputs are stored at
	chip   uint8 // whether inputs and outputs stay on chip
}

// task is the same for ops without weights.
type task struct {
	part int32
	work memory.Work
}

// memo remembers prices: an op that is like another, on a machine that is like another in
// what matters, is looked up. It forgets everything when it is full, so that it takes some
// megabytes at most.
type memo struct {
	parts  map[string]int32
	prices map[question]int32
	tasks  map[task]int32
	known  []priced
	costs  []memory.Cost // of tasks
	text   []byte        // scratch
}

// How much is remembered: machines, prices, tasks, and shapes and widths of a workload.
const (
	maxParts  = 1 << 10
	maxPrices = 1 << 12
	maxShapes = 1 << 12
)

func (m *memo) forget() {
	if m.parts == nil {
		m.parts, m.prices, m.tasks = map[string]int32{}, map[question]int32{}, map[task]int32{}
	}
	clear(m.parts)
	clear(m.prices)
	clear(m.tasks)
	m.known, m.costs = m.known[:0], m.costs[:0]
}

// part returns the number of what matters of a machine, and whether it was known.
func (m *memo) part(of *machine) (part int32, known bool) {
	m.text = of.appendPart(m.text[:0])
	if part, known = m.parts[string(m.text)]; known {
		return part, true
	}
	if len(m.parts) == maxParts {
		m.forget()
	}
	part = int32(len(m.parts))
	m.parts[string(m.text)] = part
	return part, false
}

// charge returns what is known about a question, nil if nothing.
func (m *memo) charge(q question) *priced {
	if at, ok := m.prices[q]; ok {
		return &m.known[at]
	}
	return nil
}

// remember keeps the answer to a question. Widths of a search are not asked again.
func (m *memo) remember(q question, p *priced) {
	if q.widths < 0 {
		return
	}
	if len(m.known) == maxPrices {
		clear(m.prices)
		m.known = m.known[:0]
	}
	m.prices[q] = int32(len(m.known))
	m.known = append(m.known, *p)
}

// taskCost returns the cost of work, by the memory system where it is not known.
func (m *memo) taskCost(t task, find func() (memory.Cost, error)) (memory.Cost, error) {
	if at, ok := m.tasks[t]; ok {
		return m.costs[at], nil
	}
	c, err := find()
	if err != nil {
		return c, err
	}
	if len(m.costs) == maxPrices {
		clear(m.tasks)
		m.costs = m.costs[:0]
	}
	m.tasks[t] = int32(len(m.costs))
	m.costs = append(m.costs, c)
	return c, nil
}

// shape is what the price of a product depends on besides its widths.
type shape struct {
	kind                  workload.Kind
	m, k, n, groups, more int
	in                    [3]int
	kernel                [2]int
	stride                [2]int
	pad                   [4]int
	dilation              [2]int
	out                   [2]int
	points                string
	vectorOps             int
	dynamic, first        bool
	own                   string // name of an op whose loops are fixed
}

func shapeOf(op *workload.Op, first bool) shape {
	return shape{
		kind: op.Kind, m: op.M, k: op.K, n: op.N, groups: op.Groups, more: op.Batch,
		in: op.In, kernel: op.Kernel, stride: op.Stride, pad: op.Pad, dilation: op.Dilation, out: op.Out,
		points: string(op.Points), vectorOps: op.VectorOps, dynamic: op.Dynamic, first: first,
	}
}

// numbers gives equal things equal numbers, the most recent ones.
type numbers[T comparable] struct {
	of   map[T]int32
	next int32
}

func (n *numbers[T]) number(v T) int32 {
	if at, ok := n.of[v]; ok {
		return at
	}
	if n.of == nil || len(n.of) == maxShapes {
		n.of = map[T]int32{}
	}
	at := n.next
	n.of[v] = at
	n.next++
	return at
}
