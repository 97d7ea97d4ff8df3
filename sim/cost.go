package sim

// cost is what a layer takes: cycles by cause, memory traffic in bytes, scratchpad
// traffic in bits, and the tiling behind it.
type cost struct {
	parts       Stalls
	arrayCycles int64 // in which the array is busy
	read, write int64 // bytes of memory
	sram        access
	loaded      traffic // bytes that pass from memory through each scratchpad
	vectorOps   int64
	dramPJ      float64 // from the closed-loop model; 0 when priced per bit
	tiling      tiling
	steady      steadyTiling
	tiles       int
}

// addTimes adds n layers' worth of o.
func (c *cost) addTimes(o *cost, n int64) {
	c.parts.add(o.parts.times(n))
	c.sram.add(o.sram.times(n))
	c.arrayCycles += n * o.arrayCycles
	c.read += n * o.read
	c.write += n * o.write
	c.loaded.weights += n * o.loaded.weights
	c.loaded.inputs += n * o.loaded.inputs
	c.loaded.outputs += n * o.loaded.outputs
	c.tiles += int(n) * o.tiles
	if n > 0 {
		c.steady = o.steady
	}
}

// price finds the cheapest tiling of a product and runs it.
func (m *machine) price(l *layer, p *planner) (cost, error) {
	switch {
	case m.overlap == overlapNone:
		return m.priceIdeal(l, p), nil
	case m.overlap == overlapSteady:
		return m.priceSteady(l, p)
	case m.overlap == overlapMax:
		return m.priceMax(l, p)
	}
	if err := m.plan(l, p); err != nil {
		return cost{}, err
	}
	var best cost
	bestCost := 0.0
	for i := range p.best {
		c := m.priceTiles(l, p, &p.best[i].tiling)
		score := m.objective(float64(c.parts.Total()), c.loaded, l)
		if i == 0 || score < bestCost {
			best, bestCost = c, score
		}
	}
	return best, nil
}

// priceTiles runs one tiling through the tile pipeline.
func (m *machine) priceTiles(l *layer, p *planner, t *tiling) cost {
	m.buildTiles(l, p, t)
	c := cost{tiling: *t, tiles: len(p.tiles)}
	for i := range p.tiles {
		tile := &p.tiles[i]
		c.loaded.weights += tile.Weights
		c.loaded.inputs += tile.Inputs
		c.loaded.outputs += tile.Outputs
		c.arrayCycles += tile.Cycles
	}
	m.runTiles(p, &c, nil)
	m.finish(l, p, &c)
	return c
}

// finish fills the counts that follow from the tiling.
func (m *machine) finish(l *layer, p *planner, c *cost) {
	c.read, c.write = c.loaded.weights+c.loaded.inputs, c.loaded.outputs
	if m.acc.Memory.ReadOutputs {
		c.read, c.write = c.read+c.loaded.outputs/2, c.loaded.outputs-c.loaded.outputs/2
	}
	c.sram = m.sramTraffic(l, &c.tiling)
	if m.acc.Vector.Lanes > 0 {
		c.vectorOps = l.vectorOps(l.positions(), l.channels, 0, len(l.sched.sets))
	}
}

// priceIdeal is the whole layer as one tile, with memory that takes no time.
func (m *machine) priceIdeal(l *layer, p *planner) cost {
	t := tiling{images: l.images, rows: l.map_.outH, cols: l.map_.outW, chans: l.chans, sets: max(1, l.units()), weightsHeld: true, inputsHeld: true}
	c := cost{tiling: t, tiles: 1, loaded: m.compulsory(l)}
	b := l.block(0, len(l.sched.sets), l.chans, l.positions())
	b.first, b.last = true, true
	c.parts = m.engine.time(&b, &l.sched, &p.rounds)
	c.parts.epilogue(m.vectorCycles(l, l.positions(), l.channels, 0, len(l.sched.sets)), m.acc.Vector.Overlapped)
	c.arrayCycles = c.parts.Total()
	m.finish(l, p, &c)
	return c
}

// compulsory is the traffic of a machine that loads and stores every tensor once.
func (m *machine) compulsory(l *layer) traffic {
	t := traffic{
		weights: bytes(m.pack.weightBits(&l.sched, 0, len(l.sched.sets), int64(l.chans)*int64(l.area)) + m.pack.metadataBits(&l.sched, l.virtual)),
		inputs:  bytes(l.inputBits(m, l.tilePixelsAll())),
		outputs: bytes(l.outputBits(m)),
	}
	if l.inOnChip {
		t.inputs = 0
	}
	if l.outOnChip {
		t.outputs = 0
	}
	if m.acc.Memory.ReadOutputs {
		t.outputs *= 2
	}
	return t
}

// sramTraffic sums the engine's scratchpad traffic over the tiles.
func (m *machine) sramTraffic(l *layer, t *tiling) access {
	var sum access
	each(l.images, t.images, func(images, times1 int) {
		each(l.map_.outH, t.rows, func(rows, times2 int) {
			each(l.map_.outW, t.cols, func(cols, times3 int) {
				each(l.chans, t.chans, func(chans, times4 int) {
					b := l.block(0, len(l.sched.sets), chans, int64(images)*int64(rows)*int64(cols))
					b.inputs = int64(images) * int64(l.map_.inputRows(0, rows)) * int64(l.map_.inputCols(0, cols))
					sum.add(m.engine.access(&b, &l.sched).times(int64(times1) * int64(times2) * int64(times3) * int64(times4)))
				})
			})
		})
	})
	return sum
}
