package stepped

// fused is an R×C array of fusion units. Every unit reads its weights from a
// buffer of its own, so folds follow each other without a bubble. With skew,
// inputs move right and sums move down one unit a cycle; without, all units take
// a beat at once and sums come out delay cycles later.
type fused struct {
	rows, cols int
	skewed     bool
	delay      []*fold // results under way through the output pipeline, when not skewed

	weights [][bricks]int8 // [row·cols]
	recipes []recipe       // [row·cols]
	inputs  [][bricks]int8 // [row·cols]
	sums    []int64        // [(row+1)·cols]; row 0 stays zero
	edge    []beat
	bottom  []beat
	fronts  []front // weights on their way into use
	pending int64
	steps   int64

	input func(b beat, row int) [bricks]int8
	leave func(f *fold, col, x int, sum int64)
}

// front is the diagonal on which units turn to the weights of the next fold.
type front struct {
	weights [][bricks]int8
	recipe  recipe
	age     int
}

func newFused(rows, cols, fill int) *fused {
	f := &fused{
		rows: rows, cols: cols, skewed: fill < 0,
		weights: make([][bricks]int8, rows*cols), recipes: make([]recipe, rows*cols),
		inputs: make([][bricks]int8, rows*cols), sums: make([]int64, (rows+1)*cols),
		edge: make([]beat, rows), bottom: make([]beat, cols),
	}
	if !f.skewed {
		f.delay = make([]*fold, fill)
	}
	return f
}

// step is one cycle in which b enters the array.
func (f *fused) step(b beat) {
	f.steps += int64(f.rows) * int64(f.cols)
	if b.fold != nil {
		f.pending += int64(f.cols)
	}
	if f.skewed {
		f.stepSkewed(b)
	} else {
		f.stepAtOnce(b)
	}
}

func (f *fused) stepSkewed(b beat) {
	copy(f.edge[1:], f.edge)
	f.edge[0] = b
	f.turn()
	for r := f.rows - 1; r >= 0; r-- {
		inputs := f.inputs[r*f.cols : (r+1)*f.cols]
		copy(inputs[1:], inputs)
		inputs[0] = f.word(f.edge[r], r)
		f.addRow(r)
	}
	copy(f.bottom[1:], f.bottom)
	f.bottom[0] = f.edge[f.rows-1]
	for c, b := range f.bottom {
		if b.fold != nil {
			f.leave(b.fold, c, b.x, f.sums[f.rows*f.cols+c])
			f.pending--
		}
	}
}

func (f *fused) stepAtOnce(b beat) {
	for _, t := range f.fronts {
		copy(f.weights, t.weights)
		for i := range f.recipes {
			f.recipes[i] = t.recipe
		}
	}
	f.fronts = f.fronts[:0]
	for r := range f.rows {
		word := f.word(b, r)
		for c := range f.cols {
			f.inputs[r*f.cols+c] = word
		}
		f.addRow(r)
	}
	if b.fold != nil {
		for c := range f.cols {
			f.leave(b.fold, c, b.x, f.sums[f.rows*f.cols+c])
		}
	}
	f.delay = append(f.delay, b.fold)
	if f.delay[0] != nil {
		f.pending -= int64(f.cols)
	}
	f.delay = f.delay[1:]
}

// word is what enters a row.
func (f *fused) word(b beat, row int) [bricks]int8 {
	if b.fold == nil {
		return [bricks]int8{}
	}
	return f.input(b, row)
}

// addRow adds the products of a row of units to the sums of the row above.
func (f *fused) addRow(r int) {
	above, sums := f.sums[r*f.cols:(r+1)*f.cols], f.sums[(r+1)*f.cols:(r+2)*f.cols]
	weights, inputs, recipes := f.weights[r*f.cols:(r+1)*f.cols], f.inputs[r*f.cols:(r+1)*f.cols], f.recipes[r*f.cols:(r+1)*f.cols]
	for c := range sums {
		sums[c] = above[c] + recipes[c].unit(&weights[c], &inputs[c])
	}
}

// turn moves the fronts one diagonal on.
func (f *fused) turn() {
	for i := range f.fronts {
		t := &f.fronts[i]
		for r := range min(f.rows, t.age+1) {
			if c := t.age - r; c < f.cols {
				f.weights[r*f.cols+c] = t.weights[r*f.cols+c]
				f.recipes[r*f.cols+c] = t.recipe
			}
		}
		t.age++
	}
	if len(f.fronts) > 0 && f.fronts[0].age > f.rows+f.cols-2 {
		f.fronts = f.fronts[1:]
	}
}

// fusion runs a product on an array of fusion units: rows hold the reduction,
// columns the channels of a set.
func (j *job) fusion() error {
	a, c := j.array, &j.result.Cycles
	f := newFused(a.Rows, a.Cols, a.FillCycles)
	f.leave = func(fold *fold, col, x int, sum int64) {
		if col < len(fold.set) {
			j.result.Outputs[fold.set[col].row*j.n+x] += sum << fold.shift()
		}
	}
	f.input = j.inputDigits
	var before mode
	for i, set := range j.sets {
		m := j.modeOf(widest(set))
		if i > 0 && m.bits != before.bits {
			for range a.ReconfigCycles {
				f.step(beat{})
				c.Fill++
			}
		}
		before = m
		if err := j.streamSet(f, set, m); err != nil {
			return err
		}
	}
	for f.pending > 0 {
		f.step(beat{})
		c.Fill++
	}
	j.result.PESteps += f.steps
	return nil
}

func (j *job) compose(m mode) (composition, error) {
	half := func(width int, p packing) int { return (min(width, p.native) + 1) / 2 }
	return compose(half(m.bits, m.weights), half(j.array.RoundAct(int(j.op.ActBits)), m.acts), m.pack)
}

// streamSet sends all output positions through every fold of a set.
func (j *job) streamSet(f *fused, set []channel, m mode) error {
	mix, err := j.compose(m)
	if err != nil {
		return err
	}
	walk := folder{mode: m, rows: j.array.Rows, segments: j.segments}
	atWork := j.busyOf(set, j.array.Rows)
	var stream, work int64
	for next, more := walk.next(); more; next, more = walk.next() {
		next.set, next.mix = set, &mix
		f.fronts = append(f.fronts, front{weights: j.weightDigits(&next), recipe: mix.recipe})
		working := atWork.next()
		for x := range j.n {
			f.step(beat{&next, x})
			stream++
			work += working
		}
	}
	j.result.Cycles.settle(stream, work, len(set))
	return nil
}

// weightDigits fills the weight buffers of a fold: the digit of each brick.
func (j *job) weightDigits(f *fold) [][bricks]int8 {
	words := make([][bricks]int8, j.array.Rows*j.array.Cols)
	signed := f.weightPart == f.mode.weights.parts-1 && !j.opt.UnsignedWeights
	for i := range words {
		row, col := i/j.array.Cols, i%j.array.Cols
		if col >= len(f.set) {
			continue
		}
		for b, e := range f.mix.element {
			if e >= 0 {
				v := f.mode.weights.part(j.weight(f.set[col], f.k[row*f.mode.pack+int(e)]), f.weightPart)
				words[i][b] = digit(v, int(f.mix.weight[b]), f.mix.digits[0], signed)
			}
		}
	}
	return words
}

// inputDigits routes a row's input word to the bricks.
func (j *job) inputDigits(b beat, row int) (word [bricks]int8) {
	f := b.fold
	signed := f.actPart == f.mode.acts.parts-1 && j.op.ActSigned
	for i, e := range f.mix.element {
		if e >= 0 {
			v := f.mode.acts.part(j.act(f.set[0].group, f.k[row*f.mode.pack+int(e)], b.x), f.actPart)
			word[i] = digit(v, int(f.mix.act[i]), f.mix.digits[1], signed)
		}
	}
	return word
}
