package onnx

import (
	"fmt"
	"slices"

	"bitcycle/kernels"
)

func importIdentity(im *importer, n *node) (value, error) {
	if n.op == "Dropout" {
		if t, err := im.constant(n, 2); err != nil || t != nil {
			return value{}, fmt.Errorf("training mode is not supported")
		}
	}
	return im.arg(n, 0)
}

func importConstant(im *importer, n *node) (value, error) {
	t, err := n.constant()
	return value{constant: t}, err
}

// constant returns the tensor of a Constant node.
func (n *node) constant() (*tensor, error) {
	t := n.attrs["value"].t
	switch {
	case t != nil:
	case n.has("value_float"):
		t = &tensor{kind: typeFloat, floats: []float32{n.attrs["value_float"].f}}
	case n.has("value_floats"):
		f := n.attrs["value_floats"].floats
		t = &tensor{kind: typeFloat, dims: []int64{int64(len(f))}, floats: f}
	case n.has("value_int"):
		t = &tensor{kind: typeInt64, ints: []int64{n.attrs["value_int"].i}}
	case n.has("value_ints"):
		i := n.attrs["value_ints"].ints
		t = &tensor{kind: typeInt64, dims: []int64{int64(len(i))}, ints: i}
	default:
		return nil, fmt.Errorf("the constant holds no numbers")
	}
	if t.name == "" && len(n.outputs) > 0 {
		t.name = n.outputs[0]
	}
	return t, nil
}

func (n *node) has(name string) bool {
	_, ok := n.attrs[name]
	return ok
}

// importTranspose reorders axes without moving data.
func importTranspose(im *importer, n *node) (value, error) {
	v, err := im.arg(n, 0)
	if err != nil {
		return v, err
	}
	rank := len(v.axes)
	if v.constant != nil {
		rank = len(v.constant.dims)
	}
	if d := im.dims(n, 0); v.axes == nil && v.constant == nil && im.quant == nil {
		return im.transposeMany(n, operand{v, d})
	}
	perm := n.attrs["perm"].ints
	if perm == nil {
		for i := range rank {
			perm = append(perm, int64(rank-1-i))
		}
	}
	if v.constant != nil {
		v.constant, err = v.constant.transpose(perm)
		return v, err
	}
	sorted := slices.Sorted(slices.Values(perm))
	if len(perm) != rank || sorted[0] != 0 || sorted[rank-1] != int64(rank-1) || len(slices.Compact(sorted)) != rank {
		return v, fmt.Errorf("perm %v is not a permutation of %d axes", perm, rank)
	}
	axes := make([]axis, rank)
	for i, p := range perm {
		axes[i] = v.axes[p]
	}
	v.axes = axes
	return v, nil
}

// transposeMany reorders more axes than values have names for: they are laid out
// anew.
func (im *importer) transposeMany(n *node, o operand) (value, error) {
	perm, dims := n.attrs["perm"].ints, o.dims
	if perm == nil {
		for i := range dims {
			perm = append([]int64{int64(i)}, perm...)
		}
	}
	if err := permutation(perm, len(dims)); err != nil {
		return o.value, err
	}
	if im.batch > 1 {
		return o.value, errImages
	}
	v, err := im.plain(n, o.value)
	if err != nil {
		return v, err
	}
	r := kernels.Reorder{From: letters(v.axes), To: letters(nil), Out: kernels.Shape{C: im.shape(v).Size(), H: 1, W: 1}}
	r.Dims, r.Perm = convert(dims, func(d int64) int { return int(d) }), convert(perm, func(p int64) int { return int(p) })
	y, err := im.then(n, v, r)
	y.axes = nil
	return y, err
}

func importFlatten(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	at := int64(1)
	if n.has("axis") {
		at = n.attrs["axis"].i
	}
	if at < 0 {
		at += int64(len(v.axes))
	}
	if at != 1 || len(v.axes) == 0 || v.axes[0] != axisN {
		if f := im.facts.of[n.outputs[0]]; f.dims != nil {
			return im.reshape(n, v, im.dims(n, 0), f.dims)
		}
		return v, fmt.Errorf("axis = %d of %v: must flatten all but the images", at, v.axes)
	}
	return im.flatten(n, v, flat)
}

// flatten makes a vector of v, whose elements ONNX counts in the order of its axes.
func (im *importer) flatten(n *node, v value, axes []axis) (value, error) {
	s := im.shape(v)
	if s.Pixels() == 1 {
		v.axes = axes
		return v, nil
	}
	if s.D > 0 || s.Size() > maxIndices {
		return v, fmt.Errorf("a tensor of %v is laid out anew", s)
	}
	order := slices.DeleteFunc(slices.Clone(v.axes), func(a axis) bool { return a == axisN || im.length(v, a) == 1 })
	if at := slices.Index(v.axes, axisN); at > 0 && im.batch > 1 {
		return v, fmt.Errorf("images must be the first axis, not %v", v.axes)
	}
	y, err := im.then(n, value{node: v.node, axes: axes}, kernels.Flatten{})
	if err != nil || slices.IsSorted(order) {
		return y, err
	}
	length := [4]int{1, s.C, s.H, s.W}
	stride := [4]int{0, s.H * s.W, s.W, 1}
	y.perm = []int{0}
	for _, a := range order {
		var next []int
		for _, base := range y.perm {
			for i := range length[a] {
				next = append(next, base+i*stride[a])
			}
		}
		y.perm = next
	}
	return y, nil
}

// importReshape keeps values where they lie if it changes nothing or makes a
// vector per image, and else lays them out anew.
func importReshape(im *importer, n *node) (value, error) {
	v, err := im.arg(n, 0)
	if err != nil {
		return v, err
	}
	if v.constant == nil && n.outputs[0] != "" {
		if f := im.facts.of[n.outputs[0]]; f.dims != nil {
			return im.reshape(n, v, im.dims(n, 0), f.dims)
		}
	}
	t, err := im.given(n, 1, "shape")
	if err != nil {
		return v, err
	}
	shape, err := t.integers()
	if err != nil {
		return v, err
	}
	if v.constant != nil {
		return reshapeConstant(v.constant, shape)
	}
	_, err = resolve(shape, im.dims(n, 0), n.attrs["allowzero"].i != 0)
	return v, err
}

// reshape gives v, which has the dimensions from, those of target.
func (im *importer) reshape(n *node, v value, from, target []int64) (value, error) {
	if slices.Equal(target, from) {
		return v, nil
	}
	axes, err := im.vectorAxes(target, int64(im.shape(v).Size()))
	if err == nil {
		var y value
		if y, err = im.flatten(n, v, axes); err == nil {
			return y, nil
		}
	}
	if axes, bad := im.axesFor(target, nil); bad == nil {
		return im.reorder(n, v, target, axes)
	}
	return v, err
}

// importRank reads Squeeze and Unsqueeze: axes of length 1 go or come.
func importRank(im *importer, n *node) (value, error) {
	v, err := im.data(n, 0)
	if err != nil {
		return v, err
	}
	dims, err := im.outputDims(n)
	if err != nil {
		return v, err
	}
	return im.reshape(n, v, im.dims(n, 0), dims)
}

func reshapeConstant(t *tensor, shape []int64) (value, error) {
	dims, err := resolve(shape, t.dims, false)
	if err != nil {
		return value{}, err
	}
	c := *t
	c.dims = dims
	return value{constant: &c}, nil
}

// resolve replaces 0 (keep) and −1 (the rest) in a shape to reshape dims to.
func resolve(shape, dims []int64, allowZero bool) ([]int64, error) {
	total, known, open := int64(1), int64(1), -1
	for _, d := range dims {
		total *= d
	}
	out := slices.Clone(shape)
	for i, d := range out {
		switch {
		case d == 0 && !allowZero && i < len(dims):
			out[i] = dims[i]
		case d == -1 && open < 0:
			open = i
			continue
		case d < 1:
			return nil, fmt.Errorf("shape %v does not fit %v", shape, dims)
		}
		if known *= out[i]; known > total || known == 0 {
			return nil, fmt.Errorf("shape %v does not fit %v", shape, dims)
		}
	}
	if open >= 0 && total%known == 0 {
		out[open] = total / known
		known = total
	}
	if known != total {
		return nil, fmt.Errorf("shape %v does not fit %v", shape, dims)
	}
	return out, nil
}

// vectorAxes names the axes of a shape that holds one vector of size features
// per image: images, features, and axes of length 1.
func (im *importer) vectorAxes(dims []int64, size int64) ([]axis, error) {
	if len(dims) == 1 && im.batch == 1 && dims[0] == size {
		return []axis{axisC}, nil
	}
	features := -1
	for i, d := range dims {
		if d == size && (features < 0 || i == 1) {
			features = i
		}
	}
	axes, rest := make([]axis, len(dims)), []axis{axisN, axisH, axisW}
	for i, d := range dims {
		switch {
		case i == features:
			axes[i] = axisC
			continue
		case len(rest) == 0 || d != 1 && (rest[0] != axisN || d != im.batch):
			return nil, fmt.Errorf("shape %v: must be one vector of %d features per image", dims, size)
		}
		axes[i], rest = rest[0], rest[1:]
	}
	if features < 0 || len(rest) == 3 {
		return nil, fmt.Errorf("shape %v: must be one vector of %d features per image", dims, size)
	}
	return axes, nil
}

// importConcat puts tensors side by side along their channels; along another axis,
// that axis takes the channels' place.
func importConcat(im *importer, n *node) (value, error) {
	if len(n.inputs) == 0 {
		return value{}, fmt.Errorf("no inputs")
	}
	var parts []operand
	first := -1
	for i := range n.inputs {
		o, err := im.operand(n, i)
		if err != nil {
			return o.value, err
		}
		if parts = append(parts, o); o.constant == nil && first < 0 {
			first = i
		}
	}
	if first < 0 {
		return value{}, fmt.Errorf("all inputs are constants")
	}
	want, rank := parts[first].axes, len(parts[first].dims)
	at, err := position(n.attrs["axis"].i, rank)
	if err != nil {
		return value{}, err
	}
	if len(want) == rank && want[at] == axisN && im.batch == 1 { // one image, which may become several rows
		want = wholeAxes(rank)
	}
	if len(want) != rank || want[at] != axisC {
		if want, err = alongChannels(want, rank, at); err != nil {
			return value{}, err
		}
	}
	var values []value
	for _, o := range parts {
		switch {
		case o.constant != nil:
			o.value, err = im.constantNode(n, o.constant, want)
		case !slices.Equal(o.axes, want):
			if o.value, err = im.reorder(n, o.value, o.dims, want); err != nil {
				err = fmt.Errorf("inputs have different layouts %v and %v", want, o.axes)
			}
		}
		if err != nil {
			return o.value, err
		}
		values = append(values, o.value)
	}
	return im.concat(n, values, want)
}

// alongChannels are axes of which the one at a position is the channels.
func alongChannels(axes []axis, rank, at int) ([]axis, error) {
	if len(axes) != rank {
		if rank < 2 || rank > 5 {
			return nil, fmt.Errorf("%d axes are too many", rank)
		}
		axes = imageAxes(rank)
	}
	if axes[at] == axisN {
		return nil, fmt.Errorf("axis = %d of %v: must not be the images", at, axes)
	}
	out := slices.Clone(axes)
	if c := slices.Index(out, axisC); c >= 0 {
		out[c] = out[at]
	}
	out[at] = axisC
	return out, nil
}

func (im *importer) concat(n *node, parts []value, axes []axis) (value, error) {
	var inputs, perm []int
	permuted := slices.ContainsFunc(parts, func(v value) bool { return v.perm != nil })
	for _, v := range parts {
		inputs = append(inputs, v.node)
		for j := 0; permuted && j < im.shape(v).C; j++ {
			at := j
			if v.perm != nil {
				at = v.perm[j]
			}
			perm = append(perm, len(perm)-j+at)
		}
		if len(perm) > maxIndices {
			return value{}, fmt.Errorf("%d channels are put into another order", len(perm))
		}
	}
	y := value{axes: axes, perm: perm}
	var err error
	y.node, err = im.add(n, kernels.Node{Op: kernels.Concat{}, Inputs: inputs})
	return y, err
}
