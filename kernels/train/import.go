package train

import (
	"context"
	"fmt"
	"math"

	"bitcycle/kernels"
)

// FromNetwork returns a specification that starts training at the weights of
// net and computes the same function. If norms, every convolution gets the
// batch normalization back that networks lose when they are stored folded, and
// its weights become those before folding if net says by what they were
// multiplied; statistics are those of data only after [Model.Recalibrate]. A
// softmax at the output is left out: the loss contains it.
func FromNetwork(net *kernels.Network, norms bool) (*Spec, error) {
	s := &Spec{Name: net.Name}
	last := withoutSoftmax(net)
	at := make([]int, last+1) // index in the specification
	names := map[string]bool{}
	for i, n := range net.Nodes[:last+1] {
		n.Name = unique(names, n.Name, i)
		inputs := n.Inputs
		n.Inputs = nil
		for _, j := range inputs {
			n.Inputs = append(n.Inputs, at[j])
		}
		node := Node{Node: n}
		if scale, ok := n.Op.(kernels.Scale); ok {
			node.Op = nil
			node.Norm = neutral(n.Shape.C)
			node.Norm.Gamma, node.Norm.Beta = scale.Factor, scale.Offset
		}
		_, conv := n.Op.(kernels.Conv)
		node.NoBias = conv && norms
		at[i] = s.Append(node)
		if node.NoBias {
			at[i] = s.normalize(unique(names, n.Name+".norm", i), at[i])
		}
	}
	return s, s.clone().infer()
}

// withoutSoftmax returns the node that a softmax at the output of a network
// reads, or the output.
func withoutSoftmax(net *kernels.Network) int {
	last := net.Output
	for {
		if _, ok := net.Nodes[last].Op.(kernels.Softmax); !ok {
			return last
		}
		last = net.Nodes[last].Inputs[0]
	}
}

// normalize adds the batch normalization that was folded into layer in.
func (s *Spec) normalize(name string, in int) int {
	at := s.BatchNorm(name, in)
	layer, norm := &s.Nodes[in], neutral(s.Nodes[in].Shape.C)
	norm.Beta = layer.Bias
	if layer.Fold != nil {
		layer.Weight, norm.Gamma = unfold(layer.Weight, layer.Fold)
	}
	s.Nodes[at].Norm = norm
	return at
}

// unfold divides the weights of each channel by its factor and returns the
// factors that make up for it. Where the factor is 0 the weights are lost.
func unfold(w, fold []float32) (unfolded, scale []float32) {
	unfolded, scale = clone(w, 0, 0), clone(fold, 0, 0)
	k := len(w) / len(fold)
	for c, f := range fold {
		if f == 0 {
			scale[c] = 1
			continue
		}
		for i := range k {
			unfolded[c*k+i] /= f
		}
	}
	return unfolded, scale
}

// unique returns the name, or one made from the index if it is taken.
func unique(taken map[string]bool, name string, i int) string {
	if name == "" || taken[name] {
		name = fmt.Sprintf("%s#%d", name, i)
	}
	taken[name] = true
	return name
}

// neutral returns running statistics that change nothing.
func neutral(c int) *BatchNorm {
	return &BatchNorm{Mean: filled(c, 0), Var: filled(c, 1-normEpsilon)}
}

// Recalibrate makes the statistics of all batch normalizations those of the
// data and adapts γ and β so that the network computes the same function.
func (m *Model) Recalibrate(ctx context.Context, data *Data) error {
	totals := make([]moments, len(m.norms))
	err := m.run(ctx, data, evalBatch, func(index []int) {
		for k, o := range m.norms {
			m.engine.each(o, sumForward)
			totals[k].add(o, m.engine)
		}
	})
	if err != nil {
		return err
	}
	for k, o := range m.norms {
		o.adopt(&totals[k])
	}
	return nil
}

// moments are sums over a whole data set.
type moments struct {
	count          float64
	sums, products []float64
}

func (t *moments) add(o *batchNorm, e *engine) {
	c := len(o.scale)
	if t.sums == nil {
		t.sums, t.products = make([]float64, c), make([]float64, c)
	}
	t.count += float64(e.n * o.out.shape.Pixels())
	count, _ := chunks(e.n)
	for _, part := range o.sums[:count] {
		for k := range c {
			t.sums[k] += part[k]
			t.products[k] += part[c+k]
		}
	}
}

// adopt changes the running statistics and keeps the affine map.
func (o *batchNorm) adopt(t *moments) {
	for c := range o.scale {
		scale, shift := float64(o.scale[c]), float64(o.shift[c])
		mean := t.sums[c] / t.count
		variance := max(t.products[c]/t.count-mean*mean, 0)
		o.mean[c], o.vari[c] = float32(mean), float32(variance)
		o.gamma.Value[c] = float32(scale * math.Sqrt(variance+normEpsilon))
		o.beta.Value[c] = float32(shift + scale*mean)
	}
}

// Reestimate sets the running statistics of all batch normalizations to those
// of the data under the used weights, averaged over batches that are each
// normalized by their own statistics.
func (m *Model) Reestimate(ctx context.Context, data *Data, batch int) error {
	done := 0
	step := func() {
		done++
		for _, o := range m.norms {
			o.momentum = 1 / float32(done)
		}
	}
	defer func() {
		for _, o := range m.norms {
			o.momentum = normMomentum
		}
	}()
	return m.sweep(ctx, data, batch, true, step, func([]int) {})
}
