package sim

// tiling cuts a layer into tiles: images × rows × cols output positions, chans
// channels of the reduction, and sets of the schedule (whole convolution groups when
// there are several).
type tiling struct {
	images, rows, cols int
	chans              int
	sets               int
	within             bool // cut the groups themselves: sets of one group at a time
	// inputsFirst: the tiles of one stretch of positions run one after another
	// (inputs stay, weights pass by); else those of one stretch of channels do.
	inputsFirst bool
	weightsHeld bool // all weights fit: each is loaded once
	inputsHeld  bool // all inputs fit
}

// cut is the tiling without its loop order.
func (t *tiling) cut() tiling {
	return tiling{images: t.images, rows: t.rows, cols: t.cols, chans: t.chans, sets: t.sets, within: t.within}
}

// counts returns the number of tiles of each kind.
func (t *tiling) counts(l *layer) (positions, chans, sets int) {
	m := &l.geo
	positions = ceil(l.images, t.images) * ceil(m.outH, t.rows) * ceil(m.outW, t.cols)
	if t.within {
		return positions, ceil(l.chans, t.chans), l.groups * t.perGroup(l)
	}
	return positions, ceil(l.chans, t.chans), max(1, ceil(l.units(), t.sets))
}

// perGroup is the number of tiles of channels of the largest group, when groups are cut.
func (t *tiling) perGroup(l *layer) int { return max(1, ceil(l.largestGroup(), t.sets)) }

// largestGroup is the most sets of a group.
func (l *layer) largestGroup() int {
	n := 0
	for g := range l.groups {
		n = max(n, l.sched.group[g+1]-l.sched.group[g])
	}
	return n
}

// units is what the output channels are cut into: sets, or whole groups of a
// grouped convolution.
func (l *layer) units() int {
	if l.groups > 1 {
		return l.groups
	}
	return len(l.sched.sets)
}

// setRange returns the sets of the i-th tile of channels, and its units.
func (t *tiling) setRange(l *layer, i int) (lo, hi, units int) {
	if t.within {
		g, part := i/t.perGroup(l), i%t.perGroup(l)
		end := l.sched.group[g+1]
		lo = min(l.sched.group[g]+part*t.sets, end)
		return lo, min(lo+t.sets, end), 1
	}
	lo, hi = i*t.sets, min((i+1)*t.sets, l.units())
	units = hi - lo
	if l.groups > 1 {
		lo, hi = l.sched.group[lo], l.sched.group[hi]
	}
	return lo, hi, units
}

// inputChannels returns the input channels that sets lo to hi, of so many units,
// read of a stretch of chans reduction channels.
func (l *layer) inputChannels(lo, hi, units, chans int) int {
	switch {
	case l.perInput:
		return l.share(l.channels, lo, hi)
	case l.groups > 1:
		return units * chans
	}
	return chans
}

// ownInputs reports whether different output channels read different inputs.
func (l *layer) ownInputs() bool { return l.perInput || l.groups > 1 }

// extent is a tile along one axis, or several equal ones in a row.
type extent struct {
	out, in     int // output and input size
	outAt, inAt int // of the first
	repeat      int64
}

// axis lists the tiles of an axis with so many outputs. Unless apart, equal
// neighbours are one extent; the first and the last tile always stay alone.
func axis(dst []extent, outputs, piece int, apart bool, input func(lo, hi int) (at, size int)) []extent {
	dst = dst[:0]
	for lo := 0; lo < outputs; lo += piece {
		hi := min(lo+piece, outputs)
		at, size := input(lo, hi)
		if last := len(dst) - 1; !apart && last > 0 && hi < outputs && dst[last].out == hi-lo && dst[last].in == size {
			dst[last].repeat++
			continue
		}
		dst = append(dst, extent{out: hi - lo, in: size, outAt: lo, inAt: at, repeat: 1})
	}
	return dst
}

// axes lists the tiles of images, rows and columns, and the distinct numbers of
// positions of a tile.
func (t *tiling) axes(l *layer, p *planner, apart bool) {
	m := &l.geo
	p.images = axis(p.images, l.images, t.images, apart, func(lo, hi int) (int, int) { return lo, hi - lo })
	p.rows = axis(p.rows, m.outH, t.rows, apart, m.inputRows)
	p.cols = axis(p.cols, m.outW, t.cols, apart, m.inputCols)
	p.sizes = p.sizes[:0]
	for _, b := range cut(l.images, t.images) {
		for _, r := range cut(m.outH, t.rows) {
			for _, c := range cut(m.outW, t.cols) {
				if n := b.size * r.size * c.size; b.times*r.times*c.times > 0 && variant(p.sizes, n) == len(p.sizes) {
					p.sizes = append(p.sizes, n)
				}
			}
		}
	}
}

// variant returns the index of n among sizes, or their number.
func variant(sizes []int64, n int64) int {
	for i, s := range sizes {
		if s == n {
			return i
		}
	}
	return len(sizes)
}

// inputPixels returns the input positions that all tiles load together, halos
// counted once for each tile.
func (t *tiling) inputPixels(l *layer) int64 {
	m := &l.geo
	var rows, cols int
	for r := 0; r < m.outH; r += t.rows {
		_, n := m.inputRows(r, min(r+t.rows, m.outH))
		rows += n
	}
	for c := 0; c < m.outW; c += t.cols {
		_, n := m.inputCols(c, min(c+t.cols, m.outW))
		cols += n
	}
	return int64(l.images) * int64(rows) * int64(cols)
}

// capacity is what one tile may take of each scratchpad, in bits; 0 = no limit.
type capacity struct {
	weights, inputs, outputs int64
	shared                   bool // weights and inputs share inputs
}

// fits reports whether a tile of the given bits fits.
func (c capacity) fits(weights, inputs, outputs int64) bool {
	within := func(n, limit int64) bool { return limit == 0 || n <= limit }
	if !within(outputs, c.outputs) {
		return false
	}
	if c.shared {
		return within(weights+inputs, c.inputs)
	}
	return within(weights, c.weights) && within(inputs, c.inputs)
}
