package sim

import (
	"fmt"

	"bitcycle/arch"
)

// systolic is an R×C array (hardware model §15.1, SCALE-Sim's dataflows). Weight
// stationary: rows hold the reduction, columns the channels, output positions
// stream by; each fold takes R cycles to shift weights in, N to stream and R+C−2
// to fill and drain. Output stationary: rows hold output positions. Input
// stationary: weight stationary with the operands swapped.
type systolic struct {
	fold       folder
	rows, cols int64
	flow       string
	shadow     bool
	drain      int64
}

func newSystolic(a *arch.Array) (engine, error) {
	e := systolic{fold: newFolder(a), rows: int64(a.Rows), cols: int64(a.Cols), flow: a.Dataflow, shadow: a.ShadowWeights, drain: int64(a.DrainCycles)}
	if e.rows < 1 || e.cols < 1 {
		return nil, fmt.Errorf("array.rows × array.cols = %d × %d: must be at least 1 × 1", a.Rows, a.Cols)
	}
	switch e.flow {
	case "":
		e.flow = "ws"
	case "ws", "os", "is":
	default:
		return nil, fmt.Errorf("array.dataflow = %q: must be ws, os or is", e.flow)
	}
	return e, nil
}

func (e systolic) lanes() int     { return int(e.cols) }
func (e systolic) skew() int64    { return e.rows + e.cols - 2 }
func (e systolic) mode(w int) int { return e.fold.array.RoundWeight(w) }

func (e systolic) grain() int {
	switch e.flow {
	case "os":
		return int(e.rows)
	case "is":
		return int(e.cols)
	}
	return 1
}

func (e systolic) rate(w, a int) float64 {
	pack, passes := e.fold.pack(w, a)
	return float64(e.rows*e.cols*pack) / float64(passes)
}

func (e systolic) time(b *block, s *schedule, scratch *[]round) Stalls {
	switch e.flow {
	case "os":
		return e.outputStationary(b, s, scratch)
	case "is":
		return e.inputStationary(b, s)
	}
	var t Stalls
	work := e.fold.folds(b, e.rows, s.wide)
	*scratch = s.appendRounds((*scratch)[:0], b.lo, b.hi, &work)
	var folds int64
	for _, r := range *scratch {
		t.charge(r, b.n)
		folds += r.max * r.repeat
	}
	load, fill := e.stationary(folds, b.n, b)
	t.WeightLoad, t.Fill = load, fill
	return t
}

// stationary returns the exposed shift-in and the fill of folds that stream n
// elements each. Without a shadow register every fold pays R and R+C−2. With one,
// streams start max(n, R) apart, and only the op's first shift-in and last drain
// are exposed.
func (e systolic) stationary(folds, n int64, b *block) (load, fill int64) {
	if folds == 0 {
		return 0, 0
	}
	if !e.shadow {
		return folds * e.rows, folds * e.skew()
	}
	gap := max(n, e.rows) - n
	load = folds * gap
	if b.first {
		load += e.rows
	}
	if b.last {
		load -= gap
		fill = e.skew()
	}
	return load, fill
}

// outputStationary: per R positions × C channels, ⌈K/pack⌉ beats, R+C−2 of skew and
// the drain.
func (e systolic) outputStationary(b *block, s *schedule, scratch *[]round) Stalls {
	work := e.fold.folds(b, 1, s.wide)
	*scratch = s.appendRounds((*scratch)[:0], b.lo, b.hi, &work)
	var t Stalls
	for _, r := range *scratch {
		t.charge(r, 1)
		t.Fill += e.skew() * r.repeat
		t.Output += e.drain * r.repeat
	}
	return t.times(ceil(b.n, e.rows))
}

// inputStationary: rows hold the reduction, columns the positions, and the channels
// of one group and one width stream by; each class folds the reduction its own way.
func (e systolic) inputStationary(b *block, s *schedule) Stalls {
	work := e.fold.folds(b, e.rows, widths-1)
	var t Stalls
	for lo := b.lo; lo < b.hi; {
		hi := s.groupEnd(lo, b.hi)
		count := s.classes(lo, hi, e.fold.array)
		for w, m := range count {
			if m == 0 {
				continue
			}
			folds := work[w] * ceil(b.n, e.cols)
			load, fill := e.stationary(folds, m, b)
			t.Compute += folds * m
			t.Input += load
			t.Fill += fill
		}
		lo = hi
	}
	return t
}

// groupEnd returns the end of the convolution group that set lo belongs to, at most hi.
func (s *schedule) groupEnd(lo, hi int) int {
	for _, end := range s.group {
		if end > lo {
			return min(end, hi)
		}
	}
	return hi
}

// classes counts the channels of sets lo to hi by the width they are processed at.
func (s *schedule) classes(lo, hi int, a *arch.Array) [widths]int64 {
	var count [widths]int64
	for i := lo; i < hi; i++ {
		for w := 1; w <= int(s.sets[i].max); w++ {
			if c := s.sets[i].count[w]; c > 0 {
				count[min(a.RoundWeight(w), widths-1)] += int64(c)
			}
		}
	}
	return count
}

// access counts every operand that enters the array, as wide as it takes them, and
// every partial sum that leaves it: a stationary operand once a fold, a streaming
// one once for each fold of the other dimension.
func (e systolic) access(b *block, s *schedule) access {
	k := int64(b.chans) * int64(b.area)
	var bits, folded int64 // weight bits; Σ over channels of folds
	work := e.fold.folds(b, e.rows, s.wide)
	for i := b.lo; i < b.hi; i++ {
		for w := int64(1); w <= int64(s.sets[i].max); w++ {
			bits += k * int64(e.fold.array.RoundWeight(int(w))) * int64(s.sets[i].count[w])
			folded += work[w] * int64(s.sets[i].count[w])
		}
	}
	sets := int64(b.hi - b.lo)
	act := int64(e.fold.array.RoundAct(b.act))
	switch e.flow {
	case "os":
		return access{
			weights: bits * ceil(b.n, e.rows), inputs: b.n * k * act * sets,
			outputsWritten: b.n * int64(s.channels(b.lo, b.hi)) * b.sum,
		}
	case "is":
		return access{weights: bits * ceil(b.n, e.cols), inputs: b.n * k * act, outputsWritten: b.n * folded * b.sum}
	}
	return access{weights: bits, inputs: b.n * k * act * sets, outputsWritten: b.n * folded * b.sum}
}
