package stepped

// packing is how a processing element of native width takes an operand: pack
// of them at a time, or parts of one, one pass each.
type packing struct{ pack, parts, native int }

// packOf returns the packing of an operand that the array processes at width
// bits. A native width of 0 takes every operand whole.
func packOf(width, native int, on bool) packing {
	switch {
	case native == 0:
		return packing{1, 1, 32}
	case width > native:
		parts := 1
		for parts*native < width {
			parts++
		}
		return packing{1, parts, native}
	case on:
		return packing{native / width, 1, native}
	}
	return packing{1, 1, native}
}

// part returns part i of v: native bits of it, the last one with the sign.
func (p packing) part(v int32, i int) int32 {
	if i == p.parts-1 {
		return v >> (i * p.native)
	}
	return v >> (i * p.native) & (1<<p.native - 1)
}

// mode is how a set of channels uses the array: all of it runs as the widest
// channel needs.
type mode struct {
	bits          int // width that the weights are processed at
	weights, acts packing
	pack          int // reduction elements that a processing element takes at a time
}

func (j *job) modeOf(bits int) mode {
	a := j.array
	m := mode{bits: a.RoundWeight(bits)}
	m.weights = packOf(m.bits, a.NativeWeightBits, a.Pack)
	m.acts = packOf(a.RoundAct(int(j.op.ActBits)), a.NativeActBits, a.Pack)
	m.pack = m.weights.pack * m.acts.pack
	return m
}

// fold is one filling of the array's rows with a stretch of the reduction and a
// part of each operand.
type fold struct {
	k                   []int32 // reduction index of each row's elements, −1 for none
	weightPart, actPart int
	mode                mode
	set                 []channel    // in the columns, when weights stay
	base                int          // output position of the first column, when inputs stay
	mix                 *composition // of a fusion unit's bricks
}

// shift is the place value of the products of a fold.
func (f *fold) shift() uint {
	return uint(f.weightPart*f.mode.weights.native + f.actPart*f.mode.acts.native)
}

// folder walks the folds of a reduction: its segments, stretches of them as
// long as the rows hold, and the passes over the parts of wide operands.
type folder struct {
	mode                mode
	rows                int
	segments            [][]int32
	segment, start      int
	weightPart, actPart int
}

// next returns the next fold, or false when the reduction is done.
func (w *folder) next() (fold, bool) {
	if w.segment == len(w.segments) {
		return fold{}, false
	}
	segment := w.segments[w.segment]
	f := fold{
		k: make([]int32, w.rows*w.mode.pack), weightPart: w.weightPart, actPart: w.actPart,
		mode: w.mode,
	}
	for i := range f.k {
		f.k[i] = -1
		if w.start+i < len(segment) {
			f.k[i] = segment[w.start+i]
		}
	}
	w.advance(len(f.k), len(segment))
	return f, true
}

// advance goes to the next part of an operand, else the next stretch, else the
// next segment.
func (w *folder) advance(stretch, length int) {
	if w.actPart++; w.actPart < w.mode.acts.parts {
		return
	}
	w.actPart = 0
	if w.weightPart++; w.weightPart < w.mode.weights.parts {
		return
	}
	w.weightPart = 0
	if w.start += stretch; w.start < length {
		return
	}
	w.start = 0
	w.segment++
}

// busy counts the channels of a set that would still be at work in each fold if
// every one ran at its own width.
type busy []folder

func (j *job) busyOf(set []channel, rows int) busy {
	b := make(busy, len(set))
	for i, c := range set {
		b[i] = folder{mode: j.modeOf(c.bits), rows: rows, segments: j.segments}
	}
	return b
}

// next counts the channels at work in the next fold.
func (b busy) next() (working int64) {
	for i := range b {
		w := &b[i]
		if w.segment < len(w.segments) {
			working++
			w.advance(w.rows*w.mode.pack, len(w.segments[w.segment]))
		}
	}
	return working
}
