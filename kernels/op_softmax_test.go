package kernels

import "math"

func init() {
	opCases["softmax"] = opCase{
		op:   Softmax{},
		draw: func(_ *netBuilder, n *Node, _ Shape) { n.Op = Softmax{} },
		define: func(_ *Node, in []real) real {
			return in[0].pixelwise(func(x []float64) []float64 {
				out := make([]float64, len(x))
				for i, v := range x {
					sum := 0.0
					for _, u := range x {
						sum += math.Exp(u - v)
					}
					out[i] = 1 / sum
				}
				return out
			})
		},
		bound: func(result float64, _ []Grid, _ Grid) float64 { return 2 + 1e-4*math.Abs(result) },
	}
}
