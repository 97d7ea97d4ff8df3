package kernels

func init() {
	opCases["constant"] = opCase{
		op: Constant{},
		draw: func(b *netBuilder, n *Node, _ Shape) {
			s := Shape{C: b.int("C", 1, 4), H: b.int("H", 1, 3), W: b.int("W", 1, 3)}
			n.Op, n.Inputs = Constant{s, b.floats(s.Size(), 1)}, nil
		},
		define: func(n *Node, _ []real) real {
			o := n.Op.(Constant)
			out := newReal(o.Shape.C, o.Shape.H, o.Shape.W)
			for i, v := range o.Values {
				out.x[i%out.C*out.Pixels()+i/out.C] = float64(v)
			}
			return out
		},
		codes: func(n *Node, _ []codes, _ []Grid, to Grid) []int32 {
			out := make([]int32, n.Shape.Size())
			for i, v := range n.Op.(Constant).Values {
				out[i%n.Shape.C*n.Shape.Pixels()+i/n.Shape.C] = to.Quantize(float64(v))
			}
			return out
		},
	}
}
