package stepped

// outputs is an output-stationary array: activations enter at the left and move
// right, weights enter at the top and move down, each row and column one cycle
// after the one before, and every processing element sums its own output.
type outputs struct {
	rows, cols, pack int

	acts, weights []int32 // [row][col·pack]
	sums          []int64 // [row][col]
	left          []beat  // beat that enters each row in this cycle
	top           []beat  // beat that enters each column in this cycle
	corner        []beat  // beat of each element of the last row
	steps         int64

	act    func(b beat, row int, word []int32)
	weight func(b beat, col int, word []int32)
}

func newOutputs(rows, cols, pack int) *outputs {
	return &outputs{
		rows: rows, cols: cols, pack: pack,
		acts: make([]int32, rows*cols*pack), weights: make([]int32, rows*cols*pack),
		sums: make([]int64, rows*cols),
		left: make([]beat, rows), top: make([]beat, cols), corner: make([]beat, cols),
	}
}

// step is one cycle in which b enters the first row and column. It returns the
// beat that the last processing element has done.
func (o *outputs) step(b beat) (done beat) {
	o.steps += int64(o.rows) * int64(o.cols)
	copy(o.left[1:], o.left)
	copy(o.top[1:], o.top)
	o.left[0], o.top[0] = b, b
	width := o.cols * o.pack
	for r := o.rows - 1; r >= 0; r-- {
		acts, weights := o.acts[r*width:(r+1)*width], o.weights[r*width:(r+1)*width]
		copy(acts[o.pack:], acts)
		enter(acts[:o.pack], o.left[r], r, o.act)
		if r > 0 {
			copy(weights, o.weights[(r-1)*width:r*width])
		} else {
			for c, b := range o.top {
				enter(weights[c*o.pack:(c+1)*o.pack], b, c, o.weight)
			}
		}
		sums := o.sums[r*o.cols : (r+1)*o.cols]
		addProducts(sums, sums, weights, acts, o.pack)
	}
	copy(o.corner[1:], o.corner)
	o.corner[0] = o.left[o.rows-1]
	return o.corner[o.cols-1]
}

// enter fills a word from a beat, with zeros from a bubble.
func enter(word []int32, b beat, at int, operand func(b beat, at int, word []int32)) {
	clear(word)
	if b.fold != nil {
		operand(b, at, word)
	}
}

// outputStationary: rows hold output positions, columns the channels of a set,
// and the reduction streams by. Parts of wide operands enter with their place
// value.
func (j *job) outputStationary() {
	a, c := j.array, &j.result.Cycles
	for _, set := range j.sets {
		m := j.modeOf(widest(set))
		o := newOutputs(a.Rows, a.Cols, m.pack)
		o.weight = func(b beat, col int, word []int32) {
			for i := range word {
				if col < len(set) {
					word[i] = m.weights.part(j.weight(set[col], b.fold.k[i]), b.fold.weightPart) << (b.fold.weightPart * m.weights.native)
				}
			}
		}
		for base := 0; base < j.n; base += a.Rows {
			o.act = func(b beat, row int, word []int32) {
				for i := range word {
					word[i] = m.acts.part(j.act(set[0].group, b.fold.k[i], base+row), b.fold.actPart) << (b.fold.actPart * m.acts.native)
				}
			}
			clear(o.sums)
			j.reduce(o, set, m)
			c.Output += j.drain(o, set, base)
		}
		j.result.PESteps += o.steps
	}
}

// reduce streams the reduction through one tile of outputs.
func (j *job) reduce(o *outputs, set []channel, m mode) {
	walk := folder{mode: m, rows: 1, segments: j.segments}
	atWork := j.busyOf(set, 1)
	var stream, work int64
	var last, done *fold
	for f, more := walk.next(); more; f, more = walk.next() {
		last = &f
		done = o.step(beat{fold: last}).fold
		stream++
		work += atWork.next()
	}
	for done != last {
		done = o.step(beat{}).fold
		j.result.Cycles.Fill++
	}
	j.result.Cycles.settle(stream, work, len(set))
}

// drain shifts the sums out at the bottom in the cycles that the array gives
// it; without any they leave on wires of their own.
func (j *job) drain(o *outputs, set []channel, base int) (cycles int64) {
	left := 0 // rows that have left
	for cycle := 1; cycle <= j.array.DrainCycles; cycle++ {
		for ; left*j.array.DrainCycles < cycle*o.rows; left++ {
			j.takeRow(o, set, base, o.rows-1-left)
		}
		o.steps += int64(o.rows) * int64(o.cols)
		cycles++
	}
	for ; left < o.rows; left++ {
		j.takeRow(o, set, base, o.rows-1-left)
	}
	return cycles
}

func (j *job) takeRow(o *outputs, set []channel, base, row int) {
	if base+row >= j.n {
		return
	}
	for col, c := range set {
		j.result.Outputs[c.row*j.n+base+row] = o.sums[row*o.cols+col]
	}
}
