package kernels

func init() {
	opCases["hardswish"] = opCase{
		op:   HardSwish{},
		draw: func(_ *netBuilder, n *Node, _ Shape) { n.Op = HardSwish{} },
		define: func(_ *Node, in []real) real {
			return in[0].mapped(func(_ int, v float64) float64 { return v * min(max(v+3, 0), 6) / 6 })
		},
		// Every code is the one nearest to the function.
		codes: func(_ *Node, in []codes, from []Grid, to Grid) []int32 {
			out := make([]int32, len(in[0].x))
			for i, c := range in[0].x {
				v := float64(c) * from[0].Scale
				out[i] = to.Quantize(v * min(max(v+3, 0), 6) / 6)
			}
			return out
		},
	}
}
