package train

import (
	"fmt"

	"bitcycle/kernels"
)

// Lowerer is an activation that package kernels has an operator for.
type Lowerer interface {
	// Lower returns the operator, given the trained parameters.
	Lower(param []float32) kernels.Operator
}

// Export returns the network with the weights that it computes with and the
// running statistics. A batch normalization is folded into the convolution or
// dense layer before it, if nothing else reads that, and is a per-channel
// scale otherwise.
func (m *Model) Export() (*kernels.Network, error) {
	m.Use()
	x := exporter{m: m, net: &kernels.Network{Name: m.Spec.Name}, norms: map[string]*batchNorm{}}
	for _, n := range m.norms {
		x.norms[n.name] = n
	}
	for i := range m.Spec.Nodes {
		if err := x.node(i); err != nil {
			return nil, err
		}
	}
	x.net.Output = x.at[len(x.at)-1]
	return x.net, nil
}

type exporter struct {
	m     *Model
	net   *kernels.Network
	norms map[string]*batchNorm
	at    []int // index in the exported network of each node
}

func (x *exporter) node(i int) error {
	n := &x.m.Spec.Nodes[i]
	out := n.Node
	out.Inputs = nil
	for _, j := range n.Inputs {
		out.Inputs = append(out.Inputs, x.at[j])
	}
	switch p, weighted := x.m.Spec.product(i); {
	case weighted:
		x.layer(n, &out, &p)
	case n.Norm != nil:
		scale, shift := x.norms[n.Name].folded()
		if at := x.foldable(i); at >= 0 {
			foldInto(&x.net.Nodes[at], scale, shift)
			x.at = append(x.at, at)
			return nil
		}
		out.Op = kernels.Scale{Factor: scale, Offset: shift}
	case n.Activation != nil:
		l, ok := n.Activation.(Lowerer)
		if !ok {
			return fmt.Errorf("node %s: activation %T has no operator in package kernels", n.Name, n.Activation)
		}
		out.Op = l.Lower(x.m.shared[n.Activation].Value)
	}
	x.at = append(x.at, len(x.net.Nodes))
	x.net.Nodes = append(x.net.Nodes, out)
	return nil
}

// layer fills in weights and bias.
func (x *exporter) layer(n *Node, out *kernels.Node, p *kernels.Product) {
	taps := p.Area()
	out.Weight = tapsInside(x.m.Param(n.Name+".weight").Used, p.Channels, p.K/taps, taps)
	out.Bias = make([]float32, p.Channels)
	if b := x.m.Param(n.Name + ".bias"); b != nil {
		copy(out.Bias, b.Value)
	}
}

// foldable returns the exported index of the layer that batch normalization i
// can be folded into, or −1.
func (x *exporter) foldable(i int) int {
	j := x.m.Spec.Nodes[i].Inputs[0]
	if !kernels.HasWeights(x.m.Spec.Nodes[j].Op) {
		return -1
	}
	for k, n := range x.m.Spec.Nodes {
		for _, in := range n.Inputs {
			if in == j && k != i {
				return -1
			}
		}
	}
	return x.at[j]
}

// folded returns the normalization as y = scale·x + shift.
func (o *batchNorm) folded() (scale, shift []float32) {
	o.prepare(false)
	return clone(o.scale, 0, 0), clone(o.shift, 0, 0)
}

// foldInto applies a per-channel map to the output of a layer.
func foldInto(n *kernels.Node, scale, shift []float32) {
	k := len(n.Weight) / len(scale)
	n.Fold = scale
	for c, s := range scale {
		for i := range n.Weight[c*k : (c+1)*k] {
			n.Weight[c*k+i] *= s
		}
		// The conversion keeps the product from being fused with the sum, so
		// that the result is the same on every machine.
		n.Bias[c] = float32(n.Bias[c]*s) + shift[c]
	}
}
