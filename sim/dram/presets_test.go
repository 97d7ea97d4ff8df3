package dram

import "bitcycle/arch"

// presets are the shipped parts by their short names.
var presets = loadPresets()

func loadPresets() map[string]arch.DRAM {
	parts := map[string]arch.DRAM{}
	for _, name := range []string{"ddr3-1600", "ddr4-2400", "ddr4-3200", "lpddr4-2400"} {
		part, err := arch.LoadDRAM(name)
		if err != nil {
			panic("dram: " + err.Error())
		}
		parts[name] = *part
	}
	return parts
}
