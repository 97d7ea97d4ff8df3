package silicon

import "strings"

// What is asked for of software on a core: constants are fitted to two networks, and a
// library's kernels differ from those whose loops were counted.
var (
	softwareCycles = Bar{Mean: 0.12, Each: 0.25}
	softwareEnergy = Bar{Mean: 0.20}
)

const softwareNote = "the library's inference alone, batch 1, input in RAM; cycles are the clock over the rate. Counted loops of CMSIS-NN with one factor a core and library"

// The versions of a library whose rows one machine stands for, by the beginnings of their
// names.
var (
	cubeAI10     = []string{"X-CUBE-AI v9", "X-CUBE-AI 9", "X-CUBE-AI v10", "X-CUBE-AI 10"}
	cubeAI8      = []string{"X-CUBE-AI v7", "X-CUBE-AI 7", "X-CUBE-AI v8", "X-CUBE-AI 8"}
	cmsisNN      = []string{"microTVM + CMSIS-NN"}
	microTVM     = []string{"microTVM native"}
	plumerai2023 = []string{"Plumerai Inference Engine 2023"}
	hale         = []string{"Bosch Hardware-Aware Lowering Engine"}
)

// tinyMachines are those that are modelled; a row is of the first that it fits.
var tinyMachines = []tinyMachine{
	software("cortex-m4-x-cube-ai-10", "Cortex-M4", cubeAI10, "L4R5").compiled(),
	software("cortex-m7-x-cube-ai-10", "Cortex-M7", cubeAI10, "H7A3").compiled(),
	software("cortex-m33-x-cube-ai-10", "Cortex-M33", cubeAI10, "U575", "U585").compiled(),
	software("cortex-m33-u385-x-cube-ai-10", "Cortex-M33", cubeAI10, "U385").compiled(),
	software("cortex-m4-x-cube-ai-8", "Cortex-M4", cubeAI8, "L4R5").compiled().metered("Krai"),
	software("cortex-m7-x-cube-ai-8", "Cortex-M7", cubeAI8, "H7A3").compiled(),
	software("cortex-m33-x-cube-ai-8", "Cortex-M33", cubeAI8, "U575", "U585").compiled(),
	software("cortex-m4-cmsis-nn", "Cortex-M4", cmsisNN, "L4R5"),
	software("cortex-m33-cmsis-nn", "Cortex-M33", cmsisNN, "NRF5340"),
	software("cortex-m4-microtvm", "Cortex-M4", microTVM, "L4R5"),
	software("cortex-m4-plumerai-2023", "Cortex-M4", plumerai2023, "L4R5"),
	software("cortex-m7-plumerai-2023", "Cortex-M7", plumerai2023, "H7A3", "F746"),
	software("cortex-m33-plumerai-2023", "Cortex-M33", plumerai2023, "U575", "U585"),
	software("cortex-m4-hale", "Cortex-M4", hale, "L4R5"),
	software("cortex-m7-hale", "Cortex-M7", hale, "H7A3", "F746"),
	software("cortex-m33-hale", "Cortex-M33", hale, "U575", "U585"),
	{machine: "gap9-ne16", core: "GAP9", clockMHz: 370, note: gap9Note, cycles: Bar{Mean: 0.15}, energy: Bar{Mean: 0.2}},
	{machine: "gap9-ne16-240", core: "GAP9", clockMHz: 240, note: gap9Note, cycles: Bar{Mean: 0.15}, energy: Bar{Mean: 0.2}},
	fpga("zedboard", "kws"), fpga("zedboard", "ic"), fpga("zedboard", "vww"), fpga("zc706", "ic"), fpga("zc706", "vww"),
	fpga("zybo", "kws"), fpga("zybo", "ic"), fpga("cora-z7", "kws"),
}

func software(machine, core string, library []string, systems ...string) tinyMachine {
	return tinyMachine{
		machine: machine, core: core, software: library, systems: systems,
		note: softwareNote, cycles: softwareCycles, energy: softwareEnergy,
	}
}

// compiled is a library that looks at the weights of the whole network and leaves out dead
// channels. UNCONFIRMED: it is a generator of code, and half of the reference network for
// visual wake words is dead, but no document says so and no row shown here tells.
func (m tinyMachine) compiled() tinyMachine {
	m.live = true
	return m
}

// metered is a machine of which a submitter measured the energy otherwise.
func (m tinyMachine) metered(submitter string) tinyMachine {
	m.supply = submitter
	return m
}

// fpga is a board for which fpgaConvNet folded a network.
func fpga(system, network string) tinyMachine {
	return tinyMachine{
		machine: "fpgaconvnet-" + system + "-" + network, core: "FPGA dataflow (fpgaConvNet)", systems: []string{strings.ToUpper(system)}, network: network,
		note: "nothing is fitted; the transfer of a frame and the host are in the rows and not modelled", cycles: Bar{Mean: 0.2},
	}
}

const gap9Note = "set-up of a job is fitted to these rows; which tiles the vendor's tool takes is not known"
