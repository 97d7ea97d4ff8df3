package onnx

import (
	"fmt"
	"slices"
	"strings"

	"bitcycle/kernels"
)

// axis is what a dimension of an ONNX tensor means.
type axis uint8

const (
	axisN axis = iota // images
	axisC             // channels or features
	axisH
	axisW
)

// value is what an ONNX name stands for: a constant, or the output of a node
// of the network seen in some order of its axes. If a tensor was flattened in
// another order than channels, height, width, element i of the ONNX vector is
// feature perm[i] of the node.
type value struct {
	constant *tensor
	node     int
	axes     []axis
	perm     []int
	grid     *kernels.Grid // that a quantized model puts it on
	codes    int64         // element type, between QuantizeLinear and DequantizeLinear
}

type importer struct {
	graph  *graph
	opset  int64
	net    *kernels.Network
	values map[string]value
	names  map[string]bool
	batch  int64 // images per run that the model was exported for; 1 if symbolic
	meta   map[string]string
	quant  *quantImporter // nil for float models
}

// run translates every node and finds the output.
func (im *importer) run() error {
	for i := range im.graph.nodes {
		n := &im.graph.nodes[i]
		if err := im.translate(n); err != nil {
			return fmt.Errorf("node %q (%s): %w", nodeName(n), n.op, err)
		}
	}
	if len(im.graph.outputs) != 1 {
		return fmt.Errorf("model has %d outputs: must be 1", len(im.graph.outputs))
	}
	name := im.graph.outputs[0].name
	v, ok := im.values[name]
	if !ok || v.constant != nil {
		return fmt.Errorf("output %q is not computed", name)
	}
	if v.perm != nil {
		return fmt.Errorf("output %q is flattened in an order other than channels, height, width", name)
	}
	im.net.Output = v.node
	return nil
}

func (im *importer) translate(n *node) error {
	translate := im.operator(n)
	if translate == nil {
		return fmt.Errorf("operator is not supported")
	}
	for _, name := range n.outputs[min(1, len(n.outputs)):] {
		if name != "" && im.isRead(name) {
			return fmt.Errorf("second output %q is not supported", name)
		}
	}
	if len(n.outputs) == 0 {
		return fmt.Errorf("node has no output")
	}
	v, err := translate(im, n)
	if err != nil {
		return err
	}
	im.values[n.outputs[0]] = v
	return nil
}

// operator returns what translates a node, nil if nothing does.
func (im *importer) operator(n *node) func(*importer, *node) (value, error) {
	standard := n.domain == "" || n.domain == "ai.onnx"
	if r, ok := readers[n.op]; ok && standard {
		return r.read
	}
	if im.quant != nil && (standard || n.domain == qonnxDomain) && standard != (n.op == "Quant") {
		return quantOperators[n.op]
	}
	return nil
}

func (im *importer) isRead(name string) bool {
	for i := range im.graph.nodes {
		if slices.Contains(im.graph.nodes[i].inputs, name) {
			return true
		}
	}
	return slices.ContainsFunc(im.graph.outputs, func(v valueInfo) bool { return v.name == name })
}

// nodeName returns the name of a node; one without a name is called after its
// weights ("conv1.weight"), else after its output.
func nodeName(n *node) string {
	if n.name != "" {
		return n.name
	}
	for _, in := range n.inputs {
		if base, ok := strings.CutSuffix(in, ".weight"); ok && base != "" {
			return base
		}
	}
	if len(n.outputs) > 0 {
		return n.outputs[0]
	}
	return ""
}

// add appends a node to the network under the name of n and infers its shape.
func (im *importer) add(n *node, k kernels.Node) (int, error) {
	name := nodeName(n)
	k.Name = name
	for i := 2; im.names[k.Name]; i++ {
		k.Name = fmt.Sprintf("%s_%d", name, i)
	}
	im.names[k.Name] = true
	im.net.Nodes = append(im.net.Nodes, k)
	if err := im.net.Infer(len(im.net.Nodes) - 1); err != nil {
		return 0, err
	}
	return len(im.net.Nodes) - 1, nil
}

// then is add for an operator without weights whose output has the axes of v.
func (im *importer) then(n *node, v value, op kernels.Operator) (value, error) {
	return im.layer(n, v, kernels.Node{Op: op})
}

// layer is add for a node whose output has the axes of v.
func (im *importer) layer(n *node, v value, k kernels.Node) (value, error) {
	k.Inputs = []int{v.node}
	i, err := im.add(n, k)
	y := value{node: i, axes: v.axes, perm: v.perm}
	if err == nil && im.quant != nil {
		err = im.quant.read(i, &y, k.Op, v)
	}
	return y, err
}

func (im *importer) shape(v value) kernels.Shape { return im.net.Nodes[v.node].Shape }

// arg returns input i of n, which must be there.
func (im *importer) arg(n *node, i int) (value, error) {
	if i >= len(n.inputs) || n.inputs[i] == "" {
		return value{}, fmt.Errorf("input %d is missing", i+1)
	}
	v, ok := im.values[n.inputs[i]]
	if !ok {
		return value{}, fmt.Errorf("input %q is not computed before", n.inputs[i])
	}
	return v, nil
}

// data returns input i of n, which must not be constant.
func (im *importer) data(n *node, i int) (value, error) {
	v, err := im.arg(n, i)
	if err == nil && v.constant != nil {
		err = fmt.Errorf("input %q is a constant", n.inputs[i])
	}
	return v, err
}

// image returns input 0 of n, which must be in the order images, channels, height, width.
func (im *importer) image(n *node) (value, error) {
	v, err := im.data(n, 0)
	if err == nil && !slices.Equal(v.axes, nchw) {
		err = fmt.Errorf("input %q has axes %v: must be images, channels, height, width", n.inputs[0], v.axes)
	}
	return v, err
}

// constant returns input i of n, which must be constant; nil if it is left out.
func (im *importer) constant(n *node, i int) (*tensor, error) {
	if i >= len(n.inputs) || n.inputs[i] == "" {
		return nil, nil
	}
	v, err := im.arg(n, i)
	if err == nil && v.constant == nil {
		err = fmt.Errorf("input %q must be a constant", n.inputs[i])
	}
	return v.constant, err
}

// weights returns the float constant at input i of n with the given rank.
func (im *importer) weights(n *node, i, rank int) (*tensor, []float32, error) {
	t, err := im.constant(n, i)
	if err != nil {
		return nil, nil, err
	}
	if t == nil {
		return nil, nil, fmt.Errorf("input %d is missing", i+1)
	}
	if len(t.dims) != rank {
		return nil, nil, fmt.Errorf("tensor %q has dimensions %v: must be %d", t.name, t.dims, rank)
	}
	v, err := t.values32()
	return t, v, err
}

var (
	nchw = []axis{axisN, axisC, axisH, axisW}
	nhwc = []axis{axisN, axisH, axisW, axisC}
	flat = []axis{axisN, axisC}
)

func (a axis) String() string { return [...]string{"images", "channels", "height", "width"}[a] }

// length returns the length of an axis of v; images count as the model's batch.
func (im *importer) length(v value, a axis) int64 {
	s := im.shape(v)
	return [...]int64{im.batch, int64(s.C), int64(s.H), int64(s.W)}[a]
}

// input makes the network's input of the graph input that is no constant.
func (im *importer) input() error {
	var inputs []valueInfo
	for _, v := range im.graph.inputs {
		if _, constant := im.values[v.name]; !constant {
			inputs = append(inputs, v)
		}
	}
	if len(inputs) != 1 {
		return fmt.Errorf("model has %d inputs: must be 1", len(inputs))
	}
	in := inputs[0]
	if in.elemType != typeFloat {
		return fmt.Errorf("input %q is %s: must be float32", in.name, (&tensor{kind: in.elemType}).typeName())
	}
	v := value{axes: nchw}
	switch {
	case len(in.dims) == 2:
		v.axes = flat
	case len(in.dims) != 4:
		return fmt.Errorf("input %q has dimensions %v: must be images × channels × height × width or images × features", in.name, in.dims)
	case im.channelsLast(in.name):
		v.axes = nhwc
	}
	size := [4]int64{1, 1, 1, 1}
	for i, a := range v.axes {
		if size[a] = in.dims[i]; a != axisN && (size[a] < 1 || size[a] > 1<<24) {
			return fmt.Errorf("input %q has dimensions %v: only the number of images may be open", in.name, in.dims)
		}
	}
	im.batch = max(size[axisN], 1)
	var err error
	shape := kernels.Shape{C: int(size[axisC]), H: int(size[axisH]), W: int(size[axisW])}
	v.node, err = im.add(&node{name: in.name}, kernels.Node{Op: kernels.Input{Shape: shape}})
	im.values[in.name] = v
	return err
}

// channelsLast tells whether the input is only read by transpositions to NCHW.
func (im *importer) channelsLast(name string) bool {
	found := false
	for i := range im.graph.nodes {
		n := &im.graph.nodes[i]
		if !slices.Contains(n.inputs, name) {
			continue
		}
		if n.op != "Transpose" || !slices.Equal(n.attrs["perm"].ints, []int64{0, 3, 1, 2}) {
			return false
		}
		found = true
	}
	return found
}
