package sim_test

import (
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload/zoo"
	"bitcycle/sim"
)

// The brief of a run is what the run's totals say.
func TestBriefIsTotals(t *testing.T) {
	w, err := zoo.Load("tiny-resnet8")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range arch.List() {
		machine, err := arch.Load(m.Name, nil)
		if err != nil {
			t.Fatal(err)
		}
		run, err := sim.Run(t.Context(), machine, w, sim.Options{})
		if err != nil {
			continue // the workload does not fit
		}
		e, err := sim.NewEvaluator(machine, w)
		if err != nil {
			t.Fatal(err)
		}
		b, r := e.Brief(), &run.Totals
		if b.Stalls != r.Stalls || b.Energy != r.Energy || b.DRAMRead != r.DRAMRead || b.DRAMWrite != r.DRAMWrite || b.IntervalCycles != run.IntervalCycles {
			t.Errorf("%s: %+v, want %+v", m.Name, b, *r)
		}
		if fit := e.Fit(); fit != r.Fit {
			t.Errorf("%s: %v, want %v", m.Name, fit, r.Fit)
		}
		if sim.AreaOf(machine) != run.Area {
			t.Errorf("%s: area %v, want %v", m.Name, sim.AreaOf(machine), run.Area)
		}
	}
}
