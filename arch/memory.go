package arch

import "bitcycle/kernels/workload"

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
	BitsPerCycle float64 `toml:"bits_per_cycle"` // flat: of the shared port, or of one that replaces split ports
	Ports        string  `toml:"ports"`          // shared | split
	// Split ports: width of each.
	WeightBitsPerCycle float64 `toml:"weight_bits_per_cycle"`
	InputBitsPerCycle  float64 `toml:"input_bits_per_cycle"`
	OutputBitsPerCycle float64 `toml:"output_bits_per_cycle"`
	LatencyCycles      int     `toml:"latency_cycles"`
	TileBuffers        int     `toml:"tile_buffers"` // nbuf of the tile pipeline

	// Overlap of transfers and compute: "tiles" = event-driven double-buffered
	// pipeline; "max" = the slowest of compute and each port over the layer;
	// "steady" = Bit Fusion's simulator, overlapped except the first load and the last
	// store; "fitted" = the three ports behind HAQ's latency table; "none" = no memory time.
	Overlap string `toml:"overlap"`

	WordBits    int    `toml:"word_bits"`    // transfers round channels up to words; 0 = bytes
	ActRound    string `toml:"act_round"`    // none | pow2 | native (the array's): stored activation width
	OutBits     string `toml:"out_bits"`     // next | act | 32: width written back
	ReadOutputs bool   `toml:"read_outputs"` // outputs are read before they are written (Bit Fusion's simulator)
	// SkipUnused: inputs that no window touches are not read, such as three quarters of
	// the map of a 1×1 convolution at stride 2.
	SkipUnused bool `toml:"skip_unused"`

	Layout    string `toml:"layout"` // padded | native | rows | planes
	AlignBits int    `toml:"align_bits"`
	Metadata  bool   `toml:"metadata"` // per-channel width indices travel with the weights

	// External: what does not fit the scratchpads lies in memory behind them. Without it
	// all weights and all tensors that are alive must have room on the chip.
	External bool `toml:"external"`
	// FlashBytes is a store for weights beside the scratchpads, for machines without
	// external memory; 0: weights lie in theirs.
	FlashBytes int `toml:"flash_bytes"`

	Preset     string `toml:"preset"`  // dram: name of a shipped DRAM, or a path
	Mapping    string `toml:"mapping"` // address order, MSB to LSB: a permutation of ro ba bg co
	Window     int    `toml:"window"`  // bursts whose banks are prepared ahead
	CtrlCycles int    `toml:"ctrl_cycles"`
	Reorder    bool   `toml:"reorder"` // reorder column accesses across bank groups within the window
	Channels   int    `toml:"channels"`
}

// OwnNotation reports whether the memory system imitates a peer, which prices a layer
// as it is written: other notations of the same product cost what they cost there.
func (m *Memory) OwnNotation() bool {
	return m.Kind == "flat" && (m.Overlap == "steady" || m.Overlap == "fitted")
}

// Notation is the op as the memory prices it: in the one notation of its product
// ([workload.Op.Canonical]), or as it is written where a peer is imitated.
func (m *Memory) Notation(op *workload.Op) *workload.Op {
	if m.OwnNotation() {
		return op
	}
	c := op.Canonical(m.SkipUnused)
	return &c
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
