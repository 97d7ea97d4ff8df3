package stepped

import (
	"cmp"
	"slices"
)

// stint is the work of a stationary array between two of its stationary words:
// a fold, how many elements stream by, and how many of the columns' channels
// need it at their own width.
type stint struct {
	fold    *fold
	length  int
	working int64
	last    bool // of the channels side by side
	lanes   int
	word    func(f *fold, k int32, col int) int32
}

// play runs stints one after the other and counts their cycles; load is the
// cause that shift-ins are charged to.
func (j *job) play(s *stationary, stints []stint, loading *int64) {
	shadow := j.array.ShadowWeights
	c := &j.result.Cycles
	var stream, work int64
	for i := range stints {
		t := &stints[i]
		if !shadow || i == 0 {
			s.load(t.fold, t.word)
		}
		for !s.loaded() {
			s.step(beat{})
			*loading++
		}
		if shadow {
			s.switches = append(s.switches, 0)
			if i+1 < len(stints) {
				s.load(stints[i+1].fold, stints[i+1].word)
			}
		}
		for x := range t.length {
			s.step(beat{t.fold, x})
			stream++
			work += t.working
		}
		for s.pending > 0 && (!shadow || i == len(stints)-1) {
			s.step(beat{})
			c.Fill++
		}
		if t.last {
			c.settle(stream, work, t.lanes)
			stream, work = 0, 0
		}
	}
	j.result.PESteps += s.steps
}

// weightStationary: rows hold the reduction, columns the channels of a set, and
// output positions stream by.
func (j *job) weightStationary() {
	var stints []stint
	pack := 1
	for _, set := range j.sets {
		m := j.modeOf(widest(set))
		pack = max(pack, m.pack)
		walk := folder{mode: m, rows: j.array.Rows, segments: j.segments}
		atWork := j.busyOf(set, j.array.Rows)
		word := func(f *fold, k int32, col int) int32 {
			if col >= len(set) {
				return 0
			}
			return f.mode.weights.part(j.weight(set[col], k), f.weightPart)
		}
		for f, more := walk.next(); more; f, more = walk.next() {
			f.set = set
			stints = append(stints, stint{fold: &f, length: j.n, working: atWork.next(), lanes: len(set), word: word})
		}
		stints[len(stints)-1].last = true
	}
	s := newStationary(j.array.Rows, j.array.Cols, pack, j.array.ShadowWeights)
	s.stream = func(f *fold, k int32, x int) int32 {
		return f.mode.acts.part(j.act(f.set[0].group, k, x), f.actPart)
	}
	s.leave = func(f *fold, col, x int, sum int64) {
		if col < len(f.set) {
			j.result.Outputs[f.set[col].row*j.n+x] += sum << f.shift()
		}
	}
	j.play(s, stints, &j.result.Cycles.WeightLoad)
}

// inputStationary: rows hold the reduction, columns output positions, and the
// channels of one group and one width stream by, narrow ones first.
func (j *job) inputStationary() {
	for _, class := range j.classes() {
		m := j.modeOf(class[0].bits)
		var stints []stint
		for base := 0; base < j.n; base += j.array.Cols {
			walk := folder{mode: m, rows: j.array.Rows, segments: j.segments}
			word := func(f *fold, k int32, col int) int32 {
				return f.mode.acts.part(j.act(class[0].group, k, base+col), f.actPart)
			}
			for f, more := walk.next(); more; f, more = walk.next() {
				f.base = base
				stints = append(stints, stint{fold: &f, length: len(class), working: 1, lanes: 1, last: true, word: word})
			}
		}
		s := newStationary(j.array.Rows, j.array.Cols, m.pack, j.array.ShadowWeights)
		s.stream = func(f *fold, k int32, x int) int32 {
			return f.mode.weights.part(j.weight(class[x], k), f.weightPart)
		}
		s.leave = func(f *fold, col, x int, sum int64) {
			if n := f.base + col; n < j.n {
				j.result.Outputs[class[x].row*j.n+n] += sum << f.shift()
			}
		}
		j.play(s, stints, &j.result.Cycles.Input)
	}
}

// classes collects the channels of each group that are processed at one width.
func (j *job) classes() [][]channel {
	byWidth := map[[2]int][]channel{}
	var keys [][2]int
	for _, set := range j.sets {
		for _, c := range set {
			key := [2]int{c.group, j.array.RoundWeight(c.bits)}
			if byWidth[key] == nil {
				keys = append(keys, key)
			}
			byWidth[key] = append(byWidth[key], c)
		}
	}
	slices.SortFunc(keys, func(a, b [2]int) int { return cmp.Or(a[0]-b[0], a[1]-b[1]) })
	var classes [][]channel
	for _, key := range keys {
		classes = append(classes, byWidth[key])
	}
	return classes
}
