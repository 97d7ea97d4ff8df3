package onnx

import (
	"errors"
	"fmt"
	"slices"

	"bitcycle/kernels"
)

// importConvTranspose reads a transposed convolution as what it computes: a 1×1
// convolution that gives every pixel the values of its window, and the sum of the
// windows where they overlap. Windows side by side are blocks of pixels.
func importConvTranspose(im *importer, n *node) (value, error) {
	v, err := im.image(n)
	if err != nil {
		return v, err
	}
	t, weights, err := im.weights(n, 1, len(im.dims(n, 0)))
	if err != nil {
		return v, err
	}
	dims, err := im.outputDims(n)
	if err != nil {
		return v, err
	}
	in, groups := im.shape(v), int(n.int("group", 1))
	if groups < 1 || int(t.dims[0]) != in.C || in.C%groups != 0 {
		return v, fmt.Errorf("weights %v do not fit %d groups and input %v", t.dims, groups, in)
	}
	w, size, err := transposedWindow(n, in, dims, t.dims[2:])
	if err != nil {
		return v, err
	}
	channels := int(t.dims[1]) * groups
	bias, err := im.bias(n, 2, channels)
	if err != nil {
		return v, err
	}
	k := kernels.Node{Op: kernels.Conv{Channels: channels * w.Area(), Groups: groups, Window: kernels.Window{Kernel: [2]int{1, 1}}}}
	blocks := w.Stride == w.Kernel && w.Dilation == [2]int{1, 1} && w.Pad == [4]int{} && size == [2]int{in.H * w.Kernel[0], in.W * w.Kernel[1]}
	if !im.opt.Shapes {
		k.Weight, k.Bias = columns(weights, in.C, groups), make([]float32, channels*w.Area())
		for m := range k.Bias {
			if blocks {
				k.Bias[m] = bias[m/w.Area()]
			}
		}
	}
	if v, err = im.layer(n, v, k); err != nil {
		return v, err
	}
	return im.then(n, v, joinedWindows(w, size, in, channels, bias, blocks))
}

// joinedWindows puts windows together: blocks side by side, or sums where they
// overlap.
func joinedWindows(w kernels.Window, size [2]int, in kernels.Shape, channels int, bias []float32, blocks bool) kernels.Operator {
	if blocks {
		return kernels.Reorder{
			From: "CHW", To: "CHW", Out: kernels.Shape{C: channels, H: size[0], W: size[1]},
			Dims: []int{channels, w.Kernel[0], w.Kernel[1], in.H, in.W}, Perm: []int{0, 3, 1, 4, 2},
		}
	}
	if !slices.ContainsFunc(bias, func(b float32) bool { return b != 0 }) {
		bias = nil
	}
	return kernels.Fold{Window: w, Size: size, Bias: bias}
}

// columns turns weights [inputs][outputs of a group][window] into rows of the
// inputs of a group.
func columns(w []float32, inputs, groups int) []float32 {
	k, m := inputs/groups, len(w)/inputs // inputs and rows of a group
	out := make([]float32, len(w))
	for g := range groups {
		for i := range k {
			for j := range m {
				out[(g*m+j)*k+i] = w[(g*k+i)*m+j]
			}
		}
	}
	return out
}

// transposedWindow reads the window of a transposed convolution and the rows and
// columns of its output.
func transposedWindow(n *node, in kernels.Shape, out, kernel []int64) (w kernels.Window, size [2]int, err error) {
	plain := *n
	plain.attrs = map[string]attribute{}
	for name, a := range n.attrs {
		if name != "auto_pad" {
			plain.attrs[name] = a
		}
	}
	if w, err = window(&plain, in, kernel); err != nil {
		return w, size, err
	}
	size = [2]int{1, int(out[len(out)-1])}
	if len(out) == 4 {
		size[0] = int(out[2])
	}
	auto := n.attrs["auto_pad"].s
	if auto == "VALID" {
		w.Pad = [4]int{}
	}
	if n.attrs["output_shape"].ints == nil && (auto == "" || auto == "NOTSET" || auto == "VALID") {
		w.Pad[2], w.Pad[3] = 0, 0
		return w, size, nil
	}
	extra := n.attrs["output_padding"].ints
	for d, length := range [2]int{in.H, in.W} {
		total := (length-1)*w.Stride[d] + w.Dilation[d]*(w.Kernel[d]-1) + 1 - size[d]
		if k := d - 2 + len(extra); k >= 0 && k < len(extra) {
			total += int(extra[k])
		}
		if total < 0 {
			return w, size, errors.New("the output is longer than its windows")
		}
		if w.Pad[d] = total / 2; auto != "SAME_UPPER" {
			w.Pad[d] = total - total/2
		}
		w.Pad[d+2] = 0
	}
	return w, size, nil
}

// writeFold writes the sum of overlapping windows as a transposed convolution whose
// weights say where each value goes.
func writeFold(x *exporter, i int) {
	n, in := &x.net.Nodes[i], x.input(i, 0, 4)
	o := n.Op.(kernels.Fold)
	w, area := o.Complete(), o.Area()
	from := x.net.Nodes[n.Inputs[0]].Shape
	ones := make([]float32, from.C*area)
	for c := range from.C {
		ones[c*area+c%area] = 1
	}
	attrs := windowAttrs(w)
	attrs["group"] = intAttr(int64(n.Shape.C))
	pads, extra := []int{w.Pad[0], w.Pad[1], 0, 0}, []int{0, 0}
	for d, length := range [2]int{from.H, from.W} {
		rest := (length-1)*w.Stride[d] + w.Dilation[d]*(w.Kernel[d]-1) + 1 - w.Pad[d] - o.Size[d]
		pads[d+2], extra[d] = max(rest, 0), max(-rest, 0)
	}
	attrs["pads"], attrs["output_padding"] = intsAttr(pads...), intsAttr(extra...)
	inputs := []string{in, x.floats(n.Name+"_places", ones, from.C, 1, w.Kernel[0], w.Kernel[1])}
	if o.Bias != nil {
		inputs = append(inputs, x.floats(n.Name+"_bias", o.Bias, len(o.Bias)))
	}
	x.out(i, 4, "ConvTranspose", attrs, inputs...)
}
