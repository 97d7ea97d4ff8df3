package onnx

import (
	"errors"
	"fmt"
	"slices"

	"bitcycle/kernels"
)

// refused lists operators whose work depends on the data, so that they have no
// cost either.
var refused = map[string]string{
	"If": "which branch runs depends on the data", "Loop": "how often it runs depends on the data", "Scan": "its body is not read",
	"NonZero": "the shape of its output depends on the data",
	"Unique":  "the shape of its output depends on the data", "Compress": "the shape of its output depends on the data",
}

// tail ends the network before the choice among boxes that detectors end with,
// whose outcome has a length that the data decides.
func (im *importer) tail(n *node) bool {
	if n.op != "NonMaxSuppression" || im.quant != nil {
		return false
	}
	for _, name := range n.inputs[:min(2, len(n.inputs))] { // boxes and scores
		if v := im.values[name]; v.constant == nil && !slices.Contains(im.tails, name) {
			im.tails = append(im.tails, name)
		}
	}
	im.fail(n)
	im.notef("node %q (%s): how many boxes it chooses depends on the data: the network ends before it", nodeName(n), n.op)
	return true
}

// wanted names the tensors at which the network ends.
func (im *importer) wanted() (names []string) {
	for _, o := range im.graph.outputs {
		if !im.failed[o.name] || len(im.tails) == 0 {
			names = append(names, o.name)
		}
	}
	for _, name := range im.tails {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// movers lists operators that only say where values lie, or on which grid.
var movers = set(
	"Cast", "CastLike", "Concat", "DepthToSpace", "DequantizeLinear", "Dropout", "Expand", "Flatten", "Identity", "Pad", "Quant",
	"QuantizeLinear", "Reshape", "Slice", "SpaceToDepth", "Split", "Squeeze", "Tile", "Transpose", "Unsqueeze",
)

// products lists operators that are matrix products and have a rule.
var products = set(
	"Conv", "ConvInteger", "ConvTranspose", "FusedConv", "GRU", "Gemm", "LSTM", "MatMul", "MatMulInteger", "QGemm", "QLinearConv",
	"QLinearMatMul", "RNN",
)

// opaque makes a node that is not executed, for the reason given: as much of it
// as a cost needs.
func (im *importer) opaque(n *node, why error) (Charge, error) {
	if reason, ok := refused[n.op]; ok {
		for _, v := range im.graph.inputs {
			if n.op == "If" && v.isNumber() && im.facts.of[v.name].c == nil {
				reason += fmt.Sprintf("; if on %q, say what that is, for example --input %s=1", v.name, v.name)
			}
		}
		return NoCharge, errors.New(reason)
	}
	from, like := im.reads(n)
	work, err := im.work(n)
	if err != nil {
		return NoCharge, im.unknownShape(n, why, err)
	}
	charge := ChargeVector
	switch {
	case len(work) > 0:
		charge = ChargeProduct
	case movers[n.op]:
		charge = ChargeMoves
	}
	for i := range work {
		from, err = im.opaqueWork(n, why, work[i], from)
		if err != nil {
			return NoCharge, err
		}
	}
	for i, name := range n.outputs {
		if name == "" || i > 0 && !im.isRead(name) {
			continue
		}
		f := im.facts.of[name]
		if f.dims == nil {
			return NoCharge, im.unknownShape(n, why, im.facts.why[name])
		}
		axes, err := im.axesFor(f.dims, like)
		if err != nil {
			return NoCharge, err
		}
		if im.values[name], err = im.opaqueNode(n, why, f.dims, axes, from, i > 0 || charge != ChargeVector); err != nil {
			return NoCharge, err
		}
	}
	return charge, nil
}

// unknownShape says why a node has no cost.
func (im *importer) unknownShape(n *node, why, shape error) error {
	if im.operator(n) != nil || shape == nil {
		return why
	}
	return fmt.Errorf("%w, and %w", why, shape)
}

// reads returns the network's nodes that n reads, the input if there are none, and
// the first of them.
func (im *importer) reads(n *node) (from []int, like *value) {
	for _, name := range n.inputs {
		v, ok := im.values[name]
		if !ok || v.constant != nil {
			continue
		}
		if from = append(from, v.node); like == nil {
			like = &v
		}
	}
	if from == nil {
		from = []int{0}
	}
	return from, like
}

// opaqueNode adds an opaque node with an output of these dimensions and axes.
func (im *importer) opaqueNode(n *node, why error, dims []int64, axes []axis, from []int, moves bool) (value, error) {
	shape, err := im.shapeOf(dims, axes)
	if err != nil {
		return value{}, err
	}
	op := kernels.Opaque{Operator: n.op, Reason: why.Error(), Out: shape, Moves: moves}
	i, err := im.add(n, kernels.Node{Op: op, Inputs: from})
	return value{node: i, axes: axes}, err
}

// opaqueWork adds a product; what it computes is then moved to where it belongs.
func (im *importer) opaqueWork(n *node, why error, p kernels.OpaqueProduct, from []int) ([]int, error) {
	if im.batch > 1 {
		return nil, errImages
	}
	op := kernels.Opaque{Operator: n.op, Reason: why.Error(), Out: kernels.Shape{C: p.M * p.Groups, H: p.N, W: 1}, Work: &p}
	i, err := im.add(n, kernels.Node{Op: op, Inputs: from})
	return []int{i}, err
}

// work returns the matrix products that a node is.
func (im *importer) work(n *node) ([]kernels.OpaqueProduct, error) {
	var in []fact
	for _, name := range n.inputs {
		in = append(in, im.facts.of[name])
	}
	var y []int64
	if len(n.outputs) > 0 {
		y = im.facts.of[n.outputs[0]].dims
	}
	at := 1
	switch n.op {
	case "QLinearConv", "QLinearMatMul", "QGemm":
		at = 3
	}
	if y == nil || product(y) < 1 {
		return nil, nil
	}
	if err := im.facts.why[n.outputs[0]]; err != nil && products[n.op] {
		return nil, err
	}
	switch n.op {
	case "Conv", "FusedConv", "ConvInteger", "QLinearConv":
		w := in[at].dims
		g := n.int("group", 1)
		return im.productsOf(in[at].c == nil, [4]int64{w[0] / g, product(w[1:]), product(y) / y[1], g})
	case "ConvTranspose":
		x, w, g := in[0].dims, in[1].dims, n.int("group", 1)
		return im.productsOf(in[1].c == nil, [4]int64{product(w[1:]), w[0] / g, product(x) / x[1], g})
	case "Gemm", "QGemm":
		w, m := in[at].dims, y[len(y)-1]
		return im.productsOf(in[0].c == nil && in[at].c == nil, [4]int64{m, product(w) / m, product(y) / m, 1})
	case "MatMul", "FusedMatMul", "MatMulInteger", "QLinearMatMul":
		return im.matmulWork(in[0], in[at], y)
	case "LSTM", "GRU", "RNN":
		return im.recurrentWork(in)
	case "MVAU", "MVAU_hls", "MVAU_rtl", "MatrixVectorActivation":
		m := n.int("MH", 0)
		if m < 1 {
			return nil, errors.New("MH and MW are missing")
		}
		return im.productsOf(false, [4]int64{m, n.int("MW", 0), max(product(y)/m, 1), 1})
	case "Einsum", "Attention", "MultiHeadAttention", "DeformConv", "QAttention", "GroupQueryAttention":
		return nil, errors.New("its work is not known")
	}
	return nil, nil
}

// productsOf makes a product of each group of numbers M, K, N, Groups.
func (im *importer) productsOf(dynamic bool, numbers ...[4]int64) (out []kernels.OpaqueProduct, err error) {
	for _, p := range numbers {
		for _, v := range p {
			if v < 1 || v > 1<<31 {
				return nil, fmt.Errorf("product of %d×%d and %d×%d in %d groups", p[0], p[1], p[1], p[2], p[3])
			}
		}
		out = append(out, kernels.OpaqueProduct{M: int(p[0]), K: int(p[1]), N: int(p[2]), Groups: int(p[3]), Dynamic: dynamic})
	}
	return out, nil
}

// matmulWork is a·b: the constant of them, else b, is the one whose columns are
// the output channels. Matrices of a stack are groups, unless b is the same for
// all of them.
func (im *importer) matmulWork(a, b fact, y []int64) ([]kernels.OpaqueProduct, error) {
	if len(a.dims) < 2 || len(b.dims) < 2 {
		k := a.dims[len(a.dims)-1]
		return im.productsOf(a.c == nil && b.c == nil, [4]int64{product(y), k, 1, 1})
	}
	rows, k, cols := a.dims[len(a.dims)-2], a.dims[len(a.dims)-1], b.dims[len(b.dims)-1]
	stack := product(y) / rows / cols
	left := a.c != nil && b.c == nil
	shared := b.dims
	if left {
		shared, rows, cols = a.dims, cols, rows
	}
	if product(shared[:len(shared)-2]) == 1 {
		return im.productsOf(a.c == nil && b.c == nil, [4]int64{cols, k, rows * stack, 1})
	}
	return im.productsOf(a.c == nil && b.c == nil, [4]int64{cols, k, rows, stack})
}

// recurrentWork is the product with the input and that with the state, all steps
// of all directions.
func (im *importer) recurrentWork(in []fact) ([]kernels.OpaqueProduct, error) {
	if len(in) < 3 || len(in[1].dims) != 3 || len(in[2].dims) != 3 || len(in[0].dims) != 3 {
		return nil, errors.New("its weights are missing")
	}
	w, r := in[1].dims, in[2].dims
	positions := in[0].dims[0] * in[0].dims[1]
	return im.productsOf(in[1].c == nil, [4]int64{w[1], w[2], positions, w[0]}, [4]int64{r[1], r[2], positions, r[0]})
}
