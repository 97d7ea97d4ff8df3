package onnx

import (
	"fmt"
	"slices"
)

// Before a model is translated, what can be known without running it is worked
// out for every tensor, of any rank: its element type, its dimensions, and its
// value where it depends on no input. Shapes written as arithmetic (Shape,
// Gather, Concat, Reshape) are numbers afterwards.

// fact is what is known of a tensor. dims is nil if they are not known; c is nil
// if the tensor is no constant.
type fact struct {
	kind   int64
	dims   []int64
	c      *tensor
	absent bool // an input that is left out
}

// rule works out the facts of a node's outputs from those of its inputs; inputs
// that are left out are zero.
type rule func(f *facts, n *node, in []fact) ([]fact, error)

type facts struct {
	opset int64
	of    map[string]fact
	// declared holds the shapes that the model itself states, for operators
	// without a rule.
	declared map[string]valueInfo
	// why says what kept a rule from working out an output.
	why map[string]error
	// computed is the budget of constants that are computed.
	computed *budget
}

// infer works out the facts of a graph whose inputs have the given dimensions. Branches
// with a constant condition become part of it.
func infer(g *graph, opset int64, inputs map[string][]int64, computed *budget) *facts {
	f := &facts{opset: opset, computed: computed, of: map[string]fact{}, declared: map[string]valueInfo{}, why: map[string]error{}}
	for _, t := range g.initializers {
		f.of[t.name] = fact{kind: t.kind, dims: t.dims, c: t}
	}
	for _, v := range g.inputs {
		if _, constant := f.of[v.name]; !constant {
			f.of[v.name] = fact{kind: v.elemType, dims: inputs[v.name]}
		}
	}
	for _, list := range [][]valueInfo{g.values, g.outputs} {
		for _, v := range list {
			f.declared[v.name] = v
		}
	}
	for i := 0; i < len(g.nodes); i++ {
		n := &g.nodes[i]
		if body := f.chosen(n); body != nil {
			nodes, constants := n.inline(body)
			for _, t := range constants {
				f.of[t.name] = fact{kind: t.kind, dims: t.dims, c: t}
			}
			g.initializers = append(g.initializers, constants...)
			g.nodes = slices.Replace(g.nodes, i, i+1, nodes...)
			i--
			continue
		}
		f.node(n)
	}
	return f
}

func (f *facts) node(n *node) {
	in := make([]fact, len(n.inputs))
	for i, name := range n.inputs {
		if in[i] = f.of[name]; name == "" {
			in[i].absent = true
		}
	}
	out, err := f.apply(n, in)
	for i, name := range n.outputs {
		if name == "" {
			continue
		}
		var y fact
		if i < len(out) {
			y = out[i]
		}
		if y.dims == nil {
			y.dims = f.stated(name)
		}
		if y.c == nil && y.dims != nil && len(in) > 0 && constants(in) != nil {
			y.c = symbolic(n, y, err)
		}
		if n.op == "Add" && y.c != nil && len(in) == 2 && in[0].c.coded != nil && in[1].c.coded != nil {
			y.c.coded = in[0].c.coded.plus(in[1].c.coded)
		}
		if y.c != nil && y.c.name == "" {
			y.c.name = name
		}
		if y.c != nil && y.c.later != nil && y.c.budget == nil {
			y.c.budget = f.computed
		}
		if err != nil {
			f.why[name] = err
		}
		f.of[name] = y
	}
}

// symbolic is a constant whose values nobody computes, for a reason that may be known.
func symbolic(n *node, y fact, why error) *tensor {
	return &tensor{kind: max(y.kind, typeFloat), dims: y.dims, later: func() (*tensor, error) {
		if why != nil {
			return nil, fmt.Errorf("node %q (%s): %w", nodeName(n), n.op, why)
		}
		return nil, fmt.Errorf("node %q (%s) of constants is not computed", nodeName(n), n.op)
	}}
}

// apply applies the rule of an operator.
func (f *facts) apply(n *node, in []fact) (out []fact, err error) {
	r, ok := rules()[n.op]
	if !ok {
		if len(n.outputs) == 1 && foreign[n.op] {
			r = sameShape
		} else {
			return nil, fmt.Errorf("the shape of its output is not known")
		}
	}
	out, err = r(f, n, in)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if _, err := (&tensor{name: n.op, dims: out[i].dims}).size(); err != nil {
			return nil, err
		}
		if out[i].c != nil {
			out[i].kind = out[i].c.kind
		}
	}
	return out, nil
}

// stated returns the dimensions that the model states for a tensor, nil if it
// states none or leaves one open.
func (f *facts) stated(name string) []int64 {
	v, ok := f.declared[name]
	if !ok || v.dims == nil || slices.ContainsFunc(v.dims, func(d int64) bool { return d < 1 }) {
		return nil
	}
	return v.dims
}

// foreign lists operators of other domains that keep the shape of what they read.
var foreign = set(
	"BiasGelu", "FastGelu", "ITAMax", "ITAPartialMax", "IntegerDiv", "MultiThreshold", "QuickGelu",
	"RMSNorm", "RequantShift", "SiLU", "Silu", "SimplifiedLayerNormalization", "SkipLayerNormalization", "Trunc", "iGELU",
	"iLayerNorm", "iRMSNorm", "iSoftmax",
)

func set(names ...string) map[string]bool {
	out := map[string]bool{}
	for _, name := range names {
		out[name] = true
	}
	return out
}

// need returns inputs first to last, which must be known.
func need(in []fact, which ...int) error {
	for _, i := range which {
		if i >= len(in) || in[i].dims == nil {
			return fmt.Errorf("the shape of input %d is not known", i+1)
		}
	}
	return nil
}

// input returns input i, zero if it is left out.
func input(in []fact, i int) fact {
	if i < len(in) {
		return in[i]
	}
	return fact{}
}

// list returns the integers of an attribute, or else of constant input i; nil if
// there is neither.
func (n *node) list(in []fact, name string, i int) ([]int64, error) {
	if a, ok := n.attrs[name]; ok {
		if a.kind == attrInt && a.ints == nil { // some exporters write one axis so
			return []int64{a.i}, nil
		}
		return a.ints, nil
	}
	if i < 0 || i >= len(in) || in[i].dims == nil && in[i].c == nil {
		return nil, nil
	}
	if in[i].c == nil {
		return nil, fmt.Errorf("%s depends on the inputs", name)
	}
	return in[i].c.integers()
}

// int returns an attribute, or what stands for it if it is left out.
func (n *node) int(name string, otherwise int64) int64 {
	if a, ok := n.attrs[name]; ok {
		return a.i
	}
	return otherwise
}

// positions resolves axes that may count from the end.
func positions(axes []int64, rank int) ([]int, error) {
	out := make([]int, len(axes))
	for i, at := range axes {
		p, err := position(at, rank)
		if err != nil {
			return nil, err
		}
		out[i] = p
	}
	return out, nil
}

// constants returns the constants of all inputs that are there, nil if one of
// them is none.
func constants(in []fact) []*tensor {
	var out []*tensor
	for i := range in {
		if in[i].c == nil && !in[i].absent {
			return nil
		}
		if !in[i].absent {
			out = append(out, in[i].c)
		}
	}
	return out
}
