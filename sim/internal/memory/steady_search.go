package memory

import (
	"math"

	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/price"
	"bitcycle/sim/internal/units"
)

// search finds the nest of fewest cycles for one shape, as the simulator does
// exhaustively. Its 120 loop orders differ only by which tensors stay in their
// scratchpads over which loops, so loops of one iteration are left out, and a tiling
// whose array time alone exceeds the best cost is not ordered at all.
type search struct {
	shape
	prices *price.List
	bw     float64 // bits per cycle
	limit  [pipeline.Kinds]int64

	trial nestCost // the tiling that is being ordered
	whole whole    // of that tiling
	bound int64    // cycles that some tiling is known to take
	fold  int64    // folds of the current cut of the reduction, over all channels
	all   int64    // bits of all weights, for the current cut
	one   int64    // bits of a tile of weights, for the current cut
}

func (s *search) init(of shape, prices *price.List, bw float64, room *chip.Room) {
	*s = search{shape: of, prices: prices, bw: bw, limit: [pipeline.Kinds]int64{room.Weights, room.Inputs, room.Outputs}}
}

// best returns the nest of fewest cycles, the one of least energy among equals.
// Large tiles come first: they are seldom far from the best, and what they cost
// rules out most of the rest. What was best for other widths bounds the search, and
// does not choose its result.
func (s *search) best(before nest) (nestCost, bool) {
	best := nestCost{busy: math.MaxInt64 / 2}
	s.bound = best.busy
	if again, fits := s.again(before); fits {
		s.bound = again.cycles()
	}
	var t nest
	for oc := s.largest(loopOC, s.smallest()); oc >= s.smallest(); oc /= 2 {
		t.set(loopOC, oc, s.dim[loopOC])
		for ic := s.largest(loopIC, 1); ic > 0; ic /= 2 {
			t.set(loopIC, ic, s.dim[loopIC])
			if s.one = s.weightTile(&t); units.Fits(s.one, s.limit[pipeline.Weights]) {
				if s.turn(&t); !s.late(&t, &best) {
					s.cutPositions(&t, &best)
				}
			}
		}
	}
	return best, best.busy < math.MaxInt64/2
}

// turn turns to another cut of the reduction and the channels.
func (s *search) turn(t *nest) { s.fold, s.all = s.folds(t), s.weights(t) }

// late reports whether a cut of the reduction and the channels takes longer than best
// in any tiles of positions: the array alone, which streams every position past every
// fold, with the first load of weights before it.
func (s *search) late(t *nest, best *nestCost) bool {
	positions := int64(s.dim[loopB]) * int64(s.dim[loopW]) * int64(s.dim[loopH])
	busy := (s.fold*positions+s.change)*int64(t.count[loopIC]) + s.engine.Fill()
	return float64(s.one) > s.bw*float64(min(s.bound, best.cycles())-busy)
}

// loops prices a given loop nest.
func (s *search) loops(loops *Loops) (nestCost, bool) {
	var t nest
	for loop, size := range [...]int{loops.B, loops.OW, loops.OH, loops.IC, loops.OC} {
		t.set(loop, max(1, size), s.dim[loop])
	}
	for i := len(loops.Order) - 1; i >= 0; i-- {
		for loop, name := range loopName {
			if name == loops.Order[i] && t.count[loop] > 1 && t.depth < len(t.order) {
				t.order[t.depth] = loop
				t.depth++
			}
		}
	}
	return s.priced(t)
}

// again prices a nest if it is one of the shape.
func (s *search) again(t nest) (nestCost, bool) {
	for loop, n := range t.tile {
		if n == 0 || n > s.dim[loop] || t.count[loop] != units.Ceil(s.dim[loop], n) {
			return nestCost{}, false
		}
	}
	return s.priced(t)
}

// priced prices a nest and reports whether its tiles fit.
func (s *search) priced(t nest) (nestCost, bool) {
	s.turn(&t)
	c := nestCost{nest: t, busy: s.busy(&t)}
	tile := s.tile(&t)
	w := walkFrom(&t, tile, s.all)
	for _, loop := range t.order[:t.depth] {
		w.over(loop, int64(t.count[loop]), &s.limit)
	}
	s.transfer(&c, &w)
	return c, units.Fits(tile[0], s.limit[0]) && units.Fits(tile[1], s.limit[1]) && units.Fits(tile[2], s.limit[2])
}

func (s *search) cutPositions(t *nest, best *nestCost) {
	side := max(s.largest(loopW, 1), s.largest(loopH, 1))
	for b := s.largest(loopB, 1); b > 0; b /= 2 {
		t.set(loopB, b, s.dim[loopB])
		for w := side; w > 0; w /= 2 {
			t.set(loopW, w, s.dim[loopW])
			t.set(loopH, w, s.dim[loopH])
			if units.Fits(s.outputTile(t), s.limit[pipeline.Outputs]) && units.Fits(s.inputTile(t), s.limit[pipeline.Inputs]) {
				s.try(t, best)
			}
		}
	}
}

// busy is the array's time: partial tiles take as long as full ones.
func (s *search) busy(t *nest) int64 {
	return (s.fold*t.positions()+s.change)*t.passes() + s.engine.Fill()
}

// try tries the loop orders of a tiling and replaces best where one is better.
func (s *search) try(t *nest, best *nestCost) {
	busy := s.busy(t)
	tile := [pipeline.Kinds]int64{s.one, s.inputTile(t), s.outputTile(t)}
	if float64(tile[0]+tile[1]+2*tile[2]) > s.bw*float64(min(s.bound, best.cycles())-busy) {
		return // the first load and the last store alone
	}
	left := 0
	for loop, n := range t.count {
		if n > 1 {
			left |= 1 << loop
		}
	}
	w := walkFrom(t, tile, s.all)
	s.whole = wholeOf(t, &tile, &s.limit)
	if s.hopeless(t, busy, &w, left, best) {
		return
	}
	c := &s.trial
	c.nest, c.busy, c.depth = *t, busy, 0
	s.permute(left, w, best)
}

// hopeless reports whether every order that goes on from what w has walked, over the
// loops that are left, takes longer than best.
func (s *search) hopeless(t *nest, busy int64, w *walk, left int, best *nestCost) bool {
	bound := min(s.bound, best.cycles())
	held, moved := w.ahead(t, left, &s.whole)
	return float64(held) > s.bw*float64(bound-busy) || float64(moved) > s.bw*float64(bound)
}

// permute extends the order of the trial by each loop that is left.
func (s *search) permute(left int, w walk, best *nestCost) {
	c := &s.trial
	if w.settled(&s.whole) {
		s.finish(left, w, best)
		return
	}
	for loop := range loopCount {
		if left>>loop&1 == 0 {
			continue
		}
		if loop == loopH && left>>loopW&1 == 1 && c.count[loopW] == c.count[loopH] {
			continue // columns and rows are alike: the other way round costs the same
		}
		next, rest := w, left&^(1<<loop)
		next.over(loop, int64(c.count[loop]), &s.limit)
		if s.hopeless(&c.nest, c.busy, &next, rest, best) {
			continue
		}
		c.order[c.depth] = loop
		c.depth++
		s.permute(rest, next, best)
		c.depth--
	}
}

// finish adds the loops that are left, whose order makes no difference, and replaces
// best where the trial is better.
func (s *search) finish(left int, w walk, best *nestCost) {
	c := &s.trial
	depth := c.depth
	for loop := range loopCount {
		if left>>loop&1 == 1 {
			w.over(loop, int64(c.count[loop]), &s.limit)
			c.order[c.depth] = loop
			c.depth++
		}
	}
	s.transfer(c, &w)
	if c.cycles() < best.cycles() || c.cycles() == best.cycles() && s.energy(c) < best.energy {
		*best = *c
		best.energy = s.energy(c)
	}
	c.depth = depth
}

// transfer fills the cost of a finished walk.
func (s *search) transfer(c *nestCost, w *walk) {
	c.held, c.moved = w.held, w.moved
	last := c.held[pipeline.Outputs]
	first := w.firstAndLast() - last
	c.wait = max(0, s.cyclesOf(w.all()-first-last)-c.busy) + s.cyclesOf(first) + s.cyclesOf(last)
}

// energy ranks tilings of equal cycles.
func (s *search) energy(c *nestCost) float64 {
	const w, i, o = pipeline.Weights, pipeline.Inputs, pipeline.Outputs
	p := s.prices
	moved := float64(c.moved[w] + c.moved[i] + 2*c.moved[o])
	both := p.Outputs.Read + p.Outputs.Write
	out := float64(c.passes()) * float64(c.positions()) * float64(s.dim[loopOC]) * float64(s.l.SumBits())
	return moved*p.DRAM + float64(c.busy)*p.Cycle + out*both +
		float64(c.moved[w])*p.Weights.Write + float64(c.moved[i])*p.Inputs.Write +
		float64(c.moved[o])*both
}

func (s *search) cyclesOf(bits int64) int64 {
	if bits <= 0 {
		return 0
	}
	return units.Cycles(bits, s.bw)
}
