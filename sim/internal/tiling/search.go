package tiling

import (
	"cmp"
	"fmt"

	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
)

// Search finds the best tiling of a layer on a fixed grid by its true cost: fewest of
// the goal, then cycles, then bytes, then energy, then the first in the grid's order.
// Whoever knows the cost drives it:
//
//	for t, ok := s.Begin(l), true; ok; t, ok = s.Next() { s.Offer(spend of t) }
//
// Next returns the tiling of the least bound, and none when no bound is below the best
// that was offered (branch and bound, best first). Larger buffers, more bandwidth and
// less latency add tilings or make them cheaper, so that the best never gets worse.
//
// See docs/machine-model.md, section 7.4.
type Search struct {
	Engine engine.Engine
	Chip   *chip.Chip
	Port   pipeline.Port
	Goal   Goal
	// Exposed: the array waits for the first load, and the last store for the array.
	Exposed bool

	grid  grid
	bound bounds
	layer *layer.Layer
	open  []candidate
	trial candidate // that Next has returned last
	best  candidate // its score is that of the best offer
	spent Spend     // of the best
	found bool      // an offer has been made
	place int
}

// candidate is a tiling with its score, or a lower bound of it.
type candidate struct {
	Tiling
	score
}

// score is what tilings are compared by. Energy decides between equal ones, and the
// place in the grid between those that are equal in that too.
type score struct {
	goal          float64
	cycles, moved int64
	place         int
}

// compare compares all but the place.
func (a *score) compare(b *score) int {
	return cmp.Or(cmp.Compare(a.goal, b.goal), cmp.Compare(a.cycles, b.cycles), cmp.Compare(a.moved, b.moved))
}

// Begin turns to a layer and returns the most promising tiling.
func (s *Search) Begin(l *layer.Layer) (Tiling, error) {
	s.layer, s.open, s.found, s.place = l, s.open[:0], false, 0
	s.bound.engine, s.bound.chip, s.bound.port, s.bound.exposed = s.Engine, s.Chip, &s.Port, s.Exposed
	s.grid.fill(l, s.Engine.Grain())
	s.bound.begin(l, &s.grid)
	for r := range s.grid.reduction {
		for p := range s.grid.positions {
			s.cutChannels(p, r)
		}
	}
	if t, ok := s.Next(); ok {
		return t, nil
	}
	room := &s.Chip.Room
	return Tiling{}, fmt.Errorf("op %q: one output position of %d channels does not fit the scratchpads (weights %d, inputs %d, outputs %d bits a tile)",
		l.Op.Name, s.Engine.Lanes(), room.Weights, room.Inputs, room.Outputs)
}

// cutChannels opens the tilings of a cut of positions and reduction.
func (s *Search) cutChannels(p, r int) {
	t := s.grid.positions[p]
	t.Chans, t.Within = s.grid.reduction[r].Chans, s.grid.reduction[r].Within
	position, reduction := &s.bound.positions[p], &s.bound.reduction[r]
	for _, t.Sets = range s.grid.sets[bool01(t.Within)] {
		tile, outputs := s.bound.tile(&t, position, reduction)
		if !s.Chip.Room.Fits(tile.weights, tile.inputs, outputs) {
			continue
		}
		n := t.counts(s.layer)
		for _, t.InputsFirst = range [2]bool{false, true} {
			if t.InputsFirst && (n.positions == 1 || n.sets == 1) {
				continue // the same order
			}
			var choose bool
			t.WeightsHeld, t.InputsHeld, choose = s.bound.bits.holds(&s.Chip.Room, tile, n)
			if !choose {
				s.consider(t, position, reduction, n)
				continue
			}
			t.InputsHeld = false
			s.consider(t, position, reduction, n)
			t.WeightsHeld, t.InputsHeld = false, true
			s.consider(t, position, reduction, n)
		}
	}
}

// consider opens a tiling.
func (s *Search) consider(t Tiling, p *positionBound, r *reductionBound, n counts) {
	spend := s.bound.spend(&t, p, r, n)
	s.place++
	s.open = append(s.open, candidate{t, s.score(&t, &spend)})
}

// score is the score of a spend.
func (s *Search) score(t *Tiling, spend *Spend) score {
	return score{s.Goal.of(s, t, spend), spend.Cycles, spend.Moved.Total(), s.place}
}

// Next returns the tiling of the least bound if that may still be the best.
func (s *Search) Next() (Tiling, bool) {
	at := -1
	for i := range s.open {
		if at < 0 || cmp.Or(s.open[i].compare(&s.open[at].score), cmp.Compare(s.open[i].place, s.open[at].place)) < 0 {
			at = i
		}
	}
	if at < 0 || s.found && s.open[at].compare(&s.best.score) > 0 {
		return Tiling{}, false
	}
	s.trial = s.open[at]
	last := len(s.open) - 1
	s.open[at] = s.open[last]
	s.open = s.open[:last]
	return s.trial.Tiling, true
}

// Offer says what the tiling that Next returned takes, and reports whether it is the
// best so far.
func (s *Search) Offer(spend Spend) bool {
	t := s.trial
	t.score = s.score(&t.Tiling, &spend)
	t.place = s.trial.place
	if s.found {
		order := t.compare(&s.best.score)
		if order == 0 {
			order = cmp.Or(cmp.Compare(s.energy(&t.Tiling, &spend), s.energy(&s.best.Tiling, &s.spent)), cmp.Compare(t.place, s.best.place))
		}
		if order >= 0 {
			return false
		}
	}
	s.best, s.spent, s.found = t, spend, true
	return true
}

// energy is the energy of a layer that spends so much under a tiling.
func (s *Search) energy(t *Tiling, spend *Spend) float64 {
	spend.Access = t.Access(s.Engine, s.layer)
	return s.Goal.Energy(s.layer, spend)
}
