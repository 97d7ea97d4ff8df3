package sim

// tiling cuts a layer into tiles: images × rows × cols output positions, chans
// channels of the reduction, and sets of the schedule (whole convolution groups when
// there are several).
type tiling struct {
	images, rows, cols int
	chans              int
	sets               int
	// inputsFirst: the tiles of one stretch of positions run one after another
	// (inputs stay, weights pass by); else those of one stretch of channels do.
	inputsFirst bool
	weightsHeld bool // all weights fit: each is loaded once
	inputsHeld  bool // all inputs fit
}

// counts returns the number of tiles of each kind.
func (t *tiling) counts(l *layer) (positions, chans, sets int) {
	m := &l.map_
	positions = ceil(l.images, t.images) * ceil(m.outH, t.rows) * ceil(m.outW, t.cols)
	return positions, ceil(l.chans, t.chans), max(1, ceil(l.units(), t.sets))
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

// stretch is one tile of output positions.
type stretch struct {
	n       int64 // output positions
	pixels  int64 // input positions of all its images
	variant int   // index among the distinct sizes
	address int64 // of its first input pixel and output position
	outAt   int64
}

// stretches lists the tiles of positions, in row order, and the distinct sizes.
func (t *tiling) stretches(l *layer, dst []stretch, sizes []int64) ([]stretch, []int64) {
	m := &l.map_
	dst, sizes = dst[:0], sizes[:0]
	var pixels, positions int64
	for b := 0; b < l.images; b += t.images {
		images := int64(min(t.images, l.images-b))
		for r := 0; r < m.outH; r += t.rows {
			rows := min(t.rows, m.outH-r)
			inRows := int64(m.inputRows(r, r+rows))
			for c := 0; c < m.outW; c += t.cols {
				cols := min(t.cols, m.outW-c)
				s := stretch{
					n:       images * int64(rows) * int64(cols),
					pixels:  images * inRows * int64(m.inputCols(c, c+cols)),
					address: pixels, outAt: positions,
				}
				s.variant, sizes = variant(sizes, s.n)
				pixels += s.pixels
				positions += s.n
				dst = append(dst, s)
			}
		}
	}
	return dst, sizes
}

func variant(sizes []int64, n int64) (int, []int64) {
	for i, s := range sizes {
		if s == n {
			return i, sizes
		}
	}
	return len(sizes), append(sizes, n)
}

// inputPixels returns the input positions that all tiles load together, halos
// counted once for each tile.
func (t *tiling) inputPixels(l *layer) int64 {
	m := &l.map_
	var rows, cols int64
	for r := 0; r < m.outH; r += t.rows {
		rows += int64(m.inputRows(r, min(r+t.rows, m.outH)))
	}
	for c := 0; c < m.outW; c += t.cols {
		cols += int64(m.inputCols(c, min(c+t.cols, m.outW)))
	}
	return int64(l.images) * rows * cols
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
