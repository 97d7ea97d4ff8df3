// Package layer puts an op into the terms of a machine: the geometry that its tiles
// are cut from, and the schedule of its channels.
//
// See docs/machine-model.md, section 2.
package layer

import (
	"fmt"
	"math/bits"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/schedule"
)

// Layer is a product, with its widths. The geometry is fixed by [Layer.Reset]; widths are
// set by [Layer.SetBits] and [Layer.SetActs].
type Layer struct {
	Op    *workload.Op
	Sched schedule.Schedule

	Images   int  // images that the tiles divide; 1 for products, whose positions hold them all
	Groups   int  // convolution groups
	Chans    int  // reduction channels of a group
	Area     int  // positions of the convolution window
	Flat     bool // lowered to one reduction length
	PerInput bool // every output channel has input channels of its own: depthwise side by side
	Geo      Geometry
	Channels int // output channels of all groups
	inputs   int // input channels of all groups
	Virtual  int // weight vectors of all groups

	ActBits   int  // processed
	StoreBits int  // width of an input element in memory
	OutBits   int  // width of an output element in memory
	InOnChip  bool // inputs stay on chip from the layer before
	OutOnChip bool // outputs stay on chip for the layer after

	notation workload.Op     // of Op
	order    string          // in which channels are scheduled
	perGroup []int           // weight vectors of each group, for the schedule
	copies   int             // of the weight vectors of an image
	expanded workload.Widths // one for each weight vector
}

// Reset makes it a product of so many images at a time for an array of so many lanes,
// with the memory that it has; its widths are still to be set. First tells that it is the
// workload's first op.
func (l *Layer) Reset(acc *arch.Accelerator, lanes int, op *workload.Op, first bool, images int) error {
	*l = Layer{
		notation: acc.Memory.Notation(op), Sched: l.Sched, perGroup: l.perGroup[:0], expanded: l.expanded[:0],
		Images: images, Area: 1, order: acc.Array.Order, copies: 1,
	}
	l.Sched.Order, l.Sched.Sets = l.Sched.Order[:0], l.Sched.Sets[:0]
	op = &l.notation
	l.Op, l.Groups, l.Channels, l.Virtual = op, op.Groups, op.Channels(), op.VirtualChannels()
	switch op.Kind {
	case workload.Conv, workload.Depthwise:
		if err := l.convolution(&acc.Array, lanes, first); err != nil {
			return err
		}
	case workload.MatMul:
		l.Images, l.Chans, l.Flat = 1, op.K, true
		l.Geo = rows(op.N * images)
		if op.Dynamic {
			l.unroll(images)
		}
	}
	if l.PerInput {
		lanes = acc.Array.DepthwiseOf(lanes)
	}
	l.Sched.Lanes, l.Sched.Unit = lanes, schedule.Barrier(acc.Array.Sync, acc.Array.GroupSize, lanes)
	l.cutGroups()
	return nil
}

// unroll puts the images of a product of activations side by side as groups: no two
// share the operand in the weights' place.
func (l *Layer) unroll(images int) {
	l.copies = images
	l.Groups, l.Channels, l.Virtual = l.Groups*images, l.Channels*images, l.Virtual*images
	l.Geo = rows(l.Op.N)
}

func (l *Layer) convolution(a *arch.Array, lanes int, first bool) error {
	op := l.Op
	l.Area = max(1, op.Kernel[0]*op.Kernel[1])
	if op.K%l.Area != 0 {
		return fmt.Errorf("op %q: reduction length %d is not a multiple of the kernel's %d positions", op.Name, op.K, l.Area)
	}
	l.Chans = op.K / l.Area
	l.Flat = a.ReduceBy != "channel" || first && a.FirstLayerFlat
	l.PerInput = op.Kind == workload.Depthwise && a.SideBySide(op.Groups, op.M, lanes)
	l.Geo = convolution(op)
	if l.Geo.OutH*l.Geo.OutW != op.N {
		return fmt.Errorf("op %q: %d output positions, but an output map of %d×%d", op.Name, op.N, l.Geo.OutH, l.Geo.OutW)
	}
	return nil
}

// cutGroups lists the weight vectors of each group; depthwise channels that run side
// by side make one group.
func (l *Layer) cutGroups() {
	l.inputs = l.Chans * l.Groups
	if l.PerInput {
		l.Groups = 1
	}
	per := l.Channels / max(l.Groups, 1)
	for g := range l.Groups {
		n := per
		if p := l.Op.Points; p != nil {
			n = 0
			for _, points := range p[g*per : (g+1)*per] {
				n += int(points)
			}
		}
		l.perGroup = append(l.perGroup, n)
	}
}

// SetBits orders the weight vectors by their widths.
func (l *Layer) SetBits(weights workload.Widths) {
	l.expanded = l.expanded[:0]
	for range l.copies {
		l.expanded = weights.Append(l.expanded, l.Virtual/l.copies)
	}
	l.Sched.Fill(l.expanded, l.perGroup, l.order)
}

// SetActs fixes the widths of the activations: processed, and in memory on the way in
// and out.
func (l *Layer) SetActs(act, store, out int) { l.ActBits, l.StoreBits, l.OutBits = act, store, out }

// accumulator is the width of sums unless they need more.
const accumulator = 32

// SumBits is the width of the accumulators: 64 where a product of the widest channel
// summed over the reduction may not fit 32.
func (l *Layer) SumBits() int64 {
	if int(l.Sched.Wide)+l.ActBits+bits.Len(uint(l.Chans*l.Area-1)) > accumulator-1 {
		return 2 * accumulator
	}
	return accumulator
}
