package bcgd

import (
	"context"
	"slices"

	"bitcycle/kernels"
	"bitcycle/kernels/train"
)

// Quantized returns the trained network in integers. Batch normalization and
// ceiling collapse into the requantization of the layer before: with
//
//	s = δ·α_in·γ/√(var+ε),   t = β − γ·mean/√(var+ε)
//
// the code is ⌈(s·acc + t)/α⌉ clipped to 0..n, and as requantization rounds
// halves up, ⌈x⌉ = ⌊x + (½−ϵ) + ½⌋ puts α·(½−ϵ) into the bias. s/α and t/α are
// rounded to 24 bits, s/α of a batch normalization that follows no layer to
// about 15, so that no rounding of the fixed-point form can change a code; see
// stored. The branches of a sum are kept on 16 bits in fractions of the sum's α
// (a power of two), so that adding them is exact; the ratio of two resolutions
// that meet there is rounded to 14 bits and one of them with it. Means go to
// grids whose step is that of the input times a power of two.
//
// data give the range of the logits. [Network.Simulate] computes the same codes
// from the unfolded network.
func (n *Network) Quantized(ctx context.Context, data *train.Data) (*kernels.Quantized, error) {
	d, err := n.deploy(ctx, data)
	if err != nil {
		return nil, err
	}
	b := &builder{deployment: d, q: &kernels.Quantized{Net: &kernels.Network{Name: n.name}}, at: make([]int, len(d.nodes))}
	for i := range d.nodes {
		b.node(i)
	}
	b.q.Net.Output = b.at[len(b.at)-1]
	return b.q, b.q.Validate()
}

// builder writes the quantized network.
type builder struct {
	*deployment
	q  *kernels.Quantized
	at []int // node of q.Net with the values of each node
}

func (b *builder) add(i int, n kernels.Node, grid kernels.Grid) {
	b.at[i] = len(b.q.Net.Nodes)
	b.q.Net.Nodes = append(b.q.Net.Nodes, n)
	b.q.Grids = append(b.q.Grids, grid)
}

func (b *builder) node(i int) {
	n := b.nodes[i].Node
	var in int
	inputs := n.Inputs
	n.Inputs = nil
	for _, j := range inputs {
		n.Inputs = append(n.Inputs, b.at[j])
	}
	if len(inputs) > 0 {
		in = inputs[0]
	}
	switch {
	case b.nodes[i].Activation != nil:
		b.activation(i, in, n)
	case b.nodes[i].Norm != nil:
		b.norm(i, in, n)
	case kernels.HasWeights(n.Op):
		b.layer(i, in, n)
	default:
		b.add(i, n, b.grids[i])
	}
}

// activation adds the ReLU of a ceiling; rounding is done by what computes the
// values.
func (b *builder) activation(i, in int, n kernels.Node) {
	if _, ok := b.rewrite.units[i].(*ceiling); !ok {
		b.at[i] = b.at[in]
		return
	}
	n.Op = kernels.Relu{}
	if b.stored[i] != nil {
		s := kernels.Node{Name: n.Name + ".shift", Inputs: n.Inputs, Shape: n.Shape}
		b.scale(i, s)
		n.Inputs = []int{b.at[i]}
	}
	b.add(i, n, b.grids[i])
}

// scale adds a map from codes to codes.
func (b *builder) scale(i int, n kernels.Node) {
	s := b.stored[i]
	var o kernels.Scale
	for c, gain := range s.gain {
		o.Factor, o.Offset = append(o.Factor, float32(gain)), append(o.Offset, float32(s.bias(c)))
	}
	n.Op = o
	b.add(i, n, b.grids[i])
}

// layer adds a convolution or dense layer with integer weights.
func (b *builder) layer(i, in int, n kernels.Node) {
	deltas, codes := b.deltas[i], b.codes[i]
	n.Weight, n.Bias = make([]float32, len(codes)), make([]float32, n.Shape.C)
	for k, q := range codes {
		n.Weight[k] = float32(deltas[k*n.Shape.C/len(codes)] * float64(q))
	}
	l := kernels.QLayer{Node: len(b.q.Net.Nodes), In: b.grids[in], W: codes, Bias: make([]float64, n.Shape.C)}
	bits := uint8(b.nodes[i].Transform.(*projector).bits)
	for _, delta := range deltas {
		l.RowBits, l.RowScale = append(l.RowBits, bits), append(l.RowScale, delta)
		l.Gain = append(l.Gain, 1)
	}
	if s := b.stored[i]; s != nil {
		for c, gain := range s.gain {
			l.RowScale[c] *= gain
			l.Bias[c], n.Bias[c] = s.bias(c), float32(s.offset[c])
		}
	}
	b.q.Layers = append(b.q.Layers, l)
	b.add(i, n, b.grids[i])
}

// norm folds a batch normalization into the layer before it, or adds a scale.
func (b *builder) norm(i, in int, n kernels.Node) {
	if !kernels.HasWeights(b.nodes[in].Op) {
		b.scale(i, n)
		return
	}
	b.at[i] = b.at[in]
	at := slices.IndexFunc(b.q.Layers, func(l kernels.QLayer) bool { return l.Node == b.at[in] })
	l, node, s := &b.q.Layers[at], &b.q.Net.Nodes[b.at[in]], b.stored[i]
	node.Fold = make([]float32, len(s.gain))
	k := len(node.Weight) / len(s.gain)
	for c, gain := range s.gain {
		l.Gain[c], l.Bias[c] = gain, s.bias(c)
		node.Fold[c], node.Bias[c] = float32(gain), float32(s.offset[c])
		for j := range k {
			node.Weight[c*k+j] *= float32(gain)
		}
	}
}
