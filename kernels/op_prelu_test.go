package kernels

func init() {
	opCases["prelu"] = opCase{
		op:   PRelu{},
		draw: func(b *netBuilder, n *Node, in Shape) { n.Op = PRelu{b.floats(in.C, 1)} },
		define: func(n *Node, in []real) real {
			slope := n.Op.(PRelu).Slope
			return in[0].mapped(func(c int, v float64) float64 { return max(v, 0) + float64(slope[c])*min(v, 0) })
		},
		codes: func(n *Node, in []codes, from []Grid, to Grid) []int32 {
			lo, hi := to.Range()
			x := in[0].real()
			y := x.mapped(func(c int, v float64) float64 {
				slope := float32(1)
				if v < 0 {
					slope = n.Op.(PRelu).Slope[c]
				}
				f := preluMap(from[0], to, slope)
				return float64(f.apply(int64(v), lo, hi))
			})
			return y.codes()
		},
	}
}
