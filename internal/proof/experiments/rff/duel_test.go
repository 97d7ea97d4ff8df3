package rff

import "testing"

// stored is a figure of codes that take some bits.
func stored(scheme string, bits, got, half float64) Row {
	r := coded("", scheme, 0, bits)
	r.measured(got, half)
	return r
}

// TestDuels: the best of each side within the bits, and three outcomes.
func TestDuels(t *testing.T) {
	slopeOf90 := derived("of others", "SD r=2", 0.001, nil)
	slopeOf90.Bits = 90
	table := Table{Better: -1, Rows: []Row{
		stored("StocQ", 100, 0.5, 0.01),
		stored("MSQ", 100, 0.4, 0.01),
		stored("StocQ", 150, 0.3, 0.01), // not twice the bits
		stored("StocQ", 400, 0.2, 0.01),
		stored("StocQ", 1000, 0.1, 0.01),
		stored("SD r=1", 102, 0.45, 0.01),
		stored("beta 1.9", 390, 0.195, 0.01),
		stored("SD r=2", 900, 0.05, 0.01),
		stored("RFF float", 90, 0.01, 0),
		slopeOf90,
	}}
	want := []struct {
		bits              float64
		condensed, direct string
		outcome           Outcome
	}{{100, "SD r=1", "MSQ", Loses}, {400, "beta 1.9", "StocQ", Level}, {1000, "SD r=2", "StocQ", Wins}}
	got := table.Duels()
	if len(got) != len(want) {
		t.Fatalf("%d duels, want %d: %+v", len(got), len(want), got)
	}
	for i, w := range want {
		if d := got[i]; d.Bits != w.bits || d.Condensed.What != w.condensed || d.Direct.What != w.direct || d.Outcome != w.outcome {
			t.Errorf("duel %d: %+v, want %+v", i, d, w)
		}
	}
	if table.Better = 0; table.Duels() != nil {
		t.Error("duels over several metrics")
	}
}
