package tiling

import (
	"cmp"
	"slices"
	"testing"

	"bitcycle/arch"
	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/pipeline"
	"bitcycle/sim/internal/simtest"
	"bitcycle/sim/internal/units"

	"pgregory.net/rapid"
)

// site is a layer on a machine, and the search for its tiling.
type site struct {
	acc *arch.Accelerator
	l   *layer.Layer
	Search
	builder Builder
}

func drawSite(t *rapid.T) *site {
	acc := simtest.Machine(t, func(acc *arch.Accelerator) {
		acc.Memory.Kind, acc.Memory.Overlap, acc.Batch = "flat", "tiles", 1
		size := func(name string) int { return rapid.IntRange(16, 4096).Draw(t, name) }
		acc.Buffers.Weights.Bytes, acc.Buffers.Inputs.Bytes, acc.Buffers.Outputs.Bytes = size("weight bytes"), size("input bytes"), size("output bytes")
	})
	op := simtest.Op(t)
	if slices.Max(op.WeightBits) == 0 {
		t.Skip("all channels are pruned")
	}
	return newSite(t, acc, func(e engine.Engine) (*layer.Layer, error) {
		l := &layer.Layer{}
		err := l.Reset(acc, e.Lanes(), &op, false, op.Batch)
		if err == nil {
			l.SetActs(int(op.ActBits), int(op.ActBits), 8)
			l.SetBits(op.WeightBits)
			l.InOnChip, l.OutOnChip = rapid.Bool().Draw(t, "in on chip"), rapid.Bool().Draw(t, "out on chip")
		}
		return l, err
	})
}

func newSite(t interface{ Fatal(args ...any) }, acc *arch.Accelerator, layerOf func(e engine.Engine) (*layer.Layer, error)) *site {
	e, err := engine.New(acc)
	if err != nil {
		t.Fatal(err)
	}
	l, err := layerOf(e)
	if err != nil {
		t.Fatal(err)
	}
	m, c := &acc.Memory, chip.New(acc)
	port := pipeline.Port{
		BytesPerCycle: m.BitsPerCycle / 8, Split: m.Ports == "split", WeightRate: m.WeightBitsPerCycle / 8,
		InputRate: m.InputBitsPerCycle / 8, OutputRate: m.OutputBitsPerCycle / 8, Latency: int64(m.LatencyCycles), Buffers: c.Buffers,
	}
	energy := func(_ *layer.Layer, s Spend) float64 {
		a := &s.Access
		return 5*float64(s.Moved.Total()) + 0.5*float64(s.Cycles) + 0.25*float64(s.ArrayCycles) + float64(a.Weights+2*a.Inputs+a.OutputsRead+3*a.OutputsWritten)/16 + 100
	}
	return &site{
		acc: acc, l: l, builder: Builder{Engine: e, Chip: c},
		Search: Search{Engine: e, Chip: c, Port: port, Exposed: true, Goal: Goal{By: acc.Mapping.Objective, Energy: energy}},
	}
}

// slowly lists the tiles of a tiling one by one, from the definitions of section 7 of
// docs/machine-model.md alone.
func (s *site) slowly(t *Tiling) (tiles []pipeline.Tile) {
	l, e, c := s.l, s.Engine, s.Chip
	n := t.counts(l)
	type place struct{ image, row, col, set int }
	var order []place
	walk := func(limit, step int, visit func(lo, hi int)) {
		for lo := 0; lo < limit; lo += step {
			visit(lo, min(lo+step, limit))
		}
	}
	positions := func(visit func(p place)) {
		walk(l.Images, t.Images, func(i, _ int) {
			walk(l.Geo.OutH, t.Rows, func(r, _ int) { walk(l.Geo.OutW, t.Cols, func(c, _ int) { visit(place{i, r, c, 0}) }) })
		})
	}
	if t.InputsFirst {
		positions(func(p place) {
			for p.set = range n.sets {
				order = append(order, p)
			}
		})
	} else {
		for set := range n.sets {
			positions(func(p place) { p.set = set; order = append(order, p) })
		}
	}
	overlap := func(at, size, before int) int { return max(0, at+size-max(at, before)) }
	for _, p := range order {
		images := min(t.Images, l.Images-p.image)
		lastRow, lastCol := min(p.row+t.Rows, l.Geo.OutH), min(p.col+t.Cols, l.Geo.OutW)
		y, high := l.Geo.InputRows(p.row, lastRow)
		x, wide := l.Geo.InputCols(p.col, lastCol)
		pixels, corner := int64(images)*int64(high)*int64(wide), p.image+p.row+p.col == 0
		if t.InputsHeld {
			seen := func(at, step int, input func(lo, hi int) (int, int)) (end int) {
				for lo := 0; lo < at; lo += step {
					from, size := input(lo, lo+step)
					end = max(end, from+size)
				}
				return end
			}
			pixels = int64(images) * int64(overlap(y, high, seen(p.row, t.Rows, l.Geo.InputRows))) * int64(overlap(x, wide, seen(p.col, t.Cols, l.Geo.InputCols)))
		}
		positions := int64(images) * int64(lastRow-p.row) * int64(lastCol-p.col)
		lo, hi, groups := t.setRange(l, p.set)
		walk(l.Chans, t.Chans, func(from, to int) {
			whole := t.Chans >= l.Chans
			b := engine.Block{Layer: l, Lo: lo, Hi: hi, Chans: to - from, N: positions}
			if !l.Product() {
				b.Row = int64(lastCol - p.col)
			}
			b.First = corner && p.set+from == 0
			b.Last = p.image+images == l.Images && lastRow == l.Geo.OutH && lastCol == l.Geo.OutW && p.set == n.sets-1 && to == l.Chans
			tile := pipeline.Tile{Parts: e.Time(b)}
			if corner || !t.WeightsHeld && (t.InputsFirst || !whole) {
				tile.Weights = units.Bytes(c.Weights(&l.Sched, lo, hi, int64(to-from)*int64(l.Area)))
			}
			if b.First {
				tile.Weights += units.Bytes(c.WithWeights(l))
			}
			if !l.InOnChip && (p.set == 0 || l.OwnInputs() || !t.InputsHeld && (!t.InputsFirst || !whole)) {
				tile.Inputs = units.Bytes(pixels * c.Pixel(l.InputsOf(lo, hi, groups, to-from), l.StoreBits))
			}
			if to == l.Chans {
				if !l.OutOnChip {
					tile.Outputs = units.Bytes(positions * c.Pixel(l.OutputsOf(lo, hi), l.OutBits))
				}
				if c.ReadOutputs {
					tile.Outputs *= 2
				}
				c.Vector.Finish(&tile.Parts, l.VectorOps(positions, lo, hi))
			}
			tile.Cycles = tile.Parts.Total()
			tiles = append(tiles, tile)
		})
	}
	return tiles
}

// unroll lists every tile of a program.
func unroll(p *pipeline.Program, steps []pipeline.Step) (tiles []pipeline.Tile) {
	for at := 0; at < len(steps); {
		s := steps[at]
		next := at + max(1, s.Span)
		for range s.Repeat {
			if s.Span > 0 {
				tiles = append(tiles, unroll(p, steps[at+1:next])...)
			} else {
				tiles = append(tiles, p.Tiles[s.Lo:s.Hi]...)
			}
		}
		at = next
	}
	return tiles
}

// every lists the grid: what fits, in both loop orders, with every choice of what stays.
func (s *site) every() (all []Tiling) {
	l, room := s.l, &s.Chip.Room
	var g grid
	g.fill(l, s.Engine.Grain())
	whole := sizes{s.Chip.AllWeights(l), s.Chip.Inputs(l, l.Pixels())}
	for _, p := range g.positions {
		for _, r := range g.reduction {
			for _, sets := range g.sets[bool01(r.Within)] {
				t := Tiling{Images: p.Images, Rows: p.Rows, Cols: p.Cols, Chans: r.Chans, Within: r.Within, Sets: sets}
				f := footprintOf(s.Chip, l, int64(t.Chans)*int64(l.Area), t.Within)
				lo, hi, groups := t.setRange(l, 0)
				weights := int64(sets) * f.weights
				inputs := tilePixels(l, &t) * s.Chip.Pixel(l.InputsOf(lo, hi, groups, t.Chans), l.StoreBits)
				if !room.Fits(weights, inputs, int64(sets)*f.outputs*int64(t.Images)*int64(t.Rows)*int64(t.Cols)) {
					continue
				}
				n := t.counts(l)
				for hold := range 8 {
					t.InputsFirst, t.WeightsHeld, t.InputsHeld = hold&1 == 1, hold&2 == 2, hold&4 == 4
					fits := !t.WeightsHeld || units.Fits(whole.weights, room.Weights)
					fits = fits && (!t.InputsHeld || units.Fits(whole.inputs, room.Inputs))
					if room.Shared {
						held := sizes{weights, inputs}
						if t.WeightsHeld {
							held.weights = whole.weights
						}
						if t.InputsHeld {
							held.inputs = whole.inputs
						}
						fits = units.Fits(held.weights+held.inputs, room.Inputs)
					}
					byItself := (!t.WeightsHeld || n.sets == 1 && n.chans == 1) && (!t.InputsHeld || n.positions == 1 && n.chans == 1)
					if fits || byItself {
						all = append(all, t)
					}
				}
			}
		}
	}
	return all
}

// spend runs the tiles of a tiling one by one.
func (s *site) spend(t *Tiling) Spend {
	sum := Spend{Access: t.Access(s.Engine, s.l)}
	tiles := s.slowly(t)
	for _, tile := range tiles {
		sum.Moved.Add(pipeline.Traffic{Weights: tile.Weights, Inputs: tile.Inputs, Outputs: tile.Outputs}, 1)
		sum.ArrayCycles += tile.Cycles
	}
	sum.Cycles = max(sum.ArrayCycles, s.Port.Busy(sum.Moved))
	if s.Exposed {
		sum.Cycles = pipeline.Run(tiles, s.Port).Cycles
	}
	return sum
}

// same compares all of two tiles but their addresses.
func same(a, b pipeline.Tile) bool {
	a.Address = b.Address
	return a == b
}

// TestProgramsListWhatIsThere holds programs to the list of all tiles.
func TestProgramsListWhatIsThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSite(t)
		s.builder.Begin(s.l)
		all := s.every()
		if len(all) == 0 {
			t.Skip("nothing fits")
		}
		for range 4 {
			tiling := rapid.SampledFrom(all).Draw(t, "tiling")
			want := s.slowly(&tiling)
			p := s.builder.Program(&tiling)
			var each []pipeline.Tile
			listed := unroll(p, p.Steps)
			s.builder.Each(&tiling, func(tile *pipeline.Tile) bool { each = append(each, *tile); return true })
			for _, got := range [][]pipeline.Tile{listed, each} {
				if !slices.EqualFunc(got, want, same) {
					t.Fatalf("%+v: %d tiles %+v, want %d %+v", tiling, len(got), got, len(want), want)
				}
			}
		}
	})
}

// TestSearchIsExhaustive holds the search to the least of everything, by true cost.
func TestSearchIsExhaustive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSite(t)
		s.Exposed = rapid.Bool().Draw(t, "exposed")
		tiling, err := s.Begin(s.l)
		all := s.every()
		if (err == nil) != (len(all) > 0) {
			t.Fatalf("%d tilings fit, error %v", len(all), err)
		}
		if err != nil {
			return
		}
		var best Spend
		for i := range all {
			sum := s.spend(&all[i])
			if i == 0 || s.order(&sum, &best) < 0 {
				best = sum
			}
		}
		var found Spend
		runs := 0
		for ok := true; ok; tiling, ok = s.Next() {
			sum := s.spend(&tiling)
			s.boundsHold(t, &tiling, &sum)
			if s.Offer(sum) {
				found = sum
			}
			runs++
		}
		if s.order(&best, &found) != 0 {
			t.Fatalf("the search finds %+v %+v in %d runs, there is %+v among %d", s.best, found, runs, best, len(all))
		}
	})
}

func (s *site) order(a, b *Spend) int {
	goal := func(x *Spend) float64 {
		switch e := s.Goal.Energy(s.l, *x); s.Goal.By {
		case "energy":
			return e
		case "edp":
			return e * float64(x.Cycles)
		}
		return float64(x.Cycles)
	}
	return cmp.Or(cmp.Compare(goal(a), goal(b)), cmp.Compare(a.Cycles, b.Cycles), cmp.Compare(a.Moved.Total(), b.Moved.Total()))
}

// boundsHold holds the bounds of a tiling of the grid, and of its node, to what it takes.
func (s *site) boundsHold(t *rapid.T, of *Tiling, takes *Spend) {
	p := slices.IndexFunc(s.grid.positions, func(x Tiling) bool { return x.Images == of.Images && x.Rows == of.Rows && x.Cols == of.Cols })
	r := slices.IndexFunc(s.grid.reduction, func(x Tiling) bool { return x.Chans == of.Chans && x.Within == of.Within })
	position, reduction := &s.bound.positions[p], &s.bound.reduction[r]
	busy := s.bound.busy(position, reduction)
	if cycles, moved, ok := s.bound.node(position, reduction, s.grid.sets[bool01(of.Within)], busy); !ok || cycles > takes.Cycles || moved > takes.Moved.Total() {
		t.Fatalf("%+v takes %+v, its node %d cycles and %d bytes", of, takes, cycles, moved)
	}
	least := s.bound.spend(of, position, reduction, of.counts(s.l), busy)
	if least.Cycles > takes.Cycles || least.ArrayCycles > takes.ArrayCycles || least.Moved.Weights > takes.Moved.Weights ||
		least.Moved.Inputs > takes.Moved.Inputs || least.Moved.Outputs > takes.Moved.Outputs {
		t.Fatalf("%+v takes %+v, bound %+v", of, takes, least)
	}
}

// TestBoundsHold: no tiling takes less than its bound.
func TestBoundsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSite(t)
		if _, err := s.Begin(s.l); err != nil {
			t.Skip(err.Error())
		}
		all := s.every()
		for range 4 {
			tiling := rapid.SampledFrom(all).Draw(t, "tiling")
			sum := s.spend(&tiling)
			s.boundsHold(t, &tiling, &sum)
		}
	})
}
