package onnx

import (
	"math"
	"slices"
	"strings"

	"bitcycle/kernels"
)

// How the operators of package kernels are written that are more than a row of
// the table.

// onChannels says that an operator runs along the channels.
func onChannels() map[string]attribute { return map[string]attribute{"axis": intAttr(1)} }

func writeInput(x *exporter, i int) {
	n := &x.net.Nodes[i]
	dims := []int64{-1, int64(n.Shape.C), int64(n.Shape.H), int64(n.Shape.W)}
	x.ranks[i] = 4
	if n.Shape.Pixels() == 1 {
		dims, x.ranks[i] = dims[:2], 2
	}
	x.names[i] = x.fresh(n.Name)
	x.graph.inputs = []valueInfo{{x.names[i], typeFloat, dims}}
}

func writeConv(x *exporter, i int) {
	n := &x.net.Nodes[i]
	o := n.Op.(kernels.Conv)
	w, b := x.weights(i, o.Channels, n.Reduction()/o.Area(), o.Kernel[0], o.Kernel[1])
	attrs := windowAttrs(o.Window)
	attrs["group"] = intAttr(int64(max(o.Groups, 1)))
	x.out(i, 4, "Conv", attrs, x.input(i, 0, 4), w, b)
}

func writeGemm(x *exporter, i int) {
	n := &x.net.Nodes[i]
	w, b := x.weights(i, n.Shape.C, n.Reduction())
	x.out(i, 2, "Gemm", map[string]attribute{"transB": intAttr(1)}, x.input(i, 0, 2), w, b)
}

func writeClip(x *exporter, i int) {
	n, rank := &x.net.Nodes[i], x.rank(i)
	o, in := n.Op.(kernels.Clip), x.input(i, 0, rank)
	x.out(i, rank, "Clip", nil, in, x.floats(n.Name+"_lo", []float32{o.Lo}), x.floats(n.Name+"_hi", []float32{o.Hi}))
}

func writeAdd(x *exporter, i int) {
	rank := x.rank(i)
	x.out(i, rank, "Add", nil, x.input(i, 0, rank), x.input(i, 1, rank))
}

// writeBatchNorm writes a scale as a batch norm of mean 0 and variance 1; one with
// constants for every value as a product and a sum.
func writeBatchNorm(x *exporter, i int) {
	n, rank := &x.net.Nodes[i], x.rank(i)
	o, c, in := n.Op.(kernels.Scale), n.Shape.C, x.input(i, 0, rank)
	if len(o.Factor) != c {
		in = x.add(n.Name, "Mul", []string{in, x.each(n.Name+"_scale", o.Factor, n.Shape)}, nil)
		x.out(i, 4, "Add", nil, in, x.each(n.Name+"_bias", o.Offset, n.Shape))
		return
	}
	x.out(i, rank, "BatchNormalization", map[string]attribute{"epsilon": floatAttr(0)}, in,
		x.floats(n.Name+"_scale", o.Factor, c), x.floats(n.Name+"_bias", o.Offset, c),
		x.floats(n.Name+"_mean", make([]float32, c), c), x.floats(n.Name+"_var", repeat(1, c), c))
}

func writeConcat(x *exporter, i int) {
	var inputs []string
	rank := x.rank(i)
	for j := range x.net.Nodes[i].Inputs {
		inputs = append(inputs, x.input(i, j, rank))
	}
	x.out(i, rank, "Concat", onChannels(), inputs...)
}

func writeFlatten(x *exporter, i int) {
	x.out(i, 2, "Flatten", onChannels(), x.input(i, 0, x.ranks[x.net.Nodes[i].Inputs[0]]))
}

func writeSoftmax(x *exporter, i int) {
	rank, name := x.rank(i), "Softmax"
	if x.net.Nodes[i].Op.(kernels.Softmax).Log {
		name = "LogSoftmax"
	}
	x.out(i, rank, name, onChannels(), x.input(i, 0, rank))
}

func writeMaxPool(x *exporter, i int) {
	o := x.net.Nodes[i].Op.(kernels.MaxPool)
	x.out(i, 4, "MaxPool", windowAttrs(o.Window), x.input(i, 0, 4))
}

func writeAveragePool(x *exporter, i int) {
	o := x.net.Nodes[i].Op.(kernels.AvgPool)
	attrs := windowAttrs(o.Window)
	if o.Complete().Dilation == [2]int{1, 1} {
		delete(attrs, "dilations")
	} else {
		x.opset = max(x.opset, 19)
	}
	if o.CountPad {
		attrs["count_include_pad"] = intAttr(1)
	}
	x.out(i, 4, "AveragePool", attrs, x.input(i, 0, 4))
}

func writePad(x *exporter, i int) {
	n := &x.net.Nodes[i]
	o, in := n.Op.(kernels.Pad), x.input(i, 0, 4)
	pads := x.ints(n.Name+"_pads", 0, o.Channels[0], o.Pad[0], o.Pad[1], 0, o.Channels[1], o.Pad[2], o.Pad[3])
	x.out(i, 4, "Pad", nil, in, pads)
}

func writeSlice(x *exporter, i int) {
	n := &x.net.Nodes[i]
	o, in := n.Op.(kernels.Slice), x.input(i, 0, 4)
	var ends [3]int
	for d, count := range o.Count {
		if ends[d] = o.Start[d] + count*o.Step[d]; ends[d] < 0 {
			ends[d] = math.MinInt32
		}
	}
	x.out(i, 4, "Slice", nil, in, x.ints(n.Name+"_starts", o.Start[:]...), x.ints(n.Name+"_ends", ends[:]...),
		x.ints(n.Name+"_axes", 1, 2, 3), x.ints(n.Name+"_steps", o.Step[:]...))
}

func windowAttrs(w kernels.Window) map[string]attribute {
	w = w.Complete()
	return map[string]attribute{
		"kernel_shape": intsAttr(w.Kernel[:]...), "strides": intsAttr(w.Stride[:]...),
		"dilations": intsAttr(w.Dilation[:]...), "pads": intsAttr(w.Pad[:]...),
	}
}

// writeReorder writes two transpositions with a reshape between.
func writeReorder(x *exporter, i int) {
	n, in := &x.net.Nodes[i], x.input(i, 0, 4)
	o := n.Op.(kernels.Reorder)
	from, to := strings.ReplaceAll(o.From, "D", ""), strings.ReplaceAll(o.To, "D", "")
	const order = "NCHW"
	perm, back := []int{0}, []int{0}
	dims, length := []int{0}, map[rune]int{'C': o.Out.C, 'H': o.Out.H, 'W': o.Out.W}
	for k, a := range from {
		perm = append(perm, strings.IndexRune(order, a))
		dims = append(dims, length[rune(to[k])])
	}
	for _, a := range order[1:] {
		back = append(back, 1+strings.IndexRune(to, a))
	}
	in = x.transposed(n.Name+"_order", in, perm)
	if o.Dims != nil {
		between := []int{0}
		for _, a := range o.Perm {
			between = append(between, 1+a)
		}
		in = x.add(n.Name+"_blocks", "Reshape", []string{in, x.ints(n.Name+"_lengths", append([]int{0}, o.Dims...)...)}, nil)
		in = x.transposed(n.Name+"_moved", in, between)
	}
	in = x.add(n.Name+"_laid", "Reshape", []string{in, x.ints(n.Name+"_dims", dims...)}, nil)
	x.out(i, 4, "Transpose", map[string]attribute{"perm": intsAttr(back...)}, in)
}

func (x *exporter) transposed(name, in string, perm []int) string {
	return x.add(name, "Transpose", []string{in}, map[string]attribute{"perm": intsAttr(perm...)})
}

// each writes a constant for each value of an image, which are in the order in
// which values are stored.
func (x *exporter) each(name string, v []float32, s kernels.Shape) string {
	chw := make([]float32, len(v))
	for i := range chw {
		chw[i] = v[i%s.Pixels()*s.C+i/s.Pixels()]
	}
	return x.floats(name, chw, s.C, s.H, s.W)
}

// writePick gathers along one axis after the other.
func writePick(x *exporter, i int) {
	n, in := &x.net.Nodes[i], x.input(i, 0, 4)
	o := n.Op.(kernels.Pick)
	for at, index := range [][]int{nil, o.C, o.H, o.W} {
		if index != nil {
			axis := map[string]attribute{"axis": intAttr(int64(at))}
			in = x.add(n.Name+"_axis", "Gather", []string{in, x.ints(n.Name+"_index", index...)}, axis)
		}
	}
	x.out(i, 4, "Identity", nil, in)
}

func writeConstant(x *exporter, i int) {
	o := x.net.Nodes[i].Op.(kernels.Constant)
	x.out(i, 4, "Unsqueeze", nil, x.each(x.net.Nodes[i].Name+"_values", o.Values, o.Shape), x.ints(x.net.Nodes[i].Name+"_axes", 0))
}

func writeIdentity(x *exporter, i int) {
	rank := x.rank(i)
	x.out(i, rank, "Identity", nil, x.input(i, 0, rank))
}

func writeThreshold(x *exporter, i int) {
	o := x.net.Nodes[i].Op.(kernels.Threshold)
	rank, n := x.rank(i), len(o.Levels[0])
	levels := x.floats(x.net.Nodes[i].Name+".thresholds", slices.Concat(o.Levels...), len(o.Levels), n)
	x.domains[finnDomain] = 1
	x.out(i, rank, "MultiThreshold", map[string]attribute{"out_scale": floatAttr(o.Factor), "out_bias": floatAttr(o.Offset)}, x.input(i, 0, rank), levels)
	x.graph.nodes[len(x.graph.nodes)-1].domain = finnDomain
}
