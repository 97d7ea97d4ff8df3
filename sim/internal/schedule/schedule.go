// Package schedule puts the channels of an op in the order in which an array meets
// them: pruned ones dropped, the rest ordered and cut into the sets that the array
// works on side by side.
//
// See docs/machine-model.md, section 3.
package schedule

import (
	"bytes"

	"bitcycle/kernels/workload"
)

// Widths is one more than the widest operand: tables are indexed by width.
const Widths = workload.MaxBits + 1

// Set is a group of output channels that an array works on side by side.
type Set struct {
	Lo, Hi int            // range of the ordered widths
	Max    uint8          // widest of the set
	Min    uint8          // narrowest
	Count  [Widths]uint32 // channels per width
	Same   bool           // the same widths as the set before
}

// Schedule is the order in which the channels of one op meet the array: pruned
// channels dropped, the rest ordered and cut into sets of at most Lanes channels.
// Sets never mix the groups of a grouped convolution.
type Schedule struct {
	Lanes int     // channels side by side
	Unit  int     // channels that share a barrier: Lanes, or fewer when they run decoupled
	Order []uint8 // widths in schedule order
	Sets  []Set
	Group []int // index of the first set of each convolution group, and the end
	Wide  uint8 // widest channel of the op
	Least uint8 // narrowest

	rounds []Round // lent by Rounds
	loads  []int64 // scratch of Rounds: work per decoupled lane
}

// Barrier returns how many of the channels side by side share a barrier when an array
// synchronises them by tile, group or lane.
func Barrier(sync string, group, lanes int) int {
	switch sync {
	case "lane":
		return 1
	case "group":
		if group > 0 {
			return min(group, lanes)
		}
	}
	return lanes
}

// Fill rebuilds the schedule for the given widths, perGroup channels to each group.
// The order is that of the channels, or descending widths (sorted; lpt is its name
// where lanes take the next channel when they are free).
func (s *Schedule) Fill(bits []uint8, perGroup []int, order string) {
	s.Order, s.Sets, s.Group, s.Wide, s.Least = s.Order[:0], s.Sets[:0], s.Group[:0], 0, Widths-1
	at := 0
	for _, n := range perGroup {
		s.Group = append(s.Group, len(s.Sets))
		first := len(s.Order)
		if order == "sorted" || order == "lpt" {
			s.appendSorted(bits[at : at+n])
		} else {
			s.appendActive(bits[at : at+n])
		}
		s.cut(first)
		at += n
	}
	s.Group = append(s.Group, len(s.Sets))
}

func (s *Schedule) appendActive(bits []uint8) {
	for _, w := range bits {
		if w > 0 {
			s.Order = append(s.Order, w)
		}
	}
}

// appendSorted appends the nonzero widths in descending order (a counting sort).
func (s *Schedule) appendSorted(bits []uint8) {
	var count [Widths]int
	if alike(bits) {
		count[bits[0]] = len(bits)
	} else {
		for _, w := range bits {
			count[w]++
		}
	}
	for w := Widths - 1; w > 0; w-- {
		s.Order = workload.Widths{uint8(w)}.Append(s.Order, count[w])
	}
}

// alike reports whether widths are all the same one.
func alike(widths []uint8) bool {
	return len(widths) > 0 && bytes.Equal(widths[1:], widths[:len(widths)-1])
}

// cut divides the order from index lo on into sets.
func (s *Schedule) cut(lo int) {
	for ; lo < len(s.Order); lo += s.Lanes {
		hi := min(lo+s.Lanes, len(s.Order))
		c := Set{Lo: lo, Hi: hi, Min: Widths - 1}
		if alike(s.Order[lo:hi]) {
			c.Max, c.Min = s.Order[lo], s.Order[lo]
			c.Count[c.Max] = uint32(hi - lo)
		} else {
			for _, w := range s.Order[lo:hi] {
				c.Count[w]++
				c.Max, c.Min = max(c.Max, w), min(c.Min, w)
			}
		}
		s.Wide, s.Least = max(s.Wide, c.Max), min(s.Least, c.Min)
		if last := len(s.Sets) - 1; last >= 0 {
			c.Same = c.Count == s.Sets[last].Count
		}
		s.Sets = append(s.Sets, c)
	}
}

// Channels returns the number of channels in sets lo to hi.
func (s *Schedule) Channels(lo, hi int) int {
	if lo >= hi {
		return 0
	}
	return s.Sets[hi-1].Hi - s.Sets[lo].Lo
}

// GroupEnd returns the end of the convolution group that set lo belongs to, at most hi.
func (s *Schedule) GroupEnd(lo, hi int) int {
	for _, end := range s.Group {
		if end > lo {
			return min(end, hi)
		}
	}
	return hi
}

// LargestGroup is the most sets of a convolution group.
func (s *Schedule) LargestGroup() (most int) {
	for g := range len(s.Group) - 1 {
		most = max(most, s.Group[g+1]-s.Group[g])
	}
	return most
}

// Alike reports whether two ranges of sets hold the same widths.
func (s *Schedule) Alike(lo, hi, lo2, hi2 int) bool {
	if hi-lo != hi2-lo2 {
		return false
	}
	for i := range hi - lo {
		if s.Sets[lo+i].Count != s.Sets[lo2+i].Count {
			return false
		}
	}
	return true
}

// Mixed reports whether so many channels, pruned ones included, have different widths.
func (s *Schedule) Mixed(channels int) bool {
	if len(s.Order) != channels {
		return len(s.Order) > 0
	}
	for _, w := range s.Order {
		if w != s.Order[0] {
			return true
		}
	}
	return false
}
