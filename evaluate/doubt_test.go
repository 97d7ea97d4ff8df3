package evaluate

import (
	"math"
	"slices"
	"testing"

	"bitcycle/arch"
	"bitcycle/sim"
)

func doubted(network, machine, method string, latency float64, e sim.Energy, share float64, unconfirmed ...string) Entry {
	return Entry{
		Network: network, Machine: machine, Method: method, Memory: "tiles", Doubt: DoubtOf(&arch.Accelerator{Unconfirmed: unconfirmed}, share),
		Cost: &sim.Result{Batch: 1, Totals: sim.Layer{LatencyS: latency, Energy: e}},
	}
}

// What is confirmed does not vary; a clock stretches time and what leaks in it.
func TestDoubt(t *testing.T) {
	e := sim.Energy{MAC: 100, DRAM: 50, SRAMInputs: 10, Leakage: 10}
	for _, c := range []struct {
		share       float64
		unconfirmed []string
		energy      Range
		latency     Range
		keys        int
	}{
		{0.3, nil, Range{170, 170}, Range{2, 2}, 0},
		{0.3, []string{"energy.mac"}, Range{140, 200}, Range{2, 2}, 1},
		{0.3, []string{"energy.mac.pj_per_mac", "energy.sram"}, Range{134, 206}, Range{2, 2}, 2}, // and the leakage of the scratchpads
		{0.5, []string{"clock_hz", "array.rows"}, Range{160 + 10/1.5, 180}, Range{2 / 1.5, 4}, 1},
		{0, []string{"energy.mac", "clock_hz"}, Range{170, 170}, Range{2, 2}, 0},
	} {
		d := DoubtOf(&arch.Accelerator{Unconfirmed: c.unconfirmed}, c.share)
		if got := d.Energy(&e); math.Abs(got.Low-c.energy.Low)+math.Abs(got.High-c.energy.High) > 1e-9 {
			t.Errorf("%v ±%g: energy %v, want %v", c.unconfirmed, c.share, got, c.energy)
		}
		if got := d.Latency(2); math.Abs(got.Low-c.latency.Low)+math.Abs(got.High-c.latency.High) > 1e-12 {
			t.Errorf("%v ±%g: latency %v, want %v", c.unconfirmed, c.share, got, c.latency)
		}
		if len(d.Keys) != c.keys {
			t.Errorf("%v: doubts %v", c.unconfirmed, d.Keys)
		}
	}
}

// Rows of one machine share its constants, so that less of everything stays less; rows
// of two machines do not.
func TestRivals(t *testing.T) {
	low, high := sim.Energy{MAC: 90}, sim.Energy{MAC: 100}
	rows := []Entry{
		doubted("n", "a", "x", 1, low, 0.3, "energy.mac", "clock_hz"),
		doubted("n", "a", "y", 1.1, high, 0.3, "energy.mac", "clock_hz"),
		doubted("n", "b", "x", 1.1, high, 0.3),
		doubted("m", "b", "x", 1.1, high, 0.3),
	}
	if got := EnergyRivals(rows, 0); !slices.Equal(got, []int{2}) {
		t.Errorf("energy: %v", got)
	}
	if got := LatencyRivals(rows, 0); !slices.Equal(got, []int{2}) {
		t.Errorf("latency: %v", got)
	}
	mixed := []Entry{doubted("n", "a", "x", 1, sim.Energy{MAC: 90, DRAM: 10}, 0.3, "energy.mac"), doubted("n", "a", "y", 1, sim.Energy{MAC: 60, DRAM: 45}, 0.3, "energy.mac")}
	if got := EnergyRivals(mixed, 0); !slices.Equal(got, []int{1}) { // dearer products make y the better one
		t.Errorf("one dearer part: %v", got)
	}
}

// Factors are against the baseline of the same network and method, or machine.
func TestAgainst(t *testing.T) {
	e := func(pj float64) sim.Energy { return sim.Energy{MAC: pj} }
	rows := []Entry{
		doubted("n", "a", "x", 2, e(8), 0), doubted("n", "b", "x", 1, e(4), 0),
		doubted("m", "a", "x", 8, e(1), 0), doubted("m", "b", "x", 1, e(2), 0),
	}
	got, err := Against(rows, "a")
	if err != nil {
		t.Fatal(err)
	}
	want := []Factor{{"n", "a", "x", 1, 1}, {"n", "b", "x", 2, 2}, {"m", "a", "x", 1, 1}, {"m", "b", "x", 8, 0.5}, {"", "a", "x", 1, 1}, {"", "b", "x", 4, 1}}
	for i := range want {
		if got[i].Network != want[i].Network || got[i].Machine != want[i].Machine || math.Abs(got[i].Speedup-want[i].Speedup) > 1e-12 || math.Abs(got[i].EnergyGain-want[i].EnergyGain) > 1e-12 {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
	if one, err := Against(rows[:2], "x"); err != nil || len(one) != 2 || one[1].Speedup != 1 {
		t.Errorf("a method: %+v, %v", one, err)
	}
	if _, err := Against(rows, "nobody"); err == nil {
		t.Error("nobody is a baseline")
	}
}
