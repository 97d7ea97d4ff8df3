package memory

import (
	"math"
	"testing"

	"bitcycle/arch"
	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/price"
	"bitcycle/sim/internal/simtest"

	"pgregory.net/rapid"
)

// everyNest prices all tilings of powers of two in all orders of their loops, and
// returns the one of fewest cycles, of least energy among equals, the first of those.
func everyNest(s *search) (nestCost, bool) {
	best := nestCost{busy: math.MaxInt64 / 2}
	var order func(t nest, left []int)
	order = func(t nest, left []int) {
		if len(left) == 0 {
			if c, fits := s.priced(t); fits {
				c.energy = s.energy(&c)
				if c.cycles() < best.cycles() || c.cycles() == best.cycles() && c.energy < best.energy {
					best = c
				}
			}
			return
		}
		for i, loop := range left {
			next := t
			next.order[next.depth] = loop
			next.depth++
			order(next, append(append([]int{}, left[:i]...), left[i+1:]...))
		}
	}
	side := max(s.largest(loopW, 1), s.largest(loopH, 1))
	for oc := s.largest(loopOC, s.smallest()); oc >= s.smallest(); oc /= 2 {
		for ic := s.largest(loopIC, 1); ic > 0; ic /= 2 {
			for b := s.largest(loopB, 1); b > 0; b /= 2 {
				for w := side; w > 0; w /= 2 {
					var t nest
					for loop, size := range [loopCount]int{loopB: b, loopW: w, loopH: w, loopIC: ic, loopOC: oc} {
						t.set(loop, size, s.dim[loop])
					}
					var open []int
					for loop, n := range t.count {
						if n > 1 {
							open = append(open, loop)
						}
					}
					order(t, open)
				}
			}
		}
	}
	return best, best.busy < math.MaxInt64/2
}

// TestSteadySearchIsExhaustive holds the search to all nests, also when it has been told
// one to begin with.
func TestSteadySearchIsExhaustive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		acc := simtest.MachineOf(t, arch.Fusion, func(acc *arch.Accelerator) {
			for _, s := range simtest.Systems {
				if s.Name == "steady" {
					s.Have(acc)
				}
			}
			acc.Buffers.Unified, acc.Energy.DRAMModel = false, "flat"
			acc.Memory.BitsPerCycle = rapid.SampledFrom([]float64{0.5, 2, 8, 64}).Draw(t, "rate")
			size := func(name string) int { return rapid.IntRange(64, 2048).Draw(t, name) }
			acc.Buffers.Weights.Bytes, acc.Buffers.Inputs.Bytes, acc.Buffers.Outputs.Bytes = size("weight bytes"), size("input bytes"), size("output bytes")
		})
		op := simtest.Op(t)
		e, err := engine.NewFusion(&acc.Array)
		if err != nil {
			t.Fatal(err)
		}
		l := &layer.Layer{}
		if err := l.Reset(acc, e.Lanes(), &op, false, op.Batch); err != nil {
			t.Fatal(err)
		}
		l.SetActs(int(op.ActBits), int(op.ActBits), 8)
		l.SetBits(op.WeightBits)
		c := chip.New(acc)
		port := portOf(&acc.Memory, c.Buffers)
		var s search
		for _, g := range appendGroups(nil, l) {
			s.init(newShape(e, l, g), priceOf(acc), port.BytesPerCycle*8, &c.Room)
			want, fits := everyNest(&s)
			for _, before := range []nest{{}, want.nest} {
				got, ok := s.best(before)
				if ok != fits || ok && (got.nest != want.nest || got.cycles() != want.cycles() || got.moved != want.moved || got.held != want.held || got.energy != want.energy) {
					t.Fatalf("the search finds %v %s: %d cycles, %v pJ; there is %v %s: %d cycles, %v pJ", ok, got.nest, got.cycles(), got.energy, fits, want.nest, want.cycles(), want.energy)
				}
			}
		}
	})
}

func priceOf(acc *arch.Accelerator) *price.List {
	var l price.List
	l.Read(acc)
	return &l
}
