package sim

import (
	"fmt"
	"math"
	"sort"
	"strconv"

	"bitcycle/arch"
)

// simd is a cluster of cores with packed-SIMD dot products (PULP-NN, XpulpNN,
// CMix-NN; hardware model §12). A kernel computes a block of four channels by two
// positions, so four channels share a width; the rate is that of the wider operand,
// rounded up to a width that the cores have.
type simd struct {
	array *arch.Array
	milli [widths]int64 // thousandths of products per cycle of the cluster, by width
}

func newSIMD(a *arch.Array) (engine, error) {
	e := simd{array: a}
	var have []int
	for key, rate := range a.MACsPerCycle {
		w, err := strconv.Atoi(key)
		if err != nil || w < 1 || w >= widths || rate <= 0 {
			return nil, fmt.Errorf("array.macs_per_cycle.%s = %g: must map a width of 1 to %d to a positive rate", key, rate, widths-1)
		}
		have = append(have, w)
	}
	if len(have) == 0 {
		return nil, fmt.Errorf("array.macs_per_cycle: must give the rate of at least one width")
	}
	sort.Ints(have)
	for w := 1; w < widths; w++ {
		at := min(sort.SearchInts(have, w), len(have)-1)
		rate := a.MACsPerCycle[strconv.Itoa(have[at])] * float64(max(a.Cores, 1))
		passes := ceil(w, have[at]) // wider than the widest: several passes each way
		e.milli[w] = max(1, int64(math.Round(1000*rate/float64(passes*passes))))
	}
	return e, nil
}

func (e simd) lanes() int     { return 4 }
func (e simd) mode(w int) int { return w }
func (e simd) grain() int     { return 2 }

func (e simd) rate(w, a int) float64 { return float64(e.milli[max(w, a)]) / 1000 }

// time charges every group of four channels at the width of its widest; a group that
// is not full takes as long as a full one.
func (e simd) time(b *block, s *schedule, _ *[]round) Stalls {
	products := int64(e.lanes()) * int64(b.chans) * int64(b.area) * b.n
	var t Stalls
	for i := b.lo; i < b.hi; i++ {
		c := &s.sets[i]
		r := round{channels: c.hi - c.lo, repeat: 1}
		for w := 1; w <= int(c.max); w++ {
			if c.count[w] > 0 {
				r.max = ceil(products*1000, e.milli[max(w, b.act)])
				r.sum += int64(c.count[w]) * r.max
			}
		}
		t.charge(r, 1)
	}
	return t
}

// access: a block of four channels by two positions loads six words for eight dot
// products: a weight serves two positions, an input four channels.
func (e simd) access(b *block, s *schedule) access {
	k := int64(b.chans) * int64(b.area)
	var a access
	for i := b.lo; i < b.hi; i++ {
		c := &s.sets[i]
		for w := int64(1); w <= int64(c.max); w++ {
			a.weights += w * int64(c.count[w]) * k * ceil(b.n, 2)
		}
		a.inputs += k * b.n * int64(b.act)
		a.outputsWritten += int64(c.hi-c.lo) * b.n * b.sum
	}
	return a
}
