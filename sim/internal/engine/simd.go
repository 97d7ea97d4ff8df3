package engine

import (
	"fmt"
	"math"
	"sort"
	"strconv"

	"bitcycle/arch"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/schedule"
	"bitcycle/sim/internal/units"
)

// SIMD is a cluster of cores with packed-SIMD dot products (PULP-NN, Garofalo et al.,
// 2020; XpulpNN; CMix-NN). Its inner loop computes a block of four channels by two
// positions, so four channels share a width; the rate is that of the wider operand,
// rounded up to a width that the cores have.
//
// See docs/machine-model.md, section 4.7.
type SIMD struct {
	milli [schedule.Widths]int64 // thousandths of products per cycle of the cluster, by width
}

// NewSIMD builds the engine of a cluster.
func NewSIMD(a *arch.Array) (SIMD, error) {
	var e SIMD
	var have []int
	for key, rate := range a.MACsPerCycle {
		w, err := strconv.Atoi(key)
		if err != nil || w < 1 || w >= schedule.Widths || rate <= 0 {
			return e, fmt.Errorf("array.macs_per_cycle.%s = %g: must map a width of 1 to %d to a positive rate", key, rate, schedule.Widths-1)
		}
		have = append(have, w)
	}
	if len(have) == 0 {
		return e, fmt.Errorf("array.macs_per_cycle: must give the rate of at least one width")
	}
	sort.Ints(have)
	for w := 1; w < schedule.Widths; w++ {
		at := min(sort.SearchInts(have, w), len(have)-1)
		rate := a.MACsPerCycle[strconv.Itoa(have[at])] * float64(max(a.Cores, 1))
		passes := units.Ceil(w, have[at]) // wider than the widest: several passes each way
		e.milli[w] = max(1, int64(math.Round(1000*rate/float64(passes*passes))))
	}
	return e, nil
}

// Lanes is 4.
func (e SIMD) Lanes() int { return 4 }

// Mode is the width itself.
func (e SIMD) Mode(w int) int { return w }

// Grain is 2.
func (e SIMD) Grain() int { return 2 }

// Rate is that of the wider operand.
func (e SIMD) Rate(w, a int) float64 { return float64(e.milli[max(w, a)]) / 1000 }

// Time charges every group of four channels what its slowest takes, the widest where
// cores do not unpack narrow operands in software; a group that is not full takes as
// long as a full one.
func (e SIMD) Time(b Block) cost.Stalls {
	products := int64(e.Lanes()) * b.reduction() * b.N
	act := b.Layer.ActBits
	sets := b.sets()
	var t cost.Stalls
	for i := range sets {
		c := &sets[i]
		r := schedule.Round{Channels: c.Hi - c.Lo, Repeat: 1}
		for w := int(c.Min); w <= int(c.Max); w++ {
			if c.Count[w] > 0 {
				took := units.Ceil(products*1000, e.milli[max(w, act)])
				r.Max = max(r.Max, took)
				r.Sum += int64(c.Count[w]) * took
			}
		}
		charge(&t, r, 1)
	}
	return t
}

// Access: a block of four channels by two positions loads six words for eight dot
// products: a weight serves two positions, an input four channels.
func (e SIMD) Access(b Block) Access {
	k, sum := b.reduction(), b.Layer.SumBits()
	sets := b.sets()
	var a Access
	for i := range sets {
		c := &sets[i]
		for w := int64(c.Min); w <= int64(c.Max); w++ {
			a.Weights += w * int64(c.Count[w]) * k * units.Ceil(b.N, 2)
		}
		a.Inputs += k * b.N * int64(b.Layer.ActBits)
		a.OutputsWritten += int64(c.Hi-c.Lo) * b.N * sum
	}
	a.rereads(&b)
	return a
}
