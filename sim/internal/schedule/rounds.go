package schedule

// Round is what the array does between two barriers: the longest and the summed
// work of its channels, in units of the engine.
type Round struct {
	Max, Sum int64
	Channels int   // that share the sum: what a perfectly balanced array would spread it over
	Mode     uint8 // widest channel
	Repeat   int64 // equal rounds in a row
}

// Rounds returns the rounds of sets lo to hi, where a channel of width w takes
// work[w]: one round a set, or a single one when channels run decoupled. They are
// good until the next call.
func (s *Schedule) Rounds(lo, hi int, work *[Widths]int64) []Round {
	s.rounds = s.rounds[:0]
	if s.Unit < s.Lanes {
		for lo < hi { // lanes share the inputs of one convolution group
			end := s.GroupEnd(lo, hi)
			s.rounds = append(s.rounds, s.decoupled(s.Order[s.Sets[lo].Lo:s.Sets[end-1].Hi], work))
			lo = end
		}
		return s.rounds
	}
	for i := lo; i < hi; i++ {
		c := &s.Sets[i]
		if c.Same && i > lo {
			s.rounds[len(s.rounds)-1].Repeat++
			continue
		}
		r := Round{Max: work[c.Max], Channels: c.Hi - c.Lo, Mode: c.Max, Repeat: 1}
		for w := c.Min; w <= c.Max; w++ {
			r.Sum += int64(c.Count[w]) * work[w]
		}
		s.rounds = append(s.rounds, r)
	}
	return s.rounds
}

// decoupled deals units of channels to lanes that wait for each other only at the
// end: in their order, each to the lane that is free first (list scheduling). With one
// channel a unit every lane runs by itself; a unit of several channels takes the
// longest of them.
func (s *Schedule) decoupled(order []uint8, work *[Widths]int64) Round {
	lanes := s.Lanes / s.Unit
	s.loads = append(s.loads[:0], make([]int64, lanes)...)
	r := Round{Channels: min(len(order), lanes*s.Unit), Repeat: 1}
	for i := 0; i < len(order); i += s.Unit {
		var longest int64
		for _, w := range order[i:min(i+s.Unit, len(order))] {
			longest = max(longest, work[w])
			r.Sum += work[w]
			r.Mode = max(r.Mode, w)
		}
		r.Max = max(r.Max, deal(s.loads, longest))
	}
	return r
}

// deal gives work to the least loaded lane and returns its load then. The loads are a
// heap with the least at the top: lanes are alike, which one it is does not matter.
func deal(loads []int64, work int64) int64 {
	load := loads[0] + work
	at := 0
	for {
		next := 2*at + 1
		if next+1 < len(loads) && loads[next+1] < loads[next] {
			next++
		}
		if next >= len(loads) || loads[next] >= load {
			break
		}
		loads[at] = loads[next]
		at = next
	}
	loads[at] = load
	return load
}
