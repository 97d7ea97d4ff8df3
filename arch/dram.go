package arch

// DRAM is one memory part as seen by a channel of 64 data bits: timings in DRAM
// clocks, energies per 64-bit rank.
type DRAM struct {
	Schema      int     `toml:"schema"`
	Name        string  `toml:"name"`
	Description string  `toml:"description"`
	TCKNs       float64 `toml:"tck_ns"`
	BusBits     int     `toml:"bus_bits"`
	BurstBytes  int     `toml:"burst_bytes"`
	BurstClocks int     `toml:"burst_clocks"` // BL/2

	CL, CWL, TRCD, TRP, TRAS int
	TCCDS, TCCDL             int
	TRRDS, TRRDL, TFAW       int
	TWTRS, TWTRL, TWR, TRTP  int
	TRFC, TREFI              int

	BankGroups    int `toml:"bank_groups"`
	BanksPerGroup int `toml:"banks_per_group"`
	RowBytes      int `toml:"row_bytes"`

	Energy DRAMEnergy `toml:"energy"`
	Source string     `toml:"source"`
}

// DRAMEnergy holds IDD-derived energies of one rank, without I/O termination.
type DRAMEnergy struct {
	ActPrePJ     Constant `toml:"act_pre_pj"`    // per activate and precharge pair
	ReadPJ       Constant `toml:"read_burst_pj"` // per burst
	WritePJ      Constant `toml:"write_burst_pj"`
	RefreshNJ    Constant `toml:"refresh_nj"`
	ActiveMW     Constant `toml:"background_active_mw"`
	PrechargedMW Constant `toml:"background_precharged_mw"`
}
