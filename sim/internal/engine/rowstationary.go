package engine

import (
	"math"

	"bitcycle/arch"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/units"
)

// RowStationary is Eyeriss' array (Chen et al., JSSC 2017). A set of kernel-height ×
// output-row PEs computes one channel pair; sets are folded and replicated over the
// array. Time is products over active PEs; what the measured efficiency adds (loading
// and ramp-up) is charged as fill. Operands up to the native width take the same time.
//
// See docs/machine-model.md, section 4.5.
type RowStationary struct {
	array      *arch.Array
	rows, cols int64
}

// NewRowStationary builds the engine of an array.
func NewRowStationary(a *arch.Array) (RowStationary, error) {
	return RowStationary{array: a, rows: int64(a.Rows), cols: int64(a.Cols)}, hasArray(a)
}

// Lanes is a batch of channels for the tile search; widths do not matter to the time.
func (e RowStationary) Lanes() int { return 16 }

// Mode is the native width.
func (e RowStationary) Mode(int) int { return e.array.NativeWeightBits }

// Grain is 1.
func (e RowStationary) Grain() int { return 1 }

func (e RowStationary) passes(w, a int) int64 {
	_, pw := packing{native: e.array.NativeWeightBits}.of(w)
	_, pa := packing{native: e.array.NativeActBits}.of(a)
	return pw * pa
}

// Rate is R·C over the passes of wide operands.
func (e RowStationary) Rate(w, a int) float64 {
	return float64(e.rows*e.cols) / float64(e.passes(w, a))
}

// active returns the PEs that work: a kernel of height h over a map of r rows takes
// h×r PEs, wrapped over several stretches of h array rows when r exceeds the
// columns, and replicated where another set fits. Pairs bounds the replicas.
func (e RowStationary) active(h, r, pairs int64) int64 {
	if h > e.rows {
		h = units.Ceil(h, units.Ceil(h, e.rows)) // a tall kernel is folded
	}
	stretches := e.rows / h
	wraps := units.Ceil(r, e.cols)
	switch {
	case wraps > stretches:
		return h * e.cols * stretches
	case wraps > 1:
		return h * r * min(stretches/wraps, pairs)
	}
	return h * r * min(stretches*(e.cols/r), pairs)
}

// Time is the products over the active PEs, and the fill that the efficiency stands for.
func (e RowStationary) Time(b Block) cost.Stalls {
	l := b.Layer
	var products int64
	for _, c := range b.sets() {
		for w := int(c.Min); w <= int(c.Max); w++ {
			products += int64(c.Count[w]) * e.passes(w, l.ActBits)
		}
	}
	products *= b.reduction() * b.N
	if products == 0 {
		return cost.Stalls{}
	}
	height, rows := int64(l.Geo.KernelH), int64(l.Geo.OutH)
	if l.Product() {
		rows = 1
	}
	pairs := int64(b.Chans) * b.channels()
	t := cost.Stalls{Compute: units.Ceil(products, e.active(height, rows, pairs))}
	if eta := e.array.Efficiency; eta > 0 && eta < 1 {
		t.Fill = int64(math.Ceil(float64(t.Compute)/eta)) - t.Compute
	}
	return t
}

// Access: the global buffer hands out each weight once for the positions of a
// block, each input once for the channels that the replicas hold, and each output
// leaves and returns as a partial sum once for each stretch of channels.
func (e RowStationary) Access(b Block) Access {
	native := int64(max(e.array.NativeActBits, b.Layer.ActBits))
	channels := b.channels()
	out := channels * b.N * native
	return Access{
		Weights:     channels * b.reduction() * int64(max(e.array.NativeWeightBits, int(b.sched().Wide))),
		Inputs:      int64(b.Chans) * b.Inputs * units.Ceil(channels, int64(e.Lanes())) * native,
		OutputsRead: out, OutputsWritten: out,
	}
}
