package engine

import (
	"fmt"

	"bitcycle/arch"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/schedule"
	"bitcycle/sim/internal/units"
)

// Systolic is an R×C array in the dataflows of SCALE-Sim (Samajdar et al., ISPASS
// 2020). Weight stationary: rows hold the reduction, columns the channels, output
// positions stream by; each fold takes R cycles to shift weights in, N to stream and
// R+C−2 to fill and drain. Output stationary: rows hold output positions. Input
// stationary: weight stationary with the operands swapped.
//
// See docs/machine-model.md, section 4.2.
type Systolic struct {
	fold       folder
	rows, cols int64
	flow       string
	shadow     bool
	drain      int64
	step       int64   // least cycles of a step; 0: positions stream as one run
	pair       float64 // least mean cycles of the steps on the same weights
}

// NewSystolic builds the engine of an array.
func NewSystolic(a *arch.Array) (Systolic, error) {
	e := Systolic{fold: newFolder(a), rows: int64(a.Rows), cols: int64(a.Cols), flow: a.Dataflow, shadow: a.ShadowWeights, drain: int64(a.DrainCycles), step: int64(a.StepCycles), pair: a.PairCycles}
	if err := hasArray(a); err != nil {
		return e, err
	}
	switch e.flow {
	case "":
		e.flow = "ws"
	case "ws", "os", "is":
	default:
		return e, fmt.Errorf("array.dataflow = %q: must be ws, os or is", e.flow)
	}
	return e, nil
}

// Lanes are the columns.
func (e Systolic) Lanes() int { return int(e.cols) }

// Mode is the next width that the array has.
func (e Systolic) Mode(w int) int { return e.fold.array.RoundWeight(w) }

func (e Systolic) skew() int64 { return e.rows + e.cols - 2 }

// Grain is what stands still in the array.
func (e Systolic) Grain() int {
	switch e.flow {
	case "os":
		return int(e.rows)
	case "is":
		return int(e.cols)
	}
	return 1
}

// Rate is R·C·pack/passes.
func (e Systolic) Rate(w, a int) float64 {
	pack, passes := e.fold.pack(w, a)
	return float64(e.rows*e.cols*pack) / float64(passes)
}

// Time streams N positions for every fold, and shifts weights in.
func (e Systolic) Time(b Block) cost.Stalls {
	switch e.flow {
	case "os":
		return e.outputStationary(&b)
	case "is":
		return e.inputStationary(&b)
	}
	if e.step > 0 {
		return e.steps(&b)
	}
	var t cost.Stalls
	s := b.sched()
	work := e.fold.folds(&b, e.rows, s.Wide)
	var folds int64
	for _, r := range s.Rounds(b.Lo, b.Hi, &work) {
		charge(&t, r, b.N)
		folds += r.Max * r.Repeat
	}
	load, fill := e.stationary(folds, b.N, &b)
	t.WeightLoad, t.Fill = load, fill
	return t
}

// stationary returns the exposed shift-in and the fill of folds that stream n
// elements each. Without a shadow register every fold pays R and R+C−2. With one,
// streams start max(n, R) apart, and only the layer's first shift-in and last drain
// are exposed.
func (e Systolic) stationary(folds, n int64, b *Block) (load, fill int64) {
	if folds == 0 {
		return 0, 0
	}
	if !e.shadow {
		return folds * e.rows, folds * e.skew()
	}
	gap := max(n, e.rows) - n
	load = folds * gap
	if b.First {
		load += e.rows
	}
	if b.Last {
		load -= gap
		fill = e.skew()
	}
	return load, fill
}

// outputStationary: per R positions × C channels, ⌈K/pack⌉ beats, R+C−2 of skew and
// the drain.
func (e Systolic) outputStationary(b *Block) cost.Stalls {
	s := b.sched()
	work := e.fold.folds(b, 1, s.Wide)
	var t cost.Stalls
	for _, r := range s.Rounds(b.Lo, b.Hi, &work) {
		charge(&t, r, 1)
		t.Fill += e.skew() * r.Repeat
		t.Output += e.drain * r.Repeat
	}
	return t.Times(units.Ceil(b.N, e.rows))
}

// inputStationary: rows hold the reduction, columns the positions, and the channels
// of one group and one width stream by; each class folds the reduction its own way.
func (e Systolic) inputStationary(b *Block) cost.Stalls {
	work := e.fold.folds(b, e.rows, schedule.Widths-1)
	var t cost.Stalls
	s := b.sched()
	for lo := b.Lo; lo < b.Hi; {
		hi := s.GroupEnd(lo, b.Hi)
		count := classes(s.Sets[lo:hi], e.fold.array)
		for w, m := range count {
			if m == 0 {
				continue
			}
			folds := work[w] * units.Ceil(b.N, e.cols)
			load, fill := e.stationary(folds, m, b)
			t.Compute += folds * m
			t.Input += load
			t.Fill += fill
		}
		lo = hi
	}
	return t
}

// classes counts the channels of some sets by the width they are processed at.
func classes(sets []schedule.Set, a *arch.Array) [schedule.Widths]int64 {
	var count [schedule.Widths]int64
	for i := range sets {
		for w := int(sets[i].Min); w <= int(sets[i].Max); w++ {
			if c := sets[i].Count[w]; c > 0 {
				count[min(a.RoundWeight(w), schedule.Widths-1)] += int64(c)
			}
		}
	}
	return count
}

// Access counts every operand that enters the array, as wide as it takes them, and
// every partial sum that leaves it and comes back: a stationary operand once a fold, a
// streaming one once for each fold of the other dimension. Every fold but a channel's
// first reads the sums that the one before has written.
func (e Systolic) Access(b Block) Access {
	k, sets := b.reduction(), b.sets()
	var bits, folded int64 // weight bits; Σ over channels of folds
	work := e.fold.folds(&b, e.rows, b.sched().Wide)
	for i := range sets {
		for w := int64(sets[i].Min); w <= int64(sets[i].Max); w++ {
			bits += k * int64(e.fold.array.RoundWeight(int(w))) * int64(sets[i].Count[w])
			folded += work[w] * int64(sets[i].Count[w])
		}
	}
	act := int64(e.fold.array.RoundAct(b.Layer.ActBits))
	sum := b.Layer.SumBits()
	reread := b.N * (folded - b.firsts()) * sum
	switch e.flow {
	case "os":
		a := Access{
			Weights: bits * units.Ceil(b.N, e.rows), Inputs: b.N * k * act * int64(len(sets)),
			OutputsWritten: b.N * b.channels() * sum,
		}
		a.rereads(&b)
		return a
	case "is":
		return Access{Weights: bits * units.Ceil(b.N, e.cols), Inputs: b.N * k * act, OutputsRead: reread, OutputsWritten: b.N * folded * sum}
	}
	return Access{Weights: bits, Inputs: b.N * k * act * int64(len(sets)), OutputsRead: reread, OutputsWritten: b.N * folded * sum}
}
