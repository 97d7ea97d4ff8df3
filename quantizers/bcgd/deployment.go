package bcgd

import (
	"context"
	"errors"
	"fmt"
	"math"

	"bitcycle/kernels"
	"bitcycle/kernels/train"
)

// deployment is the network as it is executed: its nodes, the grid that the
// values of each are stored on, and how they get there. The integer network and
// the simulation are made of the same deployment.
type deployment struct {
	*Network
	nodes   []train.Node
	readers [][]int
	grids   []kernels.Grid // of node's values as stored
	rising  []bool         // the node's values are rounded up on their grid, not to nearest
	deltas  [][]float64    // of layers, by output channel
	codes   [][]int16      // of layers, in the order of kernels.Node
	stored  []*stored      // nil: the node computes no real values that are stored
}

// deploy fixes everything.
func (n *Network) deploy(ctx context.Context, data *train.Data) (*deployment, error) {
	if err := n.Config.integers(); err != nil {
		return nil, err
	}
	n.Model.Use()
	nodes := n.Model.Spec.Nodes
	d := &deployment{
		Network: n, nodes: nodes, readers: make([][]int, len(nodes)),
		grids: make([]kernels.Grid, len(nodes)), rising: make([]bool, len(nodes)),
		deltas: make([][]float64, len(nodes)), codes: make([][]int16, len(nodes)), stored: make([]*stored, len(nodes)),
	}
	for i := range nodes {
		for _, in := range nodes[i].Inputs {
			d.readers[in] = append(d.readers[in], i)
		}
	}
	if err := d.layGrids(ctx, data); err != nil {
		return nil, err
	}
	for i := range nodes {
		if kernels.HasWeights(nodes[i].Op) {
			d.deltas[i], d.codes[i] = d.levels(i)
		}
		d.store(i)
	}
	return d, nil
}

// layGrids fixes the grids: those of the quantizers, that of the logits, and
// from the output on those that the readers want.
func (d *deployment) layGrids(ctx context.Context, data *train.Data) error {
	for i := range d.nodes {
		if u := d.rewrite.units[i]; u != nil {
			d.grids[i] = d.gridOf(i, u)
		}
	}
	last := len(d.nodes) - 1
	if d.rewrite.units[last] == nil {
		reach, err := d.reach(ctx, data)
		if err != nil {
			return err
		}
		d.grids[last] = d.outputGrid(last, reach)
	}
	for i := last - 1; i >= 0; i-- {
		if d.rewrite.units[i] == nil && len(d.readers[i]) > 0 {
			d.grids[i], d.rising[i] = d.wanted(i)
		}
	}
	return d.check()
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

// outputGrid spans twice the reach of the logits, or more where the output is a
// mean, whose step is that of its input times a power of two.
func (d *deployment) outputGrid(last int, reach float64) kernels.Grid {
	g := kernels.Grid{Scale: 2 * reach / (1<<(kernels.ResidualBits-1) - 1), Bits: kernels.ResidualBits, Signed: true}
	if most := d.averaged(last); most > 0 {
		from := d.grids[d.nodes[last].Inputs[0]].Scale
		g.Scale = math.Ldexp(from, max(exponent(g.Scale/from), exponent(most/largestSum)))
	}
	return g
}

// largestSum is what the sums of codes that means are taken of stay below, in
// steps of either grid, for the mean to be rounded exactly.
const largestSum = 1 << 29

// averaged returns the largest sum of codes that node i takes the mean of, 0 if
// it takes none.
func (d *deployment) averaged(i int) float64 {
	n := &d.nodes[i]
	if len(n.Inputs) == 0 {
		return 0
	}
	w, _, ok := mean(n.Op, d.nodes[n.Inputs[0]].Shape)
	if !ok {
		return 0
	}
	return float64(w.Area()) * float64(d.grids[n.Inputs[0]].Magnitude())
}

// product returns the product that layer i is.
func (d *deployment) product(i int) kernels.Product {
	n := &d.nodes[i]
	p, _ := n.Op.Product([]kernels.Shape{d.nodes[n.Inputs[0]].Shape})
	return p
}

// gridOf returns the grid of the quantizer at node i: its own, or one whose
// ratio to the activation that it is added to has 14 bits.
func (d *deployment) gridOf(i int, u quantizer) kernels.Grid {
	n := &d.nodes[i]
	if n.Activation == nil { // passes codes on
		return d.grids[n.Inputs[0]]
	}
	g := u.grid()
	if r, ok := u.(*rounding); ok && r.of != nil {
		of := d.grids[d.nodes[n.Inputs[0]].Inputs[0]]
		g.Scale = math.Ldexp(of.Scale, int(of.Bits)-int(g.Bits))
	}
	if other := d.partner(n.Inputs[0]); other >= 0 {
		g.Scale = d.grids[other].Scale / fewBits(d.grids[other].Scale/g.Scale)
	}
	return g
}

// partner returns the input of sum i that is already on a grid, or −1.
func (d *deployment) partner(i int) int {
	if adds(&d.nodes[i]) {
		for _, in := range d.nodes[i].Inputs {
			if d.rewrite.units[in] != nil {
				return in
			}
		}
	}
	return -1
}

// largestRatio is what the ratio of the steps that meet in a sum stays below.
const largestRatio = 1 << 13

// ratioBits is how many fractional bits a ratio of 14 bits has, 18 at most: a
// sum's map of 16-bit codes, with multipliers up to 2¹⁴ and sums below 2³⁰, has
// room for that many beside a branch in 2⁻⁵ of the sum's step.
func ratioBits(ratio float64) int {
	return min(14-exponent(ratio), 18)
}

// fewBits rounds a ratio to its ratioBits. A ratio of two steps, one of which
// was chosen for it, comes out as it was chosen, without the error of division.
func fewBits(ratio float64) float64 {
	bits := ratioBits(ratio)
	return math.Ldexp(math.Round(math.Ldexp(ratio, bits)), -bits)
}

// check reports sums that integers cannot add or average exactly.
func (d *deployment) check() error {
	for i := range d.nodes {
		if err := d.checkSum(i); err != nil {
			return fmt.Errorf("network %s: node %s: %w", d.name, d.nodes[i].Name, err)
		}
	}
	return nil
}

func (d *deployment) checkSum(i int) error {
	if d.averaged(i) >= largestSum {
		return fmt.Errorf("averages sums up to %.3g: must be less than %d", d.averaged(i), largestSum)
	}
	if adds(&d.nodes[i]) && len(d.readers[i]) == 0 {
		return errors.New("a sum at the output has no integer form")
	}
	other := d.partner(i)
	if other < 0 {
		return nil
	}
	from, to := d.grids[other].Scale, d.grids[i].Scale
	if ratio := from / to; !(ratio > 0 && ratio < largestRatio) {
		return fmt.Errorf("adds steps of %g to a grid of step %g: must be less than %d times as large", from, to, largestRatio)
	}
	return nil
}

// wanted returns the grid that the only reader of node i wants its values on,
// and whether they are to be rounded up.
func (d *deployment) wanted(i int) (kernels.Grid, bool) {
	reader := d.readers[i][0]
	switch n := &d.nodes[reader]; {
	case n.Activation != nil:
		_, up := d.rewrite.units[reader].(*ceiling)
		return d.grids[reader], up
	case adds(n):
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

// levels returns the scale of each output channel of a layer and its levels in
// the order of kernels.Node.
func (d *deployment) levels(i int) (deltas []float64, codes []int16) {
	n := &d.nodes[i]
	deltas, q := n.Transform.(*projector).levels(d.Model.Param(n.Name+".weight").Value, n.Shape.C)
	p := d.product(i)
	taps := p.Area()
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
