package kernels

import "math"

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
		// a grid that rounds as foreign models do is defined in float32
		bound: func(result float64, _ []Grid, to Grid) float64 {
			if to.Round == HalfUp {
				return 0.5 + 1e-9
			}
			return 0.5 + 1e-9 + math.Abs(result)/(1<<22)
		},
	}
}
