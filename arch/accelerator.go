// Package arch describes machines: accelerators and one-bit front ends, read
// from strict TOML, validated, and shown back in full with the source of every
// constant. It runs nothing.
package arch

// Accelerator is a machine that runs a kernels.Workload. Widths are in bits,
// sizes in bytes, rates per clock cycle of ClockHz unless the name says otherwise.
type Accelerator struct {
	Schema      int     `toml:"schema"`
	Name        string  `toml:"name"`
	Description string  `toml:"description"`
	Base        string  `toml:"base"` // shipped name or path of the machine this one overrides
	Engine      Engine  `toml:"engine"`
	ClockHz     float64 `toml:"clock_hz"`
	TechNm      float64 `toml:"technology_nm"`
	VoltageV    float64 `toml:"voltage_v"`
	Batch       int     `toml:"batch"` // images per run; cycles and energy are per batch

	Array   Array   `toml:"array"`
	Buffers Buffers `toml:"buffers"`
	Memory  Memory  `toml:"memory"`
	Vector  Vector  `toml:"vector"`
	Mapping Mapping `toml:"mapping"`
	Energy  Energy  `toml:"energy"`
	Area    Area    `toml:"area"`

	// Sources tells where non-energy values come from, by key ("array.rows").
	Sources map[string]string `toml:"sources"`
	// Unconfirmed lists the keys whose values could not be read at a source;
	// reports name them among the assumptions.
	Unconfirmed []string `toml:"unconfirmed"`
}

// Engine is the kind of compute array.
type Engine string

// The engines.
const (
	Systolic      Engine = "systolic"
	BitSerial     Engine = "bitserial"
	Fusion        Engine = "fusion"
	RowStationary Engine = "rowstationary"
	Streaming     Engine = "streaming"
	SIMD          Engine = "simd"
)

// Array is the compute array.
type Array struct {
	// Rows and Cols of processing elements. Systolic and fusion arrays: rows hold
	// the reduction, columns the output channels. Bit-serial: Rows = Dm output
	// channels, Cols = Dn output positions.
	Rows int `toml:"rows"`
	Cols int `toml:"cols"`
	// Dot is the length Dk in bits of one bit-serial dot-product unit.
	Dot int `toml:"dot"`

	Dataflow string `toml:"dataflow"` // ws | os | is
	// ShadowWeights: a second weight register hides the shift-in of the next fold.
	ShadowWeights bool `toml:"shadow_weights"`
	DrainCycles   int  `toml:"drain_cycles"` // OS: exposed drain of each output tile

	// Native operand widths of a PE; narrower operands pack along the reduction
	// when Pack is set, wider ones take several passes.
	NativeWeightBits int  `toml:"native_weight_bits"`
	NativeActBits    int  `toml:"native_act_bits"`
	Pack             bool `toml:"pack"`
	// Widths that the array distinguishes; a width in between rounds up to the
	// next. Empty means every width from 1 to MaxWeightBits.
	WeightWidths []int `toml:"weight_widths"`
	ActWidths    []int `toml:"act_widths"`

	// Bit-serial: which operand is processed bit by bit: both | weights | activations.
	Serial string `toml:"serial"`
	// SerialBits is the number of activation bits taken at a time (Loom's psb).
	SerialBits int `toml:"serial_bits"`
	// OneBitSpeedup multiplies the rate when weights have one bit (UNPU: 4/3).
	OneBitSpeedup float64 `toml:"one_bit_speedup"`
	// ParallelBits is the width of the operand that is not serial.
	ParallelBits  int `toml:"parallel_bits"`
	IssueCycles   int `toml:"issue_cycles"`   // per bit pair
	LatencyCycles int `toml:"latency_cycles"` // pipeline fill and drain per tile
	StripeCycles  int `toml:"stripe_cycles"`  // per stripe of output positions

	// ReduceBy tells what a fold covers along the reduction: "flat" = kernel area ×
	// channels as one length, "channel" = channels only, once per kernel position.
	ReduceBy string `toml:"reduce_by"`
	// FirstLayerFlat: the first op is lowered flat (im2col) even when ReduceBy is "channel".
	FirstLayerFlat bool `toml:"first_layer_flat"`

	Sync           string `toml:"sync"`       // tile | lane | group
	GroupSize      int    `toml:"group_size"` // group sync: output channels per barrier
	Order          string `toml:"order"`      // sorted | inorder | lpt
	ReconfigCycles int    `toml:"reconfig_cycles"`
	FillCycles     int    `toml:"fill_cycles"` // -1: R+C−2 of the array; else charged once per layer (fusion) or group
	// ActivePEs by efficiency: row-stationary measured efficiency.
	Efficiency float64 `toml:"efficiency"`

	// Streaming (one unit per layer) and SIMD cores.
	PE             int                `toml:"pe"`
	SIMD           int                `toml:"simd"`
	Cores          int                `toml:"cores"`
	MACsPerCycle   map[string]float64 `toml:"macs_per_cycle"` // by width: "8", "4", "2"
	DepthwiseLanes int                `toml:"depthwise_lanes"`
}

// Buffers are the on-chip scratchpads.
type Buffers struct {
	Weights Buffer `toml:"weights"`
	Inputs  Buffer `toml:"inputs"`
	Outputs Buffer `toml:"outputs"`
	// Unified: weights and inputs share one scratchpad (Weights.Bytes = 0).
	Unified bool `toml:"unified"`
	// LayerReuse keeps a layer's outputs on chip for its reader where they fit.
	LayerReuse bool `toml:"layer_reuse"`
}

// Buffer is one scratchpad.
type Buffer struct {
	Bytes  int  `toml:"bytes"`
	Banks  int  `toml:"banks"`
	Word   int  `toml:"word_bits"`
	Double bool `toml:"double"` // double buffered: half is usable per tile
}

// Memory is the path to DRAM.
type Memory struct {
	Kind         string  `toml:"kind"`           // ideal | flat | dram
	BitsPerCycle float64 `toml:"bits_per_cycle"` // flat: of the shared port
	Ports        string  `toml:"ports"`          // shared | split
	// Split ports: width of each.
	WeightBitsPerCycle float64 `toml:"weight_bits_per_cycle"`
	InputBitsPerCycle  float64 `toml:"input_bits_per_cycle"`
	OutputBitsPerCycle float64 `toml:"output_bits_per_cycle"`
	LatencyCycles      int     `toml:"latency_cycles"`
	TileBuffers        int     `toml:"tile_buffers"` // nbuf of the tile pipeline

	// Overlap of transfers and compute: "tiles" = event-driven double-buffered
	// pipeline; "max" = the slowest of compute and each port over the layer;
	// "steady" = overlapped except the first load and the last store; "none" = no memory time.
	Overlap string `toml:"overlap"`

	WordBits    int    `toml:"word_bits"`    // transfers round channels up to words; 0 = bytes
	ActRound    string `toml:"act_round"`    // none | pow2: stored activation width
	OutBits     string `toml:"out_bits"`     // next | act | 32: width written back
	ReadOutputs bool   `toml:"read_outputs"` // outputs are read before they are written (Bit Fusion's simulator)

	Layout    string `toml:"layout"` // padded | rows | planes
	AlignBits int    `toml:"align_bits"`
	Metadata  bool   `toml:"metadata"` // per-channel width indices travel with the weights

	Preset     string `toml:"preset"` // dram: name of a shipped DRAM
	Mapping    string `toml:"mapping"`
	Window     int    `toml:"window"`
	CtrlCycles int    `toml:"ctrl_cycles"`
	Reorder    bool   `toml:"reorder"` // reorder column accesses across bank groups within the window
	Channels   int    `toml:"channels"`
}

// Vector is the unit for element-wise work: requantization, residual adds,
// pooling, the sums of multipoint quantization, table look-ups.
type Vector struct {
	Lanes int `toml:"lanes"` // element operations per cycle; 0 = not modelled (free)
	// Overlapped: the epilogue of a product runs beside the array, tile by tile.
	Overlapped  bool `toml:"overlapped"`
	ChainUnits  int  `toml:"chain_units"`  // recursion steps per cycle over all chains
	ChainCycles int  `toml:"chain_cycles"` // latency of one recursion step
}

// Mapping bounds the search over tile sizes and loop orders.
type Mapping struct {
	Objective string `toml:"objective"` // cycles | energy | edp
	Search    string `toml:"search"`    // default | exhaustive | fixed
}

// Constant is a number with its source.
type Constant struct {
	Value  float64
	Source string
}

// Energy is the energy model. Every constant carries its source.
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

// MACEnergy gives the energy of one multiply-accumulate as a function of both widths.
type MACEnergy struct {
	// Model: synth45 (systolic PEs synthesised at 45 nm), horowitz, serial
	// (bit-serial units), const (PJPerCycle for the whole array or PJPerMAC).
	Model      string  `toml:"model"`
	PJPerCycle float64 `toml:"pj_per_cycle"`
	PJPerMAC   float64 `toml:"pj_per_mac"`
	// SerialFactor and SerialBase: e(w, a) = factor · base · w·a/256 (Loom), w/16 or a/16.
	SerialFactor float64 `toml:"serial_factor"`
	SerialBasePJ float64 `toml:"serial_base_pj"`
	FromNm       float64 `toml:"from_nm"` // node of the constants, scaled to TechNm; 0 = TechNm
	Source       string  `toml:"source"`
}

// SRAM gives scratchpad energy: explicit per-bit constants per buffer, or the
// CACTI power law of Cell at TechNm.
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
}
