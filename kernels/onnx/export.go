package onnx

import (
	"fmt"
	"io"
	"math"

	"bitcycle/kernels"
)

// exportOpset is the operator set that float models are written for.
const exportOpset = 13

// Export writes a float network as an ONNX model that Import reads back to the
// same numbers.
func Export(w io.Writer, net *kernels.Network) error {
	x := newExporter(net, exportOpset)
	for i := range net.Nodes {
		if err := x.node(i, x.floatWeights); err != nil {
			return fmt.Errorf("node %q: %w", net.Nodes[i].Name, err)
		}
	}
	return x.write(w)
}

// exporter builds a model node by node.
type exporter struct {
	model
	net   *kernels.Network
	ranks []int    // axes of every node's tensor: 4, or 2 for vectors
	names []string // tensor that holds every node's values
	used  map[string]bool
	// reads may replace the tensor that node n reads as input j by another of the
	// same shape.
	reads func(n, j int, tensor string) string
}

func newExporter(net *kernels.Network, opset int64) *exporter {
	x := &exporter{
		model: model{opset: opset, domains: map[string]int64{}, meta: map[string]string{}, graph: graph{name: net.Name}},
		net:   net, ranks: make([]int, len(net.Nodes)), names: make([]string, len(net.Nodes)), used: map[string]bool{},
	}
	x.reads = func(_, _ int, tensor string) string { return tensor }
	return x
}

// fresh returns a name that no tensor has yet.
func (x *exporter) fresh(base string) string {
	name := base
	for i := 2; x.used[name]; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	x.used[name] = true
	return name
}

// add appends an operator and returns its output.
func (x *exporter) add(name, op string, inputs []string, attrs map[string]attribute) string {
	out := x.fresh(name)
	x.graph.nodes = append(x.graph.nodes, node{name: out, op: op, inputs: inputs, outputs: []string{out}, attrs: attrs})
	return out
}

// constant appends an initializer and returns its name.
func (x *exporter) constant(t *tensor) string {
	t.name = x.fresh(t.name)
	x.graph.initializers = append(x.graph.initializers, t)
	return t.name
}

func (x *exporter) floats(name string, v []float32, dims ...int) string {
	return x.constant(floatTensor(name, v, dims...))
}

func (x *exporter) ints(name string, v ...int) string {
	return x.constant(intTensor(name, typeInt64, v, len(v)))
}

// input returns the tensor that node n reads as input j, with the given number of axes.
func (x *exporter) input(n, j, rank int) string {
	from := x.net.Nodes[n].Inputs[j]
	name := x.reads(n, j, x.names[from])
	switch {
	case x.ranks[from] == rank:
	case rank == 2:
		name = x.add(name+"_flat", "Flatten", []string{name}, map[string]attribute{"axis": intAttr(1)})
	default:
		name = x.add(name+"_image", "Reshape", []string{name, x.ints(name+"_shape", 0, x.net.Nodes[from].Shape.C, 1, 1)}, nil)
	}
	return name
}

// node writes node i; weights returns the tensors of a layer's weights and bias.
func (x *exporter) node(i int, weights func(i int, dims ...int) (w, b string)) error {
	n := &x.net.Nodes[i]
	rank := 4
	out := func(op string, attrs map[string]attribute, inputs ...string) {
		x.names[i], x.ranks[i] = x.add(n.Name, op, inputs, attrs), rank
	}
	if n.Op == kernels.OpDense || n.Op == kernels.OpFlatten || n.Op != kernels.OpInput && n.Op != kernels.OpConv && x.flatInputs(n) {
		rank = 2
	}
	in := func(j int) string { return x.input(i, j, rank) }
	switch n.Op {
	case kernels.OpInput:
		x.begin(i, n)
	case kernels.OpConv:
		w, b := weights(i, n.Shape.C, n.Reduction()/(n.Kernel[0]*n.Kernel[1]), n.Kernel[0], n.Kernel[1])
		attrs := windowAttrs(n)
		attrs["group"] = intAttr(int64(n.Groups))
		out("Conv", attrs, in(0), w, b)
	case kernels.OpDense:
		w, b := weights(i, n.Shape.C, n.Reduction())
		out("Gemm", map[string]attribute{"transB": intAttr(1)}, in(0), w, b)
	case kernels.OpRelu:
		out("Relu", nil, in(0))
	case kernels.OpClip:
		out("Clip", nil, in(0), x.floats(n.Name+"_lo", []float32{n.Lo}), x.floats(n.Name+"_hi", []float32{n.Hi}))
	case kernels.OpAdd:
		out("Add", nil, in(0), in(1))
	case kernels.OpScale:
		x.scale(n, in(0), out)
	case kernels.OpConcat:
		var inputs []string
		for j := range n.Inputs {
			inputs = append(inputs, in(j))
		}
		out("Concat", map[string]attribute{"axis": intAttr(1)}, inputs...)
	case kernels.OpFlatten:
		x.names[i], x.ranks[i] = x.add(n.Name, "Flatten", []string{x.input(i, 0, x.ranks[n.Inputs[0]])}, map[string]attribute{"axis": intAttr(1)}), 2
	case kernels.OpSoftmax:
		out("Softmax", map[string]attribute{"axis": intAttr(1)}, in(0))
	default:
		rank = 4 // what follows needs height and width
		return x.spatial(i, n, in, out)
	}
	return nil
}

// flatInputs tells whether all inputs of a node are vectors with two axes.
func (x *exporter) flatInputs(n *kernels.Node) bool {
	for _, in := range n.Inputs {
		if x.ranks[in] != 2 {
			return false
		}
	}
	return true
}

// begin writes the graph's input.
func (x *exporter) begin(i int, n *kernels.Node) {
	dims := []int64{-1, int64(n.Shape.C), int64(n.Shape.H), int64(n.Shape.W)}
	x.ranks[i] = 4
	if n.Shape.H*n.Shape.W == 1 {
		dims, x.ranks[i] = dims[:2], 2
	}
	x.names[i] = x.fresh(n.Name)
	x.graph.inputs = []valueInfo{{x.names[i], typeFloat, dims}}
}

// scale writes y = Scale·x + Bias as a batch norm of mean 0 and variance 1.
func (x *exporter) scale(n *kernels.Node, in string, out func(string, map[string]attribute, ...string)) {
	c := len(n.Scale)
	out("BatchNormalization", map[string]attribute{"epsilon": floatAttr(0)}, in,
		x.floats(n.Name+"_scale", n.Scale, c), x.floats(n.Name+"_bias", n.Bias, c),
		x.floats(n.Name+"_mean", make([]float32, c), c), x.floats(n.Name+"_var", repeat(1, c), c))
}

// spatial writes operators over height and width.
func (x *exporter) spatial(i int, n *kernels.Node, in func(int) string, out func(string, map[string]attribute, ...string)) error {
	switch n.Op {
	case kernels.OpMaxPool:
		out("MaxPool", windowAttrs(n), in(0))
	case kernels.OpAvgPool:
		attrs := windowAttrs(n)
		if n.Dilation == [2]int{1, 1} {
			delete(attrs, "dilations")
		} else {
			x.opset = max(x.opset, 19)
		}
		if n.CountPad {
			attrs["count_include_pad"] = intAttr(1)
		}
		out("AveragePool", attrs, in(0))
	case kernels.OpGlobalPool:
		out("GlobalAveragePool", nil, in(0))
	case kernels.OpPad:
		pads := x.ints(n.Name+"_pads", 0, n.PadC[0], n.Pad[0], n.Pad[1], 0, n.PadC[1], n.Pad[2], n.Pad[3])
		out("Pad", nil, in(0), pads)
	case kernels.OpSlice:
		var ends [3]int
		for d, count := range [3]int{n.Shape.C, n.Shape.H, n.Shape.W} {
			if ends[d] = n.Start[d] + count*n.Step[d]; ends[d] < 0 {
				ends[d] = math.MinInt32
			}
		}
		out("Slice", nil, in(0), x.ints(n.Name+"_starts", n.Start[:]...), x.ints(n.Name+"_ends", ends[:]...),
			x.ints(n.Name+"_axes", 1, 2, 3), x.ints(n.Name+"_steps", n.Step[:]...))
	case kernels.OpLRN:
		out("LRN", map[string]attribute{
			"size": intAttr(int64(n.LRNSize)), "alpha": floatAttr(n.Alpha), "beta": floatAttr(n.Beta), "bias": floatAttr(n.LRNOffset),
		}, in(0))
	default:
		return fmt.Errorf("operator %v has no ONNX form", n.Op)
	}
	return nil
}

func windowAttrs(n *kernels.Node) map[string]attribute {
	return map[string]attribute{
		"kernel_shape": intsAttr(n.Kernel[:]...), "strides": intsAttr(n.Stride[:]...),
		"dilations": intsAttr(n.Dilation[:]...), "pads": intsAttr(n.Pad[:]...),
	}
}

// floatWeights writes the weights and the bias of layer i.
func (x *exporter) floatWeights(i int, dims ...int) (w, b string) {
	n := &x.net.Nodes[i]
	return x.floats(n.Name+".weight", n.Weight, dims...), x.floats(n.Name+".bias", n.Bias, len(n.Bias))
}

// write names the output and writes the model.
func (x *exporter) write(w io.Writer) error {
	i := x.net.Output
	s := x.net.Nodes[i].Shape
	dims := []int64{-1, int64(s.C), int64(s.H), int64(s.W)}
	x.graph.outputs = []valueInfo{{x.names[i], typeFloat, dims[:x.ranks[i]]}}
	_, err := w.Write(x.encode())
	return err
}
