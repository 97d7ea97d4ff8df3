package engine

import (
	"fmt"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/schedule"
	"bitcycle/sim/internal/units"
)

// Pixels multiplies, every cycle, the input channels of several output positions side by
// side by the weights of several output channels (AMD DPUCZDX8G, product guide PG338): P
// positions × R input channels × C output channels,
//
//	cycles = ⌈M/C⌉ · positions/P · k_h·k_w·⌈C_in/R⌉.
//
// Positions side by side lie in one row of the map, or in one column where that leaves
// fewer of them idle; those of a product follow each other. Depthwise convolutions run
// beside it, on positions × channels of their own.
//
// See docs/machine-model.md, section 4.9.
type Pixels struct {
	array              *arch.Array
	pixels, rows, cols int64
	depthwise          int64 // positions of a depthwise convolution at a time
	weight, activation packing
}

// NewPixels builds the engine of an array.
func NewPixels(a *arch.Array) (Pixels, error) {
	e := Pixels{array: a, pixels: int64(a.Pixels), rows: int64(a.Rows), cols: int64(a.Cols)}
	if err := hasArray(a); err != nil {
		return e, err
	}
	if e.pixels < 1 {
		return e, fmt.Errorf("array.pixels = %d: must be at least 1", a.Pixels)
	}
	e.depthwise = min(max(int64(a.DepthwisePixels), 1), e.pixels*e.rows)
	e.weight, e.activation = packing{native: widest(a.WeightWidths)}, packing{native: widest(a.ActWidths)}
	return e, nil
}

// Lanes are the output channels.
func (e Pixels) Lanes() int { return int(e.cols) }

// Mode is the next width that the array has.
func (e Pixels) Mode(w int) int { return e.array.RoundWeight(w) }

// Grain is the positions side by side.
func (e Pixels) Grain() int { return int(e.pixels) }

// Rate is P·R·C, less for operands that take passes.
func (e Pixels) Rate(w, a int) float64 {
	return float64(e.pixels*e.rows*e.cols) / float64(e.passes(w, a))
}

func (e Pixels) passes(w, a int) int64 {
	_, weight := e.weight.of(w)
	_, activation := e.activation.of(a)
	return weight * activation
}

// Time charges every set of channels its widest.
func (e Pixels) Time(b Block) cost.Stalls {
	if b.Layer.PerInput {
		return e.depthwiseTime(&b)
	}
	steps, repeat := e.steps(&b, e.pixels), e.reduction(&b)
	sets := b.sets()
	var t cost.Stalls
	for i := range sets {
		c := &sets[i]
		r := schedule.Round{Channels: c.Hi - c.Lo, Repeat: 1}
		for w := int(c.Min); w <= int(c.Max); w++ {
			if n := int64(c.Count[w]); n > 0 {
				took := repeat * e.passes(w, b.Layer.ActBits)
				r.Max = max(r.Max, took)
				r.Sum += n * took
			}
		}
		charge(&t, r, steps)
	}
	return t
}

// depthwiseTime is a depthwise convolution of m outputs an input: the lanes hold inputs, so
// that all channels take m·⌈inputs/lanes⌉ rounds, and some of them their part.
func (e Pixels) depthwiseTime(b *Block) cost.Stalls {
	sets := b.sets()
	var passes int64
	for i := range sets {
		c := &sets[i]
		for w := int(c.Min); w <= int(c.Max); w++ {
			passes += int64(c.Count[w]) * e.passes(w, b.Layer.ActBits)
		}
	}
	inputs, outputs := int64(b.Layer.InputChannels()), int64(b.Layer.Channels)
	rounds := outputs / inputs * units.Ceil(inputs, int64(b.Layer.Sched.Lanes))
	window := int64(b.Layer.Area) * int64(b.Chans)
	return cost.Stalls{Compute: e.steps(b, e.depthwise) * window * units.Ceil(passes*rounds, outputs)}
}

// steps is how often n positions of a layer are taken, so many at a time: the whole map's,
// in proportion.
func (e Pixels) steps(b *Block, at int64) int64 {
	if b.Layer.Op.Kind == workload.MatMul {
		return units.Ceil(b.N, at)
	}
	h, w := int64(b.Layer.Geo.OutH), int64(b.Layer.Geo.OutW)
	whole := min(h*units.Ceil(w, at), w*units.Ceil(h, at))
	return units.Ceil(b.N*whole, h*w)
}

// reduction is the cycles of the window and the input channels of a position. Where a
// layer has fewer channels than there are rows, columns of the kernel share them.
func (e Pixels) reduction(b *Block) int64 {
	l, chans := b.Layer, int64(b.Chans)
	if kh, kw, ok := e.augments(l); ok {
		return min(kh*units.Ceil(kw*chans, e.rows), kw*units.Ceil(kh*chans, e.rows))
	}
	return int64(l.Area) * units.Ceil(chans, e.rows)
}

func (e Pixels) augments(l *layer.Layer) (kh, kw int64, ok bool) {
	ok = e.array.Augment && l.Op.Kind == workload.Conv && int64(l.Chans) < e.rows
	return int64(l.Op.Kernel[0]), int64(l.Op.Kernel[1]), ok
}

// Access: a weight serves the positions side by side, an input the output channels.
func (e Pixels) Access(b Block) Access {
	k, sum, act := b.reduction(), b.Layer.SumBits(), int64(e.array.RoundAct(b.Layer.ActBits))
	steps := e.steps(&b, e.pixels)
	sets := b.sets()
	var a Access
	for i := range sets {
		c := &sets[i]
		inputs := int64(1)
		if b.Layer.PerInput {
			inputs = int64(c.Hi - c.Lo)
		}
		for w := int(c.Min); w <= int(c.Max); w++ {
			a.Weights += int64(e.Mode(w)) * int64(c.Count[w]) * k * steps
		}
		a.Inputs += k * b.N * act * inputs
		a.OutputsWritten += int64(c.Hi-c.Lo) * b.N * sum
	}
	a.rereads(&b)
	return a
}
