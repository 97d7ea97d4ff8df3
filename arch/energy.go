package arch

// Constant is a number with its source. TOML writes it as a table
// {value, source} or as a plain number, whose source is then where it was set.
type Constant struct {
	Value  float64 `toml:"value"`  // in the unit that the key's name ends in
	Source string  `toml:"source"` // publication, measurement or assumption
}

// Energy is the energy model. Every constant carries its source and is valid at
// the machine's own technology.
type Energy struct {
	MAC          MACEnergy `toml:"mac"`
	IdleFraction Constant  `toml:"idle_fraction"` // of a multiply-accumulate's energy, charged for each element without work in a busy cycle
	SRAM         SRAM      `toml:"sram"`
	Register     Constant  `toml:"register_pj_per_bit"` // operands read, sums read and written beside each element
	NoC          Constant  `toml:"noc_pj_per_bit"`      // of a bit that goes one hop between scratchpads and array
	Hops         Constant  `toml:"noc_hops"`            // that a bit goes on average
	DRAM         Constant  `toml:"dram_pj_per_bit"`     // of memory transfers; not used where DRAMModel is "idd"
	// DRAMModel: a constant per bit (flat), or the currents of what memory.kind = "dram" simulates (idd).
	DRAMModel string   `toml:"dram_model"`
	Vector    Constant `toml:"vector_pj_per_op"` // of one element operation
	LogicLeak Constant `toml:"logic_leakage_mw"` // leakage of the array; estimated where a source allows it
	Idle      Constant `toml:"idle_mw"`          // anything else that draws power all the time
}

// SRAM gives scratchpad energy: explicit per-bit constants per buffer, or the
// CACTI power law of its cell at the machine's node, or interpolation in the CACTI table.
type SRAM struct {
	// Model: explicit constants per bit, CACTI's power law of Cell at the node (cacti), or
	// interpolation in CACTI's table.
	Model   string     `toml:"model"`
	Cell    string     `toml:"cell"`   // CACTI's transistors: high performance or low operating power
	Source  string     `toml:"source"` // of the model
	Weights SRAMAccess `toml:"weights"`
	Inputs  SRAMAccess `toml:"inputs"`
	Outputs SRAMAccess `toml:"outputs"`
	LeakMW  Constant   `toml:"leakage_mw"` // of all scratchpads; estimated by CACTI unless the model is explicit
}

// SRAMAccess is explicit energy per bit.
type SRAMAccess struct {
	Read  Constant `toml:"read_pj_per_bit"`  // of a bit that is read; for the explicit model
	Write Constant `toml:"write_pj_per_bit"` // of a bit that is written; for the explicit model
}

// Area is silicon area by component; absent constants are not reported.
type Area struct {
	Array   Constant `toml:"array_mm2"`   // of the array; estimated where synthesis results allow it
	Weights Constant `toml:"weights_mm2"` // of the scratchpad; estimated by CACTI unless energy.sram is explicit
	Inputs  Constant `toml:"inputs_mm2"`  // as weights_mm2
	Outputs Constant `toml:"outputs_mm2"` // as weights_mm2
	Chip    Constant `toml:"chip_mm2"`    // of everything, where it was published
	LUTs    Constant `toml:"luts"`        // look-up tables of an array on an FPGA
	BRAMs   Constant `toml:"bram36"`      // 36 Kb block memories of an array on an FPGA
}
