package tiling

import (
	"fmt"
	"math"

	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/units"
)

// Search finds the best tiling of a layer on a fixed grid by its true cost: fewest of
// the goal, then cycles, then bytes, then the first in the grid's order.
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
	// Free: what could stay on chip need not, as fewer bytes may take longer on DRAM.
	Free bool

	// Fixed, when set, is the only tile.
	Fixed *Fixed

	grid  grid
	bound bounds
	layer *layer.Layer
	nodes []node      // cuts of positions and reduction that are still whole
	open  []candidate // tilings of the others
	trial candidate   // that Next has returned last
	best  candidate   // that was offered
	found bool        // an offer has been made
}

// candidate is a tiling with its score, or a lower bound of it.
type candidate struct {
	Tiling
	score
	busy int64 // the array's time, at least
}

// score is what tilings are compared by, in this order.
type score struct {
	goal          float64
	cycles, moved int64
	place         int // in the grid: larger tiles come first
}

func (a *score) less(b *score) bool {
	switch {
	case a.goal != b.goal:
		return a.goal < b.goal
	case a.cycles != b.cycles:
		return a.cycles < b.cycles
	case a.moved != b.moved:
		return a.moved < b.moved
	}
	return a.place < b.place
}

// Begin turns to a layer and returns the most promising tiling.
func (s *Search) Begin(l *layer.Layer) (Tiling, error) {
	s.layer, s.nodes, s.open, s.found = l, s.nodes[:0], s.open[:0], false
	s.bound.engine, s.bound.chip, s.bound.port, s.bound.exposed = s.Engine, s.Chip, &s.Port, s.Exposed
	s.grid.fill(l, s.Engine.Grain())
	if s.Fixed != nil {
		s.grid.fix(l, s.Fixed)
	}
	s.bound.begin(l, &s.grid)
	for r := range s.bound.reduction {
		for p := range s.bound.positions {
			s.openNode(p, r)
		}
	}
	if t, ok := s.Next(); ok {
		return t, nil
	}
	room := &s.Chip.Room
	if s.Fixed != nil {
		return Tiling{}, fmt.Errorf("op %q: the given tile does not fit the scratchpads (weights %d, inputs %d, outputs %d bits a tile)", l.Op.Name, room.Weights, room.Inputs, room.Outputs)
	}
	return Tiling{}, fmt.Errorf("op %q: one output position of %d channels does not fit the scratchpads (weights %d, inputs %d, outputs %d bits a tile)",
		l.Op.Name, s.Engine.Lanes(), room.Weights, room.Inputs, room.Outputs)
}

// places is more than the tilings of a node.
const places = 1 << 10

func (s *Search) openNode(p, r int) {
	sets := s.grid.sets[bool01(s.grid.reduction[r].Within)]
	cycles, moved, ok := s.bound.node(&s.bound.positions[p], &s.bound.reduction[r], sets, s.bound.whole)
	if !ok {
		return
	}
	n := node{p, r, s.bound.whole, ofLayer, score{float64(cycles), cycles, moved, (r*len(s.bound.positions) + p) * places}}
	if s.Goal.By != "cycles" {
		n.goal = 0 // its tilings tell
	}
	s.nodes = append(s.nodes, n)
}

// refine bounds a node by more of the array's time.
func (s *Search) refine(at int) {
	n := &s.nodes[at]
	p, r := &s.bound.positions[n.p], &s.bound.reduction[n.r]
	if n.know++; n.know == ofEach {
		n.busy = s.bound.alone(p, r)
	} else {
		n.busy = s.bound.busy(p, r)
	}
	n.cycles, n.moved, _ = s.bound.node(p, r, s.grid.sets[bool01(r.cut.Within)], n.busy)
	if s.Goal.By == "cycles" {
		n.goal = float64(n.cycles)
	}
}

// expand opens the tilings of a node.
func (s *Search) expand(of node) {
	p, r := &s.bound.positions[of.p], &s.bound.reduction[of.r]
	t := p.cut
	t.Chans, t.Within = r.cut.Chans, r.cut.Within
	place := of.place
	for _, t.Sets = range s.grid.sets[bool01(t.Within)] {
		tile, outputs := s.bound.tile(&t, p, r)
		if !s.Chip.Room.Fits(tile.weights, tile.inputs, outputs) {
			continue
		}
		n := counts{positions: p.n, chans: r.n, sets: t.setTiles(s.layer)}
		for _, t.InputsFirst = range [2]bool{false, true} {
			if t.InputsFirst && (n.positions == 1 || n.sets == 1) {
				continue // the same order
			}
			if s.Fixed != nil && !s.Fixed.allows(t.InputsFirst) && n.positions > 1 && n.sets > 1 {
				continue
			}
			weights, inputs, choose := s.bound.bits.holds(&s.Chip.Room, tile, n)
			for hold := range 4 {
				t.WeightsHeld, t.InputsHeld = hold&1 == 0, hold&2 == 0
				if t.WeightsHeld && !weights || t.InputsHeld && !inputs || choose && hold == 0 {
					continue
				}
				s.consider(&t, &of, n, place+hold)
				if !s.Free && (!choose || hold == 2) {
					break
				}
			}
			place += 4
		}
	}
}

// consider opens a tiling unless its bound rules it out.
func (s *Search) consider(t *Tiling, of *node, n counts, place int) {
	spend := s.bound.spend(t, &s.bound.positions[of.p], &s.bound.reduction[of.r], n, of.busy)
	least := s.score(t, &spend, place)
	if !s.found || least.less(&s.best.score) {
		s.open = append(s.open, candidate{*t, least, spend.ArrayCycles})
	}
}

// score is the score of a spend.
func (s *Search) score(t *Tiling, spend *Spend, place int) score {
	goal := float64(spend.Cycles)
	if s.Goal.By != "cycles" {
		spend.Access = t.Access(s.Engine, s.layer)
		goal = s.Goal.of(s.layer, spend)
	}
	return score{goal, spend.Cycles, spend.Moved.Total(), place}
}

// Next returns the tiling of the least bound if that may still be the best.
func (s *Search) Next() (Tiling, bool) {
	for {
		at, node := -1, -1
		least := score{goal: math.Inf(1)}
		if s.found {
			least = s.best.score
		}
		for i := range s.open {
			if s.open[i].less(&least) {
				at, least = i, s.open[i].score
			}
		}
		for i := range s.nodes {
			if s.nodes[i].less(&least) {
				node, least = i, s.nodes[i].score
			}
		}
		switch {
		case node >= 0 && s.nodes[node].know < ofBoth:
			s.refine(node)
		case node >= 0:
			s.expand(remove(&s.nodes, node))
		case at >= 0:
			s.trial = remove(&s.open, at)
			return s.trial.Tiling, true
		default:
			return Tiling{}, false
		}
	}
}

// Compulsory is the bytes of the layer's tensors.
func (s *Search) Compulsory() int64 {
	b := &s.bound
	return units.Bytes(b.bits.weights + b.bits.inputs + s.Chip.Outputs(s.layer))
}

// remove takes an element out of a list in any order.
func remove[T any](list *[]T, at int) T {
	x, last := (*list)[at], len(*list)-1
	(*list)[at] = (*list)[last]
	*list = (*list)[:last]
	return x
}

// Late reports whether the tiling that Next returned has lost, when its array has
// finished so much of its time by now.
func (s *Search) Late(now, array int64) bool {
	return s.found && s.Goal.By == "cycles" && now+max(0, s.trial.busy-array) > s.best.cycles
}

// Offer says what the tiling that Next returned takes, and reports whether it is the
// best so far.
func (s *Search) Offer(spend Spend) bool {
	t := s.trial
	t.score = s.score(&t.Tiling, &spend, t.place)
	if s.found && !t.less(&s.best.score) {
		return false
	}
	s.best, s.found = t, true
	return true
}
