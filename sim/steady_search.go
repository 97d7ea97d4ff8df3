package sim

import "math"

// search returns the tiling of fewest cycles, the one of least energy among equals.
// Large tiles come first: they are seldom far from the best, and what they cost
// rules out most of the rest.
func (s *steady) search() (steadyCost, bool) {
	best := steadyCost{busy: math.MaxInt64 / 2}
	if s.m.opt.Loops != nil {
		return s.fixed(s.m.opt.Loops)
	}
	s.bound = best.busy
	if last, fits := s.again(s.p.hint); fits {
		s.bound = last.cycles()
	}
	var t steadyTiling
	for oc := s.largest(loopOC, s.smallest()); oc >= s.smallest(); oc /= 2 {
		t.set(s, loopOC, oc)
		for ic := s.largest(loopIC, 1); ic > 0; ic /= 2 {
			t.set(s, loopIC, ic)
			if s.tile = s.weightTile(&t); within(s.tile, s.limit[weightKind]) {
				s.folds = s.foldsOf(&t)
				s.weights = s.weightTotal(&t)
				s.searchPositions(&t, &best)
			}
		}
	}
	return best, best.busy < math.MaxInt64/2
}

// largest returns the first power of two times unit that reaches the dimension.
func (s *steady) largest(loop, unit int) int {
	for unit < s.dim[loop] {
		unit *= 2
	}
	return unit
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
	return s.nest(c)
}

// nest prices the loops of c.
func (s *steady) nest(c steadyCost) (steadyCost, bool) {
	s.folds, s.weights = s.foldsOf(&c.steadyTiling), s.weightTotal(&c.steadyTiling)
	c.busy = s.busy(&c.steadyTiling)
	t := &c.steadyTiling
	tile := [3]int64{s.weightTile(t), s.inputTile(t), s.outputTile(t)}
	w := s.walk(t, tile)
	for _, loop := range c.order[:c.depth] {
		w = w.around(loop, int64(c.count[loop]), &s.limit)
	}
	s.transfer(&c, &w)
	return c, within(tile[0], s.limit[0]) && within(tile[1], s.limit[1]) && within(tile[2], s.limit[2])
}

// again prices a tiling that was best for other widths: what it costs bounds the
// search, and does not choose its result.
func (s *steady) again(t steadyTiling) (steadyCost, bool) {
	for loop, n := range t.tile {
		if n == 0 || n > s.dim[loop] || t.count[loop] != ceil(s.dim[loop], n) {
			return steadyCost{}, false
		}
	}
	return s.nest(steadyCost{steadyTiling: t})
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
	tile[weightKind] = s.weights
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
	side := max(s.largest(loopW, 1), s.largest(loopH, 1))
	for b := s.largest(loopB, 1); b > 0; b /= 2 {
		t.set(s, loopB, b)
		for w := side; w > 0; w /= 2 {
			t.set(s, loopW, w)
			t.set(s, loopH, w)
			if within(s.outputTile(t), s.limit[outputKind]) && within(s.inputTile(t), s.limit[inputKind]) {
				s.price(t, best)
			}
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

// foldsOf sums the folds of all sets for one cut of the reduction, and of the
// columns that partial tiles of output channels leave empty.
func (s *steady) foldsOf(t *steadyTiling) int64 {
	b := s.block(t)
	e := s.m.engine.(fusion)
	work := e.fold.folds(&b, e.rows, uint8(s.wide))
	s.p.rounds = s.l.sched.appendRounds(s.p.rounds[:0], s.lo, s.hi, &work)
	var sum int64
	for _, r := range s.p.rounds {
		sum += r.max * r.repeat
	}
	columns := ceil(t.tile[loopOC], s.l.sched.lanes) * t.count[loopOC]
	return sum + int64(columns-(s.hi-s.lo))*work[s.narrow]
}

// busy is the array's time: partial tiles take as long as full ones.
func (s *steady) busy(t *steadyTiling) int64 {
	n := int64(t.tile[loopB]) * int64(t.tile[loopW]) * int64(t.tile[loopH])
	return (s.folds*n+s.changes)*s.passes(t) + s.m.engine.(fusion).fill
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
	busy := s.busy(t)
	tile := [3]int64{s.tile, s.inputTile(t), s.outputTile(t)}
	if float64(tile[0]+tile[1]+2*tile[2]) > s.bw*float64(min(s.bound, best.cycles())-busy) {
		return // the first load and the last store alone
	}
	w := s.walk(t, tile)
	if s.hopeless(busy, &w, best) {
		return
	}
	c := &s.trial
	c.steadyTiling, c.busy, c.depth = *t, busy, 0
	s.permute(0, w, best)
}

// walk is the state of the transfers on the way from the innermost loop out. A
// tensor stays in its scratchpad over a loop while what it holds still fits; from
// the first loop on that it walks through and outgrows its scratchpad, every loop
// that it does not walk through moves it again.
type walk struct {
	moved, held, size [3]int64
	kept              [3]bool
}

func (s *steady) walk(t *steadyTiling, tile [3]int64) walk {
	return walk{moved: s.total(t, tile), held: tile, size: tile, kept: [3]bool{true, true, true}}
}

// around is the state outside one more loop of n iterations.
func (w walk) around(loop int, n int64, limit *[3]int64) walk {
	for x := range w.moved {
		switch {
		case touches[loop][x] && w.kept[x]:
			w.size[x] *= n
			if w.kept[x] = within(w.size[x], limit[x]); w.kept[x] {
				w.held[x] = w.size[x]
			}
		case !touches[loop][x] && !w.kept[x]:
			w.moved[x] *= n
		}
	}
	return w
}

// hopeless reports whether every order that begins with what w has walked takes
// longer than best.
func (s *steady) hopeless(busy int64, w *walk, best *steadyCost) bool {
	bound := min(s.bound, best.cycles())
	left := bound - busy
	exposed := w.held[0] + w.held[1] + 2*w.held[2]
	moved := w.moved[0] + w.moved[1] + 2*w.moved[2]
	return float64(exposed) > s.bw*float64(left) || float64(moved) > s.bw*float64(bound)
}

// permute extends the order of s.trial by each loop that is not yet used.
func (s *steady) permute(used int, w walk, best *steadyCost) {
	c := &s.trial
	open := false
	for loop := range loops {
		if used>>loop&1 == 1 || c.count[loop] == 1 {
			continue
		}
		if loop == loopH && used>>loopW&1 == 0 && c.count[loopW] == c.count[loopH] {
			continue // columns and rows are alike: the other way round costs the same
		}
		open = true
		next := w.around(loop, int64(c.count[loop]), &s.limit)
		if s.hopeless(c.busy, &next, best) {
			continue
		}
		c.order[c.depth] = loop
		c.depth++
		s.permute(used|1<<loop, next, best)
		c.depth--
	}
	if open {
		return
	}
	s.transfer(c, &w)
	if c.cycles() < best.cycles() || c.cycles() == best.cycles() && c.energy < best.energy {
		*best = *c
	}
}

// transfer fills the cost of a finished walk.
func (s *steady) transfer(c *steadyCost, w *walk) {
	c.held, c.moved = w.held, w.moved
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
	out := float64(s.passes(&c.steadyTiling)) * float64(int64(c.tile[loopB])*int64(c.tile[loopW])*int64(c.tile[loopH])) * float64(s.dim[loopOC]) * float64(s.l.sumBits())
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
