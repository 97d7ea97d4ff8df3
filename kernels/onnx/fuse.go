package onnx

import (
	"slices"
	"strings"

	"bitcycle/kernels"
)

// Normalizations that a model writes as arithmetic are one operator: apart, their
// sums of squares would be rounded to a grid.

// fuse finds x − mean(x), divided by the root of its mean square and a small number,
// or the same without a mean, along one axis. It returns the new index of each node,
// −1 of those that are gone.
func fuse(net *kernels.Network, outputs []int) (*kernels.Network, []int) {
	f := &fuser{net: net, readers: net.Readers(), outputs: outputs, gone: map[int]bool{}, norms: map[int]*found{}}
	for i := range net.Nodes {
		f.look(i)
	}
	to := make([]int, len(net.Nodes))
	if len(f.norms) == 0 {
		for i := range to {
			to[i] = i
		}
		return net, to
	}
	out := &kernels.Network{Name: net.Name}
	for i, node := range net.Nodes {
		if f.gone[i] {
			to[i] = -1
			continue
		}
		if n := f.norms[i]; n != nil {
			to[i] = n.append(out, node.Name, to[n.x])
			continue
		}
		inputs := make([]int, len(node.Inputs))
		for j, in := range node.Inputs {
			inputs[j] = to[in]
		}
		node.Inputs = inputs
		to[i] = len(out.Nodes)
		out.Nodes = append(out.Nodes, node)
	}
	out.Output = to[net.Output]
	return out, to
}

// found is a normalization of node x along an axis.
type found struct {
	x       int
	axis    string
	center  bool
	epsilon float32
	shape   kernels.Shape
}

// append appends the operator; along another axis than the channels, that axis
// takes their place on the way.
func (n *found) append(net *kernels.Network, name string, x int) int {
	add := func(name string, op kernels.Operator, in int) int {
		net.Nodes = append(net.Nodes, kernels.Node{Name: name, Op: op, Inputs: []int{in}})
		return len(net.Nodes) - 1
	}
	norm := kernels.Norm{Groups: 1, Center: n.center, Epsilon: n.epsilon}
	if n.axis == "C" {
		return add(name, norm, x)
	}
	turned, s := n.shape, n.shape
	switch n.axis {
	case "H":
		turned.C, turned.H = s.H, s.C
	case "W":
		turned.C, turned.W = s.W, s.C
	case "D":
		turned.C, turned.D = s.D, s.C
	}
	swapped := strings.NewReplacer(n.axis, "C", "C", n.axis).Replace("DHWC")
	x = add(name+"/turned", kernels.Reorder{From: "DHWC", To: swapped, Out: turned}, x)
	x = add(name+"/norm", norm, x)
	return add(name, kernels.Reorder{From: swapped, To: "DHWC", Out: s}, x)
}

type fuser struct {
	net     *kernels.Network
	readers [][]int
	outputs []int
	gone    map[int]bool
	norms   map[int]*found
}

// only tells whether nothing but these nodes reads node i.
func (f *fuser) only(i int, by ...int) bool {
	return !slices.Contains(f.outputs, i) && !slices.ContainsFunc(f.readers[i], func(r int) bool { return !slices.Contains(by, r) })
}

// scalar returns what node i reads if it is one of these functions.
func (f *fuser) scalar(i int, function string, a float32) (from int, ok bool) {
	o, is := f.net.Nodes[i].Op.(kernels.Scalar)
	if !is || o.Function != function || o.A != a {
		return 0, false
	}
	return f.net.Nodes[i].Inputs[0], true
}

// look takes node i for the last of a normalization if it is.
func (f *fuser) look(i int) {
	o, ok := f.net.Nodes[i].Op.(kernels.Arithmetic)
	if !ok {
		return
	}
	in := f.net.Nodes[i].Inputs
	switch o.Function {
	case "div":
		if v, ok := f.scalar(in[1], "sqrt", 0); ok {
			f.root(i, in[0], v, in[1])
		}
	case "mul":
		for side, r := range in {
			if v, ok := f.scalar(r, "pow", -0.5); ok {
				f.root(i, in[1-side], v, r)
			} else if s, ok := f.scalar(r, "reciprocal", 0); ok {
				if v, ok := f.scalar(s, "sqrt", 0); ok && f.only(s, r) {
					f.root(i, in[1-side], v, r, s)
				}
			}
		}
	}
}

// root looks at s/√v in node i, computed through the nodes given.
func (f *fuser) root(i, s, v int, through ...int) {
	n := &found{shape: f.net.Nodes[i].Shape}
	if !f.only(through[0], i) {
		return
	}
	gone := through
	if o, ok := f.net.Nodes[v].Op.(kernels.Scale); ok { // the small number
		n.epsilon = o.Offset[0]
		for k := range o.Factor {
			if o.Factor[k] != 1 || o.Offset[k] != n.epsilon {
				return
			}
		}
		gone, v = append(gone, v), f.net.Nodes[v].Inputs[0]
	}
	mean, ok := f.net.Nodes[v].Op.(kernels.Reduce)
	if !ok || mean.Function != "mean" || len(mean.Axes) != 1 || n.epsilon < 0 {
		return
	}
	square := f.net.Nodes[v].Inputs[0]
	of, ok := f.scalar(square, "pow", 2)
	if o, product := f.net.Nodes[square].Op.(kernels.Arithmetic); product && o.Function == "mul" {
		in := f.net.Nodes[square].Inputs
		of, ok = in[0], in[0] == in[1]
	}
	if !ok || of != s || f.net.Nodes[s].Shape != n.shape {
		return
	}
	n.x, n.axis = s, mean.Axes
	f.take(i, n, append(gone, v, square))
}

// take makes node i the normalization, if nobody else reads what is gone; if what
// is normalized is a difference from its mean, with that.
func (f *fuser) take(i int, n *found, gone []int) {
	within := append(slices.Clone(gone), i)
	for _, k := range gone {
		if !f.only(k, within...) {
			return
		}
	}
	if o, ok := f.net.Nodes[n.x].Op.(kernels.Arithmetic); ok && o.Function == "sub" && f.only(n.x, within...) {
		x, m := f.net.Nodes[n.x].Inputs[0], f.net.Nodes[n.x].Inputs[1]
		mean, ok := f.net.Nodes[m].Op.(kernels.Reduce)
		if ok && mean == (kernels.Reduce{Function: "mean", Axes: n.axis}) && f.net.Nodes[m].Inputs[0] == x && f.only(m, n.x) {
			gone = append(gone, n.x, m)
			n.x, n.center = x, true
		}
	}
	for _, k := range gone {
		f.gone[k] = true
	}
	f.norms[i] = n
}
