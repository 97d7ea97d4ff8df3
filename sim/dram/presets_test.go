package dram

import "bitcycle/arch"

// presets are the parts of the golden cases: timings of DRAMsim3's
// configuration files, energies by Micron's formulas from their currents.
var presets = map[string]arch.DRAM{
	"ddr3-1600": {
		Name: "ddr3-1600", TCKNs: 1.25, BusBits: 64, BurstBytes: 64, BurstClocks: 4,
		CL: 11, CWL: 8, TRCD: 11, TRP: 11, TRAS: 28, TCCDS: 4, TCCDL: 4,
		TRRDS: 5, TRRDL: 5, TFAW: 24, TWTRS: 6, TWTRL: 6, TWR: 12, TRTP: 6,
		TRFC: 208, TREFI: 6240, BankGroups: 1, BanksPerGroup: 8, RowBytes: 8192,
		Energy: energyOf(9842, 6426, 4698, 553, 410, 346),
	},
	"ddr4-2400": {
		Name: "ddr4-2400", TCKNs: 0.833, BusBits: 64, BurstBytes: 64, BurstClocks: 4,
		CL: 17, CWL: 12, TRCD: 17, TRP: 17, TRAS: 39, TCCDS: 4, TCCDL: 6,
		TRRDS: 4, TRRDL: 6, TFAW: 26, TWTRS: 3, TWTRL: 9, TWR: 18, TRTP: 9,
		TRFC: 420, TREFI: 9360, BankGroups: 4, BanksPerGroup: 4, RowBytes: 8192,
		Energy: energyOf(3450, 2932, 2550, 693, 413, 326),
	},
	"ddr4-3200": {
		Name: "ddr4-3200", TCKNs: 0.625, BusBits: 64, BurstBytes: 64, BurstClocks: 4,
		CL: 22, CWL: 16, TRCD: 22, TRP: 22, TRAS: 52, TCCDS: 4, TCCDL: 8,
		TRRDS: 4, TRRDL: 8, TFAW: 34, TWTRS: 4, TWTRL: 12, TWR: 24, TRTP: 12,
		TRFC: 560, TREFI: 12480, BankGroups: 4, BanksPerGroup: 4, RowBytes: 8192,
		Energy: energyOf(4234, 2806, 2371, 671, 499, 355),
	},
	"lpddr4-2400": {
		Name: "lpddr4-2400", TCKNs: 0.833, BusBits: 64, BurstBytes: 128, BurstClocks: 8,
		CL: 17, CWL: 14, TRCD: 15, TRP: 15, TRAS: 32, TCCDS: 8, TCCDL: 8,
		TRRDS: 8, TRRDL: 8, TFAW: 32, TWTRS: 8, TWTRL: 16, TWR: 30, TRTP: 12,
		TRFC: 392, TREFI: 8660, BankGroups: 2, BanksPerGroup: 4, RowBytes: 8192,
		Energy: energyOf(6956, 6247, 5769, 364, 226, 163),
	},
}

func energyOf(actPre, read, write, refreshNJ, activeMW, prechargedMW float64) arch.DRAMEnergy {
	c := func(v float64) arch.Constant { return arch.Constant{Value: v, Source: "IDD formulas"} }
	return arch.DRAMEnergy{
		ActPrePJ: c(actPre), ReadPJ: c(read), WritePJ: c(write), RefreshNJ: c(refreshNJ),
		ActiveMW: c(activeMW), PrechargedMW: c(prechargedMW),
	}
}
