package layer

import "bitcycle/kernels/workload"

// Active returns the weight vectors that are not pruned.
func (l *Layer) Active() int { return len(l.Sched.Order) }

// Product reports whether the op is a plain matrix product.
func (l *Layer) Product() bool { return l.Op.Kind == workload.MatMul }

// Positions returns the output positions of all images.
func (l *Layer) Positions() int64 {
	return int64(l.Geo.OutH) * int64(l.Geo.OutW) * int64(l.Images)
}

// RowLength is the output positions in a row of the map: all of a product.
func (l *Layer) RowLength() int {
	if l.Product() {
		return l.Geo.OutH * l.Geo.OutW
	}
	return l.Geo.OutW
}

// Pixels returns the input positions of all images.
func (l *Layer) Pixels() int64 {
	return int64(l.Images) * int64(l.Geo.InH) * int64(l.Geo.InW)
}

// Reduction returns the multiply-accumulates of one output element.
func (l *Layer) Reduction() int64 { return int64(l.Chans) * int64(l.Area) }

// Units is what the output channels are cut into: sets, or whole groups of a grouped
// convolution.
func (l *Layer) Units() int {
	if l.Groups > 1 {
		return l.Groups
	}
	return len(l.Sched.Sets)
}

// OwnInputs reports whether different output channels read different inputs.
func (l *Layer) OwnInputs() bool { return l.PerInput || l.Groups > 1 }

// InputChannels returns the input channels of all groups.
func (l *Layer) InputChannels() int { return l.inputs }

// InputsOf returns the input channels that sets lo to hi, of so many units, read of a
// stretch of chans reduction channels.
func (l *Layer) InputsOf(lo, hi, units, chans int) int {
	switch {
	case l.PerInput:
		return l.share(l.inputs, lo, hi)
	case l.Groups > 1:
		return units * chans
	}
	return chans
}

// OutputsOf returns the output channels that belong to sets lo to hi: all of them
// where every channel is pruned.
func (l *Layer) OutputsOf(lo, hi int) int { return l.share(l.Channels, lo, hi) }

// VectorOps is the element-wise work after the product on n positions of the outputs
// of sets lo to hi: the op's own, and one scaled addition for every further point of
// a multipoint channel.
func (l *Layer) VectorOps(n int64, lo, hi int) int64 {
	ops := int64(l.Op.VectorOps) * int64(l.OutputsOf(lo, hi))
	if l.Op.Points != nil {
		ops += int64(l.share(l.Virtual-l.Channels, lo, hi))
	}
	return n * ops
}

// share returns the part of total that belongs to sets lo to hi; parts of
// consecutive ranges sum to the total.
func (l *Layer) share(total, lo, hi int) int {
	n := l.Active()
	if n == 0 {
		return total
	}
	from, to := 0, n
	if lo < len(l.Sched.Sets) {
		from = l.Sched.Sets[lo].Lo
	}
	if hi < len(l.Sched.Sets) {
		to = l.Sched.Sets[hi].Lo
	}
	return total*to/n - total*from/n
}
