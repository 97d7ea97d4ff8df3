package train

import (
	"bitcycle/kernels"
)

// compiler turns nodes into ops.
type compiler struct {
	m    *Model
	seed uint64
}

// node compiles node i. A ReLU whose input is a batch normalization or a sum
// that nobody else reads becomes part of it.
func (c *compiler) node(i int) {
	m, n := c.m, &c.m.Spec.Nodes[i]
	if n.Op == kernels.OpRelu && c.fuse(i, n.Inputs[0]) {
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
	if n.Op == kernels.OpInput {
		return
	}
	m.ops = append(m.ops, c.op(n, in, out))
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
	case *sum:
		o.relu = true
	default:
		return false
	}
	return true
}

func (c *compiler) op(n *Node, in []*value, out *value) op {
	link := link{in: in, out: out, add: make([]bool, len(in))}
	switch n.Op {
	case kernels.OpConv, kernels.OpDense:
		out.needs = true
		return c.linear(n, link)
	case OpBatchNorm:
		out.needs = true
		o := newBatchNorm(n, link)
		c.m.norms = append(c.m.norms, o)
		c.m.Params = append(c.m.Params, o.gamma, o.beta)
		return o
	case kernels.OpRelu:
		return &clamp{link: link, lo: 0, hi: inf}
	case kernels.OpClip:
		return &clamp{link: link, lo: n.Lo, hi: n.Hi}
	case OpActivation:
		return c.activation(n, link)
	case kernels.OpAdd:
		return &sum{link: link}
	case kernels.OpConcat:
		return &concat{link: link}
	case kernels.OpMaxPool:
		return newMaxPool(n, link)
	case kernels.OpAvgPool:
		return &avgPool{link: link, win: newWindow(n, in[0].shape), countPad: n.CountPad}
	case kernels.OpGlobalPool:
		return &globalPool{link: link}
	case kernels.OpFlatten:
		return &flatten{link: link}
	case kernels.OpPad, kernels.OpSlice:
		return newCrop(n, link)
	}
	panic("train: operator passed shape inference but cannot be compiled")
}

// linear compiles a convolution or dense layer.
func (c *compiler) linear(n *Node, l link) op {
	cin := l.in[0].shape.C
	taps := n.Kernel[0] * n.Kernel[1]
	w := n.Weight
	if w == nil {
		sd := heFanOut(taps, n.Shape.C)
		if n.Op == kernels.OpDense {
			sd = heFanOut(1, 2*cin) // √(1/inputs)
		}
		w = normal(n.Shape.C*taps*cin/n.Groups, sd, c.seed, uint64(len(c.m.Params)))
	} else {
		w = tapsOutside(w, n.Shape.C, cin/n.Groups, taps)
	}
	weight := newParam(n.Name+".weight", w)
	weight.setTransform(n.Transform, n.Shape.C)
	c.m.Params = append(c.m.Params, weight)
	var bias *Param
	if !n.NoBias {
		bias = newParam(n.Name+".bias", clone(n.Bias, n.Shape.C, 0))
		bias.use()
		c.m.Params = append(c.m.Params, bias)
	}
	weight.use()
	if n.Groups == cin && n.Shape.C == cin && cin > 1 {
		return &depthwise{link: l, weight: weight, bias: bias, shape: convShape(n, l.in[0].shape)}
	}
	return newConv(n, l, weight, bias)
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
