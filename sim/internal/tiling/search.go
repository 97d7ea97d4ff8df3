package tiling

import (
	"fmt"
	"math"

	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/price"
	"bitcycle/sim/internal/units"
)

// Search finds the tilings of a layer that cost the least by a closed form: the larger
// of the array's time and the traffic, plus the first load and the last store where
// those are exposed. It halves each dimension in turn; for each cut of positions and
// reduction it tries the largest tiles of channels that fit and two halvings below, in
// both loop orders.
type Search struct {
	Engine engine.Engine
	Chip   *chip.Chip
	Port   pipeline.Port
	Goal   Goal
	// Exposed: the array waits for the first load, and the last store for the array.
	Exposed   bool
	Finalists int // tilings that are returned

	best     []Candidate // ascending cost, at most Finalists
	improved bool        // a tiling has come among the best
	feet     footprints
	whole    sizes
}

// Candidate is a tiling with its estimated cost.
type Candidate struct {
	Tiling
	Least float64 // lower bound of the cost
	cost  float64 // estimate
}

// Goal is what a search minimises: cycles, energy, or the product of both (edp).
type Goal struct {
	By     string
	Prices *price.List
}

// Score is the goal for so many cycles and so much traffic.
func (g *Goal) Score(cycles float64, t pipeline.Traffic, l *layer.Layer) float64 {
	moved := float64(t.Total())
	energy := g.Prices.DRAM*8*moved + g.Prices.Standby(cycles)
	switch g.By {
	case "energy":
		return energy + cycles*1e-9
	case "edp":
		return (energy + g.Prices.Products(l)) * cycles
	}
	return cycles + moved*1e-9
}

// Plan returns the cheapest tilings, cheapest first. They are good until the next call.
func (s *Search) Plan(l *layer.Layer) ([]Candidate, error) {
	s.best, s.feet = s.best[:0], s.feet[:0]
	s.whole = sizesOf(s.Chip, l)
	var t Tiling
	for t.Images = l.Images; ; t.Images = units.Ceil(t.Images, 2) {
		s.planRows(l, t)
		if t.Images == 1 {
			break
		}
	}
	if len(s.best) == 0 {
		room := &s.Chip.Room
		return nil, fmt.Errorf("op %q: one output position of %d channels does not fit the scratchpads (weights %d, inputs %d, outputs %d bits a tile)",
			l.Op.Name, s.Engine.Lanes(), room.Weights, room.Inputs, room.Outputs)
	}
	return s.best, nil
}

// planRows tries tiles of whole images, then of rows of one image, then of parts
// of a row.
func (s *Search) planRows(l *layer.Layer, t Tiling) {
	t.Cols = l.Geo.OutW
	misses := 0
	for t.Rows = l.Geo.OutH; ; t.Rows = units.Ceil(t.Rows, 2) {
		s.improved = false
		fitted := s.planChannels(l, t)
		if fitted && !s.improved {
			if misses++; misses == 2 {
				return // smaller tiles only reload more
			}
		}
		if t.Images > 1 || t.Rows == 1 {
			if t.Images > 1 || fitted {
				return
			}
			break
		}
	}
	grain := s.Engine.Grain()
	for t.Cols > 1 {
		half := units.Ceil(t.Cols, 2)
		if aligned := units.Ceil(half, grain) * grain; aligned < t.Cols {
			half = aligned
		}
		t.Cols = half
		if s.planChannels(l, t) {
			return
		}
	}
}

// planChannels tries cuts of the reduction and of the output channels; it reports
// whether any fits.
func (s *Search) planChannels(l *layer.Layer, t Tiling) bool {
	fitted := 0
	if t.Chans = l.Chans; l.Groups > 1 && s.planSets(l, t) {
		return true
	}
	t.Within = l.Groups > 1
	for t.Chans = l.Chans; ; t.Chans = units.Ceil(t.Chans, 2) {
		if s.planSets(l, t) {
			fitted++
		}
		if t.Chans == 1 || fitted == 2 || l.PerInput {
			return fitted > 0
		}
	}
}

func (s *Search) planSets(l *layer.Layer, t Tiling) bool {
	n := int64(t.Images) * int64(t.Rows) * int64(t.Cols)
	perUnit := s.feet.of(s.Chip, l, int64(t.Chans)*int64(l.Area), t.Within)
	pixels := tilePixels(l, &t)
	fitted := 0
	var compute int64
	most := l.Units()
	if t.Within {
		most = l.Sched.LargestGroup()
	}
	for t.Sets = max(1, most); ; t.Sets = units.Ceil(t.Sets, 2) {
		lo, hi, groups := t.setRange(l, 0)
		inputs := pixels * s.Chip.Pixel(l.InputsOf(lo, hi, groups, t.Chans), l.StoreBits)
		weights := int64(t.Sets) * perUnit.weights
		if s.Chip.Room.Fits(weights, inputs, int64(t.Sets)*n*perUnit.outputs) {
			if fitted == 0 {
				compute = s.arrayTime(l, &t)
			}
			s.consider(l, t, sizes{weights: weights, inputs: inputs}, compute)
			fitted++
		}
		if t.Sets == 1 || fitted == 3 {
			return fitted > 0
		}
	}
}

// arrayTime sums the engine's time over the tiles of a cut, with all channels in each.
func (s *Search) arrayTime(l *layer.Layer, t *Tiling) int64 {
	var sum int64
	t.EachPiece(l, func(p Piece, times int64) {
		one := s.Engine.Time(engine.Block{Layer: l, Hi: len(l.Sched.Sets), Chans: p.Chans, N: p.Positions})
		sum += times * one.Total()
	})
	return sum
}

// consider estimates both loop orders of a tiling and keeps the cheapest.
func (s *Search) consider(l *layer.Layer, t Tiling, tile sizes, compute int64) {
	n := t.counts(l)
	for _, t.InputsFirst = range [2]bool{false, true} {
		if t.InputsFirst && (n.positions == 1 || n.sets == 1) {
			continue // the same order
		}
		s.whole.hold(&s.Chip.Room, &t, tile, n)
		moved := s.whole.traffic(s.Chip, l, &t, n)
		busy, moving := float64(compute+s.Chip.Vector.After(l)), float64(s.Port.Busy(moved))
		least := max(busy, moving)
		cycles := least
		if s.Exposed {
			cycles += s.Port.Serial(s.whole.first(l, n) + moved.Outputs/int64(n.positions*n.sets))
		}
		s.keep(Candidate{t, s.Goal.Score(least, moved, l), s.Goal.Score(cycles, moved, l)})
	}
}

// keep puts a candidate in its place among the best.
func (s *Search) keep(c Candidate) {
	at := len(s.best)
	for at > 0 && c.cost < s.best[at-1].cost {
		at--
	}
	if at >= s.Finalists || math.IsNaN(c.cost) {
		return
	}
	if len(s.best) < s.Finalists {
		s.best = append(s.best, Candidate{})
	}
	s.improved = true
	copy(s.best[at+1:], s.best[at:])
	s.best[at] = c
}
