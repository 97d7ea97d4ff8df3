package arch

import (
	"slices"
	"strconv"
)

// Array is the compute array. The tag "only" names the engines that read a key;
// keys without it belong to all.
type Array struct {
	// Rows and Cols of processing elements. Systolic and fusion arrays: rows hold
	// the reduction, columns the output channels. Bit-serial: Rows = Dm output
	// channels, Cols = Dn output positions.
	Rows int `toml:"rows" only:"systolic bitserial fusion rowstationary"`
	Cols int `toml:"cols" only:"systolic bitserial fusion rowstationary"`
	// Dot is the length Dk in bits of one bit-serial dot-product unit.
	Dot int `toml:"dot" only:"bitserial"`

	Dataflow string `toml:"dataflow" only:"systolic"` // ws | os | is
	// ShadowWeights: a second weight register hides the shift-in of the next fold.
	ShadowWeights bool `toml:"shadow_weights" only:"systolic"`
	DrainCycles   int  `toml:"drain_cycles" only:"systolic"` // OS: exposed drain of each output tile

	// Native operand widths of a PE; narrower operands pack along the reduction
	// when Pack is set, wider ones take several passes.
	NativeWeightBits int  `toml:"native_weight_bits" only:"systolic fusion rowstationary"`
	NativeActBits    int  `toml:"native_act_bits" only:"systolic fusion rowstationary"`
	Pack             bool `toml:"pack" only:"systolic fusion"`
	// Widths that the array distinguishes; a width in between rounds up to the
	// next. Empty means every width from 1 to 16.
	WeightWidths []int `toml:"weight_widths"`
	ActWidths    []int `toml:"act_widths"`

	// Bit-serial: which operand is processed bit by bit: both | weights | activations.
	Serial string `toml:"serial" only:"bitserial"`
	// SerialBits is the number of activation bits taken at a time (Loom's psb).
	SerialBits int `toml:"serial_bits" only:"bitserial"`
	// SerialWeightBits is the number of weight bits taken at a time (BitMoD: 2).
	SerialWeightBits int `toml:"serial_weight_bits" only:"bitserial"`
	// OneBitSpeedup multiplies the rate when weights have one bit (UNPU: 4/3).
	OneBitSpeedup float64 `toml:"one_bit_speedup" only:"bitserial"`
	// ParallelBits is the width of the operand that is not serial.
	ParallelBits  int `toml:"parallel_bits" only:"bitserial"`
	IssueCycles   int `toml:"issue_cycles" only:"bitserial"`   // per bit pair
	LatencyCycles int `toml:"latency_cycles" only:"bitserial"` // pipeline fill and drain per tile
	StripeCycles  int `toml:"stripe_cycles" only:"bitserial"`  // per stripe of output positions

	// ReduceBy tells what a fold covers along the reduction: "flat" = kernel area ×
	// channels as one length, "channel" = channels only, once per kernel position.
	ReduceBy string `toml:"reduce_by" only:"systolic bitserial fusion"`
	// FirstLayerFlat: the first op is lowered flat (im2col) even when ReduceBy is "channel".
	FirstLayerFlat bool `toml:"first_layer_flat" only:"systolic bitserial fusion"`

	// Sync is what output channels side by side share a barrier with: those of other
	// engines stream by, or are as many as the engine says.
	Sync           string `toml:"sync" only:"systolic bitserial fusion"`       // tile | lane | group
	GroupSize      int    `toml:"group_size" only:"systolic bitserial fusion"` // group sync: output channels per barrier
	Order          string `toml:"order"`                                       // sorted | inorder | lpt
	ReconfigCycles int    `toml:"reconfig_cycles"`
	FillCycles     int    `toml:"fill_cycles"` // -1: R+C−2 of the array; else charged once per layer (fusion) or group
	// ActivePEs by efficiency: row-stationary measured efficiency.
	Efficiency float64 `toml:"efficiency" only:"rowstationary"`

	// Streaming (one unit per layer) and SIMD cores.
	PE             int                `toml:"pe" only:"streaming"`
	SIMD           int                `toml:"simd" only:"streaming"`
	Cores          int                `toml:"cores" only:"simd"`
	MACsPerCycle   map[string]float64 `toml:"macs_per_cycle" only:"simd"` // of one core, by width: "8", "4", "2"
	DepthwiseLanes int                `toml:"depthwise_lanes"`            // see [Array.DepthwiseOf]
}

// RoundWeight returns the width at which the array processes w-bit weights: the
// next of WeightWidths, w itself when the list is empty. A width above the
// list takes passes of the widest.
func (a *Array) RoundWeight(w int) int { return roundUp(w, a.WeightWidths) }

// RoundAct is [Array.RoundWeight] for activations.
func (a *Array) RoundAct(bits int) int { return roundUp(bits, a.ActWidths) }

// rated returns the widths that MACsPerCycle knows, ascending.
func (a *Array) rated() []int {
	var widths []int
	for key := range a.MACsPerCycle {
		if b, err := strconv.Atoi(key); err == nil {
			widths = append(widths, b)
		}
	}
	slices.Sort(widths)
	return widths
}

func roundUp(b int, widths []int) int {
	if b <= 0 || len(widths) == 0 {
		return b
	}
	for _, w := range widths {
		if b <= w {
			return w
		}
	}
	widest := widths[len(widths)-1]
	return (b + widest - 1) / widest * widest
}

// DepthwiseOf is how many channels of a depthwise convolution, each with inputs of its
// own, an array of so many lanes has side by side: DepthwiseLanes, and no more than
// there are lanes.
func (a *Array) DepthwiseOf(lanes int) int { return min(a.DepthwiseLanes, lanes) }

// SideBySide reports whether a depthwise convolution of so many groups, each of so
// many output channels, is mapped to the depthwise lanes, where every channel has
// inputs of its own, rather than group by group to the lanes of other convolutions:
// whichever takes fewer rounds.
func (a *Array) SideBySide(groups, channels, lanes int) bool {
	side := a.DepthwiseOf(lanes)
	if side < 1 {
		return false
	}
	rounds := func(n, at int) int { return (n + at - 1) / at }
	return rounds(groups*channels, side) <= groups*rounds(channels, lanes)
}
