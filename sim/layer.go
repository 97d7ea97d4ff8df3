package sim

import (
	"fmt"
	"math/bits"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

// layer is an op in the terms of a machine: what its schedule works through, and
// what its tensors take in memory.
type layer struct {
	op    *workload.Op
	sched schedule

	images   int  // images that the tiles divide; 1 for products, whose positions hold them all
	groups   int  // convolution groups
	chans    int  // reduction channels of a group
	area     int  // kernel positions
	flat     bool // lowered to one reduction length
	perInput bool // every output channel has input channels of its own: depthwise side by side
	geo      fmap
	channels int // output channels of all groups
	virtual  int // weight vectors of all groups

	actBits   int  // processed
	storeBits int  // width of an input element in memory
	outBits   int  // width of an output element in memory
	inOnChip  bool // inputs stay on chip from the layer before
	outOnChip bool // outputs stay on chip for the layer after

	perGroup []int           // weight vectors of each group, for the schedule
	expanded workload.Widths // one for each weight vector
}

// fmap is the geometry that turns output rows and columns into input ones.
type fmap struct {
	inH, inW, outH, outW              int
	kernelH, kernelW                  int // extent with dilation
	strideH, strideW, padTop, padLeft int
}

// inputRows returns the first of the input rows that output rows lo to hi need, and
// how many. Consecutive ranges cover the whole input, whatever the stride.
func (f *fmap) inputRows(lo, hi int) (at, size int) {
	return inputSpan(lo, hi, f.outH, f.inH, f.kernelH, f.strideH, f.padTop)
}

func (f *fmap) inputCols(lo, hi int) (at, size int) {
	return inputSpan(lo, hi, f.outW, f.inW, f.kernelW, f.strideW, f.padLeft)
}

func inputSpan(lo, hi, out, in, kernel, stride, pad int) (at, size int) {
	from, to := 0, in
	if lo > 0 {
		from = min(max(lo*stride-pad, 0), in)
	}
	if hi < out {
		to = min(max((hi-1)*stride-pad+kernel, hi*stride-pad, 0), in)
	}
	return from, max(0, to-from)
}

// newLayer prepares op; its widths are set by setBits.
func newLayer(m *machine, w *workload.Workload, index int) (*layer, error) {
	acc, op := m.acc, &w.Ops[index]
	images := op.Batch * m.frames
	l := &layer{op: op, images: images, groups: op.Groups, area: 1, channels: op.Channels(), virtual: op.VirtualChannels()}
	switch op.Kind {
	case workload.Conv, workload.Depthwise:
		if err := l.convolution(acc, index); err != nil {
			return nil, err
		}
	case workload.MatMul:
		l.images, l.chans, l.flat = 1, op.K, true
		rows := op.N * images
		l.geo = fmap{inH: rows, inW: 1, outH: rows, outW: 1, kernelH: 1, kernelW: 1, strideH: 1, strideW: 1}
	}
	l.sched.lanes = m.engine.lanes()
	if l.perInput {
		l.sched.lanes = acc.Array.DepthwiseLanes
	}
	l.sched.unit = barrier(&acc.Array, l.sched.lanes)
	l.cutGroups()
	return l, nil
}

func (l *layer) convolution(acc *arch.Accelerator, index int) error {
	op := l.op
	l.area = max(1, op.Kernel[0]*op.Kernel[1])
	if op.K%l.area != 0 {
		return fmt.Errorf("op %q: reduction length %d is not a multiple of the kernel's %d positions", op.Name, op.K, l.area)
	}
	l.chans = op.K / l.area
	l.flat = acc.Array.ReduceBy != "channel" || index == 0 && acc.Array.FirstLayerFlat
	l.perInput = op.Kind == workload.Depthwise && acc.Array.DepthwiseLanes > 0
	dilation := func(i int) int { return max(1, op.Dilation[i]) }
	l.geo = fmap{
		inH: op.In[1], inW: op.In[2], outH: op.Out[0], outW: op.Out[1],
		kernelH: (op.Kernel[0]-1)*dilation(0) + 1, kernelW: (op.Kernel[1]-1)*dilation(1) + 1,
		strideH: max(1, op.Stride[0]), strideW: max(1, op.Stride[1]),
		padTop: op.Pad[0], padLeft: op.Pad[1],
	}
	if l.geo.outH*l.geo.outW != op.N {
		return fmt.Errorf("op %q: %d output positions, but an output map of %d×%d", op.Name, op.N, l.geo.outH, l.geo.outW)
	}
	return nil
}

// cutGroups lists the weight vectors of each group; depthwise kernels that run side
// by side make one group.
func (l *layer) cutGroups() {
	if l.perInput {
		l.groups = 1
	}
	per := l.channels / max(l.groups, 1)
	for g := range l.groups {
		n := per
		if p := l.op.Points; p != nil {
			n = 0
			for _, points := range p[g*per : (g+1)*per] {
				n += int(points)
			}
		}
		l.perGroup = append(l.perGroup, n)
	}
}

// setBits orders the weight vectors by their widths.
func (l *layer) setBits(weights workload.Widths, order string) {
	l.expanded = weights.Append(l.expanded[:0], l.virtual)
	l.sched.fill(l.expanded, l.perGroup, order)
}

// setWidths fixes the widths of the activations.
func (l *layer) setWidths(m *machine, act, out int) {
	l.actBits, l.storeBits, l.outBits = act, m.stored(act), m.stored(out)
}

// stored is the width in memory of an activation of some bits.
func (m *machine) stored(bits int) int {
	switch m.acc.Memory.ActRound {
	case "pow2":
		return pow2(bits)
	case "native":
		return m.acc.Array.RoundAct(bits)
	}
	return bits
}

// sumBits is the width of the accumulators: 64 where a product of the widest kernel
// summed over the reduction may not fit 32.
func (l *layer) sumBits() int64 {
	if int(l.sched.wide)+l.actBits+bits.Len(uint(l.chans*l.area-1)) > accumulator-1 {
		return 2 * accumulator
	}
	return accumulator
}

// pow2 returns the power of two that is at least n, for n of at least 1.
func pow2(n int) int { return 1 << bits.Len(uint(n-1)) }

// active returns the weight vectors that are not pruned.
func (l *layer) active() int { return len(l.sched.order) }

// product reports whether the op is a plain matrix product.
func (l *layer) product() bool { return l.op.Kind == workload.MatMul }

// positions returns the output positions of all images.
func (l *layer) positions() int64 {
	return int64(l.geo.outH) * int64(l.geo.outW) * int64(l.images)
}

// share returns the part of total that belongs to sets lo to hi; parts of
// consecutive ranges sum to the total.
func (l *layer) share(total, lo, hi int) int {
	n := l.active()
	if n == 0 {
		return total
	}
	from, to := 0, n
	if lo < len(l.sched.sets) {
		from = l.sched.sets[lo].lo
	}
	if hi < len(l.sched.sets) {
		to = l.sched.sets[hi].lo
	}
	return total*to/n - total*from/n
}
