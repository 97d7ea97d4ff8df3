package sim

import "math"

// search returns the tiling of fewest cycles, the one of least energy among equals.
func (s *steady) search() (steadyCost, bool) {
	best := steadyCost{busy: math.MaxInt64 / 2}
	if s.m.opt.Loops != nil {
		return s.fixed(s.m.opt.Loops)
	}
	var t steadyTiling
	for oc := s.smallest(); ; oc *= 2 {
		t.set(s, loopOC, oc)
		for ic := 1; ; ic *= 2 {
			t.set(s, loopIC, ic)
			if within(s.weightTile(&t), s.m.limit.weights) {
				s.searchPositions(&t, &best)
			}
			if ic >= s.dim[loopIC] {
				break
			}
		}
		if oc >= s.dim[loopOC] {
			break
		}
	}
	return best, best.busy < math.MaxInt64/2
}

// fixed prices a given loop nest.
func (s *steady) fixed(loops *Loops) (steadyCost, bool) {
	var c steadyCost
	for loop, size := range [...]int{loops.B, loops.OW, loops.OH, loops.IC, loops.OC} {
		c.set(s, loop, max(1, size))
	}
	for i := len(loops.Order) - 1; i >= 0; i-- {
		for loop, name := range loopName {
			if name == loops.Order[i] && c.count[loop] > 1 && c.depth < len(c.order) {
				c.order[c.depth] = loop
				c.depth++
			}
		}
	}
	c.busy = s.busy(&c.steadyTiling)
	tile := [3]int64{s.weightTile(&c.steadyTiling), s.inputTile(&c.steadyTiling), s.outputTile(&c.steadyTiling)}
	s.transfer(&c, tile, s.total(&c.steadyTiling, tile))
	return c, within(tile[0], s.m.limit.weights) && within(tile[1], s.m.limit.inputs) && within(tile[2], s.m.limit.outputs)
}

// total is the traffic of each tensor when every tile is moved once.
func (s *steady) total(t *steadyTiling, tile [3]int64) [3]int64 {
	for loop, n := range t.count {
		for x := range tile {
			if touches[loop][x] {
				tile[x] *= int64(n)
			}
		}
	}
	tile[weightKind] = s.weightTotal(t)
	return tile
}

// smallest is the first tile of output channels: the array's columns, or one where
// uniform channels are lowered flat.
func (s *steady) smallest() int {
	if s.im2col && s.wide == s.narrow {
		return 1
	}
	return s.l.sched.lanes
}

func (s *steady) searchPositions(t *steadyTiling, best *steadyCost) {
	for b := 1; ; b *= 2 {
		t.set(s, loopB, b)
		for w := 1; ; w *= 2 {
			t.set(s, loopW, w)
			t.set(s, loopH, w)
			if !within(s.inputTile(t), s.m.limit.inputs) || !within(s.outputTile(t), s.m.limit.outputs) {
				break
			}
			s.price(t, best)
			if w >= s.dim[loopW] && w >= s.dim[loopH] {
				break
			}
		}
		if b >= s.dim[loopB] {
			return
		}
	}
}

func within(n, limit int64) bool { return limit == 0 || n <= limit }

func (t *steadyTiling) set(s *steady, loop, size int) {
	t.tile[loop] = min(size, s.dim[loop])
	t.count[loop] = ceil(s.dim[loop], t.tile[loop])
}

// block is the work of one pass over all output channels.
func (s *steady) block(t *steadyTiling) block {
	b := s.l.block(s.lo, s.hi, t.tile[loopIC], int64(t.tile[loopB])*int64(t.tile[loopW])*int64(t.tile[loopH]))
	return b
}

// passes counts the passes over all output channels.
func (s *steady) passes(t *steadyTiling) int64 {
	return int64(t.count[loopB]) * int64(t.count[loopW]) * int64(t.count[loopH]) * int64(t.count[loopIC])
}

// busy is the array's time: partial tiles take as long as full ones, and cost the
// columns that they leave empty.
func (s *steady) busy(t *steadyTiling) int64 {
	b := s.block(t)
	one := s.m.engine.time(&b, &s.l.sched, &s.p.rounds).Total()
	columns := ceil(t.tile[loopOC], s.l.sched.lanes) * t.count[loopOC]
	if extra := columns - (s.hi - s.lo); extra != 0 {
		e := s.m.engine.(fusion)
		work := e.fold.folds(&b, e.rows, uint8(s.narrow))
		one += int64(extra) * work[s.narrow] * b.n
	}
	b.first = true
	fill := s.m.engine.time(&b, &s.l.sched, &s.p.rounds).Fill
	b.first = false
	fill -= s.m.engine.time(&b, &s.l.sched, &s.p.rounds).Fill
	return one*s.passes(t) + fill
}

// weightTile, inputTile and outputTile are the bits of the largest tile. Weights are
// padded to whole folds, outputs to whole columns.
func (s *steady) weightTile(t *steadyTiling) int64 {
	return s.channelBits(t, s.wide) * int64(t.tile[loopOC])
}

// channelBits is a channel's weights for one cut of the reduction.
func (s *steady) channelBits(t *steadyTiling, w int) int64 {
	e := s.m.engine.(fusion)
	pack, _ := e.fold.pack(w, s.l.actBits)
	fold := e.rows * pack
	return ceil(int64(s.l.area)*int64(t.tile[loopIC]), fold) * fold * int64(w)
}

// weightTotal is the traffic of all weights, loaded once.
func (s *steady) weightTotal(t *steadyTiling) int64 {
	var sum, last int64
	channels := 0
	for i := s.lo; i < s.hi; i++ {
		c := &s.l.sched.sets[i]
		if i == s.lo || !c.same {
			last = 0
			for w := 1; w <= int(c.max); w++ {
				if c.count[w] > 0 {
					last += int64(c.count[w]) * s.channelBits(t, w)
				}
			}
		}
		sum += last
		channels += c.hi - c.lo
	}
	sum += int64(t.tile[loopOC]*t.count[loopOC]-channels) * s.channelBits(t, s.narrow)
	return sum * int64(t.count[loopIC])
}

func (s *steady) inputTile(t *steadyTiling) int64 {
	n := int64(t.tile[loopIC]) * int64(t.tile[loopB]) * int64(s.l.storeBits)
	if s.im2col {
		return n * int64(t.tile[loopW]) * int64(t.tile[loopH]) * int64(s.l.area)
	}
	return n * int64(s.kernel[0]+(t.tile[loopW]-1)*s.stride[0]) * int64(s.kernel[1]+(t.tile[loopH]-1)*s.stride[1])
}

func (s *steady) outputTile(t *steadyTiling) int64 {
	columns := int64(s.l.sched.lanes)
	n := int64(t.tile[loopW]) * int64(t.tile[loopH]) * int64(t.tile[loopB])
	return n * ceil(int64(t.tile[loopOC]), columns) * columns * int64(s.l.outBits)
}

// price tries the loop orders of a tiling and replaces best where one is better.
func (s *steady) price(t *steadyTiling, best *steadyCost) {
	c := steadyCost{steadyTiling: *t, busy: s.busy(t)}
	tile := [3]int64{s.weightTile(t), s.inputTile(t), s.outputTile(t)}
	if c.busy+s.cyclesOf(tile[0]+tile[1]+tile[2])+s.cyclesOf(tile[2]) > best.cycles() {
		return
	}
	s.permute(&c, 0, tile, s.total(t, tile), best)
}

// permute extends the order by each loop not yet in it.
func (s *steady) permute(c *steadyCost, used int, tile, total [3]int64, best *steadyCost) {
	open := false
	for loop := range loops {
		if used>>loop&1 == 1 || c.count[loop] == 1 {
			continue
		}
		if loop == loopH && used>>loopW&1 == 0 && c.count[loopW] == c.count[loopH] {
			continue // columns and rows are alike: the other way round costs the same
		}
		open = true
		c.order[c.depth] = loop
		c.depth++
		s.permute(c, used|1<<loop, tile, total, best)
		c.depth--
	}
	if !open {
		s.transfer(c, tile, total)
		if c.cycles() < best.cycles() || c.cycles() == best.cycles() && c.energy < best.energy {
			*best = *c
		}
	}
}

// transfer walks the loops from the innermost out. A tensor stays in its scratchpad
// over a loop while what it holds still fits; from the first loop on that it walks
// through and outgrows its scratchpad, every loop that it does not walk through
// moves it again.
func (s *steady) transfer(c *steadyCost, tile, total [3]int64) {
	limit := [3]int64{s.m.limit.weights, s.m.limit.inputs, s.m.limit.outputs}
	c.held, c.moved = tile, total
	for x := range total {
		kept, size := true, tile[x]
		for _, loop := range c.order[:c.depth] {
			n := int64(c.count[loop])
			switch {
			case touches[loop][x] && kept:
				size *= n
				if kept = within(size, limit[x]); kept {
					c.held[x] = size
				}
			case !touches[loop][x] && !kept:
				c.moved[x] *= n
			}
		}
	}
	first := c.held[0] + c.held[1] + c.held[2]
	last := c.held[outputKind]
	rest := c.moved[0] + c.moved[1] + 2*c.moved[2] - first - last
	c.wait = max(0, s.cyclesOf(rest)-c.busy) + s.cyclesOf(first) + s.cyclesOf(last)
	c.energy = s.energy(c)
}

// energy ranks tilings of equal cycles.
func (s *steady) energy(c *steadyCost) float64 {
	e := &s.m.energy
	moved := float64(c.moved[0] + c.moved[1] + 2*c.moved[2])
	out := float64(s.passes(&c.steadyTiling)) * float64(s.block(&c.steadyTiling).n) * float64(s.dim[loopOC]) * accumulator
	return moved*e.dramPerBit + float64(c.busy)*e.cyclePJ + out*(e.outputs.read+e.outputs.write) +
		float64(c.moved[weightKind])*e.weights.write + float64(c.moved[inputKind])*e.inputs.write +
		float64(c.moved[outputKind])*(e.outputs.read+e.outputs.write)
}

func (s *steady) cyclesOf(bits int64) int64 {
	if s.bw <= 0 || bits <= 0 {
		return 0
	}
	return beats(bits, s.bw)
}
