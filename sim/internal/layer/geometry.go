package layer

import "bitcycle/kernels/workload"

// Geometry turns output rows and columns into input ones.
type Geometry struct {
	InH, InW, OutH, OutW              int
	KernelH, KernelW                  int // extent with dilation
	StrideH, StrideW, PadTop, PadLeft int
}

// rows is the geometry of a matrix product: so many positions in a column.
func rows(n int) Geometry {
	return Geometry{InH: n, InW: 1, OutH: n, OutW: 1, KernelH: 1, KernelW: 1, StrideH: 1, StrideW: 1}
}

func convolution(op *workload.Op) Geometry {
	extent := func(i int) int { return (op.Kernel[i]-1)*max(1, op.Dilation[i]) + 1 }
	return Geometry{
		InH: op.In[1], InW: op.In[2], OutH: op.Out[0], OutW: op.Out[1],
		KernelH: extent(0), KernelW: extent(1),
		StrideH: max(1, op.Stride[0]), StrideW: max(1, op.Stride[1]),
		PadTop: op.Pad[0], PadLeft: op.Pad[1],
	}
}

// InputRows returns the first of the input rows that output rows lo to hi need, and
// how many. Consecutive ranges cover the whole input, whatever the stride.
func (g *Geometry) InputRows(lo, hi int) (at, size int) {
	return inputSpan(lo, hi, g.OutH, g.InH, g.KernelH, g.StrideH, g.PadTop)
}

// InputCols is [Geometry.InputRows] for columns.
func (g *Geometry) InputCols(lo, hi int) (at, size int) {
	return inputSpan(lo, hi, g.OutW, g.InW, g.KernelW, g.StrideW, g.PadLeft)
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
