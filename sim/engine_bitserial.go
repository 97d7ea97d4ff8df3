package sim

import (
	"fmt"
	"math"

	"bitcycle/arch"
)

// bitSerial is an array of Dm×Dn dot-product units of Dk bits (BISMO, Umuroglu et
// al., FPL 2018; hardware model §15.2). Dm output channels meet Dn output
// positions; one step multiplies a weight bit plane by an activation bit plane, so
// a channel takes a·w·⌈K/Dk⌉ steps. In the variants one operand is taken whole:
// Stripes is serial in the activations, UNPU in the weights; Loom takes several
// activation bits a step.
type bitSerial struct {
	array   *arch.Array
	rows    int64 // Dm
	cols    int64 // Dn
	dot     int64 // Dk
	issue   int64
	latency int64
	stripe  int64
	fill    int64
}

func newBitSerial(a *arch.Array) (engine, error) {
	e := bitSerial{
		array: a, rows: int64(a.Rows), cols: int64(a.Cols), dot: int64(a.Dot),
		issue: int64(a.IssueCycles), latency: int64(a.LatencyCycles), stripe: int64(a.StripeCycles),
		fill: max(0, int64(a.FillCycles)),
	}
	if e.rows < 1 || e.cols < 1 || e.dot < 1 {
		return nil, fmt.Errorf("array.rows × array.dot × array.cols = %d × %d × %d: each must be at least 1", a.Rows, a.Dot, a.Cols)
	}
	switch a.Serial {
	case "", "both", "weights", "activations", "none":
	default:
		return nil, fmt.Errorf("array.serial = %q: must be both, weights, activations or none", a.Serial)
	}
	return e, nil
}

// barrier returns how many of the channels side by side share a barrier.
func barrier(a *arch.Array, lanes int) int {
	switch a.Sync {
	case "lane":
		return 1
	case "group":
		if a.GroupSize > 0 {
			return min(a.GroupSize, lanes)
		}
	}
	return lanes
}

func (e bitSerial) lanes() int     { return int(e.rows) }
func (e bitSerial) mode(w int) int { return e.array.RoundWeight(w) }
func (e bitSerial) grain() int     { return int(e.cols) }

// planes returns the steps that the widths cost for each Dk bits of reduction.
func (e bitSerial) planes(w, act int) int64 {
	weight := int64(ceil(e.array.RoundWeight(w), max(e.array.SerialWeightBits, 1)))
	activation := int64(ceil(e.array.RoundAct(act), max(e.array.SerialBits, 1)))
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

// bothSerial reports whether weights and activations are both taken bit by bit.
func (e bitSerial) bothSerial() bool { return e.array.Serial == "" || e.array.Serial == "both" }

// whole returns the passes of an operand that is taken ParallelBits at a time.
func (e bitSerial) whole(width int) int64 {
	if e.array.ParallelBits == 0 {
		return 1
	}
	return int64(ceil(width, e.array.ParallelBits))
}

// dotBits returns the reduction elements of one step; UNPU's tables serve more
// inputs when weights have one bit.
func (e bitSerial) dotBits(w int) int64 {
	if w == 1 && e.array.OneBitSpeedup > 1 {
		return int64(math.Round(float64(e.dot) * e.array.OneBitSpeedup))
	}
	return e.dot
}

// steps returns the dot-product beats of a reduction of one bit pair.
func (e bitSerial) steps(b *block, w int) int64 {
	k, repeat := b.length()
	return repeat * ceil(k, e.dotBits(w))
}

func (e bitSerial) rate(w, a int) float64 {
	return float64(e.rows*e.cols*e.dotBits(w)) / float64(e.planes(w, a))
}

func (e bitSerial) work(b *block, wide uint8) [widths]int64 {
	var work [widths]int64
	for w := 1; w <= int(wide); w++ {
		work[w] = e.planes(w, b.act) * e.steps(b, w)
	}
	return work
}

// time charges every Dn positions: for each barrier the widest channel's bit pairs,
// the issue overhead of each and the pipeline latency.
func (e bitSerial) time(b *block, s *schedule, scratch *[]round) Stalls {
	work := e.work(b, s.wide)
	*scratch = s.appendRounds((*scratch)[:0], b.lo, b.hi, &work)
	var t Stalls
	var rounds int64
	for _, r := range *scratch {
		t.charge(r, 1)
		t.Fill += r.repeat * (e.latency + e.issue*ceil(r.max, e.steps(b, int(r.mode))))
		rounds += r.repeat
	}
	if rounds > 0 {
		t.Fill += e.stripe
	}
	t = t.times(ceil(b.n, e.cols))
	t.Fill += e.fill * rounds
	return t
}

// access counts the bits read at every beat, Dk for each row and each column, and
// one b.sum written for each output.
func (e bitSerial) access(b *block, s *schedule) access {
	work := e.work(b, s.wide)
	positions := ceil(b.n, e.cols)
	var a access
	for i := b.lo; i < b.hi; i++ {
		c := &s.sets[i]
		beats := work[c.max] * positions
		wide, deep := int64(1), int64(1)
		if e.array.Serial == "activations" || e.array.Serial == "none" {
			wide = int64(c.max)
		}
		if e.array.Serial == "weights" || e.array.Serial == "none" {
			deep = int64(b.act)
		}
		a.weights += beats * int64(c.hi-c.lo) * e.dot * wide
		a.inputs += beats * min(e.cols, b.n) * e.dot * deep
		a.outputsWritten += int64(c.hi-c.lo) * b.n * b.sum
	}
	return a
}
