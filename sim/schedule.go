package sim

import "bitcycle/kernels/workload"

// widths is one more than the widest operand: tables are indexed by width.
const widths = workload.MaxBits + 1

// set is a group of output channels that an array works on side by side.
type set struct {
	lo, hi int            // range of the ordered widths
	max    uint8          // widest of the set
	count  [widths]uint16 // channels per width
	same   bool           // the same widths as the set before
}

// schedule is the order in which the kernels of one op meet the array: pruned
// kernels dropped, the rest ordered and cut into sets of at most lanes channels.
// Sets never mix the groups of a grouped convolution.
type schedule struct {
	lanes  int     // channels side by side
	unit   int     // channels that share a barrier: lanes, or fewer when they run decoupled
	greedy bool    // longest processing time first onto the least loaded lane
	order  []uint8 // widths in schedule order
	sets   []set
	group  []int // index of the first set of each convolution group, and the end
	wide   uint8 // widest kernel of the op

	loads []int64 // scratch: work per decoupled lane
}

// round is what the array does between two barriers: the longest and the summed
// work of its channels, in units of the engine.
type round struct {
	max, sum int64
	channels int   // that share the sum: what a perfectly balanced array would spread it over
	mode     uint8 // widest channel
	repeat   int64 // equal rounds in a row
}

// fill rebuilds the schedule for the given widths, perGroup channels to each group.
func (s *schedule) fill(bits []uint8, perGroup []int, order string) {
	s.order, s.sets, s.group, s.wide = s.order[:0], s.sets[:0], s.group[:0], 0
	s.greedy = order == "lpt"
	at := 0
	for _, n := range perGroup {
		s.group = append(s.group, len(s.sets))
		first := len(s.order)
		if order == "sorted" || s.greedy {
			s.appendSorted(bits[at : at+n])
		} else {
			s.appendActive(bits[at : at+n])
		}
		s.cut(first)
		at += n
	}
	s.group = append(s.group, len(s.sets))
}

func (s *schedule) appendActive(bits []uint8) {
	for _, w := range bits {
		if w > 0 {
			s.order = append(s.order, w)
		}
	}
}

// appendSorted appends the nonzero widths in descending order (a counting sort).
func (s *schedule) appendSorted(bits []uint8) {
	var count [widths]int
	for _, w := range bits {
		count[w]++
	}
	for w := widths - 1; w > 0; w-- {
		for range count[w] {
			s.order = append(s.order, uint8(w))
		}
	}
}

// cut divides the order from index lo on into sets.
func (s *schedule) cut(lo int) {
	for ; lo < len(s.order); lo += s.lanes {
		hi := min(lo+s.lanes, len(s.order))
		c := set{lo: lo, hi: hi}
		for _, w := range s.order[lo:hi] {
			c.count[w]++
			c.max = max(c.max, w)
		}
		s.wide = max(s.wide, c.max)
		if last := len(s.sets) - 1; last >= 0 {
			c.same = c.count == s.sets[last].count
		}
		s.sets = append(s.sets, c)
	}
}

// channels returns the number of channels in sets lo to hi.
func (s *schedule) channels(lo, hi int) int {
	if lo >= hi {
		return 0
	}
	return s.sets[hi-1].hi - s.sets[lo].lo
}

// appendRounds appends the rounds of sets lo to hi, where a channel of width w
// takes work[w]: one round a set, or a single one when channels run decoupled.
func (s *schedule) appendRounds(dst []round, lo, hi int, work *[widths]int64) []round {
	if lo >= hi {
		return dst
	}
	if s.unit < s.lanes {
		for lo < hi { // lanes share the inputs of one convolution group
			end := s.groupEnd(lo, hi)
			dst = append(dst, s.decoupled(s.order[s.sets[lo].lo:s.sets[end-1].hi], work))
			lo = end
		}
		return dst
	}
	for i := lo; i < hi; i++ {
		c := &s.sets[i]
		if c.same && i > lo {
			dst[len(dst)-1].repeat++
			continue
		}
		r := round{max: work[c.max], channels: c.hi - c.lo, mode: c.max, repeat: 1}
		for w := uint8(1); w <= c.max; w++ {
			r.sum += int64(c.count[w]) * work[w]
		}
		dst = append(dst, r)
	}
	return dst
}

// decoupled deals units of channels to lanes that wait for each other only at the
// end: in turn, or each to the least loaded lane when greedy. With one channel a
// unit it is the lane synchronisation of the hardware model; a unit of several
// channels takes the longest of them.
func (s *schedule) decoupled(order []uint8, work *[widths]int64) round {
	lanes := s.lanes / s.unit
	s.loads = s.loads[:0]
	for range lanes {
		s.loads = append(s.loads, 0)
	}
	r := round{channels: min(len(order), lanes*s.unit), repeat: 1}
	for i := 0; i < len(order); i += s.unit {
		var longest int64
		for _, w := range order[i:min(i+s.unit, len(order))] {
			longest = max(longest, work[w])
			r.sum += work[w]
			r.mode = max(r.mode, w)
		}
		lane := i / s.unit % lanes
		if s.greedy {
			lane = leastLoaded(s.loads)
		}
		s.loads[lane] += longest
	}
	for _, l := range s.loads {
		r.max = max(r.max, l)
	}
	return r
}

func leastLoaded(loads []int64) int {
	best := 0
	for i, l := range loads {
		if l < loads[best] {
			best = i
		}
	}
	return best
}

// ceil returns a/b rounded up, for a at least 0 and b at least 1.
func ceil[T int | int64](a, b T) T { return (a + b - 1) / b }
