package train

import (
	"bitcycle/kernels"
)

// compiler turns nodes into ops.
type compiler struct {
	m    *Model
	seed uint64
}

// node compiles node i. A ReLU whose input is a batch normalization or an
// operator without weights that nobody else reads becomes part of it.
func (c *compiler) node(i int) {
	m, n := c.m, &c.m.Spec.Nodes[i]
	if n.relu() && c.fuse(i, n.Inputs[0]) {
		m.values = append(m.values, m.values[n.Inputs[0]])
		return
	}
	out := &value{shape: n.Shape, slot: -1}
	m.values = append(m.values, out)
	var in []*value
	for _, j := range n.Inputs {
		in = append(in, m.values[j])
		out.needs = out.needs || m.values[j].needs
	}
	if i == 0 {
		return
	}
	m.ops = append(m.ops, c.op(i, link{in: in, out: out, add: make([]bool, len(in))}))
}

// relu tells whether the node is max(x, 0).
func (n *Node) relu() bool {
	if n.Op == nil {
		return false
	}
	l, ok := n.Op.Clamp()
	return ok && l == kernels.Limits{Lo: 0, Hi: inf}
}

// fuse lets the op of node j apply the ReLU of node i if it can.
func (c *compiler) fuse(i, j int) bool {
	readers := 0
	for k := range c.m.Spec.Nodes {
		for _, in := range c.m.Spec.Nodes[k].Inputs {
			if in == j {
				readers++
			}
		}
	}
	if readers != 1 || j != i-1 || len(c.m.ops) == 0 {
		return false
	}
	switch o := c.m.ops[len(c.m.ops)-1].(type) {
	case *batchNorm:
		o.relu = true
	case *operator:
		o.relu = true
	default:
		return false
	}
	return true
}

func (c *compiler) op(i int, l link) op {
	n := &c.m.Spec.Nodes[i]
	p, weighted := c.m.Spec.product(i)
	switch {
	case n.Norm != nil:
		l.out.needs = true
		o := newBatchNorm(n, l)
		c.m.norms = append(c.m.norms, o)
		c.m.Params = append(c.m.Params, o.gamma, o.beta)
		return o
	case n.Activation != nil:
		return c.activation(n, l)
	case weighted:
		l.out.needs = true
		return c.linear(n, l, &p)
	}
	in, _ := c.m.Spec.inputs(i)
	g, err := n.Op.Gradient(in, n.Shape)
	if err != nil {
		panic("train: operator passed shape inference but cannot be compiled")
	}
	return &operator{link: l, g: g}
}

// linear compiles a layer.
func (c *compiler) linear(n *Node, l link, p *kernels.Product) op {
	cin, taps := l.in[0].shape.C, p.Area()
	w := n.Weight
	if w == nil {
		sd := heFanOut(taps, p.Channels)
		if p.Whole {
			sd = heFanOut(1, 2*cin) // √(1/inputs)
		}
		w = normal(p.Channels*p.K, sd, c.seed, uint64(len(c.m.Params)))
	} else {
		w = tapsOutside(w, p.Channels, p.K/taps, taps)
	}
	weight := newParam(n.Name+".weight", w)
	weight.setTransform(n.Transform, p.Channels)
	c.m.Params = append(c.m.Params, weight)
	var bias *Param
	if !n.NoBias {
		bias = newParam(n.Name+".bias", clone(n.Bias, p.Channels, 0))
		bias.use()
		c.m.Params = append(c.m.Params, bias)
	}
	weight.use()
	if p.Depthwise() {
		return &depthwise{link: l, weight: weight, bias: bias, shape: convShape(p, l)}
	}
	return newConv(p, l, weight, bias)
}

// activation compiles a function of the caller's; nodes with the same pointer
// share its parameters.
func (c *compiler) activation(n *Node, l link) op {
	l.out.needs = l.out.needs || len(n.Activation.Parameters()) > 0
	p, ok := c.m.shared[n.Activation]
	if !ok {
		rule := n.Activation.Parameters()
		start := make([]float32, len(rule))
		for i, r := range rule {
			start[i] = r.Start
		}
		p = newParam(n.Name+".param", start)
		p.rule = rule
		c.m.shared[n.Activation] = p
		c.m.Params = append(c.m.Params, p)
	}
	return &activation{link: l, f: n.Activation, param: p, user: p.use()}
}

// link is what all ops have: values read and the value written.
type link struct {
	in  []*value
	out *value
	add []bool // add to the gradient of input k instead of storing it
}

func (l *link) inputs() []*value { return l.in }

func (l *link) output() *value { return l.out }

// setAdd says whether the gradient of input k is added to what is there,
// because another reader came first, or stored.
func (l *link) setAdd(k int, add bool) { l.add[k] = add }
