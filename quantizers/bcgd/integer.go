package bcgd

import (
	"context"
	"fmt"
	"math"

	"bitcycle/kernels"
	"bitcycle/kernels/train"
)

// Quantized returns the trained network in integers. Batch normalization and
// ceiling collapse into the requantization of the layer before: with
//
//	s = δ·α_in·γ/√(var+ε),   t = β − γ·mean/√(var+ε)
//
// the code is ⌈(s·acc + t)/α⌉ clipped to 0..n, and as requantization rounds
// halves up, ⌈x⌉ = ⌊x + (½−ϵ) + ½⌋ puts α·(½−ϵ) into the bias, ϵ = 2⁻²⁸ so that
// whole x stay. The branches of a sum are kept on 16 bits in fractions of the
// sum's α (a power of two), so that adding them is exact; the ratio of two
// resolutions that meet there is rounded to 14 bits and one of them with it.
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
		if err := b.node(i); err != nil {
			return nil, err
		}
	}
	b.q.Net.Output = b.at[len(b.at)-1]
	return b.q, b.q.Validate()
}

// slack is ϵ, what a value may exceed a level and still count as that level.
const slack = 1.0 / (1 << 28)

// deployment is the network as it is executed: its nodes and the grid that the
// values of each are stored on.
type deployment struct {
	*Network
	nodes   []train.Node
	readers [][]int
	grids   []kernels.Grid // of node's values as stored
	rising  []bool         // the node's values are rounded up on their grid, not to nearest
}

// deploy fixes all grids.
func (n *Network) deploy(ctx context.Context, data *train.Data) (*deployment, error) {
	if err := n.Config.integers(); err != nil {
		return nil, err
	}
	n.Model.Use()
	nodes := n.Model.Spec.Nodes
	d := &deployment{
		Network: n, nodes: nodes, readers: make([][]int, len(nodes)),
		grids: make([]kernels.Grid, len(nodes)), rising: make([]bool, len(nodes)),
	}
	for i := range nodes {
		for _, in := range nodes[i].Inputs {
			d.readers[in] = append(d.readers[in], i)
		}
	}
	for i := range nodes {
		if u := n.rewrite.units[i]; u != nil {
			d.grids[i] = d.gridOf(i, u)
		}
	}
	for i := len(nodes) - 1; i >= 0; i-- {
		if n.rewrite.units[i] == nil && len(d.readers[i]) > 0 {
			d.grids[i], d.rising[i] = d.wanted(i)
		}
	}
	last := len(nodes) - 1
	if n.rewrite.units[last] == nil {
		reach, err := d.reach(ctx, data)
		if err != nil {
			return nil, err
		}
		d.grids[last] = kernels.Grid{Scale: 2 * reach / (1<<(kernels.ResidualBits-1) - 1), Bits: kernels.ResidualBits, Signed: true}
	}
	d.normGrids()
	return d, nil
}

// reach is the largest logit.
func (n *Network) reach(ctx context.Context, data *train.Data) (float64, error) {
	few := *data
	few.Images = data.Images.Slice(0, min(data.Images.N, n.Config.Calibration))
	logits, err := n.Model.Logits(ctx, &few)
	reach := 1e-6
	for _, v := range logits {
		reach = max(reach, math.Abs(float64(v)))
	}
	return reach, err
}

// gridOf returns the grid of the quantizer at node i: its own, or one whose
// ratio to the activation that it is added to has 14 bits.
func (d *deployment) gridOf(i int, u quantizer) kernels.Grid {
	n := &d.nodes[i]
	if n.Op != train.OpActivation { // passes codes on
		return d.grids[n.Inputs[0]]
	}
	g := u.grid()
	if r, ok := u.(*rounding); ok && r.of != nil {
		of := d.grids[d.nodes[n.Inputs[0]].Inputs[0]]
		g.Scale = math.Ldexp(of.Scale, int(of.Bits)-int(g.Bits))
	}
	if other := d.partner(n.Inputs[0]); other >= 0 {
		ratio := d.grids[other].Scale / g.Scale
		bits := ratioBits(ratio)
		g.Scale = d.grids[other].Scale / math.Ldexp(math.Round(math.Ldexp(ratio, bits)), -bits)
	}
	return g
}

// partner returns the input of sum i that is already on a grid, or −1.
func (d *deployment) partner(i int) int {
	if d.nodes[i].Op == kernels.OpAdd {
		for _, in := range d.nodes[i].Inputs {
			if d.rewrite.units[in] != nil {
				return in
			}
		}
	}
	return -1
}

// ratioBits is how many fractional bits a ratio of 14 bits has.
func ratioBits(ratio float64) int {
	_, exponent := math.Frexp(ratio)
	return min(14-exponent, 20)
}

// wanted returns the grid that the only reader of node i wants its values on,
// and whether they are to be rounded up.
func (d *deployment) wanted(i int) (kernels.Grid, bool) {
	reader := d.readers[i][0]
	switch d.nodes[reader].Op {
	case train.OpActivation:
		_, up := d.rewrite.units[reader].(*ceiling)
		return d.grids[reader], up
	case kernels.OpAdd:
		sum := d.grids[reader]
		fraction := 13 - int(sum.Bits)
		if other := d.partner(reader); other >= 0 {
			fraction = min(fraction, ratioBits(d.grids[other].Scale/sum.Scale))
		}
		g := kernels.Grid{Scale: math.Ldexp(sum.Scale, -fraction), Bits: kernels.ResidualBits, Signed: true}
		return g, d.rising[reader] && i == d.carrier(reader)
	}
	return d.grids[reader], d.rising[reader] // batch normalization
}

// carrier returns the input of a sum that carries the shift of the sum's
// ceiling: the first that is not on a grid of its own.
func (d *deployment) carrier(sum int) int {
	for _, in := range d.nodes[sum].Inputs {
		if d.rewrite.units[in] == nil {
			return in
		}
	}
	panic("bcgd: sum of activations passed the check")
}

// normGrids gives a layer the grid of the batch normalization after it.
func (d *deployment) normGrids() {
	for i := range d.nodes {
		if d.nodes[i].Op == train.OpBatchNorm {
			d.grids[d.nodes[i].Inputs[0]] = d.grids[i]
		}
	}
}

// shift is what is added to the real values of node i so that rounding to
// nearest, halves up, on its grid and then on the activation's, is the ceiling.
// On the finer grid of a sum's branch one unit less than half the resolution
// does it: that is the ceiling of the branch less one unit, and the floor of
// the sum is one level below the ceiling.
func (d *deployment) shift(i int) float64 {
	if !d.rising[i] {
		return 0
	}
	own := d.grids[i].Scale
	if d.nodes[d.readers[i][0]].Op != kernels.OpAdd {
		return own * (0.5 - slack)
	}
	sum := d.grids[d.readers[i][0]].Scale
	return 0.5*sum - own*(0.5+slack)
}

// affine returns batch normalization i as y = scale·x + shift.
func (d *deployment) affine(i int) (scale, shift []float64, err error) {
	norm, ok := d.Model.Norm(d.nodes[i].Name)
	if !ok {
		return nil, nil, fmt.Errorf("node %s has no batch normalization", d.nodes[i].Name)
	}
	for c, g := range norm.Gamma {
		s := float64(g) / math.Sqrt(float64(norm.Var[c])+float64(norm.Epsilon))
		scale = append(scale, s)
		shift = append(shift, float64(norm.Beta[c])-float64(norm.Mean[c])*s)
	}
	return scale, shift, nil
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

func (b *builder) node(i int) error {
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
	switch n.Op {
	case train.OpActivation:
		b.activation(i, in, n)
	case train.OpBatchNorm:
		return b.norm(i, in, n)
	case kernels.OpConv, kernels.OpDense:
		b.layer(i, in, n)
	default:
		b.add(i, n, b.grids[i])
	}
	return nil
}

// activation adds the ReLU of a ceiling; rounding is done by what computes the
// values.
func (b *builder) activation(i, in int, n kernels.Node) {
	if _, ok := b.rewrite.units[i].(*ceiling); !ok {
		b.at[i] = b.at[in]
		return
	}
	n.Op = kernels.OpRelu
	if b.rewrite.units[in] != nil {
		b.lift(i, in, n.Shape)
		n.Inputs = []int{b.at[i]}
	}
	b.add(i, n, b.grids[i])
}

// lift adds the shift of a ceiling whose input is on a grid already.
func (b *builder) lift(i, in int, shape kernels.Shape) {
	s := kernels.Node{Name: b.nodes[i].Name + ".shift", Op: kernels.OpScale, Inputs: []int{b.at[in]}, Shape: shape}
	shift := math.Nextafter32(float32(b.grids[i].Scale/2), 0)
	for range shape.C {
		s.Scale, s.Bias = append(s.Scale, 1), append(s.Bias, shift)
	}
	b.add(i, s, b.grids[i])
}

// layer adds a convolution or dense layer with integer weights.
func (b *builder) layer(i, in int, n kernels.Node) {
	deltas, codes := b.codes(i)
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
	if bias := b.Model.Param(n.Name + ".bias"); bias != nil {
		for c, v := range bias.Value {
			n.Bias[c], l.Bias[c] = v, float64(v)
		}
	}
	b.q.Layers = append(b.q.Layers, l)
	b.add(i, n, b.grids[i])
}

// codes returns the scale of each output channel of a layer and its levels in
// the order of kernels.Node.
func (d *deployment) codes(i int) (deltas []float64, codes []int16) {
	n := &d.nodes[i]
	deltas, q := n.Transform.(*projector).levels(d.Model.Param(n.Name+".weight").Value, n.Shape.C)
	taps := n.Kernel[0] * n.Kernel[1]
	c := len(q) / n.Shape.C / taps
	codes = make([]int16, len(q))
	for m := range n.Shape.C {
		for t := range taps {
			for k := range c {
				codes[(m*c+k)*taps+t] = int16(q[(m*taps+t)*c+k])
			}
		}
	}
	return deltas, codes
}

// norm folds a batch normalization into the layer before it, or adds a scale.
func (b *builder) norm(i, in int, n kernels.Node) error {
	scale, shift, err := b.affine(i)
	if err != nil {
		return err
	}
	if !isLayer(b.nodes[in].Op) {
		n.Op, n.Scale, n.Bias = kernels.OpScale, nil, nil
		for c := range scale {
			n.Scale, n.Bias = append(n.Scale, float32(scale[c])), append(n.Bias, float32(shift[c]+b.shift(i)))
		}
		b.add(i, n, b.grids[i])
		return nil
	}
	b.at[i] = b.at[in]
	l, node := &b.q.Layers[len(b.q.Layers)-1], &b.q.Net.Nodes[b.at[in]]
	node.Fold = make([]float32, len(scale))
	k := len(node.Weight) / len(scale)
	for c, s := range scale {
		l.Gain[c], l.Bias[c] = s, shift[c]+b.shift(i)
		node.Fold[c], node.Bias[c] = float32(s), float32(shift[c])
		for j := range k {
			node.Weight[c*k+j] *= float32(s)
		}
	}
	return nil
}
