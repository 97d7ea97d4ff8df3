package arch

import (
	"slices"
	"strconv"
	"strings"
)

// Array is the compute array. The tag "only" names the engines that read a key;
// keys without it belong to all.
type Array struct {
	// Pixels is the output positions side by side.
	Pixels int `toml:"pixels" only:"pixels"`
	// Rows of processing elements. Systolic, fusion and pixel arrays: they hold the reduction.
	// Bit-serial: output channels, BISMO's Dm.
	Rows int `toml:"rows" only:"systolic bitserial fusion rowstationary pixels"`
	// Cols is columns of processing elements. Systolic, fusion and pixel arrays: output
	// channels. Bit-serial: output positions, BISMO's Dn.
	Cols int `toml:"cols" only:"systolic bitserial fusion rowstationary pixels"`
	// Dot is the length in bits of one bit-serial dot product, BISMO's Dk.
	Dot int `toml:"dot" only:"bitserial"`

	// Dataflow tells what stays in the array: weights (ws), outputs (os) or inputs (is).
	Dataflow string `toml:"dataflow" only:"systolic"`
	// ShadowWeights: a second weight register hides the shift-in of the next fold.
	ShadowWeights bool `toml:"shadow_weights" only:"systolic"`
	DrainCycles   int  `toml:"drain_cycles" only:"systolic"` // output stationary: exposed drain of each output tile
	// StepCycles, where it is not 0: positions stream in steps of at most Rows positions of
	// one row of the output map. One takes its positions, at least so many cycles, and Rows
	// cycles where the weights change.
	StepCycles int `toml:"step_cycles" only:"systolic"`
	// PairCycles is what a step takes at least on average over those of the same weights:
	// what the issue of instructions allows.
	PairCycles float64 `toml:"pair_cycles" only:"systolic"`

	// NativeWeightBits is the weight width of a processing element; narrower weights
	// pack along the reduction with Pack, wider ones take several passes.
	NativeWeightBits int `toml:"native_weight_bits" only:"systolic fusion rowstationary"`
	// NativeActBits is the same for activations.
	NativeActBits int `toml:"native_act_bits" only:"systolic fusion rowstationary"`
	// Pack: a processing element takes several elements of the reduction at a time when
	// operands are narrower than its own widths.
	Pack bool `toml:"pack" only:"systolic fusion"`
	// WeightWidths are the weight widths that the array distinguishes; one in between
	// rounds up to the next. Empty means every width from 1 to 16.
	WeightWidths []int `toml:"weight_widths"`
	ActWidths    []int `toml:"act_widths"` // the same for activations

	// Serial is the operand that is processed bit by bit.
	Serial string `toml:"serial" only:"bitserial"`
	// SerialBits is the number of activation bits taken at a time (Loom's psb).
	SerialBits int `toml:"serial_bits" only:"bitserial"`
	// SerialWeightBits is the number of weight bits taken at a time (BitMoD: 2).
	SerialWeightBits int `toml:"serial_weight_bits" only:"bitserial"`
	// OneBitSpeedup multiplies the rate when weights have one bit (UNPU: 4/3).
	OneBitSpeedup float64 `toml:"one_bit_speedup" only:"bitserial"`
	// ParallelBits is the width of the operand that is not serial.
	ParallelBits  int `toml:"parallel_bits" only:"bitserial"`
	IssueCycles   int `toml:"issue_cycles" only:"bitserial"`   // to start each bit pair of a round
	LatencyCycles int `toml:"latency_cycles" only:"bitserial"` // pipeline fill and drain of each round
	StripeCycles  int `toml:"stripe_cycles" only:"bitserial"`  // for each stripe of output positions

	// ReduceBy tells what a fold covers along the reduction: "flat" = kernel area ×
	// channels as one length, "channel" = channels only, once per kernel position.
	ReduceBy string `toml:"reduce_by" only:"systolic bitserial fusion"`
	// FirstLayerFlat: the first op is lowered flat (im2col) even where ReduceBy is "channel".
	FirstLayerFlat bool `toml:"first_layer_flat" only:"systolic bitserial fusion"`

	// Sync is what output channels side by side share a barrier with: those of other
	// engines stream by, or are as many as the engine says.
	Sync           string `toml:"sync" only:"systolic bitserial fusion"`
	GroupSize      int    `toml:"group_size" only:"systolic bitserial fusion"` // output channels per barrier where Sync is "group"
	Order          string `toml:"order"`                                       // of output channels: by descending width (sorted), as stored (inorder), or sorted for lanes that do not wait (lpt)
	ReconfigCycles int    `toml:"reconfig_cycles"`                             // for each change of width between rounds
	// FillCycles is charged once a layer (fusion), a round of a block, or to set up a job
	// (ne16: each tile); -1: rows + columns − 2.
	FillCycles int `toml:"fill_cycles"`
	// Efficiency is the measured share of the time in which active elements work.
	Efficiency float64 `toml:"efficiency" only:"rowstationary"`

	PE   int `toml:"pe" only:"streaming"`   // output channels of a layer's unit at a time
	SIMD int `toml:"simd" only:"streaming"` // elements of the reduction of a layer's unit at a time
	// Folding is the products that the unit of a layer does at a time, by the layer's groups,
	// channels of a group and reduction length: {"64x1x9" = 36}. Other layers have PE × SIMD.
	Folding map[string]float64 `toml:"folding" only:"streaming"`
	// OverlapLayers: a layer begins when its first window is there, not when the frame is.
	OverlapLayers bool `toml:"overlap_layers" only:"streaming"`

	// Cores that share the output channels (simd, ne16), or that have an array and scratchpads each,
	// take the images of a batch by turns and share memory (pixels).
	Cores int `toml:"cores" only:"simd ne16 pixels"`
	// Augment: a layer of fewer input channels than Rows puts several columns of the kernel
	// side by side, as a first layer on images does.
	Augment bool `toml:"augment" only:"pixels"`
	// DepthwisePixels is the output positions of a depthwise convolution at a time, beside
	// the channels of DepthwiseLanes; no more than Pixels times Rows.
	DepthwisePixels int `toml:"depthwise_pixels" only:"pixels"`
	// MACsPerCycle is the multiply-accumulates per cycle of one core by operand width:
	// {"8" = 2.29, "4" = 4.57, "2" = 9.14}.
	MACsPerCycle map[string]float64 `toml:"macs_per_cycle" only:"simd ne16"`
	// DepthwiseLanes is how many channels of a depthwise convolution run side by side, each
	// with inputs of its own; no more than channels of other convolutions do. See
	// [Array.DepthwiseOf].
	DepthwiseLanes int `toml:"depthwise_lanes"`
}

// RoundWeight returns the width at which the array processes w-bit weights: the
// next of WeightWidths, w itself when the list is empty. A width above the
// list takes passes of the widest.
func (a *Array) RoundWeight(w int) int { return roundUp(w, a.WeightWidths) }

// RoundAct is [Array.RoundWeight] for activations.
func (a *Array) RoundAct(bits int) int { return roundUp(bits, a.ActWidths) }

// Shape is what [Array.Folding] knows a layer by.
type Shape struct{ Groups, Channels, Reduction int }

// Foldings are the products at a time by shape.
func (a *Array) Foldings() map[Shape]int64 {
	list := map[Shape]int64{}
	for key, n := range a.Folding {
		if s, ok := foldingShape(key); ok && n >= 1 {
			list[s] = int64(n)
		}
	}
	return list
}

func foldingShape(key string) (s Shape, ok bool) {
	parts := strings.Split(key, "x")
	if len(parts) != 3 {
		return s, false
	}
	for i, into := range []*int{&s.Groups, &s.Channels, &s.Reduction} {
		n, err := strconv.Atoi(parts[i])
		if err != nil || n < 1 || parts[i] != strconv.Itoa(n) {
			return s, false
		}
		*into = n
	}
	return s, true
}

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
