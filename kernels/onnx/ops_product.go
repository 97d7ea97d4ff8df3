package onnx

import (
	"fmt"
	"slices"

	"bitcycle/kernels"
)

// importGemm translates Y = alpha·A·B + beta·C with one constant factor.
func importGemm(im *importer, n *node) (value, error) {
	a, err := im.arg(n, 0)
	if err != nil {
		return a, err
	}
	b, err := im.arg(n, 1)
	if err != nil {
		return b, err
	}
	transA, transB := n.attrs["transA"].i != 0, n.attrs["transB"].i != 0
	v := a
	if a.constant != nil {
		v = b
	}
	if len(v.axes) != 2 {
		return v, fmt.Errorf("input has %d axes: must be 2", len(v.axes))
	}
	var terms []term
	if a.constant != nil {
		b.axes = transposed(b.axes, transB)
		a.constant, err = transposeIf(a.constant, transA)
	} else if b.constant != nil {
		a.axes = transposed(a.axes, transA)
		terms = b.constant.terms
		b.constant, err = transposeIf(b.constant, transB)
	}
	if err != nil {
		return v, err
	}
	y, err := im.product(n, a, b)
	if err != nil {
		return y, err
	}
	if im.quant != nil {
		if !transB || a.perm != nil || n.float("alpha", 1) != 1 || n.float("beta", 1) != 1 {
			return y, fmt.Errorf("quantized weights must be read as they are stored")
		}
		im.quant.weights[y.node] = terms
	}
	dense := &im.net.Nodes[y.node]
	scaleAll(dense.Weight, n.float("alpha", 1))
	c, err := im.constant(n, 2)
	if err != nil || c == nil {
		return y, err
	}
	bias, err := im.perFeature(y, c)
	if err != nil {
		return y, err
	}
	beta := n.float("beta", 1)
	for m := range dense.Bias {
		dense.Bias[m] = beta * bias[m]
	}
	return y, nil
}

func importMatMul(im *importer, n *node) (value, error) {
	a, err := im.arg(n, 0)
	if err != nil {
		return a, err
	}
	b, err := im.arg(n, 1)
	if err != nil {
		return b, err
	}
	return im.product(n, a, b)
}

func transposed(axes []axis, flag bool) []axis {
	if !flag {
		return axes
	}
	return []axis{axes[1], axes[0]}
}

func transposeIf(t *tensor, flag bool) (*tensor, error) {
	if !flag {
		return t, nil
	}
	return t.transpose([]int64{1, 0})
}

func scaleAll(x []float32, by float32) {
	for i := range x {
		x[i] *= by
	}
}

// product translates a·b where exactly one of them is a constant matrix: a
// dense layer if the other is a vector per image, else a 1×1 convolution over
// its positions. The reduced axis must be the features.
func (im *importer) product(n *node, a, b value) (value, error) {
	v, constant, last := a, b.constant, true // v·constant reduces v's last axis
	if a.constant != nil {
		v, constant, last = b, a.constant, false
	}
	if constant == nil || v.constant != nil {
		return v, fmt.Errorf("exactly one factor must be a constant")
	}
	w, rows, cols, err := constant.matrix()
	if err != nil {
		return v, err
	}
	reduced := len(v.axes) - 1
	if !last {
		reduced = len(v.axes) - 2
	}
	if reduced < 0 || v.axes[reduced] != axisC {
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
	node := kernels.Node{Op: kernels.Dense{Channels: m}, Bias: make([]float32, m), Weight: make([]float32, m*k)}
	if shape.Pixels() > 1 {
		node.Op = kernels.Conv{Channels: m, Window: kernels.Window{Kernel: [2]int{1, 1}}}
	}
	for i := range m {
		for j := range k {
			at := j
			if v.perm != nil {
				at = v.perm[j]
			}
			if last {
				node.Weight[i*k+at] = w[j*cols+i]
			} else {
				node.Weight[i*k+at] = w[i*cols+j]
			}
		}
	}
	v.perm = nil
	return im.layer(n, v, node)
}

// matrix returns the values of a constant of two axes; axes of length 1 before them do not count.
func (t *tensor) matrix() (w []float32, rows, cols int, err error) {
	dims := t.dims
	for len(dims) > 2 && dims[0] == 1 {
		dims = dims[1:]
	}
	if len(dims) != 2 {
		return nil, 0, 0, fmt.Errorf("tensor %q has dimensions %v: must be a matrix", t.name, t.dims)
	}
	w, err = t.values32()
	return w, int(dims[0]), int(dims[1]), err
}

// transpose returns the constant with its axes reordered.
func (t *tensor) transpose(perm []int64) (*tensor, error) {
	x, err := t.values32()
	if err != nil {
		return nil, err
	}
	rank := len(t.dims)
	if len(perm) != rank {
		return nil, fmt.Errorf("tensor %q has %d axes, not %d", t.name, rank, len(perm))
	}
	out := &tensor{name: t.name, kind: typeFloat, dims: make([]int64, rank), floats: make([]float32, len(x))}
	strides, stride := make([]int, rank), 1
	for i := rank - 1; i >= 0; i-- {
		strides[i] = stride
		stride *= int(t.dims[i])
	}
	step := make([]int, rank)
	for i, p := range perm {
		if p < 0 || int(p) >= rank || slices.Contains(perm[:i], p) {
			return nil, fmt.Errorf("perm %v is not a permutation of %d axes", perm, rank)
		}
		out.dims[i], step[i] = t.dims[p], strides[p]
	}
	index := make([]int, rank)
	for i, from := 0, 0; i < len(x); i++ {
		out.floats[i] = x[from]
		for d := rank - 1; d >= 0; d-- {
			index[d]++
			from += step[d]
			if index[d] < int(out.dims[d]) {
				break
			}
			from -= step[d] * index[d]
			index[d] = 0
		}
	}
	return out, nil
}
