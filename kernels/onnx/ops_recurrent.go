package onnx

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"bitcycle/kernels"
)

// Recurrent layers are a layer over all steps, for the product with the input, and
// kernels.Recurrent behind it.

// recurrences are the cells by their names in ONNX, with the activations that a model
// leaves out.
var recurrences = map[string]struct {
	cell        string
	activations []string
}{
	"LSTM": {"lstm", []string{"sigmoid", "tanh", "tanh"}},
	"GRU":  {"gru", []string{"sigmoid", "tanh"}},
	"RNN":  {"rnn", []string{"tanh"}},
}

// recurrentActivations are the functions whose parameters are 0 by their names in ONNX, in
// lower case.
var recurrentActivations = map[string]string{
	"sigmoid": "sigmoid", "tanh": "tanh", "relu": "leakyrelu", "softsign": "softsign", "softplus": "softplus",
}

// recurrence is such a node as it is read.
type recurrence struct {
	n     *node
	op    kernels.Recurrent
	x     operand
	batch axis // of the sequences
	first bool // the sequences are the first axis, the steps the second
}

func importRecurrent(im *importer, n *node) (value, error) {
	r, err := im.recurrence(n)
	if err != nil {
		return value{}, err
	}
	gates, err := im.gates(r)
	if err != nil {
		return gates, err
	}
	inputs := []int{gates.node}
	states, err := im.firstStates(r)
	if err != nil {
		return gates, err
	}
	y, err := im.add(n, kernels.Node{Op: r.op, Inputs: append(inputs, states...)})
	if err != nil {
		return gates, err
	}
	return im.recurrentOutputs(r, y)
}

// recurrence reads the input and the attributes.
func (im *importer) recurrence(n *node) (*recurrence, error) {
	r := &recurrence{n: n, first: n.int("layout", 0) == 1}
	var err error
	if r.x, err = im.moving(n); err != nil {
		return nil, err
	}
	if len(r.x.dims) != 3 {
		return nil, fmt.Errorf("input %v: must have 3 axes", r.x.dims)
	}
	at := 1
	if r.first {
		at = 0
	}
	switch {
	case r.x.axes[at] == axisN:
		r.batch = axisN
	case im.batch > 1:
		return nil, errImages
	default:
		r.batch = axisW
	}
	if err := r.attributes(); err != nil {
		return nil, err
	}
	if len(n.inputs) > 4 && n.inputs[4] != "" {
		t, err := im.constant(n, 4)
		if err != nil {
			return nil, err
		}
		lengths, err := t.integers()
		if err != nil {
			return nil, err
		}
		steps := r.x.dims[1-at]
		if slices.ContainsFunc(lengths, func(v int64) bool { return v != steps }) {
			return nil, fmt.Errorf("sequence_lens %v of %d steps: sequences must be as long as the input", lengths, steps)
		}
	}
	if len(n.inputs) > 7 && n.inputs[7] != "" && n.op == "LSTM" {
		return nil, errors.New("peephole weights are not supported")
	}
	return r, nil
}

func (r *recurrence) attributes() error {
	kind := recurrences[r.n.op]
	r.op = kernels.Recurrent{Cell: kind.cell, Directions: 1, Hidden: int(r.n.int("hidden_size", 0)), Clip: r.n.float("clip", 0)}
	switch d := r.n.attrs["direction"].s; d {
	case "", "forward":
	case "reverse":
		r.op.Reverse = true
	case "bidirectional":
		r.op.Directions = 2
	default:
		return fmt.Errorf("direction = %q: must be forward, reverse or bidirectional", d)
	}
	r.op.ResetAfter = r.n.op == "GRU" && r.n.int("linear_before_reset", 0) != 0
	if r.n.int("input_forget", 0) != 0 {
		return errors.New("input_forget = 1 is not supported")
	}
	names := r.n.attrs["activations"].strings
	if len(names) == 0 {
		names = slices.Repeat(kind.activations, r.op.Directions)
	}
	for _, name := range names {
		f, ok := recurrentActivations[strings.ToLower(name)]
		if !ok {
			return fmt.Errorf("activation %q is not supported", name)
		}
		r.op.Activations = append(r.op.Activations, f)
	}
	return nil
}

// gates adds the layer that multiplies all steps of the input by its weights.
func (im *importer) gates(r *recurrence) (value, error) {
	o := &r.op
	w, weights, err := im.weights(r.n, 1, 3)
	if err != nil {
		return value{}, err
	}
	t, recurrent, err := im.weights(r.n, 2, 3)
	if err != nil {
		return value{}, err
	}
	if o.Hidden == 0 {
		o.Hidden = int(t.dims[2])
	}
	rows := int64(o.Gates() * o.Hidden)
	if want := []int64{int64(o.Directions), rows, int64(o.Hidden)}; !slices.Equal(t.dims, want) {
		return value{}, fmt.Errorf("tensor %q has dimensions %v: must be %v", t.name, t.dims, want)
	}
	if want := []int64{int64(o.Directions), rows, r.x.dims[2]}; !slices.Equal(w.dims, want) {
		return value{}, fmt.Errorf("tensor %q has dimensions %v: must be %v", w.name, w.dims, want)
	}
	o.R = recurrent
	axes := []axis{axisH, r.batch, axisC}
	if r.first {
		axes = []axis{r.batch, axisH, axisC}
	}
	v, err := im.reorder(r.n, r.x.value, r.x.dims, axes)
	if err != nil {
		return v, err
	}
	layer := kernels.Node{Op: kernels.Conv{Channels: int(rows) * o.Directions, Window: kernels.Window{Kernel: [2]int{1, 1}}}}
	if !im.opt.Shapes {
		layer.Weight = slices.Clone(weights)
		if layer.Bias, err = im.recurrentBias(r, int(rows)); err != nil {
			return v, err
		}
	}
	return im.layer(&node{name: nodeName(r.n) + "/input"}, v, layer)
}

// recurrentBias returns the bias of the gates: that of the input and, but for what the
// reset gate multiplies, that of the state.
func (im *importer) recurrentBias(r *recurrence, rows int) ([]float32, error) {
	bias := make([]float32, rows*r.op.Directions)
	if len(r.n.inputs) < 4 || r.n.inputs[3] == "" {
		return bias, nil
	}
	t, b, err := im.weights(r.n, 3, 2)
	if err != nil {
		return nil, err
	}
	if len(b) != 2*len(bias) {
		return nil, fmt.Errorf("tensor %q has dimensions %v: must be [%d %d]", t.name, t.dims, r.op.Directions, 2*rows)
	}
	for d := range r.op.Directions {
		own := b[2*d*rows:]
		for j := range rows {
			bias[d*rows+j] = own[j]
			if r.op.ResetAfter && j >= 2*r.op.Hidden {
				r.op.Bias = append(r.op.Bias, own[rows+j])
				continue
			}
			bias[d*rows+j] += own[rows+j]
		}
	}
	return bias, nil
}

// firstStates returns the nodes of the states before the first step; none if they are zero.
func (im *importer) firstStates(r *recurrence) (nodes []int, err error) {
	want := 1
	if r.op.Cell == "lstm" {
		want = 2
	}
	var states []operand
	some := false
	for k := range want {
		o := operand{}
		if at := 5 + k; at < len(r.n.inputs) && r.n.inputs[at] != "" {
			if o, err = im.operand(r.n, at); err != nil {
				return nil, err
			}
			zero, err := im.isZero(o.constant)
			if err != nil {
				return nil, err
			}
			some = some || !zero
		}
		states = append(states, o)
	}
	if !some {
		return nil, nil
	}
	axes := []axis{axisH, r.batch, axisC}
	dims := []int64{int64(r.op.Directions), r.x.dims[1], int64(r.op.Hidden)}
	if r.first {
		axes, dims = []axis{r.batch, axisH, axisC}, []int64{r.x.dims[0], int64(r.op.Directions), int64(r.op.Hidden)}
	}
	for _, o := range states {
		if o.dims == nil {
			o.constant, o.dims = filled(dims, &tensor{name: nodeName(r.n) + "/zero", kind: typeFloat, dims: []int64{1}, floats: []float32{0}}), dims
		}
		if o.constant != nil {
			if o.constant.name == "" {
				o.constant.name = nodeName(r.n) + "/state"
			}
			o.value, err = im.constantNode(r.n, o.constant, axes)
		} else if o, err = im.ranked(r.n, o); err == nil {
			o.value, err = im.reorder(r.n, o.value, o.dims, axes)
		}
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, o.node)
	}
	return nodes, nil
}

// isZero tells whether a constant is nothing but zeros; nil is none.
func (im *importer) isZero(t *tensor) (bool, error) {
	if t == nil {
		return false, nil
	}
	x, err := im.few(t)
	return err == nil && !slices.ContainsFunc(x, func(v float32) bool { return v != 0 }), err
}

// recurrentOutputs takes the outputs of the node apart: rows are the steps, the last h and
// the last c.
func (im *importer) recurrentOutputs(r *recurrence, y int) (value, error) {
	steps := int(r.x.dims[0])
	if r.first {
		steps = int(r.x.dims[1])
	}
	every := []axis{axisH, axisD, r.batch, axisC}
	last := []axis{axisD, r.batch, axisC}
	if r.first {
		every, last = []axis{r.batch, axisH, axisD, axisC}, []axis{r.batch, axisD, axisC}
	}
	var all value
	for k, name := range r.n.outputs {
		if name == "" || k > 2 || k > 0 && !im.isRead(name) {
			continue
		}
		rows, axes := counted(steps), every
		if k > 0 {
			rows, axes = []int{steps + k - 1}, last
		}
		v, err := im.then(r.n, value{node: y, axes: axes}, kernels.Pick{H: rows})
		if err != nil {
			return v, err
		}
		im.values[name] = v
		if k == 0 {
			all = v
		}
	}
	if len(r.n.outputs) > 0 && r.n.outputs[0] == "" { // translate gives it this value
		all = value{node: y, axes: every}
	}
	return all, nil
}
