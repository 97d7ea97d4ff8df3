package kernels

func init() {
	opCases["matmul"] = opCase{
		op: MatMul{},
		// The pixels times one another, or, where one matrix serves all, the first ones.
		draw: func(b *netBuilder, n *Node, in Shape) {
			n.Op = MatMul{}
			rows := in.H * in.W
			b.add(Node{Op: Reorder{From: "DHWC", To: "DCHW", Out: Shape{C: rows, H: in.C, W: 1, D: in.D}}, Inputs: n.Inputs})
			if b.int("one matrix", 0, 2) == 0 {
				b.add(Node{Op: Pick{D: []int{0}}, Inputs: []int{len(b.net.Nodes) - 1}})
			}
			n.Inputs = append(n.Inputs, len(b.net.Nodes)-1)
		},
		define: func(_ *Node, in []real) real { return multiplied(in[0], in[1]) },
		codes: func(_ *Node, in []codes, from []Grid, to Grid) []int32 {
			bound := from[0].Magnitude() * from[1].Magnitude() * int64(in[0].C)
			f := newFixed([]float64{from[0].Scale * from[1].Scale / to.Scale}, 0, []int64{bound})
			lo, hi := to.Range()
			sums := multiplied(in[0].real(), in[1].real())
			y := sums.mapped(func(_ int, v float64) float64 { return float64(f.apply(int64(v), lo, hi)) })
			return y.codes()
		},
	}
}

// multiplied is Σ_k a[d, row, k]·b[d, k, c].
func multiplied(a, b real) real {
	out := a.Shape
	out.C = b.C
	y := real{out, make([]float64, out.Size())}
	for i := range y.x {
		c, d, row := i/out.Pixels(), i%out.Pixels()/(out.H*out.W), i%(out.H*out.W)
		for k := range a.C {
			y.x[i] += a.x[k*a.Pixels()+d*out.H*out.W+row] * b.repeated(c, d, k, 0)
		}
	}
	return y
}
