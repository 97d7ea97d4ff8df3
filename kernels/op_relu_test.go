package kernels

func init() {
	opCases["relu"] = opCase{
		op: Relu{}, often: 2,
		draw: func(_ *netBuilder, n *Node, _ Shape) { n.Op = Relu{} },
		define: func(_ *Node, in []real) real {
			return in[0].mapped(func(_ int, v float64) float64 { return max(v, 0) })
		},
		codes: func(_ *Node, in []codes, _ []Grid, _ Grid) []int32 {
			out := make([]int32, len(in[0].x))
			for i, v := range in[0].x {
				out[i] = max(v, 0)
			}
			return out
		},
	}
}
