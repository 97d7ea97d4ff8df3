package onnx

import "slices"

// A branch whose condition is known before a run is part of the graph like all else.

// maxNesting bounds how deep graphs lie in the attributes of nodes of others.
const maxNesting = 16

// branch reads the graph that an attribute holds; nil if there is none.
func (n *node) branch(name string) (*graph, error) {
	a, ok := n.attrs[name]
	if !ok || a.body == nil {
		return nil, nil
	}
	var g graph
	return &g, walk(a.body, g.field)
}

// capture takes down which tensors the graphs in the attributes of a node read, at any
// depth, whether they are their own or not.
func (n *node) capture() {
	for name := range n.attrs {
		n.captures = n.captured(name, n.captures, maxNesting)
	}
}

func (n *node) captured(attr string, names []string, depth int) []string {
	g, err := n.branch(attr)
	if g == nil || err != nil || depth == 0 {
		return names
	}
	for i := range g.nodes {
		own := &g.nodes[i]
		names = append(names, own.inputs...)
		for inner := range own.attrs {
			names = own.captured(inner, names, depth-1)
		}
	}
	for _, o := range g.outputs {
		names = append(names, o.name)
	}
	return names
}

// reads tells whether a node, or a graph in its attributes, reads a tensor.
func (n *node) reads(name string) bool {
	return slices.Contains(n.inputs, name) || slices.Contains(n.captures, name)
}

// chosen returns the graph of an If whose condition is a constant; nil if it is none.
func (f *facts) chosen(n *node) *graph {
	if n.op != "If" || len(n.inputs) != 1 || n.depth >= maxNesting {
		return nil
	}
	c := f.of[n.inputs[0]].c
	if c == nil {
		return nil
	}
	x, err := c.integers()
	if err != nil || len(x) != 1 {
		return nil
	}
	name := "else_branch"
	if x[0] != 0 {
		name = "then_branch"
	}
	g, err := n.branch(name)
	if err != nil || g == nil || g.sparse || len(g.outputs) < len(n.outputs) {
		return nil
	}
	return g
}

// inline returns the nodes and constants of a graph that takes the place of a node, under
// names that no other graph has.
func (n *node) inline(g *graph) ([]node, []*tensor) {
	own := map[string]string{}
	for _, t := range g.initializers {
		own[t.name] = nodeName(n) + "/" + t.name
	}
	for i := range g.nodes {
		for _, name := range g.nodes[i].outputs {
			own[name] = nodeName(n) + "/" + name
		}
	}
	delete(own, "")
	named := func(name string) string {
		if to, ok := own[name]; ok {
			return to
		}
		if to, ok := n.scope[name]; ok {
			return to
		}
		return name
	}
	for _, t := range g.initializers {
		t.name = own[t.name]
	}
	scope := map[string]string{}
	for from, to := range n.scope {
		scope[from] = to
	}
	for from, to := range own {
		scope[from] = to
	}
	for i := range g.nodes {
		in := &g.nodes[i]
		in.inputs, in.outputs = convert(in.inputs, named), convert(in.outputs, named)
		in.scope, in.depth = scope, n.depth+1
		in.capture()
		in.captures = convert(in.captures, named)
	}
	for i, name := range n.outputs {
		g.nodes = append(g.nodes, node{name: name, op: "Identity", inputs: []string{named(g.outputs[i].name)}, outputs: []string{name}})
	}
	return g.nodes, g.initializers
}
