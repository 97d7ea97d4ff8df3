package arch

// Constant is a number with its source. TOML writes it as a table
// {value, source} or as a plain number, whose source is then where it was set.
type Constant struct {
	Value  float64 `toml:"value"`
	Source string  `toml:"source"`
}

// Energy is the energy model. Every constant carries its source and is valid at
// the machine's own technology.
type Energy struct {
	MAC          MACEnergy `toml:"mac"`
	IdleFraction Constant  `toml:"idle_fraction"` // of MAC energy, charged for PEs without work
	SRAM         SRAM      `toml:"sram"`
	Register     Constant  `toml:"register_pj_per_bit"`
	NoC          Constant  `toml:"noc_pj_per_bit"` // per hop
	Hops         Constant  `toml:"noc_hops"`
	DRAM         Constant  `toml:"dram_pj_per_bit"` // flat; unused when Memory.Kind is dram and DRAMModel is idd
	DRAMModel    string    `toml:"dram_model"`      // flat | idd
	Vector       Constant  `toml:"vector_pj_per_op"`
	LogicLeak    Constant  `toml:"logic_leakage_mw"`
	Idle         Constant  `toml:"idle_mw"`
}

// SRAM gives scratchpad energy: explicit per-bit constants per buffer, or the
// CACTI power law of Cell at TechNm, or interpolation in the CACTI table.
type SRAM struct {
	Model   string     `toml:"model"` // explicit | cacti | table
	Cell    string     `toml:"cell"`  // itrs-hp | itrs-lop
	Source  string     `toml:"source"`
	Weights SRAMAccess `toml:"weights"`
	Inputs  SRAMAccess `toml:"inputs"`
	Outputs SRAMAccess `toml:"outputs"`
	LeakMW  Constant   `toml:"leakage_mw"`
}

// SRAMAccess is explicit energy per bit.
type SRAMAccess struct {
	Read  Constant `toml:"read_pj_per_bit"`
	Write Constant `toml:"write_pj_per_bit"`
}

// Area is silicon area by component; absent constants are not reported.
type Area struct {
	Array   Constant `toml:"array_mm2"`
	Weights Constant `toml:"weights_mm2"`
	Inputs  Constant `toml:"inputs_mm2"`
	Outputs Constant `toml:"outputs_mm2"`
	Chip    Constant `toml:"chip_mm2"`
	// FPGA cost: look-up tables of the array and 36 Kb block RAMs.
	LUTs  Constant `toml:"luts"`
	BRAMs Constant `toml:"bram36"`
}
