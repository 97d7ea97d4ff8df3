package engine

import (
	"fmt"
	"math"

	"bitcycle/arch"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/schedule"
	"bitcycle/sim/internal/units"
)

// BitSerial is an array of Dm×Dn dot-product units of Dk bits (BISMO, Umuroglu et
// al., FPL 2018). Dm output channels meet Dn output positions; one step multiplies a
// weight bit plane by an activation bit plane, so a channel takes a·w·⌈K/Dk⌉ steps.
// In the variants one operand is taken whole: Stripes is serial in the activations,
// UNPU in the weights; Loom takes several activation bits a step.
//
// See docs/machine-model.md, section 4.3.
type BitSerial struct {
	array   *arch.Array
	rows    int64 // Dm
	cols    int64 // Dn
	dot     int64 // Dk
	issue   int64
	latency int64
	stripe  int64
	fill    int64
}

// NewBitSerial builds the engine of an array.
func NewBitSerial(a *arch.Array) (BitSerial, error) {
	e := BitSerial{
		array: a, rows: int64(a.Rows), cols: int64(a.Cols), dot: int64(a.Dot),
		issue: int64(a.IssueCycles), latency: int64(a.LatencyCycles), stripe: int64(a.StripeCycles),
		fill: max(0, int64(a.FillCycles)),
	}
	if e.rows < 1 || e.cols < 1 || e.dot < 1 {
		return e, fmt.Errorf("array.rows × array.dot × array.cols = %d × %d × %d: each must be at least 1", a.Rows, a.Dot, a.Cols)
	}
	switch a.Serial {
	case "", "both", "weights", "activations", "none":
	default:
		return e, fmt.Errorf("array.serial = %q: must be both, weights, activations or none", a.Serial)
	}
	return e, nil
}

// Lanes are the rows, Dm.
func (e BitSerial) Lanes() int { return int(e.rows) }

// Mode is the next width that the array has.
func (e BitSerial) Mode(w int) int { return e.array.RoundWeight(w) }

// Grain is the columns, Dn.
func (e BitSerial) Grain() int { return int(e.cols) }

// Dot is the length Dk in bits of a dot product, the word of the array's ports.
func (e BitSerial) Dot() int64 { return e.dot }

// Planes returns the steps that the widths cost for each Dk bits of reduction.
func (e BitSerial) Planes(w, act int) int64 {
	weight := int64(units.Ceil(e.array.RoundWeight(w), max(e.array.SerialWeightBits, 1)))
	activation := int64(units.Ceil(e.array.RoundAct(act), max(e.array.SerialBits, 1)))
	switch e.array.Serial {
	case "weights":
		return weight * e.whole(act)
	case "activations":
		return activation * e.whole(w)
	case "none":
		return e.whole(w) * e.whole(act)
	}
	return weight * activation
}

// BothSerial reports whether weights and activations are both taken bit by bit.
func (e BitSerial) BothSerial() bool { return e.array.Serial == "" || e.array.Serial == "both" }

// whole returns the passes of an operand that is taken ParallelBits at a time.
func (e BitSerial) whole(width int) int64 {
	if e.array.ParallelBits == 0 {
		return 1
	}
	return int64(units.Ceil(width, e.array.ParallelBits))
}

// dotBits returns the reduction elements of one step; UNPU's tables serve more
// inputs when weights have one bit.
func (e BitSerial) dotBits(w int) int64 {
	if e.Mode(w) == 1 && e.array.OneBitSpeedup > 1 {
		return int64(math.Round(float64(e.dot) * e.array.OneBitSpeedup))
	}
	return e.dot
}

// Steps returns the dot-product beats of a block's reduction for one bit pair.
func (e BitSerial) Steps(b Block, w int) int64 {
	k, repeat := b.fold()
	return repeat * units.Ceil(k, e.dotBits(w))
}

// Rate is Dm·Dn·Dk over the planes.
func (e BitSerial) Rate(w, a int) float64 {
	return float64(e.rows*e.cols*e.dotBits(w)) / float64(e.Planes(w, a))
}

// work is the steps of a channel of each width that the layer has.
func (e BitSerial) work(b Block) [schedule.Widths]int64 {
	var work [schedule.Widths]int64
	for w := int(b.sched().Least); w <= int(b.sched().Wide); w++ {
		work[w] = e.Planes(w, b.Layer.ActBits) * e.Steps(b, w)
	}
	return work
}

// Time charges every Dn positions: for each barrier the widest channel's bit pairs,
// the issue overhead of each and the pipeline latency; and a fixed fill for each
// barrier of the block.
func (e BitSerial) Time(b Block) cost.Stalls {
	t, rounds := e.time(b)
	t.Fill += e.fill * rounds
	return t
}

// TimeWithoutFill is [BitSerial.Time] without the fixed fill.
func (e BitSerial) TimeWithoutFill(b Block) cost.Stalls {
	t, _ := e.time(b)
	return t
}

func (e BitSerial) time(b Block) (t cost.Stalls, rounds int64) {
	s := b.sched()
	work := e.work(b)
	for _, r := range s.Rounds(b.Lo, b.Hi, &work) {
		charge(&t, r, 1)
		t.Fill += r.Repeat * (e.latency + e.issue*units.Ceil(r.Max, e.Steps(b, int(r.Mode))))
		rounds += r.Repeat
	}
	if rounds > 0 {
		t.Fill += e.stripe
	}
	return t.Times(units.Ceil(b.N, e.cols)), rounds
}

// Access counts the bits read at every beat, Dk for each row and each column, and
// one accumulator written for each output.
func (e BitSerial) Access(b Block) Access {
	sets := b.sets()
	work := e.work(b)
	positions, sum := units.Ceil(b.N, e.cols), b.Layer.SumBits()
	var a Access
	for i := range sets {
		c := &sets[i]
		beats := work[c.Max] * positions
		wide, deep := int64(1), int64(1)
		if e.array.Serial == "activations" || e.array.Serial == "none" {
			wide = int64(c.Max)
		}
		if e.array.Serial == "weights" || e.array.Serial == "none" {
			deep = int64(b.Layer.ActBits)
		}
		a.Weights += beats * int64(c.Hi-c.Lo) * e.dot * wide
		a.Inputs += beats * min(e.cols, b.N) * e.dot * deep
		a.OutputsWritten += int64(c.Hi-c.Lo) * b.N * sum
	}
	a.rereads(&b)
	return a
}
