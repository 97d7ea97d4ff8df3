package kernels

func init() {
	opCases["concat"] = opCase{
		op: Concat{}, often: 2,
		draw: func(b *netBuilder, n *Node, in Shape) {
			n.Op = Concat{}
			for range b.int("more", 0, 2) {
				b.more(n, func(s Shape) bool { return s.H == in.H && s.W == in.W && s.D == in.D })
			}
		},
		define: func(_ *Node, in []real) real {
			out := real{Shape: in[0].Shape}
			out.C = 0
			for _, v := range in {
				out.C += v.C
				out.x = append(out.x, v.x...)
			}
			return out
		},
	}
}
