package train

import (
	"fmt"

	"bitcycle/kernels"
)

// Model is a compiled network with its weights.
type Model struct {
	Spec   *Spec // with all shapes filled in
	Params []*Param

	engine *engine
	values []*value // by node; nodes fused into the one before share a value
	ops    []op
	norms  []*batchNorm
	loss   *loss
	slots  []int // size of each gradient buffer, per image
	batch  int   // images that the buffers hold
}

// value is the output of a node for a batch, channels last.
type value struct {
	shape kernels.Shape
	x     []float32
	g     []float32 // gradient; nil if nobody needs it
	slot  int       // gradient buffer, −1: none
	needs bool      // a parameter lies before it
}

// image returns the part of s that holds the images [lo, hi).
func (v *value) image(s []float32, lo, hi int) []float32 {
	size := v.shape.Size()
	return s[lo*size : hi*size]
}

// op is a compiled node. Its chunk method serves the stages forward and
// backward.
type op interface {
	task
	inputs() []*value
	output() *value
}

// binder is an op that holds on to buffers.
type binder interface{ bind(batch int) }

// summer is an op that needs sums over the batch, formed in chunks in the
// stages sumForward and sumBackward, before it can run.
type summer interface {
	op
	total(s stage, e *engine)
}

// New compiles the specification. Weights that it does not give are drawn from
// the seed.
func New(spec *Spec, seed uint64, workers int) (*Model, error) {
	spec = spec.clone()
	if err := spec.infer(); err != nil {
		return nil, err
	}
	m := &Model{Spec: spec, engine: newEngine(workers)}
	c := compiler{m: m, seed: seed, shared: map[Activation]*Param{}}
	for i := range spec.Nodes {
		if err := c.node(i); err != nil {
			return nil, fmt.Errorf("network %s: node %d %s: %w", spec.Name, i, spec.Nodes[i].Name, err)
		}
	}
	last := m.values[len(m.values)-1]
	if last.shape.H*last.shape.W != 1 {
		return nil, fmt.Errorf("network %s: output %v: want a vector of logits", spec.Name, last.shape)
	}
	m.loss = newLoss(last)
	m.plan()
	return m, nil
}

// Classes is the number of logits.
func (m *Model) Classes() int { return m.Spec.Nodes[len(m.Spec.Nodes)-1].Shape.C }

// plan decides which gradients are needed and which of them share a buffer: a
// gradient lives from the first consumer's backward to its own node's.
func (m *Model) plan() {
	var free []int
	last := m.values[len(m.values)-1]
	last.slot, free = m.take(last, free)
	for i := len(m.ops) - 1; i >= 0; i-- {
		o := m.ops[i]
		out := o.output()
		if out.slot < 0 {
			continue
		}
		for k, in := range o.inputs() {
			if !in.needs {
				continue
			}
			first := in.slot < 0
			if first {
				in.slot, free = m.take(in, free)
			}
			if a, ok := o.(adder); ok {
				a.setAdd(k, !first)
			}
		}
		free = append(free, out.slot)
	}
}

// adder is an op told whether the gradient of input k is added to what is
// there (another consumer came first) or stored.
type adder interface{ setAdd(k int, add bool) }

// take returns the free buffer that fits best, or a new one.
func (m *Model) take(v *value, free []int) (slot int, rest []int) {
	best := -1
	for i, s := range free {
		if best < 0 || misfit(m.slots[s], v) < misfit(m.slots[free[best]], v) {
			best = i
		}
	}
	if best < 0 {
		m.slots = append(m.slots, v.shape.Size())
		return len(m.slots) - 1, free
	}
	slot = free[best]
	m.slots[slot] = max(m.slots[slot], v.shape.Size())
	return slot, append(free[:best], free[best+1:]...)
}

func misfit(size int, v *value) int {
	d := size - v.shape.Size()
	return max(d, -d)
}

// reserve makes the buffers hold a batch of n images.
func (m *Model) reserve(n int, training bool) {
	grown := n > m.batch
	if grown {
		m.batch = n
		seen := map[*value]bool{}
		for _, v := range m.values {
			if !seen[v] {
				v.x, seen[v] = make([]float32, n*v.shape.Size()), true
			}
		}
	}
	needGradients := training && (grown || m.values[len(m.values)-1].g == nil)
	if needGradients {
		buffers := make([][]float32, len(m.slots))
		for i, size := range m.slots {
			buffers[i] = make([]float32, m.batch*size)
		}
		for _, v := range m.values {
			if v.slot >= 0 {
				v.g = buffers[v.slot]
			}
		}
	}
	if grown || needGradients {
		for _, o := range m.ops {
			if b, ok := o.(binder); ok {
				b.bind(m.batch)
			}
		}
	}
}

// forward runs the network on the loaded batch.
func (m *Model) forward() {
	for _, o := range m.ops {
		if s, ok := o.(summer); ok && m.engine.training {
			m.engine.each(s, sumForward)
			s.total(sumForward, m.engine)
		}
		m.engine.each(o, forward)
	}
}

// backward runs the network backwards from the gradient of the logits and
// leaves the parameters' gradients in Grad.
func (m *Model) backward() {
	for i := len(m.ops) - 1; i >= 0; i-- {
		o := m.ops[i]
		if o.output().slot < 0 {
			continue
		}
		if s, ok := o.(summer); ok {
			m.engine.each(s, sumBackward)
			s.total(sumBackward, m.engine)
		}
		m.engine.each(o, backward)
	}
	m.engine.items(m, reduce, len(m.Params))
}

// prepare computes the used weights of all layers and packs them.
func (m *Model) prepare() { m.engine.items(m, prepare, len(m.ops)) }

// preparer is an op with weights to transform and pack.
type preparer interface{ prepare(training bool) }

// chunk serves the stages that run over parameters and layers.
func (m *Model) chunk(s stage, _ *worker, c, _, _ int) {
	switch s {
	case reduce:
		count, _ := chunks(m.engine.n)
		m.Params[c].sum(count)
	case prepare:
		if o, ok := m.ops[c].(preparer); ok {
			o.prepare(m.engine.training)
		}
	}
}
