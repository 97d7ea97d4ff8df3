package silicon

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"bitcycle/arch"
	"bitcycle/internal/proof"
	"bitcycle/kernels/workload"
	"bitcycle/kernels/workload/zoo"
	"bitcycle/sim"
)

// tinyMachine is a shipped machine by what its rows of MLPerf Tiny say.
type tinyMachine struct {
	machine  string
	core     string   // that the row's core begins with
	software []string // one of which the row's software begins with; none is any
	systems  []string // one of which the row's system contains, in capitals; none is any
	clockMHz float64  // of its rows; 0: any, the machine is set to it
	live     bool     // its compiler leaves out channels whose weights are all zero
	supply   string   // submitter whose energy is that of another supply or meter
	network  string   // that it is built for; "" is any
	note     string
	cycles   Bar
	energy   Bar
}

// tinyNetworks are the reference networks by the words of the rows.
var tinyNetworks = map[string]string{
	"ad": "tiny-autoencoder", "kws": "tiny-ds-cnn", "ic": "tiny-resnet8", "vww": "tiny-mobilenet",
}

// tinyLive are the networks that a compiler finds dead channels in.
var tinyLive = map[string]string{"vww": "tiny-mobilenet-live"}

// tiny is MLPerf Tiny: results that submitters measured on chips, batch 1, the input in
// memory as int8 (mlcommons/tiny_results_v1.0 to v1.3).
var tiny = Set{
	File: "mlperf_tiny.csv", Figures: tinyFigures(), Title: "MLPerf Tiny", Includes: tinyIncludes, Unexplained: tinyUnexplained,
	Open: func(fs.FS) (Comparer, error) { return (&tinyRuns{map[string]*sim.Result{}}).compare, nil },
}

func (m *tinyMachine) figure(what string) string { return "MLPerf Tiny, " + m.machine + ", " + what }

func tinyFigures() []Figure {
	var list []Figure
	for i := range tinyMachines {
		m := &tinyMachines[i]
		list = append(list, Figure{Name: m.figure("cycles"), Machine: m.machine, Kind: "silicon", Bar: m.cycles, Note: m.note})
		if m.supply != "" {
			list = append(list, Figure{
				Name: m.figure("energy of " + m.supply), Machine: m.machine, Kind: "silicon energy",
				Note: "the same runs draw 1.6 times the power of the vendor's own submission: another supply or meter",
			})
		}
		if m.energy != (Bar{}) {
			list = append(list, Figure{Name: m.figure("energy"), Machine: m.machine, Kind: "silicon energy", Bar: m.energy, Note: "whole device at the board's supply"})
		}
	}
	return list
}

// tinyRuns are runs by machine, clock and network, as rows repeat them.
type tinyRuns struct{ done map[string]*sim.Result }

func (t *tinyRuns) compare(r proof.Record) ([]Reading, error) {
	if r.Text("modelled") == "no" {
		return nil, Skip("modelled = no")
	}
	if p := r.Text("precision"); p != "int8" {
		return nil, Skip("of %s", p)
	}
	network, known := tinyNetworks[r.Text("network")]
	if !known {
		return nil, Skip("of network %s", r.Text("network"))
	}
	m, err := tinyMachineOf(r)
	if err != nil {
		return nil, err
	}
	w, err := zoo.Load(network)
	if err != nil {
		return nil, err
	}
	if float64(w.MACs()) != r.Number("macs_reference") {
		return nil, Skip("of another network than the reference")
	}
	if live := tinyLive[r.Text("network")]; m.live && live != "" {
		if w, err = zoo.Load(live); err != nil {
			return nil, err
		}
	}
	res, err := t.run(m, r.Number("clock_MHz"), w)
	if err != nil {
		return nil, err
	}
	var list []Reading
	id := r.Text("id") + " " + r.Text("network")
	if r.Has("cycles_per_inf") {
		list = append(list, Reading{m.figure("cycles"), id, "cycles", "cycles", r.Number("cycles_per_inf"), float64(res.Totals.Cycles), r.Text("system")})
	}
	if r.Has("uJ_per_inf") && m.energy != (Bar{}) && res.Totals.Energy.Total() > 0 {
		what := "energy"
		if m.supply != "" && r.Text("submitter") == m.supply {
			what = "energy of " + m.supply
		}
		list = append(list, Reading{m.figure(what), id, "energy", "µJ", r.Number("uJ_per_inf"), res.Totals.Energy.Total() / 1e6, r.Text("system")})
	}
	return list, nil
}

// tinyMachineOf is the machine of a row: the first that it fits.
func tinyMachineOf(r proof.Record) (*tinyMachine, error) {
	core, software, system, clock := r.Text("core"), r.Text("software"), strings.ToUpper(r.Text("system")), r.Number("clock_MHz")
	if strings.Contains(system, "MAX_PERFORMANCE") {
		return nil, Skip("of a build for one network")
	}
	board := false
	for i := range tinyMachines {
		m := &tinyMachines[i]
		if !strings.HasPrefix(core, m.core) || !anyOf(m.software, func(s string) bool { return strings.HasPrefix(software, s) }) {
			continue
		}
		board = true
		if anyOf(m.systems, func(s string) bool { return strings.Contains(system, s) }) && (m.clockMHz == 0 || m.clockMHz == clock) &&
			(m.network == "" || m.network == r.Text("network")) {
			return m, nil
		}
	}
	if board {
		return nil, Skip("of a board without a machine")
	}
	return nil, Skip("of a core or library without a machine")
}

// anyOf reports whether one of a list is right; an empty list asks for nothing.
func anyOf(list []string, right func(string) bool) bool {
	return len(list) == 0 || slices.ContainsFunc(list, right)
}

// run prices a network on a machine at the clock of a row.
func (t *tinyRuns) run(m *tinyMachine, clockMHz float64, w *workload.Workload) (*sim.Result, error) {
	key := fmt.Sprintf("%s %g %s", m.machine, clockMHz, w.Name)
	if r := t.done[key]; r != nil {
		return r, nil
	}
	acc, err := arch.Load(m.machine, []string{fmt.Sprintf("clock_hz=%g", clockMHz*1e6)})
	if err != nil {
		return nil, Skip("of a clock that no machine has: %g MHz", clockMHz)
	}
	r, err := sim.Run(context.Background(), acc, w, sim.Options{})
	t.done[key] = r
	return r, err
}
