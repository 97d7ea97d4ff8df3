package kernels

func init() {
	opCases["pad"] = opCase{
		op: Pad{}, image: true,
		draw: func(b *netBuilder, n *Node, _ Shape) {
			n.Op = Pad{
				Channels: [2]int{b.int("before", 0, 2), b.int("after", 0, 2)},
				Pad:      [4]int{b.int("top", 0, 1), b.int("left", 0, 2), b.int("bottom", 0, 1), b.int("right", 0, 1)},
			}
		},
		define: func(n *Node, in []real) real {
			o := n.Op.(Pad)
			out := newReal(o.Channels[0]+in[0].C+o.Channels[1], o.Pad[0]+in[0].H+o.Pad[2], o.Pad[1]+in[0].W+o.Pad[3])
			for i := range out.x {
				c, y, x := i/(out.H*out.W), i/out.W%out.H, i%out.W
				out.x[i], _ = in[0].at(c-o.Channels[0], y-o.Pad[0], x-o.Pad[1])
			}
			return out
		},
	}
}
