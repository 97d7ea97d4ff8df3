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
func (g *Geometry) InputRows(lo, hi int) (at, size int) { return g.Rows().Input(lo, hi) }

// InputCols is [Geometry.InputRows] for columns.
func (g *Geometry) InputCols(lo, hi int) (at, size int) { return g.Cols().Input(lo, hi) }

// Axis is one direction of a map.
type Axis struct{ Out, In, Kernel, Stride, Pad int }

// Rows is the direction down the map.
func (g *Geometry) Rows() Axis { return Axis{g.OutH, g.InH, g.KernelH, g.StrideH, g.PadTop} }

// Cols is the direction across the map.
func (g *Geometry) Cols() Axis { return Axis{g.OutW, g.InW, g.KernelW, g.StrideW, g.PadLeft} }

// ImageAxis is the direction from image to image.
func (l *Layer) ImageAxis() Axis { return Axis{l.Images, l.Images, 1, 1, 0} }

// Input returns the first of the inputs that outputs lo to hi need, and how many.
func (a Axis) Input(lo, hi int) (at, size int) {
	from, to := 0, a.In
	if lo > 0 {
		from = min(max(lo*a.Stride-a.Pad, 0), a.In)
	}
	if hi < a.Out {
		to = min(max((hi-1)*a.Stride-a.Pad+a.Kernel, hi*a.Stride-a.Pad, 0), a.In)
	}
	return from, max(0, to-from)
}

// Alike returns how many ranges of the same length follow outputs lo to hi that, like
// these, reach neither end of the map, so that all of them need as many inputs.
func (a Axis) Alike(lo, hi int) int {
	most := min(a.Out-1, (a.In+a.Pad-a.Kernel)/a.Stride+1, (a.In+a.Pad)/a.Stride)
	if lo < 1 || lo*a.Stride < a.Pad || hi > most {
		return 0
	}
	return (most - hi) / (hi - lo)
}
