package kernels

func init() {
	opCases["add"] = opCase{
		op: Add{}, often: 2,
		draw: func(b *netBuilder, n *Node, in Shape) {
			n.Op = Add{}
			b.more(n, func(s Shape) bool { return s == in })
		},
		define: func(_ *Node, in []real) real {
			out := real{in[0].Shape, make([]float64, len(in[0].x))}
			for i := range out.x {
				out.x[i] = in[0].x[i] + in[1].x[i]
			}
			return out
		},
		codes: func(_ *Node, in []codes, from []Grid, to Grid) []int32 {
			f := rescaled(from, to)
			lo, hi := to.Range()
			out := make([]int32, len(in[0].x))
			for i := range out {
				x := int64(in[0].x[i])*int64(f.mult[0]) + int64(in[1].x[i])*int64(f.mult[1]) + f.bias
				out[i] = int32(min(max(f.code(x), int64(lo)), int64(hi)))
			}
			return out
		},
		bound: func(_ float64, from []Grid, to Grid) float64 {
			magnitude := float64(from[0].Magnitude() + from[1].Magnitude())
			return 0.5 + 1e-3 + magnitude*max(from[0].Scale, from[1].Scale)/to.Scale/(1<<13)
		},
	}
}
