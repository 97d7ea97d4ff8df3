package onnx

import (
	"errors"
	"fmt"
	"maps"
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
	axisD // depth
)

// value is what an ONNX name stands for: a constant, or the output of a node
// of the network seen in some order of its axes; without axes, its elements are
// the features of one long vector. If a tensor was flattened in another order
// than channels, height, width, element i of the ONNX vector is feature perm[i]
// of the node.
type value struct {
	constant *tensor
	node     int
	axes     []axis
	perm     []int
	codes    *kernels.Grid // that codes are on, between QuantizeLinear and DequantizeLinear
}

type importer struct {
	graph  *graph
	folder string // of the model
	opset  int64
	opt    Options
	tails  []string // tensors at which the network ends instead of at its outputs
	net    *kernels.Network
	facts  *facts
	values map[string]value
	names  map[string]bool
	failed map[string]bool // tensors that an obstacle left without a value
	batch  int64           // images per run that the model was exported for; 1 if symbolic
	whole  bool            // all that a run takes is one image
	meta   map[string]string
	coding *quantImporter // of quantized models; nil for float ones
	quant  *quantImporter // the same, of a model that is to be executed in integers

	computed *budget // of constants that are computed
	held     *budget // of what operators hold of constants and indices
	read     map[*tensor]int

	in        Tensor
	outputs   []Tensor
	open      *OpenError // nil if the file or the options fix all dimensions
	missing   []string   // files of weights that are not there
	obstacles obstacles
	notes     []string
}

// errImages says that images do not stay apart from one another.
var errImages = errors.New("images do not stay apart")

// run translates every node and finds the outputs.
func (im *importer) run() error {
	for i := range im.graph.nodes {
		n := &im.graph.nodes[i]
		if err := im.node(n); err != nil {
			return err
		}
	}
	if err := im.obstacles.fatal().err(false); err != nil {
		return err
	}
	for _, name := range im.wanted() {
		if err := im.output(name); err != nil {
			return err
		}
	}
	if len(im.outputs) == 0 {
		return errors.New("no output depends on the input")
	}
	im.net.Output = im.outputs[0].Node
	if len(im.outputs) > 1 {
		im.notef("%d outputs: %q counts as the result", len(im.outputs), im.outputs[0].Name)
	}
	return nil
}

// output records an output of the model.
func (im *importer) output(name string) error {
	v, ok := im.values[name]
	switch {
	case !ok:
		return fmt.Errorf("output %q is not computed", name)
	case v.constant != nil:
		im.notef("output %q is constant: left out", name)
		return nil
	case v.perm != nil && len(im.outputs) == 0:
		return fmt.Errorf("output %q is flattened in an order other than channels, height, width", name)
	}
	im.outputs = append(im.outputs, Tensor{name, v.node, im.facts.of[name].dims, v.axes, v.perm})
	return nil
}

// node translates a node. What cannot be executed becomes opaque, and an
// obstacle; an error is what ends the import.
func (im *importer) node(n *node) error {
	if im.constants(n) {
		return nil
	}
	for _, name := range n.inputs {
		_, known := im.values[name]
		switch {
		case im.failed[name]: // of an obstacle that is known already
			im.fail(n)
			return nil
		case name != "" && !known:
			return fmt.Errorf("node %q (%s): input %q is not computed before", nodeName(n), n.op, name)
		}
	}
	if im.tail(n) {
		return nil
	}
	mark := len(im.net.Nodes)
	err := im.translate(n)
	if err == nil {
		return nil
	}
	im.undo(mark)
	charge, bad := im.opaque(n, err)
	switch {
	case errors.Is(bad, errImages):
		return bad
	case im.quant != nil: // all of it must be executed
		im.undo(mark)
		im.fail(n)
		im.obstacles.add(n, err, NoCharge)
	case bad != nil:
		im.fail(n)
		im.obstacles.add(n, bad, NoCharge)
	default:
		im.obstacles.add(n, err, charge)
	}
	return nil
}

// undo takes nodes away, from one on.
func (im *importer) undo(mark int) {
	for _, undone := range im.net.Nodes[mark:] {
		delete(im.names, undone.Name)
	}
	im.net.Nodes = im.net.Nodes[:mark]
	if im.coding != nil {
		maps.DeleteFunc(im.coding.grids, func(i int, _ kernels.Grid) bool { return i >= mark })
	}
}

// constants takes the outputs of a node that are constants.
func (im *importer) constants(n *node) bool {
	for _, name := range n.outputs {
		if name != "" && im.facts.of[name].c == nil {
			return false
		}
	}
	for _, name := range n.outputs {
		im.values[name] = value{constant: im.facts.of[name].c}
	}
	return len(n.outputs) > 0
}

func (im *importer) fail(n *node) {
	for _, name := range n.outputs {
		im.failed[name] = true
	}
}

func (im *importer) translate(n *node) error {
	translate := im.operator(n)
	if translate == nil {
		return errors.New("operator is not supported")
	}
	if len(n.outputs) == 0 {
		return errors.New("node has no output")
	}
	codes, err := im.codesRead(n)
	if err != nil {
		return err
	}
	v, err := translate(im, n)
	if err != nil {
		return err
	}
	im.values[n.outputs[0]] = v
	if codes != nil {
		im.markCodes(n, codes)
	}
	for _, name := range n.outputs[1:] {
		if _, known := im.values[name]; name != "" && !known && im.isRead(name) {
			return fmt.Errorf("second output %q is not supported", name)
		}
	}
	return nil
}

// operator returns what translates a node, nil if nothing does.
func (im *importer) operator(n *node) func(*importer, *node) (value, error) {
	if _, limits := im.limits(n); limits {
		return importIdentity
	}
	switch {
	case n.op == "Round" && im.isClipped(n):
		return importIdentity
	case n.op == "Clip" && im.rounded(n):
		return importRoundedClip
	}
	standard := n.domain == "" || n.domain == "ai.onnx" || n.domain == "com.microsoft"
	if r := reader(n.op); r != nil && standard {
		return r.read
	}
	if im.coding != nil && quantDomains[n.domain] {
		return quantOperators[n.op]
	}
	return nil
}

func (im *importer) isRead(name string) bool {
	for i := range im.graph.nodes {
		if im.graph.nodes[i].reads(name) {
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
	if err := im.held.spend(holds(k.Op)); err != nil {
		return 0, err
	}
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

// holds returns how many numbers an operator holds.
func holds(o kernels.Operator) int64 {
	n := 0
	switch o := o.(type) {
	case kernels.Scale:
		n = len(o.Factor) + len(o.Offset)
	case kernels.Pick:
		n = 2 * (len(o.C) + len(o.D) + len(o.H) + len(o.W))
	case kernels.Norm:
		n = len(o.Factor) + len(o.Offset)
	case kernels.Constant:
		n = len(o.Values)
	case kernels.PRelu:
		n = len(o.Slope)
	}
	return int64(n)
}

// then is add for an operator without weights whose output has the axes of v.
func (im *importer) then(n *node, v value, op kernels.Operator) (value, error) {
	return im.layer(n, v, kernels.Node{Op: op})
}

// layer is add for a node whose output has the axes of v.
func (im *importer) layer(n *node, v value, k kernels.Node) (value, error) {
	k.Inputs = []int{v.node}
	i, err := im.add(n, k)
	return value{node: i, axes: v.axes, perm: v.perm}, err
}

func (im *importer) shape(v value) kernels.Shape { return im.net.Nodes[v.node].Shape }

var (
	nchw = []axis{axisN, axisC, axisH, axisW}
	nhwc = []axis{axisN, axisH, axisW, axisC}
	ncw  = []axis{axisN, axisC, axisW}
	flat = []axis{axisN, axisC}
)

func (a axis) String() string {
	return [...]string{"images", "channels", "height", "width", "depth"}[a]
}

// length returns the length of an axis of v; images count as the model's batch.
func (im *importer) length(v value, a axis) int64 {
	s := im.shape(v)
	return [...]int64{im.batch, int64(s.C), int64(s.H), int64(s.W), int64(max(s.D, 1))}[a]
}
