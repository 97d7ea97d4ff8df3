package kernels

func init() {
	opCases["clip"] = opCase{
		op: Clip{},
		draw: func(b *netBuilder, n *Node, _ Shape) {
			n.Op = Clip{-0.25, 0.5}
			if b.int("positive", 0, 1) == 1 {
				n.Op = Clip{0, 0.5}
			}
		},
		define: func(n *Node, in []real) real {
			o := n.Op.(Clip)
			return in[0].mapped(func(_ int, v float64) float64 { return min(max(v, float64(o.Lo)), float64(o.Hi)) })
		},
		// The limits are rounded to the grid.
		codes: func(n *Node, in []codes, _ []Grid, to Grid) []int32 {
			o, out := n.Op.(Clip), make([]int32, len(in[0].x))
			for i, v := range in[0].x {
				out[i] = min(max(v, to.Quantize(float64(o.Lo))), to.Quantize(float64(o.Hi)))
			}
			return out
		},
	}
}
