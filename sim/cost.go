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
	case l.active() == 0:
		return m.pricePruned(l, p), nil
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
		if i > 0 && p.best[i].least >= bestCost {
			continue
		}
		c := m.priceTiles(l, p, &p.best[i].tiling)
		score := m.objective(float64(c.parts.Total()), c.loaded, l)
		if i == 0 || score < bestCost {
			best, bestCost = c, score
		}
	}
	return best, nil
}

// pricePruned is a layer without kernels: it writes its constant outputs.
func (m *machine) pricePruned(l *layer, p *planner) cost {
	return m.priceWork(m.prunedWork(l), p, 0)
}

func (m *machine) prunedWork(l *layer) (w work) {
	if !l.outOnChip {
		w.outBits = l.outputBits(m)
	}
	return w
}

// priceTiles runs one tiling through the tile pipeline.
func (m *machine) priceTiles(l *layer, p *planner, t *tiling) cost {
	m.buildTiles(l, p, t, m.dram != nil)
	c := cost{tiling: *t}
	countTiles(p.tiles, p.program, 1, &c)
	m.runTiles(p, &c, nil)
	m.finish(l, p, &c)
	return c
}

// countTiles sums what the tiles of a program move and compute.
func countTiles(tiles []Tile, program []step, times int64, c *cost) {
	for at := 0; at < len(program); {
		s := program[at]
		n := times * s.repeat
		if s.span > 0 {
			countTiles(tiles, program[at+1:at+s.span], n, c)
			at += s.span
			continue
		}
		for i := s.lo; i < s.hi; i++ {
			tile := &tiles[i]
			c.loaded.weights += n * tile.Weights
			c.loaded.inputs += n * tile.Inputs
			c.loaded.outputs += n * tile.Outputs
			c.arrayCycles += n * tile.Cycles
			c.parts.add(tile.Parts.times(n))
		}
		c.tiles += int(n) * (s.hi - s.lo)
		at++
	}
}

// finish fills the counts that follow from the tiling.
func (m *machine) finish(l *layer, p *planner, c *cost) {
	c.read, c.write = c.loaded.weights+c.loaded.inputs, c.loaded.outputs
	if m.acc.Memory.ReadOutputs {
		c.read, c.write = c.read+c.loaded.outputs/2, c.loaded.outputs-c.loaded.outputs/2
	}
	c.sram = m.sramTraffic(l, p, &c.tiling)
	if m.acc.Vector.Lanes > 0 {
		c.vectorOps = l.vectorOps(l.positions(), l.channels, 0, len(l.sched.sets))
	}
}

// priceIdeal is the whole layer as one tile, with memory that takes no time.
func (m *machine) priceIdeal(l *layer, p *planner) cost {
	t := tiling{images: l.images, rows: l.geo.outH, cols: l.geo.outW, chans: l.chans, sets: max(1, l.units()), weightsHeld: true, inputsHeld: true}
	c := cost{tiling: t, tiles: 1, loaded: m.compulsory(l)}
	p.block = l.block(0, len(l.sched.sets), l.chans, l.positions())
	p.block.first, p.block.last = true, true
	c.parts = m.engine.time(&p.block, &l.sched, &p.rounds)
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
func (m *machine) sramTraffic(l *layer, p *planner, t *tiling) access {
	var sum access
	for _, images := range cut(l.images, t.images) {
		for _, rows := range cut(l.geo.outH, t.rows) {
			for _, cols := range cut(l.geo.outW, t.cols) {
				times := images.times * rows.times * cols.times
				if times == 0 {
					continue
				}
				for _, chans := range cut(l.chans, t.chans) {
					if chans.times == 0 {
						continue
					}
					p.block = l.block(0, len(l.sched.sets), int(chans.size), images.size*rows.size*cols.size)
					_, high := l.geo.inputRows(0, int(rows.size))
					_, wide := l.geo.inputCols(0, int(cols.size))
					p.block.inputs = images.size * int64(high) * int64(wide)
					sum.add(m.engine.access(&p.block, &l.sched).times(times * chans.times))
				}
			}
		}
	}
	return sum
}
