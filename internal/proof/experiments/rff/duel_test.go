package experiments

import "testing"

// TestDuels: the best of each side within the bits, and three outcomes.
func TestDuels(t *testing.T) {
	table := Table{Better: -1, Rows: []Row{
		{Scheme: "StocQ", Bits: 100, Ours: 0.5, CI95: 0.01},
		{Scheme: "MSQ", Bits: 100, Ours: 0.4, CI95: 0.01},
		{Scheme: "StocQ", Bits: 150, Ours: 0.3, CI95: 0.01}, // not twice the bits
		{Scheme: "StocQ", Bits: 400, Ours: 0.2, CI95: 0.01},
		{Scheme: "StocQ", Bits: 1000, Ours: 0.1, CI95: 0.01},
		{Scheme: "SD r=1", Bits: 102, Ours: 0.45, CI95: 0.01},
		{Scheme: "beta 1.9", Bits: 390, Ours: 0.195, CI95: 0.01},
		{Scheme: "SD r=2", Bits: 900, Ours: 0.05, CI95: 0.01},
		{Scheme: "RFF float", Bits: 90, Ours: 0.01},
		{Scheme: "SD r=2", Bits: 90, Ours: 0.001, Derived: true},
	}}
	want := []struct {
		bits              float64
		condensed, direct string
		verdict           Verdict
	}{{100, "SD r=1", "MSQ", Loses}, {400, "beta 1.9", "StocQ", Level}, {1000, "SD r=2", "StocQ", Wins}}
	got := table.Duels()
	if len(got) != len(want) {
		t.Fatalf("%d duels, want %d: %+v", len(got), len(want), got)
	}
	for i, w := range want {
		if d := got[i]; d.Bits != w.bits || d.Condensed.Scheme != w.condensed || d.Direct.Scheme != w.direct || d.Verdict != w.verdict {
			t.Errorf("duel %d: %+v, want %+v", i, d, w)
		}
	}
	if table.Better = 0; table.Duels() != nil {
		t.Error("duels over several metrics")
	}
}
