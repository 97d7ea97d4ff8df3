package train

import (
	"fmt"

	"bitcycle/kernels"
)

// Model is a compiled network with its weights. Its methods use several
// goroutines, but only one may be called at a time.
type Model struct {
	Spec   *Spec // with all shapes filled in
	Params []*Param

	engine *engine
	values []*value // by node; nodes fused into the one before share a value
	ops    []op
	norms  []*batchNorm
	shared map[Activation]*Param
	load   *loader
	loss   *loss
	slots  []int // size of each gradient buffer, per image
	batch  int   // images that the buffers hold

	infer, ahead, back []segment // inference, training forward and backward
}

// value is the output of a node for a batch, channels last.
type value struct {
	shape kernels.Shape
	x     []float32
	slot  int  // gradient buffer, −1: none
	needs bool // a parameter lies before it

	// buffer holds gradients, room values an image. Other values use it too, so
	// each chunk keeps to its own part: chunks need not wait for one another.
	buffer []float32
	room   int
}

// images returns the values of the images [lo, hi).
func (v *value) images(lo, hi int) []float32 {
	size := v.shape.Size()
	return v.x[lo*size : hi*size]
}

// grad returns the gradients of the images [lo, hi), which must be a chunk.
func (v *value) grad(lo, hi int) []float32 {
	return v.buffer[lo*v.room:][:(hi-lo)*v.shape.Size()]
}

// op is a compiled node. Its chunk method serves the stages forward and
// backward.
type op interface {
	task
	inputs() []*value
	output() *value
	setAdd(k int, add bool)
}

// binder is an op that has a buffer of its own.
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
	m := &Model{Spec: spec, engine: newEngine(workers), shared: map[Activation]*Param{}}
	c := compiler{m: m, seed: seed}
	for i := range spec.Nodes {
		c.node(i)
	}
	last := m.values[len(m.values)-1]
	if last.shape.Pixels() != 1 {
		return nil, fmt.Errorf("network %s: output %v: want a vector of logits", spec.Name, last.shape)
	}
	m.loss = &loss{logits: last}
	m.load = &loader{input: m.values[0]}
	m.plan()
	m.schedule()
	return m, nil
}

// Param returns the parameter of a name such as "conv1.weight" or "norm1.gamma",
// or nil.
func (m *Model) Param(name string) *Param {
	for _, p := range m.Params {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Parameters returns the trained values of an activation of the network, or nil.
func (m *Model) Parameters(f Activation) []float32 {
	if p := m.shared[f]; p != nil {
		return p.Value
	}
	return nil
}

// Norm is a batch normalization as inference applies it.
type Norm struct {
	BatchNorm
	Epsilon float32
}

// Norm returns the state of the node of that name; ok tells whether it is a
// batch normalization.
func (m *Model) Norm(name string) (n Norm, ok bool) {
	for _, o := range m.norms {
		if o.name == name {
			return Norm{BatchNorm{o.gamma.Value, o.beta.Value, o.mean, o.vari}, normEpsilon}, true
		}
	}
	return Norm{}, false
}

// Use recomputes the used weights of all layers from the float weights.
func (m *Model) Use() {
	for _, p := range m.Params {
		p.prepare()
	}
}

// Classes is the number of logits.
func (m *Model) Classes() int { return m.Spec.Nodes[len(m.Spec.Nodes)-1].Shape.C }

// plan decides which gradients are needed and which of them share a buffer: a
// gradient lives from the first consumer's backward to its own node's.
func (m *Model) plan() {
	var free []int
	last := m.values[len(m.values)-1]
	last.slot, free = m.slot(last, free)
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
				in.slot, free = m.slot(in, free)
			}
			o.setAdd(k, !first)
		}
		free = append(free, out.slot)
	}
}

// slot returns the free buffer that fits best, or a new one.
func (m *Model) slot(v *value, free []int) (slot int, rest []int) {
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
	if training && (grown || m.values[len(m.values)-1].buffer == nil) {
		buffers := make([][]float32, len(m.slots))
		for i, size := range m.slots {
			buffers[i] = make([]float32, m.batch*size)
		}
		for _, v := range m.values {
			if v.slot >= 0 {
				v.buffer, v.room = buffers[v.slot], m.slots[v.slot]
			}
		}
		for _, p := range m.Params {
			p.reserve()
		}
	}
	if grown {
		for _, o := range m.ops {
			if b, ok := o.(binder); ok {
				b.bind(m.batch)
			}
		}
	}
}

// backward runs the network backwards from the gradient of the logits and
// leaves the parameters' gradients in Grad.
func (m *Model) backward() {
	m.engine.run(m.back)
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
