package engine

import (
	"math/bits"

	"bitcycle/arch"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/schedule"
	"bitcycle/sim/internal/units"
)

// NE16 is GAP9's engine for convolutions, bit-serial in the weights
// (pulp-platform/ne16@6bd7272; terms and cycles of pulp-platform/dory@be3d6dd). It works
// patch by patch: 3×3 output positions by 32 output channels, 16 input channels at a time.
// A patch takes, for each 16 input channels,
//
//	load + offset + (6 + k·w) + 2
//
// with k channels of w bits in 3×3 convolutions; 1×1 convolutions and products put 8
// weight bits side by side, 6 + k·⌈w/8⌉; depthwise convolutions of 3×3 take 16 channels at a
// time, and one cycle more for each. Then it scales the sums and streams them out. Every job is set up by a core.
// Other kernels run on the cluster's cores.
//
// See docs/machine-model.md, section 4.8.
type NE16 struct {
	array *arch.Array
	soft  SIMD // the cluster
	setup int64
}

// The geometry of NE16, and its latencies in cycles.
const (
	ne16Lanes      = 32  // output channels of a patch
	ne16Depth      = 16  // input channels at a time, and channels of a depthwise patch
	ne16Side       = 3   // output positions of a patch, each way
	ne16Patch      = 5   // input positions of a patch, each way
	ne16Port       = 256 // bits a cycle of the port to L1
	ne16Bits       = 8   // of an activation at a time, and of a weight in a 1×1 convolution
	ne16FIFO       = 6
	ne16Load       = 10 // before the inputs of a 1×1 patch
	ne16Index      = 2  // to step to the next input channels
	ne16Scale      = 9
	ne16Bias       = 8
	ne16Shift      = 8 // 32 shifts, 4 a cycle
	ne16StreamOut  = 4
	ne16MACsAtOnce = ne16Side * ne16Side * 9 * ne16Depth // of one bit of weight
)

// NewNE16 builds the engine of a cluster with NE16.
func NewNE16(a *arch.Array) (NE16, error) {
	soft, err := NewSIMD(a)
	return NE16{array: a, soft: soft, setup: int64(max(0, a.FillCycles))}, err
}

// Lanes is 32.
func (e NE16) Lanes() int { return ne16Lanes }

// Grain is a side of a patch.
func (e NE16) Grain() int { return ne16Side }

// Mode is the next width that weights can have.
func (e NE16) Mode(w int) int { return e.array.RoundWeight(w) }

// Rate is that of the fastest mode: 3×3 of few bits, 1×1 of many, or the cores.
func (e NE16) Rate(w, a int) float64 {
	w = e.Mode(w)
	rate := max(ne16MACsAtOnce/float64(w), ne16MACsAtOnce/9/float64(passes(w))) / float64(passes(a))
	return max(rate, e.soft.Rate(min(w, schedule.Widths-1), a))
}

// passes is how many times 8 bits there are.
func passes(width int) int64 { return int64(units.Ceil(width, ne16Bits)) }

// mode is how NE16 runs a layer.
type mode int

const (
	software mode = iota
	dense3x3
	dense1x1
	depthwise3x3
)

func ne16Mode(l *layer.Layer) mode {
	if l.Area == 1 && !l.PerInput {
		return dense1x1
	}
	op := l.Op
	three := op.Kernel == [2]int{3, 3} && op.Stride[0] == op.Stride[1] && op.Stride[0] <= 2 && op.Dilation[0] <= 1 && op.Dilation[1] <= 1
	switch {
	case !three:
		return software
	case l.PerInput:
		return depthwise3x3
	}
	return dense3x3
}

// patches of a block: those of the layer's map, shared among its positions. At stride 2 a
// patch of 5×5 inputs has 2×2 outputs; the positions of a product lie as they like.
func (e NE16) patches(b *Block) int64 {
	l := b.Layer
	if ne16Mode(l) == dense1x1 {
		return units.Ceil(b.N, ne16Side*ne16Side)
	}
	side := ne16Side
	if l.Op.Stride[0] == 2 {
		side = 2
	}
	of := int64(units.Ceil(l.Geo.OutH, side)) * int64(units.Ceil(l.Geo.OutW, side))
	hi, lo := bits.Mul64(uint64(b.N), uint64(of))
	whole, rest := bits.Div64(hi, lo, uint64(l.Geo.OutH)*uint64(l.Geo.OutW))
	if rest > 0 {
		whole++
	}
	return int64(whole)
}

// Time charges every set of channels for every patch, and the set-up of the job.
func (e NE16) Time(b Block) (t cost.Stalls) {
	m := ne16Mode(b.Layer)
	sets := b.sets()
	if m == software {
		t = e.onCores(&b)
	} else {
		patches := e.patches(&b)
		for i := range sets {
			t.Add(e.patch(&b, m, &sets[i]).Times(patches))
		}
	}
	if len(sets) > 0 {
		t.Fill += e.setup
	}
	return t
}

// patch is the time of one patch for a set of channels.
func (e NE16) patch(b *Block, m mode, set *schedule.Set) cost.Stalls {
	channels := int64(set.Hi - set.Lo)
	act := passes(b.Layer.ActBits)
	words := units.Ceil(ne16Depth*int64(b.Layer.ActBits), ne16Port)
	load, offset := int64(ne16FIFO+ne16Patch*ne16Patch*words), int64(ne16FIFO)
	rounds := units.Ceil(int64(b.Chans), ne16Depth)
	work, widest := e.beats(m, set)
	switch m {
	case dense1x1:
		load = ne16Load + ne16Side*ne16Side*words
	case depthwise3x3: // each 16 channels their own inputs
		rounds = units.Ceil(channels, ne16Depth)
		work, widest, offset = units.Ceil(work, rounds), units.Ceil(widest, rounds), offset+units.Ceil(channels, rounds)
	}
	return cost.Stalls{
		Compute:   rounds * act * work,
		Imbalance: rounds * act * (widest - work),
		Input:     rounds * load,
		Fill:      rounds*(offset+ne16FIFO+ne16Index) + ne16Scale + ne16Bias + ne16Shift,
		Output:    units.Ceil(channels, 4) + units.Ceil(channels, 8) + ne16StreamOut + ne16Side*ne16Side,
	}
}

// beats are the cycles that a set's channels work for 16 input channels, and those that
// they take as they all take the widest's.
func (e NE16) beats(m mode, set *schedule.Set) (work, widest int64) {
	beat := func(w int) int64 {
		if m == dense1x1 {
			return passes(e.Mode(w))
		}
		return int64(e.Mode(w))
	}
	for w := int(set.Min); w <= int(set.Max); w++ {
		work += int64(set.Count[w]) * beat(w)
	}
	return work, int64(set.Hi-set.Lo) * beat(int(set.Max))
}

// onCores is the time of kernels that NE16 does not have.
func (e NE16) onCores(b *Block) (t cost.Stalls) {
	sets := b.sets()
	for i := range sets {
		for w := int(sets[i].Min); w <= int(sets[i].Max); w++ {
			products := int64(sets[i].Count[w]) * b.reduction() * b.N
			t.Compute += units.Ceil(products*1000, e.soft.milli[min(max(e.Mode(w), b.Layer.ActBits), schedule.Widths-1)])
		}
	}
	return t
}

// Access: each patch reads its inputs and the weights of its channels, 16 input channels
// of a word each.
func (e NE16) Access(b Block) Access {
	l, m := b.Layer, ne16Mode(b.Layer)
	sets := b.sets()
	patches, sum := int64(1), l.SumBits()
	depth, inputs := int64(b.Chans), int64(b.Chans)*b.Inputs
	if m != software {
		patches = e.patches(&b)
		depth = units.Ceil(depth, ne16Depth) * ne16Depth
		inputs = patches * depth * ne16Patch * ne16Patch
		if m == dense1x1 {
			inputs = patches * depth * ne16Side * ne16Side
		}
	}
	var a Access
	for i := range sets {
		set := &sets[i]
		for w := int64(set.Min); w <= int64(set.Max); w++ {
			a.Weights += patches * w * int64(set.Count[w]) * depth * int64(l.Area)
		}
		a.Inputs += inputs * int64(l.ActBits)
		a.OutputsWritten += int64(set.Hi-set.Lo) * b.N * sum
	}
	a.rereads(&b)
	return a
}
