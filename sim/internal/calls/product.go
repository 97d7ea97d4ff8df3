// Package calls cuts a product into calls of a machine's loop units: each call computes
// a box of its loops, from loads to stores. It holds the sizes and the order of the
// loops, a vendor's rule for them, and what one call loads, executes and stores.
//
// See docs/machine-model.md, section 8.8.
package calls

import "bitcycle/sim/internal/units"

// Dim is a loop of a product.
type Dim int

// The loops of a product. A matrix product has its positions in Cols.
const (
	Batch Dim = iota // images
	Rows             // of the output map
	Cols             // of the output map
	Outs             // output channels
	KRows            // of the window
	KCols            // of the window
	Ins              // input channels
	Dims
)

// Sizes is a number for each loop.
type Sizes [Dims]int

// Product is what the loop units are given: a convolution or a matrix product, or so
// many of one kind side by side. Tensors lie in memory position by position, channels
// inside, weights input channel by input channel, output channels inside.
type Product struct {
	Matrix bool
	Extent Sizes
	Groups int // products of these extents, one after the other

	Stride, Dilation [2]int // down, across
	Pad              [2]int // above, left
	In               [2]int // rows and columns of the input map

	InBits, WeightBits, OutBits int   // of an element in memory
	InStep, OutStep, WeightStep int64 // bytes between positions, and between input channels of the weights
	InGroup, OutGroup           int64 // bytes between groups
	Passes                      int64 // of the array for one element
	InHeld, OutHeld             bool  // the tensor stays on the chip
}

// Tensor is an operand of a product.
type Tensor int

// The operands.
const (
	Inputs Tensor = iota
	Weights
	Outputs
	Tensors
)

// Bytes is the room of a tensor of all groups in memory.
func (p *Product) Bytes(t Tensor) int64 {
	e := &p.Extent
	switch t {
	case Inputs:
		if p.Matrix {
			return int64(p.Groups) * int64(e[Cols]) * p.InStep
		}
		return int64(e[Batch]) * int64(p.In[0]) * int64(p.In[1]) * p.InStep
	case Weights:
		return int64(p.Groups) * p.weightGroup()
	}
	n := int64(e[Batch]) * int64(e[Rows]) * int64(e[Cols]) * p.OutStep
	if p.Matrix {
		n *= int64(p.Groups)
	}
	return n
}

func (p *Product) weightGroup() int64 {
	e := &p.Extent
	return int64(e[KRows]) * int64(e[KCols]) * int64(e[Ins]) * p.WeightStep
}

// Window is the rows or columns of the input that so many of the output take, with so
// many of the window: all of those between the strides too.
func (p *Product) Window(axis, out, kernel int) int {
	return out*p.Stride[axis] + (kernel-1)*p.Dilation[axis]
}

// bytesOf is so many elements in whole bytes.
func bytesOf(elements, bits int) int64 { return units.Bytes(int64(elements) * int64(bits)) }
