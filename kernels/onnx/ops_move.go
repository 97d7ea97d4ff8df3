package onnx

import (
	"fmt"
	"slices"

	"bitcycle/kernels"
)

// moving returns input 0 of n, an operand that is none of the constants, with an
// axis for every dimension.
func (im *importer) moving(n *node) (operand, error) {
	o, err := im.operand(n, 0)
	if err == nil && o.constant != nil {
		err = fmt.Errorf("input %q is a constant", n.inputs[0])
	}
	if err != nil {
		return o, err
	}
	return im.ranked(n, o)
}

// picked takes values by their indices along the axes at some positions.
func (im *importer) picked(n *node, o operand, index map[int][]int) (operand, error) {
	var p kernels.Pick
	some := false
	o.dims = slices.Clone(o.dims)
	for at, list := range index {
		same := int64(len(list)) == o.dims[at]
		for i, k := range list {
			same = same && i == k
		}
		o.dims[at] = int64(len(list))
		switch {
		case same:
		case o.axes[at] == axisN:
			return o, errImages
		default:
			some, *indices(&p, o.axes[at]) = true, list
		}
	}
	var err error
	if some {
		o.value, err = im.then(n, o.value, p)
	}
	return o, err
}

// importGather takes constant indices along an axis; numbers that choose rows of a
// constant table look them up.
func importGather(im *importer, n *node) (value, error) {
	table, err := im.arg(n, 0)
	if err != nil {
		return table, err
	}
	if table.constant != nil {
		return im.embedding(n, table.constant)
	}
	o, err := im.moving(n)
	if err != nil {
		return o.value, err
	}
	at, err := position(n.int("axis", 0), len(o.dims))
	if err != nil {
		return o.value, err
	}
	t, err := im.given(n, 1, "list of indices")
	if err != nil {
		return o.value, err
	}
	list, err := t.integers()
	if err != nil {
		return o.value, err
	}
	var index []int
	for _, i := range list {
		if i < 0 {
			i += o.dims[at]
		}
		index = append(index, int(i))
	}
	if o, err = im.picked(n, o, map[int][]int{at: index}); err != nil {
		return o.value, err
	}
	return im.reshape(n, o.value, o.dims, slices.Concat(o.dims[:at], t.dims, o.dims[at+1:]))
}

// embedding looks up rows of a constant matrix by numbers that depend on the input.
func (im *importer) embedding(n *node, t *tensor) (value, error) {
	o, err := im.operand(n, 1)
	if err != nil {
		return o.value, err
	}
	if len(t.dims) != 2 || n.int("axis", 0) != 0 {
		return o.value, fmt.Errorf("axis = %d of a constant %v: must be rows of a matrix", n.int("axis", 0), t.dims)
	}
	if o.value, err = im.plain(n, o.value); err != nil {
		return o.value, err
	}
	table, err := im.few(t)
	if err != nil {
		return o.value, err
	}
	dims := []int64{im.batch, product(o.dims) / im.batch, 1}
	v, err := im.reorder(n, o.value, dims, []axis{axisN, axisH, axisC})
	if err == nil {
		v, err = im.then(n, v, kernels.Embedding{Width: int(t.dims[1]), Table: table})
	}
	if err != nil {
		return v, err
	}
	dims[2] = t.dims[1]
	return im.reshape(n, v, dims, slices.Concat(o.dims, t.dims[1:]))
}

// importExpand repeats values along axes of length 1.
func importExpand(im *importer, n *node) (value, error) {
	o, err := im.operand(n, 0)
	if err != nil {
		return o.value, err
	}
	dims, err := im.outputDims(n)
	if err != nil {
		return o.value, err
	}
	o, err = im.spread(n, o, dims)
	return o.value, err
}

// importTile repeats whole axes.
func importTile(im *importer, n *node) (value, error) {
	o, err := im.moving(n)
	if err != nil {
		return o.value, err
	}
	dims, err := im.outputDims(n)
	if err != nil {
		return o.value, err
	}
	index := map[int][]int{}
	for at, d := range dims {
		if d > maxIndices {
			return o.value, fmt.Errorf("%v to %v: an axis is too long to be repeated", o.dims, dims)
		}
		for i := range d {
			index[at] = append(index[at], int(i%o.dims[at]))
		}
	}
	o, err = im.picked(n, o, index)
	return o.value, err
}

// importDepthToSpace makes blocks of pixels of channels, importSpaceToDepth channels
// of blocks.
func importDepthToSpace(im *importer, n *node) (value, error) {
	v, err := im.image(n)
	if err != nil {
		return v, err
	}
	s, b := im.shape(v), int(n.int("blocksize", 0))
	if b < 1 || s.C%(b*b) != 0 {
		return v, fmt.Errorf("blocksize = %d of %v", b, s)
	}
	o := kernels.Reorder{
		From: "CHW", To: "CHW", Out: kernels.Shape{C: s.C / (b * b), H: s.H * b, W: s.W * b},
		Dims: []int{b, b, s.C / (b * b), s.H, s.W}, Perm: []int{2, 3, 0, 4, 1},
	}
	if n.attrs["mode"].s == "CRD" {
		o.Dims, o.Perm = []int{s.C / (b * b), b, b, s.H, s.W}, []int{0, 3, 1, 4, 2}
	}
	return im.then(n, v, o)
}

func importSpaceToDepth(im *importer, n *node) (value, error) {
	v, err := im.image(n)
	if err != nil {
		return v, err
	}
	s, b := im.shape(v), int(n.int("blocksize", 0))
	if b < 1 || s.H%b != 0 || s.W%b != 0 {
		return v, fmt.Errorf("blocksize = %d of %v", b, s)
	}
	return im.then(n, v, kernels.Reorder{
		From: "CHW", To: "CHW", Out: kernels.Shape{C: s.C * b * b, H: s.H / b, W: s.W / b},
		Dims: []int{s.C, s.H / b, b, s.W / b, b}, Perm: []int{2, 4, 0, 1, 3},
	})
}

// importTopK reads the largest or the smallest values and their indices, ArgMax and
// ArgMin the index of one.
func importTopK(im *importer, n *node) (value, error) {
	dims, err := im.outputDims(n)
	if err != nil {
		return value{}, err
	}
	o, at, err := im.alongChannels(n, n.int("axis", -1))
	if err != nil {
		return o.value, err
	}
	k := kernels.TopK{K: int(dims[at]), Smallest: n.int("largest", 1) == 0}
	if len(n.outputs) > 1 && im.isRead(n.outputs[1]) {
		k.Index = true
		if im.values[n.outputs[1]], err = im.then(n, o.value, k); err != nil {
			return o.value, err
		}
		k.Index = false
	}
	return im.then(n, o.value, k)
}

func importArg(im *importer, n *node) (value, error) {
	o, at, err := im.alongChannels(n, n.int("axis", 0))
	if err != nil {
		return o.value, err
	}
	k := kernels.TopK{K: 1, Index: true, Smallest: n.op == "ArgMin", Last: n.int("select_last_index", 0) == 1}
	v, err := im.then(n, o.value, k)
	if err == nil && n.int("keepdims", 1) == 0 {
		v.axes = slices.Delete(slices.Clone(v.axes), at, at+1)
	}
	return v, err
}

// alongChannels returns input 0 with the channels along an axis, and its position.
func (im *importer) alongChannels(n *node, axis int64) (operand, int, error) {
	o, err := im.moving(n)
	if err != nil {
		return o, 0, err
	}
	at, err := position(axis, len(o.dims))
	if err != nil || o.axes[at] == axisC {
		return o, at, err
	}
	want, err := alongChannels(o.axes, len(o.dims), at)
	if err == nil {
		o.value, err = im.reorder(n, o.value, o.dims, want)
	}
	return o, at, err
}

// writeEmbedding writes a table that is looked up by whole numbers, channels first.
func writeEmbedding(x *exporter, i int) {
	n, o := &x.net.Nodes[i], x.net.Nodes[i].Op.(kernels.Embedding)
	in := x.add(n.Name+"_number", "Cast", []string{x.input(i, 0, 4)}, map[string]attribute{"to": intAttr(typeInt64)})
	table := x.floats(n.Name+"_table", o.Table, len(o.Table)/o.Width, o.Width)
	rows := x.add(n.Name+"_rows", "Gather", []string{table, in}, map[string]attribute{"axis": intAttr(0)})
	rows = x.transposed(n.Name+"_channels", rows, []int{0, 1, 4, 2, 3})
	x.out(i, 4, "Reshape", nil, rows, x.ints(n.Name+"_shape", 0, o.Width, n.Shape.H, n.Shape.W))
}

// writeTopK writes a choice along the channels.
func writeTopK(x *exporter, i int) {
	n, rank := &x.net.Nodes[i], x.rank(i)
	o, in := n.Op.(kernels.TopK), x.input(i, 0, rank)
	attrs := onChannels()
	if o.Index && o.K == 1 {
		name := "ArgMax"
		if o.Smallest {
			name = "ArgMin"
		}
		if o.Last {
			attrs["select_last_index"] = intAttr(1)
		}
		x.out(i, rank, "Cast", map[string]attribute{"to": intAttr(typeFloat)}, x.add(n.Name+"_index", name, []string{in}, attrs))
		return
	}
	if o.Smallest {
		attrs["largest"] = intAttr(0)
	}
	values, index := x.fresh(n.Name+"_values"), x.fresh(n.Name+"_indices")
	x.graph.nodes = append(x.graph.nodes, node{
		name: values, op: "TopK", inputs: []string{in, x.ints(n.Name+"_k", o.K)}, outputs: []string{values, index}, attrs: attrs,
	})
	if o.Index {
		x.out(i, rank, "Cast", map[string]attribute{"to": intAttr(typeFloat)}, index)
		return
	}
	x.out(i, rank, "Identity", nil, values)
}
