package schedule

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// decoupledLoad is the definition of independent lanes: every unit goes to the lane
// with the least load.
func decoupledLoad(order []uint8, unit, lanes int) (longest int64) {
	load := make([]int64, lanes)
	for chunk := range slices.Chunk(order, unit) {
		load[slices.Index(load, slices.Min(load))] += int64(slices.Max(chunk))
	}
	return slices.Max(load)
}

// plain is a width's work that is the width.
var plain = func() (work [Widths]int64) {
	for w := range work {
		work[w] = int64(w)
	}
	return work
}()

func scheduled(bits []uint8, lanes, unit int, order string) *Schedule {
	s := &Schedule{Lanes: lanes, Unit: unit}
	s.Fill(bits, []int{len(bits)}, order)
	return s
}

func longest(s *Schedule) (sum int64) {
	for _, r := range s.Rounds(0, len(s.Sets), &plain) {
		sum += r.Max * r.Repeat
	}
	return sum
}

// In step, two lanes take the widest of each pair, 8 + 3 + 1. Lanes that wait for nobody
// take 3 + 3 + 3 and 8 + 1 under every order, where dealing in turn would give one of
// them 8 + 3 + 1 of the sorted channels.
func TestIndependentLanes(t *testing.T) {
	bits := []uint8{3, 8, 3, 3, 1}
	for _, order := range []string{"inorder", "sorted", "lpt"} {
		if got := longest(scheduled(bits, 2, 2, order)); got != 12 {
			t.Errorf("%s, in step: %d, want 12", order, got)
		}
		if got := longest(scheduled(bits, 2, 1, order)); got != 9 {
			t.Errorf("%s, independent: %d, want 9", order, got)
		}
	}
}

// Independent lanes follow their definition, take no longer than the channels in step
// that they are dealt in the same order, and no less when a channel grows or a lane is
// taken away.
func TestLanesAreListScheduled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.SliceOfN(rapid.Uint8Range(0, Widths-1), 1, 40).Draw(t, "bits")
		lanes, unit := rapid.IntRange(1, 9).Draw(t, "lanes"), rapid.IntRange(1, 3).Draw(t, "unit")
		order := rapid.SampledFrom([]string{"inorder", "sorted", "lpt"}).Draw(t, "order")
		s := scheduled(bits, lanes*unit, unit, order)
		if len(s.Order) == 0 {
			return
		}
		got := longest(s)
		if want := decoupledLoad(s.Order, unit, lanes); lanes > 1 && got != want {
			t.Fatalf("%d, want %d", got, want)
		}
		if inStep := longest(scheduled(bits, lanes*unit, lanes*unit, order)); got > inStep {
			t.Fatalf("%d, in step %d", got, inStep)
		}
		if more := longest(scheduled(bits, (lanes+1)*unit, unit, order)); more > got {
			t.Fatalf("%d, with a lane more %d", got, more)
		}
		at := rapid.IntRange(0, len(bits)-1).Draw(t, "at")
		if bits[at] == 0 || bits[at] == Widths-1 {
			return
		}
		bits[at]++
		if wider := longest(scheduled(bits, lanes*unit, unit, order)); wider < got {
			t.Fatalf("%d, with a wider channel %d", got, wider)
		}
	})
}
