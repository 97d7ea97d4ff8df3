package engine

import (
	"math"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/schedule"
	"bitcycle/sim/internal/units"
)

// Kernels is a library on a processor core: a layer takes the instructions of its kernel's
// loops, at the core's cycles for an instruction.
//
//	⌈cycles per instruction · (MACs·loop + elements gathered·gather + outputs·output)⌉,
//
// and a call before it. The loop is that of the kernel: matrix, dense for a product of one
// position, depthwise. Operands wider than the widest kernel take its passes.
//
// See docs/machine-model.md, section 4.10.
type Kernels struct {
	array              *arch.Array
	weight, activation packing
	// Cycles of each.
	matrix, dense, depthwise, gather, output float64
	call                                     int64
	flash                                    float64 // bytes a cycle; 0: no bound
}

// NewKernels builds the engine of a core.
func NewKernels(acc *arch.Accelerator) (Kernels, error) {
	s := &acc.Software
	cycles := func(instructions arch.Constant) float64 { return s.CyclesPerInstruction.Value * instructions.Value }
	return Kernels{
		array: &acc.Array, weight: packing{native: widest(acc.Array.WeightWidths)}, activation: packing{native: widest(acc.Array.ActWidths)},
		matrix: cycles(s.Matrix), dense: cycles(s.Dense), depthwise: cycles(s.Depthwise), gather: cycles(s.Gather), output: cycles(s.Output),
		call: int64(math.Round(cycles(s.Layer))), flash: s.FlashBytesPerCycle,
	}, nil
}

// widest is the last of a list of widths; none: every width is one.
func widest(widths []int) int {
	if len(widths) == 0 {
		return schedule.Widths
	}
	return widths[len(widths)-1]
}

// Lanes is 1.
func (e Kernels) Lanes() int { return 1 }

// Mode is the width of the kernel.
func (e Kernels) Mode(w int) int { return e.array.RoundWeight(w) }

// Grain is 1.
func (e Kernels) Grain() int { return 1 }

// Rate is that of the fastest loop.
func (e Kernels) Rate(w, a int) float64 {
	return 1 / (min(e.matrix, e.dense, e.depthwise) * float64(e.passes(w, a)))
}

func (e Kernels) passes(w, a int) int64 {
	_, weight := e.weight.of(w)
	_, activation := e.activation.of(a)
	return weight * activation
}

// loop is the cycles of a multiply-accumulate of a layer, and of gathering an element for
// it.
func (e Kernels) loop(l *layer.Layer) (mac, gather float64) {
	switch {
	case l.PerInput:
		return e.depthwise, 0
	case l.Op.Kind == workload.MatMul && l.Positions() == 1:
		return e.dense, 0
	case l.Op.Kind == workload.MatMul:
		return e.matrix, 0
	}
	return e.matrix, e.gather
}

// Time is the instructions of the kernel; weights come from flash once.
func (e Kernels) Time(b Block) cost.Stalls {
	if b.Hi == b.Lo {
		return cost.Stalls{}
	}
	mac, gather := e.loop(b.Layer)
	sets := b.sets()
	var passes, bits, channels int64
	for i := range sets {
		c := &sets[i]
		for w := int(c.Min); w <= int(c.Max); w++ {
			n := int64(c.Count[w])
			passes += n * e.passes(w, b.Layer.ActBits)
			bits += n * int64(e.Mode(w))
			channels += n
		}
	}
	k := float64(b.reduction())
	each := k*(float64(passes)*mac+float64(b.gathers())*gather) + float64(channels)*e.output
	t := cost.Stalls{Compute: ceiling(each * float64(b.N))}
	if b.First {
		t.Fill = e.call
	}
	if e.flash > 0 {
		t.WeightLoad = max(0, units.Cycles(units.Bytes(bits*b.reduction()), e.flash)-t.Compute)
	}
	return t
}

// ceiling rounds up what is not whole but for the error of its terms.
func ceiling(x float64) int64 { return int64(math.Ceil(x * (1 - 1e-12))) }

// gathers is how many groups of a convolution have channels in the block: each gathers its
// own window.
func (b *Block) gathers() int64 {
	l := b.Layer
	return units.Ceil(int64(b.Hi-b.Lo)*int64(l.Groups), int64(len(l.Sched.Sets)))
}

// Access: blocks of two channels by two positions share what they load.
func (e Kernels) Access(b Block) Access {
	k, sum, act := b.reduction(), b.Layer.SumBits(), int64(e.array.RoundAct(b.Layer.ActBits))
	sets := b.sets()
	a := Access{Inputs: k * b.N * act * units.Ceil(b.channels(), 2), OutputsWritten: b.channels() * b.N * sum}
	for i := range sets {
		c := &sets[i]
		for w := int(c.Min); w <= int(c.Max); w++ {
			a.Weights += int64(e.Mode(w)) * int64(c.Count[w]) * k * units.Ceil(b.N, 2)
		}
	}
	a.rereads(&b)
	return a
}
