package kernels

func init() {
	opCases["requant"] = opCase{
		op:     Requant{},
		draw:   func(_ *netBuilder, n *Node, _ Shape) { n.Op = Requant{} },
		define: func(_ *Node, in []real) real { return in[0] },
		codes:  func(_ *Node, in []codes, from []Grid, to Grid) []int32 { return regrid(in[0].x, from[0], to) },
		bound: func(_ float64, from []Grid, to Grid) float64 {
			return 0.5 + 1e-3 + float64(from[0].Magnitude())*from[0].Scale/to.Scale/(1<<13)
		},
	}
}
