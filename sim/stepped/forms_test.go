package stepped

import (
	"slices"

	"bitcycle/arch"
)

// The closed forms of docs/machine-model.md, section 4, stated over whole layers.

func ceil(a, b int) int { return (a + b - 1) / b }

// folds returns how many fillings of an array's rows a channel of the given width takes.
func (c *Case) folds(bits, rows int) int {
	a := &c.Machine.Array
	one := func(width, native int) (pack, passes int) {
		if width > native {
			return 1, ceil(width, native)
		}
		if !a.Pack {
			return 1, 1
		}
		return native / width, 1
	}
	pw, tw := one(a.RoundWeight(bits), a.NativeWeightBits)
	pa, ta := one(a.RoundAct(int(c.Op.ActBits)), a.NativeActBits)
	length, times := c.reduction()
	return times * ceil(length, rows*pw*pa) * tw * ta
}

func (c *Case) reduction() (length, times int) {
	op := c.Op.Canonical(false)
	if c.Machine.Array.ReduceBy == "channel" && op.Kernel[0] > 0 {
		times = op.Kernel[0] * op.Kernel[1]
		return op.K / times, times
	}
	return c.Op.K, 1
}

// groups returns the widths of the channels that run side by side.
func (c *Case) groups(lanes int) (groups [][]int) {
	for _, w := range c.ordered() {
		groups = slices.AppendSeq(groups, slices.Chunk(w, lanes))
	}
	return groups
}

// ordered returns the widths of the channels of each convolution group as they meet
// the array.
func (c *Case) ordered() (groups [][]int) {
	for g := range c.Op.Groups {
		var w []int
		for m := range c.Op.M {
			if b := int(c.Op.WeightBits.At(g*c.Op.M + m)); b > 0 {
				w = append(w, b)
			}
		}
		if c.Machine.Array.Order != "inorder" {
			slices.Sort(w)
			slices.Reverse(w)
		}
		if len(w) > 0 {
			groups = append(groups, w)
		}
	}
	return groups
}

// balance returns the longest time of a group and the share that evenly spread
// work would take.
func balance(group []int, time func(bits int) int) (longest, even int) {
	sum := 0
	for _, w := range group {
		longest = max(longest, time(w))
		sum += time(w)
	}
	return longest, ceil(sum, len(group))
}

func (c *Case) expect() Cycles {
	switch c.Machine.Engine {
	case arch.BitSerial:
		return c.expectBitSerial()
	case arch.Fusion:
		return c.expectFusion()
	}
	switch c.Machine.Array.Dataflow {
	case "os":
		return c.expectOutputs()
	case "is":
		return c.expectInputs()
	}
	return c.expectWeights()
}

func cycles(compute, fill, imbalance, weightLoad, input, output int) Cycles {
	return Cycles{int64(compute), int64(fill), int64(imbalance), int64(weightLoad), int64(input), int64(output)}
}

func (c *Case) expectWeights() Cycles {
	a, n := &c.Machine.Array, c.Op.N*c.Op.Batch
	compute, imbalance, folds := 0, 0, 0
	for _, g := range c.groups(a.Cols) {
		longest, _ := balance(g, func(w int) int { return c.folds(w, a.Rows) })
		_, even := balance(g, func(w int) int { return c.folds(w, a.Rows) * n })
		compute += even
		imbalance += longest*n - even
		folds += longest
	}
	load, fill := c.stationary(folds, n)
	return cycles(compute, fill, imbalance, load, 0, 0)
}

// stationary: folds·(R + N + R+C−2), or with shadow registers R + Σ max(N, R) over
// all folds but the last + N + R+C−2.
func (c *Case) stationary(folds, n int) (load, fill int) {
	a := &c.Machine.Array
	skew := a.Rows + a.Cols - 2
	if folds == 0 {
		return 0, 0
	}
	if !a.ShadowWeights {
		return folds * a.Rows, folds * skew
	}
	return a.Rows + (folds-1)*(max(n, a.Rows)-n), skew
}

func (c *Case) expectInputs() (sum Cycles) {
	a, n := &c.Machine.Array, c.Op.N*c.Op.Batch
	for g := range c.Op.Groups {
		classes := map[int]int{}
		for m := range c.Op.M {
			if b := int(c.Op.WeightBits.At(g*c.Op.M + m)); b > 0 {
				classes[a.RoundWeight(b)]++
			}
		}
		for width, channels := range classes {
			folds := c.folds(width, a.Rows) * ceil(n, a.Cols)
			load, fill := c.stationary(folds, channels)
			sum.Compute += int64(folds * channels)
			sum.Input += int64(load)
			sum.Fill += int64(fill)
		}
	}
	return sum
}

func (c *Case) expectOutputs() Cycles {
	a := &c.Machine.Array
	tiles := ceil(c.Op.N*c.Op.Batch, a.Rows)
	compute, imbalance, fill, output := 0, 0, 0, 0
	for _, g := range c.groups(a.Cols) {
		longest, even := balance(g, func(w int) int { return c.folds(w, 1) })
		compute += tiles * even
		imbalance += tiles * (longest - even)
		fill += tiles * (a.Rows + a.Cols - 2)
		output += tiles * a.DrainCycles
	}
	return cycles(compute, fill, imbalance, 0, 0, output)
}

func (c *Case) expectFusion() Cycles {
	a, n := &c.Machine.Array, c.Op.N*c.Op.Batch
	compute, imbalance, fill, mode := 0, 0, 0, 0
	groups := c.groups(a.Cols)
	for _, g := range groups {
		longest, even := balance(g, func(w int) int { return c.folds(w, a.Rows) * n })
		compute += even
		imbalance += longest - even
		if m := a.RoundWeight(slices.Max(g)); m != mode {
			if mode != 0 {
				fill += a.ReconfigCycles
			}
			mode = m
		}
	}
	switch {
	case len(groups) == 0:
	case a.FillCycles < 0:
		fill += a.Rows + a.Cols - 2
	default:
		fill += a.FillCycles
	}
	return cycles(compute, fill, imbalance, 0, 0, 0)
}

// pairs is the number of steps of one dot product: ⌈w/step⌉·⌈a/step⌉.
func (c *Case) pairs(bits int) int {
	a, act := &c.Machine.Array, int(c.Op.ActBits)
	whole := func(width int) int {
		if a.ParallelBits == 0 {
			return 1
		}
		return ceil(width, a.ParallelBits)
	}
	weights := ceil(a.RoundWeight(bits), max(a.SerialWeightBits, 1))
	acts := ceil(a.RoundAct(act), max(a.SerialBits, 1))
	if a.Serial == "activations" || a.Serial == "none" {
		weights = whole(bits)
	}
	if a.Serial == "weights" || a.Serial == "none" {
		acts = whole(act)
	}
	return weights * acts
}

func (c *Case) expectBitSerial() (sum Cycles) {
	a := &c.Machine.Array
	length, times := c.reduction()
	beats := times * ceil(length, a.Dot)
	unit := a.Rows
	switch {
	case a.Sync == "lane":
		unit = 1
	case a.Sync == "group" && a.GroupSize > 0:
		unit = min(a.GroupSize, unit)
	}
	var rounds [][3]int // pairs of the longest, of all channels, channels
	if unit == a.Rows {
		for _, g := range c.groups(a.Rows) {
			all := 0
			for _, w := range g {
				all += c.pairs(w)
			}
			longest, _ := balance(g, c.pairs)
			rounds = append(rounds, [3]int{longest, all, len(g)})
		}
	} else {
		for _, all := range c.ordered() {
			rounds = append(rounds, c.decoupled(all, unit))
		}
	}
	tiles := ceil(c.Op.N*c.Op.Batch, a.Cols)
	for _, r := range rounds {
		even := ceil(r[1]*beats, r[2])
		sum.Compute += int64(tiles * even)
		sum.Imbalance += int64(tiles * (r[0]*beats - even))
		sum.Fill += int64(tiles*(r[0]*a.IssueCycles+a.LatencyCycles) + max(a.FillCycles, 0))
	}
	if len(rounds) > 0 {
		sum.Fill += int64(tiles * a.StripeCycles)
	}
	return sum
}

func (c *Case) decoupled(all []int, unit int) [3]int {
	lanes := c.Machine.Array.Rows / unit
	load := make([]int, lanes)
	sum := 0
	for chunk := range slices.Chunk(all, unit) {
		longest, _ := balance(chunk, c.pairs)
		for _, w := range chunk {
			sum += c.pairs(w)
		}
		load[slices.Index(load, slices.Min(load))] += longest
	}
	return [3]int{slices.Max(load), sum, min(len(all), unit*lanes)}
}
