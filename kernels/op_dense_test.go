package kernels

func init() {
	opCases["dense"] = opCase{
		op: Dense{},
		draw: func(b *netBuilder, n *Node, in Shape) {
			o := Dense{b.int("out", 1, 6)}
			n.Op = o
			n.Weight, n.Bias = b.floats(o.Channels*in.Size(), 0.3), b.floats(o.Channels, 0.5)
		},
		define: func(n *Node, in []real) real {
			out := newReal(len(n.Bias), 1, 1)
			for c := range out.x {
				out.x[c] = float64(n.Bias[c])
				for k, v := range in[0].x {
					out.x[c] += v * float64(n.Weight[c*len(in[0].x)+k])
				}
			}
			return out
		},
	}
}
