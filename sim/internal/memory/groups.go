package memory

import (
	"bitcycle/sim/internal/chip"
	"bitcycle/sim/internal/layer"
)

// group is a range of sets that is priced once and charged so many times.
type group struct {
	lo, hi int
	times  int64
}

// appendGroups appends the whole schedule, or the groups that share no inputs, equal
// neighbours together.
func appendGroups(groups []group, l *layer.Layer) []group {
	s := &l.Sched
	if len(s.Sets) == 0 {
		return groups
	}
	if !l.OwnInputs() {
		return append(groups, group{0, len(s.Sets), 1})
	}
	add := func(lo, hi int, same bool) {
		if n := len(groups); same && n > 0 {
			groups[n-1].times++
			return
		}
		groups = append(groups, group{lo, hi, 1})
	}
	if l.PerInput {
		for i := range s.Sets {
			add(i, i+1, s.Sets[i].Same)
		}
		return groups
	}
	for g := range l.Groups {
		lo, hi := s.Group[g], s.Group[g+1]
		if lo == hi {
			continue
		}
		last := len(groups) - 1
		add(lo, hi, last >= 0 && s.Alike(groups[last].lo, groups[last].hi, lo, hi))
	}
	return groups
}

// prunedBytes is the constant outputs of so many channels that no group has written.
func prunedBytes(c *chip.Chip, l *layer.Layer, channels int) int64 {
	if channels <= 0 || l.Op.Points != nil || l.OutOnChip {
		return 0
	}
	return bytes(l.Positions() * c.Pixel(channels, l.OutBits))
}
