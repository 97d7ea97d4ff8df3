package stepped

import (
	"container/heap"
	"fmt"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

// link is one sub-chain of a recursion: a stretch of a row whose state starts
// at zero. Its steps follow each other by the latency of a unit.
type link struct {
	index, row, at, end int
	state               []int64 // u(i−1), u(i−2), …
}

// runChain runs Sigma-Delta recursions of order r on a pool of pipelined units:
// for every element in turn
//
//	s = y(i) + Σ_{k=1..r} (−1)^(k+1)·C(r,k)·u(i−k)
//	q(i) = the level nearest to s, u(i) = s − q(i)
//
// (Benedetto, Powell and Yılmaz, "Sigma-Delta quantization and finite frames",
// IEEE Trans. Inf. Theory 52, 2006; u saturates at the accumulator's width).
// Every cycle each unit takes the next step of the waiting sub-chain that has
// the most steps left.
func runChain(acc *arch.Accelerator, op *workload.Op, acts []int32, opt Options) (Result, error) {
	if err := (&workload.Workload{Ops: []workload.Op{*op}}).Validate(); err != nil {
		return Result{}, err
	}
	r := op.Recursion
	rows := r.Rows * op.Batch * max(acc.Batch, 1)
	if want := rows * r.Length; len(acts) != want {
		return Result{}, fmt.Errorf("%d inputs: must be %d, images × rows × length", len(acts), want)
	}
	if r.Order > 4 {
		return Result{}, fmt.Errorf("recursion.order = %d: must be 1 to 4", r.Order)
	}
	u := units{
		op: op, acts: acts, opt: opt, taps: binomials(r.Order),
		count: max(acc.Vector.ChainUnits, 1), busy: make([][]*link, max(acc.Vector.ChainCycles, 1)),
		ready: cutChains(r, rows), result: Result{Outputs: make([]int64, rows*r.Length)},
	}
	u.opt.Level, u.opt.Half = max(opt.Level, 1), max(opt.Half, 1)
	u.run()
	return u.result, nil
}

// cutChains cuts every row into sub-chains of Block elements.
func cutChains(r workload.Recursion, rows int) (links queue) {
	block := r.Block
	if block == 0 {
		block = r.Length
	}
	for row := range rows {
		for at := 0; at < r.Length; at += block {
			links = append(links, &link{len(links), row, at, min(at+block, r.Length), make([]int64, r.Order)})
		}
	}
	return links
}

// queue orders sub-chains by the steps they have left, most first, as a heap.
type queue []*link

func (q queue) Len() int      { return len(q) }
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q queue) Less(i, j int) bool {
	left, right := q[i].end-q[i].at, q[j].end-q[j].at
	return left > right || left == right && q[i].index < q[j].index
}
func (q *queue) Push(x any) { *q = append(*q, x.(*link)) }

func (q *queue) Pop() any {
	last := len(*q) - 1
	l := (*q)[last]
	*q = (*q)[:last]
	return l
}

// binomials returns (−1)^(k+1)·C(order, k) for k from 1.
func binomials(order int) []int64 {
	taps := []int64{}
	c := int64(1)
	for k := 1; k <= order; k++ {
		c = c * int64(order-k+1) / int64(k)
		taps = append(taps, c*int64(2*(k%2)-1))
	}
	return taps
}

// units is the pool of recursion units at work.
type units struct {
	op     *workload.Op
	acts   []int32
	opt    Options
	taps   []int64
	count  int
	ready  queue
	busy   [][]*link // in the pipelines: those that leave after this cycle, after the next …
	result Result
}

// run steps the pool until all sub-chains are done.
func (u *units) run() {
	heap.Init(&u.ready)
	for under := len(u.ready); under > 0; {
		last := len(u.busy) - 1
		started := u.busy[last][:0]
		for range min(u.count, len(u.ready)) {
			l := heap.Pop(&u.ready).(*link)
			u.step(l)
			started = append(started, l)
		}
		u.busy[last] = started
		for _, l := range u.busy[0] {
			if l.at < l.end {
				heap.Push(&u.ready, l)
			} else {
				under--
			}
		}
		first := u.busy[0]
		copy(u.busy, u.busy[1:])
		u.busy[last] = first[:0]
		u.result.Cycles.Compute++
		u.result.PESteps += int64(u.count)
	}
}

// step quantizes the next element of a sub-chain.
func (u *units) step(l *link) {
	i := l.row*u.op.Recursion.Length + l.at
	s := int64(u.acts[i])
	for k, tap := range u.taps {
		s += tap * l.state[k]
	}
	q := u.quantize(s)
	copy(l.state[1:], l.state)
	l.state[0] = u.saturate(s - q)
	u.result.Outputs[i] = q
	l.at++
}

// quantize returns the level nearest to s; halfway goes up.
func (u *units) quantize(s int64) int64 {
	step := 2 * u.opt.Level
	below := s / step
	if s%step < 0 {
		below--
	}
	odd := 2*below + 1
	top := 2*u.opt.Half - 1
	return u.opt.Level * max(-top, min(odd, top))
}

// saturate clips a state to its accumulator.
func (u *units) saturate(v int64) int64 {
	bits := u.op.Recursion.StateBits
	if bits == 0 || bits > 63 {
		return v
	}
	low, high := int64(-1)<<(bits-1), int64(1)<<(bits-1)-1
	if v < low || v > high {
		u.result.Saturated++
	}
	return max(low, min(v, high))
}
