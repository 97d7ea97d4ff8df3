package sim

import (
	"fmt"

	"bitcycle/arch"
)

// block is a piece of one op's product that the array works through without
// waiting for memory: some sets of output channels, a stretch of the reduction and
// a number of output positions.
type block struct {
	lo, hi  int   // sets of the schedule
	chans   int   // reduction channels
	area    int   // kernel positions
	flat    bool  // the reduction is one length chans·area
	n       int64 // output positions
	act     int   // width of the activations
	sum     int64 // width of the accumulators
	first   bool  // first block of the op: the pipeline is empty
	last    bool  // last block of the op: the pipeline drains
	height  int64 // of the kernel
	outRows int64 // of the output map
	inputs  int64 // distinct input elements of one channel
}

// length returns the reduction length that one fold covers and how often it repeats.
func (b *block) length() (k, repeat int64) {
	if b.flat {
		return int64(b.chans) * int64(b.area), 1
	}
	return int64(b.chans), int64(b.area)
}

// access counts the bits that a block moves between scratchpads and array.
type access struct {
	weights, inputs             int64 // read
	outputsRead, outputsWritten int64
}

func (a *access) add(b access) {
	a.weights += b.weights
	a.inputs += b.inputs
	a.outputsRead += b.outputsRead
	a.outputsWritten += b.outputsWritten
}

func (a access) times(n int64) access {
	return access{n * a.weights, n * a.inputs, n * a.outputsRead, n * a.outputsWritten}
}

// engine is a kind of array. Its methods are pure functions of a block and its
// schedule; scratch is lent for the rounds.
type engine interface {
	// lanes is the number of output channels side by side.
	lanes() int
	// time is the array's time for a block, split by cause.
	time(b *block, s *schedule, scratch *[]round) Stalls
	// access counts scratchpad traffic.
	access(b *block, s *schedule) access
	// rate is the multiply-accumulates per cycle of the full array at the widths.
	rate(w, a int) float64
	// grain is the number of output positions side by side.
	grain() int
	// mode is the width at which w-bit weights are processed.
	mode(w int) int
}

// accumulator is the width of sums unless they need more, see layer.sumBits.
const accumulator = 32

func newEngine(acc *arch.Accelerator) (engine, error) {
	a := &acc.Array
	switch acc.Engine {
	case arch.Systolic:
		return newSystolic(a)
	case arch.BitSerial:
		return newBitSerial(a)
	case arch.Fusion:
		return newFusion(a)
	case arch.RowStationary:
		return newRowStationary(a)
	case arch.Streaming:
		return newStreaming(a)
	case arch.SIMD:
		return newSIMD(a)
	}
	return nil, fmt.Errorf("machine %s: engine = %q: must be systolic, bitserial, fusion, rowstationary, streaming or simd", acc.Name, acc.Engine)
}

// charge splits a round of work·n cycles: what evenly shared work would take is
// compute, the rest waits for the widest channel.
func (s *Stalls) charge(r round, n int64) {
	compute := ceil(r.sum*n, int64(r.channels))
	s.Compute += compute * r.repeat
	s.Imbalance += (r.max*n - compute) * r.repeat
}

// packing tells how operands of other than the native width use a PE: pack
// reduction elements at a time, or several passes for one.
type packing struct {
	native int
	on     bool
}

func (p packing) of(width int) (pack, passes int64) {
	if p.native == 0 {
		return 1, 1
	}
	if width > p.native {
		return 1, int64(ceil(width, p.native))
	}
	if !p.on || width == 0 {
		return 1, 1
	}
	return int64(p.native / width), 1
}

// folder tells how many folds of an array of the given rows the reduction takes
// for a weight of each width: ⌈K/(R·pack)⌉ · passes.
type folder struct {
	array      *arch.Array
	weight     packing
	activation packing
}

func newFolder(a *arch.Array) folder {
	return folder{
		array:      a,
		weight:     packing{native: a.NativeWeightBits, on: a.Pack},
		activation: packing{native: a.NativeActBits, on: a.Pack},
	}
}

func (f folder) pack(w, act int) (pack, passes int64) {
	pw, tw := f.weight.of(f.array.RoundWeight(w))
	pa, ta := f.activation.of(f.array.RoundAct(act))
	return pw * pa, tw * ta
}

func (f folder) folds(b *block, rows int64, wide uint8) [widths]int64 {
	var work [widths]int64
	k, repeat := b.length()
	for w := 1; w <= int(wide); w++ {
		pack, passes := f.pack(w, b.act)
		work[w] = repeat * ceil(k, rows*pack) * passes
	}
	return work
}
