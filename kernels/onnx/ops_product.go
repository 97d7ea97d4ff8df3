package onnx

import (
	"fmt"

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
	if im.opt.Shapes {
		return y, nil
	}
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
	rows, cols, err := constant.matrix()
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
	v.perm = nil
	return im.layer(n, v, node)
}

// rowsOf returns the weights of a product channel by channel. w has cols columns,
// which are the channels if last.
func rowsOf(w []float32, m, k, cols int, last bool, perm []int) []float32 {
	out := make([]float32, m*k)
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
