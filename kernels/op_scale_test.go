package kernels

func init() {
	opCases["scale"] = opCase{
		op: Scale{},
		draw: func(b *netBuilder, n *Node, in Shape) {
			n.Op = Scale{b.floats(in.C, 1), b.floats(in.C, 0.5)}
		},
		define: func(n *Node, in []real) real {
			o := n.Op.(Scale)
			return in[0].mapped(func(c int, v float64) float64 { return v*float64(o.Factor[c]) + float64(o.Offset[c]) })
		},
		codes: func(n *Node, in []codes, from []Grid, to Grid) []int32 {
			o, out := n.Op.(Scale), make([]int32, len(in[0].x))
			lo, hi := to.Range()
			for i, v := range in[0].x {
				c := i / in[0].Pixels()
				f := newFixed([]float64{float64(o.Factor[c]) * from[0].Scale / to.Scale}, float64(o.Offset[c])/to.Scale, []int64{from[0].Magnitude()})
				out[i] = f.apply(int64(v), lo, hi)
			}
			return out
		},
	}
}
