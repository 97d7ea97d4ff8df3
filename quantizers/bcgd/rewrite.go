package bcgd

import (
	"errors"
	"fmt"
	"slices"

	"bitcycle/kernels"
	"bitcycle/kernels/train"
)

// rewriter puts the quantizers into the specification of a float network.
type rewriter struct {
	c       Config
	from    *train.Spec
	to      *train.Spec
	readers [][]int // of the nodes of from
	layers  []int
	at      []int       // node of to for each node of from
	units   []quantizer // by node of to: the grid that its values are on, nil: none
	weights []*projector
	all     []quantizer
}

// rewrite returns the specification with weights projected and every layer's
// input on a grid: images, ReLUs, means over windows, and whatever else a layer
// reads. Layers without batch normalization get one, except at the output.
func rewrite(spec *train.Spec, c Config) (*rewriter, error) {
	r := &rewriter{c: c, from: spec, to: &train.Spec{Name: c.name(spec.Name)}, readers: make([][]int, len(spec.Nodes))}
	for i := range spec.Nodes {
		for _, in := range spec.Nodes[i].Inputs {
			r.readers[in] = append(r.readers[in], i)
		}
		if kernels.HasWeights(spec.Nodes[i].Op) {
			r.layers = append(r.layers, i)
		}
	}
	if len(r.layers) == 0 {
		return nil, fmt.Errorf("network %s has no layers", spec.Name)
	}
	for i := range spec.Nodes {
		if err := r.node(i); err != nil {
			return nil, fmt.Errorf("network %s: node %s: %w", spec.Name, spec.Nodes[i].Name, err)
		}
	}
	return r, nil
}

// add appends a node whose values are on the grid of u.
func (r *rewriter) add(n train.Node, u quantizer) int {
	r.units = append(r.units, u)
	return r.to.Append(n)
}

// put appends a quantizer after node in of to.
func (r *rewriter) put(name string, in int, u quantizer) int {
	r.all = append(r.all, u)
	n := train.Node{Activation: u}
	n.Name, n.Inputs = name, []int{in}
	return r.add(n, u)
}

func (r *rewriter) node(i int) error {
	n := r.from.Nodes[i]
	n.Inputs = nil
	for _, in := range r.from.Nodes[i].Inputs {
		n.Inputs = append(n.Inputs, r.at[in])
	}
	at, err := r.operator(i, n)
	r.at = append(r.at, at)
	return err
}

// operator puts node i, whose inputs are those of to, and its grid into to.
func (r *rewriter) operator(i int, n train.Node) (int, error) {
	limits, clamps := clamp(&n)
	switch {
	case i == 0:
		return r.put(n.Name+".grid", r.add(n, nil), &rounding{Grid: kernels.Grid{Scale: 1, Bits: uint8(r.c.InputBits), Signed: true}}), nil
	case kernels.HasWeights(n.Op):
		return r.layer(i, n)
	case n.Norm != nil || adds(&n):
		return r.settle(i, r.add(n, nil)), nil
	case clamps && limits.Lo != 0:
		return 0, fmt.Errorf("clips at %g: only activations from 0 can be trained quantized", limits.Lo)
	case clamps:
		return r.put(n.Name, n.Inputs[0], r.activation(r.bits(i))), nil
	case selects(&n):
		return r.add(n, r.units[n.Inputs[0]]), nil
	case n.Op == nil:
		return 0, errors.New("a function of the caller's cannot be trained quantized")
	}
	if _, _, ok := mean(n.Op, kernels.Shape{C: 1, H: 1, W: 1}); !ok {
		return 0, fmt.Errorf("operator %s cannot be trained quantized", n.Op.Name())
	}
	return r.mean(i, n), nil
}

// mean adds means over windows, on a grid of their own unless they are the output.
func (r *rewriter) mean(i int, n train.Node) int {
	of := r.units[n.Inputs[0]]
	at := r.add(n, nil)
	if i == len(r.from.Nodes)-1 {
		return at
	}
	g := kernels.Grid{Scale: 1, Bits: uint8(r.bits(i)), Signed: of.signed()}
	return r.put(n.Name+".grid", at, &rounding{Grid: g, of: of})
}

// activation is the configured one; a ReLU that the wider last layer reads
// rounds up whatever the others do at one bit.
func (r *rewriter) activation(bits int) *ceiling {
	c := &ceiling{rule: r.c.Acts, Activation: Activation{
		Bits: bits, Alpha: InitialAlpha(bits), Kind: r.c.Kind, Rate: r.c.AlphaRate,
	}}
	if c.rule == Clipped {
		c.Kind = TwoValued
	}
	if c.rule == Sign && bits != 1 {
		c.rule = Ceiling
	}
	return c
}

// layer adds a convolution or dense layer, its projection, and the batch
// normalization that it may lack.
func (r *rewriter) layer(i int, n train.Node) (int, error) {
	if r.units[n.Inputs[0]] == nil {
		return 0, fmt.Errorf("reads %s, which is not on a grid", r.to.Nodes[n.Inputs[0]].Name)
	}
	p := &projector{rule: Projected, bits: r.weightBits(i), eta: 1}
	if p.bits == r.c.WeightBits {
		p.rule = r.c.Weights
	}
	r.weights = append(r.weights, p)
	n.Transform = p
	readers := r.readers[i]
	if len(readers) == 0 || len(readers) == 1 && r.from.Nodes[readers[0]].Norm != nil {
		return r.add(n, nil), nil
	}
	norm := train.Node{Norm: &train.BatchNorm{Beta: n.Bias}}
	norm.Name, norm.Inputs = n.Name+".norm", []int{len(r.to.Nodes)}
	n.NoBias, n.Bias = true, nil
	r.add(n, nil)
	return r.settle(i, r.add(norm, nil)), nil
}

// settle puts the values of node i of from, which are node at of to, on a grid
// of eight bits unless a single sum or ReLU does that, or nothing reads them.
func (r *rewriter) settle(i, at int) int {
	readers := r.readers[i]
	switch {
	case len(readers) == 0:
		return at
	case len(readers) == 1:
		reader := &r.from.Nodes[readers[0]]
		if _, clamps := clamp(reader); clamps || adds(reader) && !adds(&r.from.Nodes[i]) {
			return at
		}
	}
	return r.put(r.to.Nodes[at].Name+".grid", at, &rounding{Grid: kernels.Grid{Scale: 1, Bits: 8, Signed: true}})
}

// place returns first, last or otherwise for layer i, whichever it is; 0 is
// otherwise.
func (r *rewriter) place(i, first, last, otherwise int) int {
	switch {
	case i == r.layers[0] && first > 0:
		return first
	case i == r.layers[len(r.layers)-1] && last > 0:
		return last
	}
	return otherwise
}

func (r *rewriter) weightBits(i int) int {
	return r.place(i, r.c.FirstBits, r.c.LastBits, r.c.WeightBits)
}

// bits is the width of an activation: the most that a layer reading it wants.
func (r *rewriter) bits(i int) int {
	bits := 0
	for _, reader := range r.readers[i] {
		switch n := &r.from.Nodes[reader]; {
		case kernels.HasWeights(n.Op):
			bits = max(bits, r.place(reader, 0, r.c.LastBits, r.c.ActBits))
		case selects(n):
			bits = max(bits, r.bits(reader))
		default:
			bits = max(bits, r.c.ActBits)
		}
	}
	return max(bits, min(r.c.ActBits, 8))
}

// check reports a value that needs a grid and has none.
func (r *rewriter) check() error {
	for i := range r.to.Nodes {
		n := &r.to.Nodes[i]
		if !adds(n) {
			continue
		}
		if !slices.ContainsFunc(n.Inputs, func(in int) bool { return r.units[in] == nil }) {
			return fmt.Errorf("network %s: node %s adds two activations, none of a layer", r.from.Name, n.Name)
		}
	}
	return nil
}
