package arch

import "bitcycle/kernels/workload"

// Buffers are the on-chip scratchpads.
type Buffers struct {
	Weights Buffer `toml:"weights"`
	Inputs  Buffer `toml:"inputs"`
	Outputs Buffer `toml:"outputs"`
	// Unified: weights and inputs share the scratchpad of inputs; Weights.Bytes is 0.
	Unified bool `toml:"unified"`
	// LayerReuse keeps a layer's outputs on chip for its reader where they fit.
	LayerReuse bool `toml:"layer_reuse"`
	// FuseAdds: the sum of a product's outputs and another tensor is formed as they leave the
	// array, so that they cost no traffic.
	FuseAdds bool `toml:"fuse_adds"`
}

// Buffer is one scratchpad.
type Buffer struct {
	Bytes  int  `toml:"bytes"`     // capacity of all banks
	Banks  int  `toml:"banks"`     // macros side by side
	Word   int  `toml:"word_bits"` // of one access of a bank
	Double bool `toml:"double"`    // double buffered: half is usable per tile
}

// Memory is the path to DRAM.
type Memory struct {
	// Kind: memory takes no time (ideal), has a rate (flat), or is a DRAM simulated burst
	// by burst (dram).
	Kind               string  `toml:"kind"`
	BitsPerCycle       float64 `toml:"bits_per_cycle"`        // flat: of the shared port, or of one that replaces split ports
	Ports              string  `toml:"ports"`                 // one for all, or one each for weights, inputs and outputs
	WeightBitsPerCycle float64 `toml:"weight_bits_per_cycle"` // of the split port of weights
	InputBitsPerCycle  float64 `toml:"input_bits_per_cycle"`  // of the split port of inputs
	OutputBitsPerCycle float64 `toml:"output_bits_per_cycle"` // of the split port of outputs
	LatencyCycles      int     `toml:"latency_cycles"`        // from the end of a transfer until its data can be used
	TileBuffers        int     `toml:"tile_buffers"`          // tiles on chip at a time: 1 = load, compute and store in turn, 2 = double buffering

	// Overlap of transfers and compute: "tiles" = event-driven double-buffered
	// pipeline; "max" = the slowest of compute and each port over the layer;
	// "steady" = Bit Fusion's simulator, overlapped except the first load and the last
	// store; "fitted" = the three ports behind HAQ's latency table; "decoupled" = load,
	// execute and store units that take calls in turn, with requests through caches;
	// "queues" = load, compute and save queues over a layer, each tensor moved once;
	// "none" = no memory time.
	Overlap string `toml:"overlap"`

	LayerCycles int `toml:"layer_cycles"` // queues: from the start of a layer to its first work, its instructions and first requests
	LayerBytes  int `toml:"layer_bytes"`  // queues: instructions that are fetched before a layer starts
	// SharedBitsPerCycle is the rate of the memory behind all array.cores, which are taken to
	// be busy; 0: that of their ports together. Of queues.
	SharedBitsPerCycle float64 `toml:"shared_bits_per_cycle"`

	WordBits    int    `toml:"word_bits"`    // transfers round channels up to words; 0 = bytes
	ActRound    string `toml:"act_round"`    // stored activation width: as it is, the next power of two, or the array's
	OutBits     string `toml:"out_bits"`     // width written back: what readers take, the layer's own activation width, or 32 bits
	ReadOutputs bool   `toml:"read_outputs"` // outputs are read before they are written (Bit Fusion's simulator)
	// SkipUnused: inputs that no window touches are not read, such as three quarters of
	// the map of a 1×1 convolution at stride 2.
	SkipUnused bool `toml:"skip_unused"`

	Layout    string `toml:"layout"`     // of weights, see section 6.1 of machine-model.md
	AlignBits int    `toml:"align_bits"` // that a channel's weights are padded to
	Metadata  bool   `toml:"metadata"`   // scales and width indices of channels travel with the weights
	// GroupBits is what each GroupSize weights of a channel carry along the reduction, such
	// as a scale of 8 bits for 128 weights.
	GroupBits int `toml:"group_bits"`
	GroupSize int `toml:"group_size"` // weights that share GroupBits

	// External: what does not fit the scratchpads lies in memory behind them. Without it
	// all weights and all tensors that are alive must have room on the chip.
	External bool `toml:"external"`
	// FlashBytes is a store for weights beside the scratchpads, for machines without
	// external memory; 0: weights lie in theirs.
	FlashBytes int `toml:"flash_bytes"`
	// BehindBytes is what external memory holds of weights and tensors that are alive; 0: no limit.
	BehindBytes int `toml:"behind_bytes"`

	Preset     string `toml:"preset"`      // dram: name of a shipped DRAM (list drams), or a path beside this file
	Mapping    string `toml:"mapping"`     // dram: order of row, bank, bank group and column in an address, high bits first
	Window     int    `toml:"window"`      // dram: bursts whose banks are prepared ahead
	CtrlCycles int    `toml:"ctrl_cycles"` // dram: DRAM clocks that the controller adds to every request
	Reorder    bool   `toml:"reorder"`     // dram: bursts of different bank groups overtake each other within the window
	Channels   int    `toml:"channels"`    // dram: that share every request evenly

	// CacheModel says how the caches of "decoupled" are charged: "lines" runs every request
	// through them, "footprint" derives their misses from the sizes of loops.
	CacheModel string `toml:"cache_model" only:"systolic"`
	// Start is what the caches hold before a layer: nothing (cold), its tensors in the
	// outer cache as far as they fit (outer), or in both (warm).
	Start    string   `toml:"start" only:"systolic"`
	Requests Requests `toml:"requests" only:"systolic"`
	Cache    Cache    `toml:"cache" only:"systolic"` // next to the units
	Outer    Outer    `toml:"outer" only:"systolic"` // behind it
	Main     Main     `toml:"main" only:"systolic"`  // memory behind the caches
}

// OwnNotation reports whether the memory system prices a layer as it is written, since it
// imitates a peer or has other units for convolutions than for matrix products: other
// notations of the same product cost what they cost there.
func (m *Memory) OwnNotation() bool {
	return m.Kind == "flat" && (m.Overlap == "steady" || m.Overlap == "fitted" || m.Overlap == "decoupled")
}

// Notation is the op as the memory prices it: in the one notation of its product
// ([workload.Op.Canonical]), or as it is written where a peer is imitated.
func (m *Memory) Notation(op *workload.Op) workload.Op {
	if m.OwnNotation() {
		return *op
	}
	return op.Canonical(m.SkipUnused)
}

// Vector is the unit for element-wise work: requantization, residual adds,
// pooling, the sums of multipoint quantization, table look-ups.
type Vector struct {
	Lanes int `toml:"lanes"` // element operations per cycle; 0 = not modelled (free)
	// Overlapped: the epilogue of a product runs beside the array, tile by tile.
	Overlapped  bool `toml:"overlapped"`
	ChainUnits  int  `toml:"chain_units"`  // recursion steps that start each cycle, over all chains
	ChainCycles int  `toml:"chain_cycles"` // latency of one recursion step
}

// Mapping bounds the search over tile sizes and loop orders.
type Mapping struct {
	Objective string `toml:"objective"` // what a tiling is chosen by: cycles, energy, or their product
	Search    string `toml:"search"`    // tilings tried in full: the best 1 by estimate (fixed), 4, or 64 (exhaustive)
	// Tiling says who cuts layers: our search, or the rule of Gemmini's library
	// ("gemmini-auto").
	Tiling string `toml:"tiling" only:"systolic"`
	// ScratchBytes is the size that a rule of a library takes the scratchpad of inputs and
	// weights for, where it was not told the true one; 0: its size.
	ScratchBytes int `toml:"scratch_bytes" only:"systolic"`
	SumBytes     int `toml:"sum_bytes" only:"systolic"` // the same for the scratchpad of outputs
}
