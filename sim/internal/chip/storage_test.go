package chip

import (
	"slices"
	"testing"

	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/schedule"
	"bitcycle/sim/internal/units"
)

// 256 channels of 1152 weights, 4 bits on average.
func TestPackedWeights(t *testing.T) {
	var s schedule.Schedule
	s.Lanes, s.Unit = 16, 16
	s.Fill(slices.Repeat([]uint8{2, 4, 6, 4}, 64), []int{256}, "sorted")
	for _, c := range []struct {
		layout string
		bytes  int64
	}{{"rows", 147456}, {"planes", 147456}, {"padded", 221184}} {
		p := Storage{Layout: c.layout, Align: 1}
		if got := units.Bytes(p.Weights(&s, 0, len(s.Sets), 1152)); got != c.bytes {
			t.Errorf("%s: %d bytes, want %d", c.layout, got, c.bytes)
		}
	}
	for _, c := range []struct {
		layout string
		bytes  int64
	}{{"rows", 147456 + 256*9}, {"planes", 147456 + 256*9}, {"padded", 221184 + 256*9}} { // 9 groups of 128 a channel
		p := Storage{Layout: c.layout, Align: 1, Group: 128, GroupBits: 8}
		if got := units.Bytes(p.Weights(&s, 0, len(s.Sets), 1152)); got != c.bytes {
			t.Errorf("%s in groups: %d bytes, want %d", c.layout, got, c.bytes)
		}
		if got := units.Bytes(p.Weights(&s, 0, len(s.Sets), 1153)); got-units.Bytes((&Storage{Layout: c.layout, Align: 1}).Weights(&s, 0, len(s.Sets), 1153)) != 256*10 {
			t.Errorf("%s: a group that is not full is not one", c.layout)
		}
	}
	p := Storage{Metadata: true, Alphabet: 8}
	l := &layer.Layer{Virtual: 256, Sched: s}
	if got := units.Bytes(p.WithWeights(l)); got != 96+1024 {
		t.Errorf("metadata: %d bytes, want 96 of indices and 1024 of scales", got)
	}
	l.Sched.Fill(slices.Repeat([]uint8{4}, 256), []int{256}, "sorted")
	if got := units.Bytes(p.WithWeights(l)); got != 1024 {
		t.Errorf("metadata of uniform channels: %d bytes, want 1024", got)
	}
}
