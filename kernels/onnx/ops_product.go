package onnx

import (
	"fmt"
	"slices"

	"bitcycle/kernels"
)

// importGemm translates Y = alpha·A·B + beta·C; A may be a stack of matrices, as
// some exporters write it.
func importGemm(im *importer, n *node) (value, error) {
	a, err := im.operand(n, 0)
	if err != nil {
		return a.value, err
	}
	b, err := im.operand(n, 1)
	if err != nil {
		return b.value, err
	}
	if a, err = im.turned(n, a, n.attrs["transA"].i != 0); err != nil {
		return a.value, err
	}
	if b, err = im.turned(n, b, n.attrs["transB"].i != 0); err != nil {
		return b.value, err
	}
	y, err := im.multiplied(n, a, b)
	if err != nil {
		return y.value, err
	}
	alpha, beta := n.float("alpha", 1), n.float("beta", 1)
	c, err := im.constant(n, 2)
	if err == nil && kernels.HasWeights(im.net.Nodes[y.node].Op) {
		if c != nil && differs(y.dims, c.dims) { // from row to row: no bias of a layer
			if err := im.gemmBias(y.value, nil, alpha, beta); err != nil {
				return y.value, err
			}
			return im.gemmSum(n, y, 1, beta)
		}
		return y.value, im.gemmBias(y.value, c, alpha, beta)
	}
	if err != nil || alpha != 1 || beta != 1 {
		return im.gemmSum(n, y, alpha, beta)
	}
	if len(n.inputs) > 2 && n.inputs[2] != "" {
		return im.gemmSum(n, y, alpha, beta)
	}
	return y.value, nil
}

// differs tells whether a tensor of the second dimensions, repeated to the first, differs
// along others than the last.
func differs(dims, of []int64) bool {
	return len(of) > 1 && product(of[:len(of)-1]) > 1 && len(of) <= len(dims)
}

// gemmBias makes alpha and beta·C part of a layer.
func (im *importer) gemmBias(y value, c *tensor, alpha, beta float32) error {
	if im.opt.Shapes {
		return nil
	}
	layer := &im.net.Nodes[y.node]
	scaleAll(layer.Weight, alpha)
	if im.quant != nil && alpha != 1 {
		im.quant.gains[y.node] = float64(alpha)
	}
	if c == nil {
		return nil
	}
	bias, err := im.perFeature(y, c)
	if err != nil {
		return err
	}
	for m := range layer.Bias {
		layer.Bias[m] = beta * bias[m]
	}
	return nil
}

// gemmSum computes alpha·y + beta·C of tensors.
func (im *importer) gemmSum(n *node, y operand, alpha, beta float32) (value, error) {
	scaled := func(o operand, by float32) (operand, error) {
		if by == 1 {
			return o, nil
		}
		return im.scaled(n, o, &tensor{kind: typeFloat, dims: []int64{}, floats: []float32{by}}, factors)
	}
	y, err := scaled(y, alpha)
	if err != nil || len(n.inputs) < 3 || n.inputs[2] == "" {
		return y.value, err
	}
	c, err := im.operand(n, 2)
	if err != nil {
		return c.value, err
	}
	if c.constant != nil {
		t := elements(typeFloat, c.dims, []*tensor{c.constant}, func(x []float32) float32 { return beta * x[0] }, nil)
		y, err = im.shift(n, y, t)
		return y.value, err
	}
	if c, err = scaled(c, beta); err == nil {
		y, err = im.sum(n, y, c)
	}
	return y.value, err
}

// turned transposes the last two axes of an operand.
func (im *importer) turned(n *node, o operand, flag bool) (operand, error) {
	if !flag {
		return o, nil
	}
	if o.constant != nil {
		t, err := o.constant.transpose([]int64{1, 0})
		if err != nil {
			return o, err
		}
		o.constant, o.dims = t, t.dims
		return o, nil
	}
	o, err := im.ranked(n, o)
	if k := len(o.dims); err == nil && k > 1 {
		o.axes, o.dims = slices.Clone(o.axes), slices.Clone(o.dims)
		o.axes[k-1], o.axes[k-2], o.dims[k-1], o.dims[k-2] = o.axes[k-2], o.axes[k-1], o.dims[k-2], o.dims[k-1]
	}
	return o, err
}

func importMatMul(im *importer, n *node) (value, error) {
	a, err := im.operand(n, 0)
	if err != nil {
		return a.value, err
	}
	b, err := im.operand(n, 1)
	if err != nil {
		return b.value, err
	}
	y, err := im.multiplied(n, a, b)
	return y.value, err
}

func scaleAll(x []float32, by float32) {
	for i := range x {
		x[i] *= by
	}
}

// productAt translates a·b where exactly one of them is a constant matrix: a dense
// layer if the other is a vector per image, else a 1×1 convolution over its
// positions. The axis that is reduced, at a position, must be the features.
func (im *importer) productAt(n *node, a, b value, reduced int) (value, error) {
	v, constant, last := a, b.constant, true // v·constant reduces v's last axis
	if a.constant != nil {
		v, constant, last = b, a.constant, false
	}
	if constant == nil || v.constant != nil {
		return v, fmt.Errorf("exactly one factor must be a constant")
	}
	rows, cols, err := constant.matrix()
	if err != nil {
		return v, err
	}
	if reduced < 0 || reduced >= len(v.axes) || v.axes[reduced] != axisC {
		return v, fmt.Errorf("the product must reduce the features, not the axes %v", v.axes)
	}
	m, k := cols, rows
	if !last {
		m, k = rows, cols
	}
	shape := im.shape(v)
	if shape.C != k {
		return v, fmt.Errorf("weights %v do not fit %d features", constant.dims, shape.C)
	}
	node := kernels.Node{Op: kernels.Dense{Channels: m}}
	if shape.Pixels() > 1 {
		node.Op = kernels.Conv{Channels: m, Window: kernels.Window{Kernel: [2]int{1, 1}}}
	}
	if !im.opt.Shapes {
		w, err := constant.values32()
		if err != nil {
			return v, err
		}
		node.Bias, node.Weight = make([]float32, m), rowsOf(w, m, k, cols, last, v.perm)
	}
	perm := v.perm
	v.perm = nil
	y, err := im.layer(n, v, node)
	if err == nil && im.coding != nil {
		im.weigh(y, constant, rowsOf(counted(m*k), m, k, cols, last, perm))
	}
	return y, err
}

// counted returns 0 to n − 1.
func counted(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// rowsOf returns the weights of a product channel by channel. w has cols columns,
// which are the channels if last.
func rowsOf[T float32 | int](w []T, m, k, cols int, last bool, perm []int) []T {
	out := make([]T, m*k)
	for i := range m {
		for j := range k {
			at := j
			if perm != nil {
				at = perm[j]
			}
			if last {
				out[i*k+at] = w[j*cols+i]
			} else {
				out[i*k+at] = w[i*cols+j]
			}
		}
	}
	return out
}

// matrix returns the dimensions of a constant of two axes; axes of length 1 before them do not count.
func (t *tensor) matrix() (rows, cols int, err error) {
	dims := t.dims
	for len(dims) > 2 && dims[0] == 1 {
		dims = dims[1:]
	}
	if len(dims) != 2 {
		return 0, 0, fmt.Errorf("tensor %q has dimensions %v: must be a matrix", t.name, t.dims)
	}
	return int(dims[0]), int(dims[1]), nil
}

// transpose returns the constant with its axes reordered.
func (t *tensor) transpose(perm []int64) (*tensor, error) {
	if err := permutation(perm, len(t.dims)); err != nil {
		return nil, fmt.Errorf("tensor %q: %w", t.name, err)
	}
	dims, steps, own := make([]int64, len(perm)), make([]int, len(perm)), strides(t.dims)
	for i, p := range perm {
		dims[i], steps[i] = t.dims[p], own[p]
	}
	out := moved(fact{kind: t.kind, dims: t.dims, c: t}, dims, steps, 0).c
	if out == nil {
		return nil, fmt.Errorf("tensor %q has dimensions %v", t.name, t.dims)
	}
	out.name = t.name
	return out, nil
}
