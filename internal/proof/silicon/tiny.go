package silicon

import (
	"context"
	"fmt"
	"io/fs"
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
	core     string  // that the row's core begins with
	software string  // that the row's software begins with; "" is any
	clockMHz float64 // of its rows; 0: any, the machine is set to it
	system   string  // of its rows; "" is any
	network  string  // that it is built for; "" is any
	note     string
	cycles   Bar
	energy   Bar
}

// tinyMachines are those that are modelled; a row is of the first that it fits.
var tinyMachines = []tinyMachine{
	{machine: "gap9-ne16", core: "GAP9", clockMHz: 370, note: gap9Note, cycles: Bar{Mean: 0.15}, energy: Bar{Mean: 0.2}},
	{machine: "gap9-ne16-240", core: "GAP9", clockMHz: 240, note: gap9Note, cycles: Bar{Mean: 0.15}, energy: Bar{Mean: 0.2}},
	fpga("zedboard", "kws"), fpga("zedboard", "ic"), fpga("zedboard", "vww"), fpga("zc706", "ic"), fpga("zc706", "vww"),
	fpga("zybo", "kws"), fpga("zybo", "ic"), fpga("cora-z7", "kws"),
}

// fpga is a board for which fpgaConvNet folded a network.
func fpga(system, network string) tinyMachine {
	return tinyMachine{
		machine: "fpgaconvnet-" + system + "-" + network, core: "FPGA dataflow (fpgaConvNet)", system: system, network: network,
		note: "nothing is fitted; the transfer of a frame and the host are in the rows and not modelled", cycles: Bar{Mean: 0.2},
	}
}

const gap9Note = "set-up of a job is fitted to these rows; which tiles the vendor's tool takes is not known"

// tinyNetworks are the reference networks by the words of the rows.
var tinyNetworks = map[string]string{
	"ad": "tiny-autoencoder", "kws": "tiny-ds-cnn", "ic": "tiny-resnet8", "vww": "tiny-mobilenet",
}

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
	m := tinyMachineOf(r)
	if m == nil {
		return nil, Skip("of a core or library without a machine")
	}
	w, err := zoo.Load(network)
	if err != nil {
		return nil, err
	}
	if float64(w.MACs()) != r.Number("macs_reference") {
		return nil, Skip("of another network than the reference")
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
		list = append(list, Reading{m.figure("energy"), id, "energy", "µJ", r.Number("uJ_per_inf"), res.Totals.Energy.Total() / 1e6, r.Text("system")})
	}
	return list, nil
}

func tinyMachineOf(r proof.Record) *tinyMachine {
	core, software, clock := r.Text("core"), r.Text("software"), r.Number("clock_MHz")
	for i := range tinyMachines {
		m := &tinyMachines[i]
		if strings.HasPrefix(core, m.core) && strings.HasPrefix(software, m.software) && (m.clockMHz == 0 || m.clockMHz == clock) &&
			(m.system == "" || m.system == r.Text("system")) && (m.network == "" || m.network == r.Text("network")) {
			return m
		}
	}
	return nil
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
