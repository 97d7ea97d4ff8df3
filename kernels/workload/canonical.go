package workload

// Canonical returns the op in the one notation of its product, so that the same
// product costs the same however it is written:
//
//   - a convolution with one input channel a group is depthwise;
//   - a convolution that uses no input element twice, and all of each window, is the
//     matrix product that it lowers to: 1×1 at stride 1, patches side by side, a
//     window as large as the map;
//   - a one-dimensional convolution runs along the height.
//
// With touched, what no window touches is not part of the input: a 1×1 convolution at
// stride 2 reads a quarter of its map. Positions, weights and widths stay.
func (op *Op) Canonical(touched bool) Op {
	c := *op
	if c.Kind != Conv && c.Kind != Depthwise || c.Kernel[0] < 1 || c.Kernel[1] < 1 {
		return c
	}
	if touched {
		c.touch(0)
		c.touch(1)
	}
	switch {
	case c.patches(0) && c.patches(1):
		c.Kind = MatMul
		c.In, c.Kernel, c.Stride, c.Pad, c.Dilation, c.Out = [3]int{}, [2]int{}, [2]int{}, [4]int{}, [2]int{}, [2]int{}
		return c
	case c.Groups > 1 && c.K == c.Kernel[0]*c.Kernel[1]:
		c.Kind = Depthwise
	default:
		c.Kind = Conv
	}
	if c.Out[0] == 1 && c.In[1] == 1 && c.Kernel[0] == 1 && c.Pad[0] == 0 && c.Pad[2] == 0 {
		c.turn()
	}
	return c
}

// step returns the stride and the dilation along an axis, 0 being 1.
func (op *Op) step(axis int) (stride, dilation int) {
	return max(1, op.Stride[axis]), max(1, op.Dilation[axis])
}

// touch leaves out the input along an axis that no window reads: between windows
// further apart than they are long, and behind the last one.
func (op *Op) touch(axis int) {
	stride, dilation := op.step(axis)
	extent := (op.Kernel[axis]-1)*dilation + 1
	before, in := op.Pad[axis], op.In[axis+1]
	if last := (op.Out[axis]-1)*stride + extent - before; last < in && last > 0 {
		op.In[axis+1], op.Pad[axis+2] = last, 0
	}
	if stride > extent && before == 0 && op.Out[axis]*op.Kernel[axis] <= in {
		op.In[axis+1] = op.Out[axis] * op.Kernel[axis]
		op.Stride[axis], op.Dilation[axis], op.Pad[axis+2] = op.Kernel[axis], 1, 0
	}
}

// patches tells whether the windows along an axis lie side by side and cover it.
func (op *Op) patches(axis int) bool {
	stride, dilation := op.step(axis)
	if op.Pad[axis] != 0 || op.Pad[axis+2] != 0 || dilation != 1 && op.Kernel[axis] > 1 {
		return false
	}
	one := op.Out[axis] == 1 || stride == op.Kernel[axis]
	return one && op.In[axis+1] == op.Out[axis]*op.Kernel[axis]
}

// turn swaps height and width.
func (op *Op) turn() {
	swap := func(v *[2]int) { v[0], v[1] = v[1], v[0] }
	swap(&op.Kernel)
	swap(&op.Stride)
	swap(&op.Dilation)
	swap(&op.Out)
	op.In[1], op.In[2] = op.In[2], op.In[1]
	op.Pad[0], op.Pad[1], op.Pad[2], op.Pad[3] = op.Pad[1], op.Pad[0], op.Pad[3], op.Pad[2]
}
