package kernels

import "math"

func init() {
	for _, log := range []bool{false, true} {
		op := Softmax{Log: log}
		opCases[op.Name()] = opCase{
			op: op,
			draw: func(b *netBuilder, n *Node, in Shape) {
				o := op
				o.Causal = !log && in.W == 1 && b.int("causal", 0, 1) == 1
				n.Op = o
			},
			define: func(n *Node, in []real) real {
				o, pixel := n.Op.(Softmax), -1
				return in[0].pixelwise(func(x []float64) []float64 {
					pixel++
					out := make([]float64, len(x))
					for i, v := range x {
						sum := 0.0
						for k, u := range x {
							if !o.Causal || k <= pixel%in[0].H {
								sum += math.Exp(u - v)
							}
						}
						if out[i] = 1 / sum; log {
							out[i] = -math.Log(sum)
						}
						if o.Causal && i > pixel%in[0].H {
							out[i] = 0
						}
					}
					return out
				})
			},
			bound: func(result float64, _ []Grid, _ Grid) float64 { return 2 + 1e-4*math.Abs(result) },
		}
	}
}
