package sim

import (
	"fmt"
	"math"

	"bitcycle/arch"
)

// rowStationary is Eyeriss' array (Chen et al., JSSC 2017; hardware model §7). A
// set of kernel-height × output-row PEs computes one channel pair; sets are folded
// and replicated over the array. Time is products over active PEs; what the
// measured efficiency adds (loading and ramp-up) is charged as fill. Operands up to
// the native width take the same time.
type rowStationary struct {
	array      *arch.Array
	rows, cols int64
}

func newRowStationary(a *arch.Array) (engine, error) {
	e := rowStationary{array: a, rows: int64(a.Rows), cols: int64(a.Cols)}
	if e.rows < 1 || e.cols < 1 {
		return nil, fmt.Errorf("array.rows × array.cols = %d × %d: must be at least 1 × 1", a.Rows, a.Cols)
	}
	return e, nil
}

// lanes: a schedule set is a batch of channels for the tile search; widths do not
// matter to the time.
func (e rowStationary) lanes() int   { return 16 }
func (e rowStationary) mode(int) int { return e.array.NativeWeightBits }
func (e rowStationary) grain() int   { return 1 }
func (e rowStationary) passes(w, a int) int64 {
	_, pw := packing{native: e.array.NativeWeightBits}.of(w)
	_, pa := packing{native: e.array.NativeActBits}.of(a)
	return pw * pa
}

func (e rowStationary) rate(w, a int) float64 {
	return float64(e.rows*e.cols) / float64(e.passes(w, a))
}

// active returns the PEs that work: a kernel of height h over a map of r rows takes
// h×r PEs, wrapped over several stretches of h array rows when r exceeds the
// columns, and replicated where another set fits. Pairs bounds the replicas.
func (e rowStationary) active(h, r, pairs int64) int64 {
	if h > e.rows {
		h = ceil(h, ceil(h, e.rows)) // a tall kernel is folded
	}
	stretches := e.rows / h
	wraps := ceil(r, e.cols)
	switch {
	case wraps > stretches:
		return h * e.cols * stretches
	case wraps > 1:
		return h * r * min(stretches/wraps, pairs)
	}
	return h * r * min(stretches*(e.cols/r), pairs)
}

func (e rowStationary) time(b *block, s *schedule, _ *[]round) Stalls {
	var products int64
	k := int64(b.chans) * int64(b.area)
	for i := b.lo; i < b.hi; i++ {
		c := &s.sets[i]
		for w := 1; w <= int(c.max); w++ {
			products += int64(c.count[w]) * e.passes(w, b.act)
		}
	}
	products *= k * b.n
	if products == 0 {
		return Stalls{}
	}
	pairs := int64(b.chans) * int64(s.channels(b.lo, b.hi))
	t := Stalls{Compute: ceil(products, e.active(b.height, b.outRows, pairs))}
	if eta := e.array.Efficiency; eta > 0 && eta < 1 {
		t.Fill = int64(math.Ceil(float64(t.Compute)/eta)) - t.Compute
	}
	return t
}

// access: the global buffer hands out each weight once for the positions of a
// block, each input once for the channels that the replicas hold, and each output
// leaves and returns as a partial sum once for each stretch of channels.
func (e rowStationary) access(b *block, s *schedule) access {
	k := int64(b.chans) * int64(b.area)
	native := int64(max(e.array.NativeActBits, b.act))
	channels := int64(s.channels(b.lo, b.hi))
	inputs := int64(b.chans) * b.inputs
	out := channels * b.n * native
	return access{
		weights:     channels * k * int64(max(e.array.NativeWeightBits, int(s.wide))),
		inputs:      inputs * ceil(channels, int64(e.lanes())) * native,
		outputsRead: out, outputsWritten: out,
	}
}
