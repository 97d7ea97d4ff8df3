package sim

// buildTiles writes the tile program of a tiling: tiles in loop order, with what each
// loads, computes and stores. What repeats is listed once, unless apart.
func (m *machine) buildTiles(l *layer, p *planner, t *tiling, apart bool) {
	_, chans, sets := t.counts(l)
	if cut := t.cut(); cut != p.cut || apart { // loop orders share the cut
		t.axes(l, p, apart)
		m.tileTimes(l, p, t, chans, sets)
		p.cut = cut
	}
	p.tiles, p.program = p.tiles[:0], p.program[:0]
	b := builder{m: m, l: l, p: p, t: t, chans: chans, sets: sets, apart: apart, sibling: -1}
	b.place()
	if t.inputsFirst {
		b.positions(0, sets)
	} else {
		for s := range sets {
			at := b.open(1)
			b.positions(s, s+1)
			b.close(at)
		}
	}
	b.finish()
}

// tileTimes fills p.times with the array's time for every distinct number of
// positions, tile of channels, and full or last cut of the reduction, and p.weights
// with the bytes of its weights.
func (m *machine) tileTimes(l *layer, p *planner, t *tiling, chans, sets int) {
	p.times, p.weights = p.times[:0], p.weights[:0]
	for s := range sets {
		lo, hi, _ := t.setRange(l, s)
		for _, n := range [2]int{t.chans, l.chans - (chans-1)*t.chans} {
			p.weights = append(p.weights, bytes(m.pack.weightBits(&l.sched, lo, hi, int64(n)*int64(l.area))))
		}
	}
	for _, n := range p.sizes {
		for s := range sets {
			lo, hi, _ := t.setRange(l, s)
			p.block = l.block(lo, hi, t.chans, n)
			p.times = append(p.times, m.engine.time(&p.block, &l.sched, &p.rounds))
			if rest := l.chans - (chans-1)*t.chans; rest != t.chans {
				p.block.chans = rest
				p.times = append(p.times, m.engine.time(&p.block, &l.sched, &p.rounds))
			} else {
				p.times = append(p.times, p.times[len(p.times)-1])
			}
		}
	}
}

// builder writes a tile program.
type builder struct {
	m           *machine
	l           *layer
	p           *planner
	t           *tiling
	chans, sets int
	apart       bool
	sibling     int // the loop that was closed last, when nothing has been written since

	inputBase, outputBase int64 // bytes
}

// open starts a loop; close ends it and drops it when it repeats the loop before.
func (b *builder) open(repeat int64) int {
	b.p.program = append(b.p.program, step{lo: len(b.p.tiles), repeat: repeat})
	return len(b.p.program) - 1
}

func (b *builder) close(at int) {
	program := b.p.program
	program[at].span = len(program) - at
	before := b.sibling
	b.sibling = at
	if b.apart || before < 0 || before+program[before].span != at || !b.alike(program[before:at], program[at:]) {
		return
	}
	program[before].repeat += program[at].repeat
	b.p.tiles = b.p.tiles[:program[at].lo]
	b.p.program = program[:at]
	b.sibling = before
}

// alike reports whether two loops have bodies that move and compute the same.
func (b *builder) alike(x, y []step) bool {
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i].span != y[i].span || i > 0 && x[i].repeat != y[i].repeat {
			return false
		}
		if x[i].span > 0 {
			continue
		}
		if x[i].hi-x[i].lo != y[i].hi-y[i].lo {
			return false
		}
		for j := range x[i].hi - x[i].lo {
			s, t := &b.p.tiles[x[i].lo+j], &b.p.tiles[y[i].lo+j]
			if s.Weights != t.Weights || s.Inputs != t.Inputs || s.Outputs != t.Outputs || s.Parts != t.Parts {
				return false
			}
		}
	}
	return true
}

// positions writes the loops over images, rows and columns, and inside them the
// tiles of channels from to to.
func (b *builder) positions(from, to int) {
	for i := range b.p.images {
		image := b.open(b.p.images[i].repeat)
		for r := range b.p.rows {
			row := b.open(b.p.rows[r].repeat)
			for c := range b.p.cols {
				col := b.open(b.p.cols[c].repeat)
				st := b.stretch(i, r, c)
				for s := from; s < to; s++ {
					set := b.open(1)
					b.emit(&st, s)
					b.close(set)
				}
				b.close(col)
			}
			b.close(row)
		}
		b.close(image)
	}
}

// stretch is one tile of output positions.
type stretch struct {
	n           int64 // output positions
	pixels      int64 // input positions
	variant     int   // index among the distinct sizes
	first, last bool
	input, out  int64 // first input and output position
}

func (b *builder) stretch(i, r, c int) stretch {
	p, m := b.p, &b.l.geo
	image, row, col := &p.images[i], &p.rows[r], &p.cols[c]
	s := stretch{
		n:      int64(image.out) * int64(row.out) * int64(col.out),
		pixels: int64(image.in) * int64(row.in) * int64(col.in),
		first:  i+r+c == 0,
		last:   i == len(p.images)-1 && r == len(p.rows)-1 && c == len(p.cols)-1,
		input:  (int64(image.inAt)*int64(m.inH)+int64(row.inAt))*int64(m.inW) + int64(col.inAt),
		out:    (int64(image.outAt)*int64(m.outH)+int64(row.outAt))*int64(m.outW) + int64(col.outAt),
	}
	s.variant = variant(p.sizes, s.n)
	return s
}

// place lays the layer's tensors one after the other in memory: weights, inputs, outputs.
func (b *builder) place() {
	const align = 64
	weights := bytes(b.m.pack.weightBits(&b.l.sched, 0, len(b.l.sched.sets), int64(b.l.chans)*int64(b.l.area)))
	b.inputBase = ceil(weights, align) * align
	b.outputBase = b.inputBase + ceil(bytes(b.l.inputBits(b.m, b.l.tilePixelsAll())), align)*align
}

// emit appends the tiles of one stretch of positions and one of channels, a tile
// for each cut of the reduction.
func (b *builder) emit(st *stretch, s int) {
	lo, hi, units := b.t.setRange(b.l, s)
	from := len(b.p.tiles)
	for c := range b.chans {
		chans := min(b.t.chans, b.l.chans-c*b.t.chans)
		tile := Tile{Parts: b.times(st, s, c, chans, lo, hi)}
		if b.loadsWeights(st) {
			tile.Weights = b.p.weights[2*s+bool01(c == b.chans-1)]
		}
		if st.first && s+c == 0 { // metadata travel with the first weights
			tile.Weights += bytes(b.m.pack.metadataBits(&b.l.sched, b.l.virtual))
		}
		if b.loadsInputs(s) && !b.l.inOnChip {
			tile.Inputs = bytes(st.pixels * b.m.pack.pixelBits(int64(b.l.inputChannels(lo, hi, units, chans)), int64(b.l.storeBits)))
		}
		tile.address = [3]int64{b.weightAddress(lo, c), b.inputBase + st.input*int64(b.l.chans*b.l.storeBits)/8, 0}
		if c == b.chans-1 {
			b.output(&tile, st, lo, hi)
		}
		b.p.tiles = append(b.p.tiles, tile)
	}
	b.p.program = append(b.p.program, step{lo: from, hi: len(b.p.tiles), repeat: 1})
}

// loadsWeights: weights are loaded the first time, and again for every stretch of
// positions when another tile has taken their place.
func (b *builder) loadsWeights(st *stretch) bool {
	return st.first || !b.t.weightsHeld && (b.t.inputsFirst || b.chans > 1)
}

func (b *builder) loadsInputs(s int) bool {
	return s == 0 || b.l.ownInputs() || !b.t.inputsHeld && (!b.t.inputsFirst || b.chans > 1)
}

func (b *builder) weightAddress(lo, c int) int64 {
	k := int64(b.l.chans) * int64(b.l.area)
	first := b.l.sched.channels(0, lo)
	return (int64(first)*k + int64(c*b.t.chans*b.l.area)) * int64(max(b.l.sched.wide, 1)) / 8
}

// output adds what the finished outputs of a stretch cost: their bytes and the
// vector unit's epilogue.
func (b *builder) output(tile *Tile, st *stretch, lo, hi int) {
	outputs := b.l.share(b.l.channels, lo, hi)
	if len(b.l.sched.sets) == 0 {
		outputs = b.l.channels
	}
	if !b.l.outOnChip {
		tile.Outputs = bytes(st.n * b.m.pack.pixelBits(int64(outputs), int64(b.l.outBits)))
		if b.m.acc.Memory.ReadOutputs {
			tile.Outputs *= 2
		}
	}
	tile.address[outputKind] = b.outputBase + st.out*int64(b.l.channels*b.l.outBits)/8
	tile.Parts.epilogue(b.m.vectorCycles(b.l, st.n, outputs, lo, hi), b.m.acc.Vector.Overlapped)
}

// finish sums the parts of every tile.
func (b *builder) finish() {
	for i := range b.p.tiles {
		b.p.tiles[i].Cycles = b.p.tiles[i].Parts.Total()
	}
}

// times returns the array's time for a tile: from the table, but for the first and
// the last, which fill and drain the pipeline.
func (b *builder) times(st *stretch, s, c, chans, lo, hi int) Stalls {
	first := st.first && s == 0 && c == 0
	last := st.last && s == b.sets-1 && c == b.chans-1
	if !first && !last {
		return b.p.times[(st.variant*b.sets+s)*2+bool01(c == b.chans-1)]
	}
	b.p.block = b.l.block(lo, hi, chans, st.n)
	b.p.block.first, b.p.block.last = first, last
	return b.m.engine.time(&b.p.block, &b.l.sched, &b.p.rounds)
}

func bool01(b bool) int {
	if b {
		return 1
	}
	return 0
}
