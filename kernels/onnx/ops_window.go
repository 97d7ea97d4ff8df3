package onnx

import (
	"fmt"
	"slices"
	"strings"

	"bitcycle/kernels"
)

// window reads the attributes of a sliding window over an input of shape in:
// kernel, strides, dilations, pads and auto_pad.
func window(n *node, in kernels.Shape, kernel []int64) (kernels.Window, error) {
	var k kernels.Window
	if a, ok := n.attrs["kernel_shape"]; ok {
		kernel = a.ints
	}
	rank := len(kernel)
	if rank != 1 && rank != 2 {
		return k, fmt.Errorf("kernel_shape %v: must have 1 or 2 entries", kernel)
	}
	strides, dilations, pads := n.each("strides", rank), n.each("dilations", rank), n.attrs["pads"].ints
	if strides == nil || dilations == nil {
		return k, fmt.Errorf("strides %v, dilations %v: must have %d entries", n.attrs["strides"].ints, n.attrs["dilations"].ints, rank)
	}
	if pads == nil {
		pads = make([]int64, 2*rank)
	}
	if len(pads) != 2*rank {
		return k, fmt.Errorf("pads %v: must have %d entries", pads, 2*rank)
	}
	if rank == 1 { // along the width
		kernel, strides, dilations = []int64{1, kernel[0]}, []int64{1, strides[0]}, []int64{1, dilations[0]}
		pads = []int64{0, pads[0], 0, pads[1]}
	}
	for _, list := range [][]int64{kernel, strides, dilations, pads} {
		for _, v := range list {
			if v < 0 || v > 1<<20 {
				return k, fmt.Errorf("kernel_shape %v, strides %v, dilations %v, pads %v: out of range", kernel, strides, dilations, pads)
			}
		}
	}
	for d := range 2 {
		k.Kernel[d], k.Stride[d], k.Dilation[d] = int(kernel[d]), int(strides[d]), int(dilations[d])
		k.Pad[d], k.Pad[d+2] = int(pads[d]), int(pads[d+2])
		if k.Stride[d] == 0 || k.Dilation[d] == 0 {
			return k, fmt.Errorf("strides %v, dilations %v: must be at least 1", strides, dilations)
		}
	}
	return k, autoPad(n, in, &k)
}

// each returns an attribute with an entry for each axis, ones if it is left out,
// nil if it has another length.
func (n *node) each(name string, rank int) []int64 {
	a, ok := n.attrs[name]
	switch {
	case !ok:
		return []int64{1, 1}[:rank]
	case len(a.ints) != rank:
		return nil
	}
	return a.ints
}

// autoPad replaces the padding as auto_pad says: SAME makes the output
// ceil(in/stride) and puts an odd pixel after (UPPER) or before (LOWER).
func autoPad(n *node, in kernels.Shape, k *kernels.Window) error {
	mode := n.attrs["auto_pad"].s
	switch mode {
	case "", "NOTSET":
		return nil
	case "VALID":
		k.Pad = [4]int{}
		return nil
	case "SAME_UPPER", "SAME_LOWER":
	default:
		return fmt.Errorf("auto_pad = %q: must be NOTSET, VALID, SAME_UPPER or SAME_LOWER", mode)
	}
	for d, size := range [2]int{in.H, in.W} {
		out := (size + k.Stride[d] - 1) / k.Stride[d]
		total := max(0, (out-1)*k.Stride[d]+k.Dilation[d]*(k.Kernel[d]-1)+1-size)
		small, large := total/2, total-total/2
		if mode == "SAME_LOWER" {
			small, large = large, small
		}
		k.Pad[d], k.Pad[d+2] = small, large
	}
	return nil
}

func importConv(im *importer, n *node) (value, error) {
	v, err := im.image(n)
	if err != nil {
		return v, err
	}
	t, weights, err := im.weights(n, 1, len(im.dims(n, 0)))
	if err != nil {
		return v, err
	}
	in := im.shape(v)
	w, err := window(n, in, t.dims[2:])
	if err != nil {
		return v, err
	}
	o := kernels.Conv{Channels: int(t.dims[0]), Groups: 1, Window: w}
	if a, ok := n.attrs["group"]; ok {
		o.Groups = int(a.i)
	}
	want := []int64{t.dims[0], int64(in.C / max(o.Groups, 1)), int64(o.Kernel[0]), int64(o.Kernel[1])}
	if len(t.dims) == 3 {
		want = slices.Delete(want, 2, 3)
	}
	if o.Groups < 1 || !slices.Equal(t.dims, want) {
		return v, fmt.Errorf("weights %v do not fit %d groups, kernel %v and input %v", t.dims, o.Groups, o.Kernel, in)
	}
	k := kernels.Node{Op: o, Weight: weights}
	if k.Bias, err = im.bias(n, 2, o.Channels); err != nil {
		return v, err
	}
	y, err := im.layer(n, v, k)
	if err == nil {
		im.weigh(y, t, nil)
	}
	return y, err
}

// bias returns the constant vector of length m at input i, zeros if it is left out.
func (im *importer) bias(n *node, i, m int) ([]float32, error) {
	t, err := im.constant(n, i)
	if im.opt.Shapes {
		return nil, err
	}
	if err != nil || t == nil {
		return make([]float32, m), err
	}
	b, err := t.values32()
	if err == nil && len(b) != m {
		err = fmt.Errorf("tensor %q has dimensions %v: must be %d values", t.name, t.dims, m)
	}
	return b, err
}

func importMaxPool(im *importer, n *node) (value, error) {
	v, w, err := im.pool(n, false)
	if err != nil {
		return v, err
	}
	return im.then(n, v, kernels.MaxPool{Window: w})
}

func importAveragePool(im *importer, n *node) (value, error) {
	countPad := n.attrs["count_include_pad"].i == 1
	v, w, err := im.pool(n, countPad)
	if err != nil {
		return v, err
	}
	// Without padding it makes no difference. What ceil_mode pads counts until operator set 19.
	return im.then(n, v, kernels.AvgPool{Window: w, CountPad: countPad && (n.attrs["ceil_mode"].i != 1 || im.opset < 19)})
}

// pool returns what a pooling reads, and its window; countPad tells that padding
// counts.
func (im *importer) pool(n *node, countPad bool) (value, kernels.Window, error) {
	v, err := im.image(n)
	if err != nil {
		return v, kernels.Window{}, err
	}
	in := im.shape(v)
	w, err := window(n, in, nil)
	if err == nil {
		err = gaps(n, in, w)
	}
	if err == nil && n.attrs["ceil_mode"].i == 1 {
		if countPad && im.opset >= 19 && w.Pad != [4]int{} {
			return v, w, fmt.Errorf("ceil_mode with count_include_pad is not supported")
		}
		ceilWindows(in, &w)
	}
	return v, w, err
}

// gaps refuses SAME padding of windows that leave two pixels or more between them: some
// begin with the first pixel, others, by ONNX's formula, behind it.
func gaps(n *node, in kernels.Shape, w kernels.Window) error {
	for d, size := range [2]int{in.H, in.W} {
		out := (size + w.Stride[d] - 1) / w.Stride[d]
		if total := (out-1)*w.Stride[d] + w.Dilation[d]*(w.Kernel[d]-1) + 1 - size; strings.HasPrefix(n.attrs["auto_pad"].s, "SAME") && total < -1 {
			return fmt.Errorf("auto_pad = %q of windows of %v at strides of %v: frameworks differ, write pads", n.attrs["auto_pad"].s, w.Kernel, w.Stride)
		}
	}
	return nil
}

// ceilWindows pads after the image so that a last partial window counts,
// unless it would begin in the padding.
func ceilWindows(in kernels.Shape, k *kernels.Window) {
	for d, size := range [2]int{in.H, in.W} {
		reach := k.Dilation[d]*(k.Kernel[d]-1) + 1
		room := size + k.Pad[d] + k.Pad[d+2] - reach
		if room < 0 || room%k.Stride[d] == 0 {
			continue
		}
		last := (room/k.Stride[d] + 1) * k.Stride[d]
		if last < size+k.Pad[d] {
			k.Pad[d+2] = last + reach - size - k.Pad[d]
		}
	}
}

func (n *node) float(name string, otherwise float32) float32 {
	if a, ok := n.attrs[name]; ok {
		return a.f
	}
	return otherwise
}
