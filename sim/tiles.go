package sim

// buildTiles lists the tiles of a tiling in loop order, with what each loads,
// computes and stores.
func (m *machine) buildTiles(l *layer, p *planner, t *tiling) {
	p.stretches, p.sizes = t.stretches(l, p.stretches, p.sizes)
	_, chans, sets := t.counts(l)
	m.tileTimes(l, p, t, chans, sets)
	p.tiles = p.tiles[:0]
	b := builder{m: m, l: l, p: p, t: t, chans: chans, sets: sets}
	b.place()
	if t.inputsFirst {
		for i := range p.stretches {
			for s := range sets {
				b.emit(i, s)
			}
		}
	} else {
		for s := range sets {
			for i := range p.stretches {
				b.emit(i, s)
			}
		}
	}
	b.finish()
}

// tileTimes fills p.times with the array's time for every distinct number of
// positions, tile of channels, and full or last cut of the reduction.
func (m *machine) tileTimes(l *layer, p *planner, t *tiling, chans, sets int) {
	p.times = p.times[:0]
	for _, n := range p.sizes {
		for s := range sets {
			lo, hi, _ := t.setRange(l, s)
			full := l.block(lo, hi, t.chans, n)
			last := l.block(lo, hi, l.chans-(chans-1)*t.chans, n)
			p.times = append(p.times, m.engine.time(&full, &l.sched, &p.rounds))
			if last.chans == full.chans {
				p.times = append(p.times, p.times[len(p.times)-1])
			} else {
				p.times = append(p.times, m.engine.time(&last, &l.sched, &p.rounds))
			}
		}
	}
}

// builder emits tiles.
type builder struct {
	m           *machine
	l           *layer
	p           *planner
	t           *tiling
	chans, sets int

	inputBase, outputBase int64 // bytes
	weightAt              int64
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
func (b *builder) emit(i, s int) {
	st := &b.p.stretches[i]
	lo, hi, units := b.t.setRange(b.l, s)
	for c := range b.chans {
		chans := min(b.t.chans, b.l.chans-c*b.t.chans)
		tile := Tile{Parts: b.times(st, s, c, chans, lo, hi)}
		if b.loadsWeights(i) {
			tile.Weights = bytes(b.m.pack.weightBits(&b.l.sched, lo, hi, int64(chans)*int64(b.l.area)))
		}
		if b.loadsInputs(s) && !b.l.inOnChip {
			tile.Inputs = bytes(st.pixels * b.m.pack.pixelBits(int64(b.l.inputChannels(lo, hi, units, chans)), int64(b.l.storeBits)))
		}
		tile.address = [3]int64{b.weightAddress(lo, c), b.inputBase + st.address*int64(b.l.chans*b.l.storeBits)/8, 0}
		if c == b.chans-1 {
			b.output(&tile, st, lo, hi)
		}
		b.p.tiles = append(b.p.tiles, tile)
	}
}

// loadsWeights: weights are loaded the first time, and again for every stretch of
// positions when another tile has taken their place.
func (b *builder) loadsWeights(i int) bool {
	return i == 0 || !b.t.weightsHeld && (b.t.inputsFirst || b.chans > 1)
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
	tile.address[outputKind] = b.outputBase + st.outAt*int64(b.l.channels*b.l.outBits)/8
	tile.Parts.epilogue(b.m.vectorCycles(b.l, st.n, outputs, lo, hi), b.m.acc.Vector.Overlapped)
}

// finish adds the metadata that travels with the first weights.
func (b *builder) finish() {
	b.p.tiles[0].Weights += bytes(b.m.pack.metadataBits(&b.l.sched, b.l.virtual))
	for i := range b.p.tiles {
		b.p.tiles[i].Cycles = b.p.tiles[i].Parts.Total()
	}
}

// times returns the array's time for a tile: from the table, but for the first and
// the last, which fill and drain the pipeline.
func (b *builder) times(st *stretch, s, c, chans, lo, hi int) Stalls {
	at := len(b.p.tiles)
	first, last := at == 0, at == len(b.p.stretches)*b.sets*b.chans-1
	if !first && !last {
		return b.p.times[(st.variant*b.sets+s)*2+bool01(c == b.chans-1)]
	}
	edge := b.l.block(lo, hi, chans, st.n)
	edge.first, edge.last = first, last
	return b.m.engine.time(&edge, &b.l.sched, &b.p.rounds)
}

func bool01(b bool) int {
	if b {
		return 1
	}
	return 0
}
