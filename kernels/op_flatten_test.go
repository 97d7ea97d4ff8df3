package kernels

func init() {
	opCases["flatten"] = opCase{
		op:     Flatten{},
		draw:   func(_ *netBuilder, n *Node, _ Shape) { n.Op = Flatten{} },
		define: func(_ *Node, in []real) real { return real{Shape{C: len(in[0].x), H: 1, W: 1}, in[0].x} },
	}
}
