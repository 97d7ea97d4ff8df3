package kernels

import (
	"math"

	"pgregory.net/rapid"
)

func init() {
	opCases["lrn"] = opCase{
		op: LRN{},
		draw: func(b *netBuilder, n *Node, _ Shape) {
			n.Op = LRN{b.int("size", 1, 7), rapid.Float32Range(0, 1).Draw(b.t, "alpha"), 0.75, 1}
		},
		define: func(n *Node, in []real) real {
			o := n.Op.(LRN)
			return in[0].pixelwise(func(x []float64) []float64 {
				out := make([]float64, len(x))
				for c, v := range x {
					sum := 0.0
					for k, u := range x {
						if k >= c-(o.Size-1)/2 && k <= c+o.Size/2 {
							sum += u * u
						}
					}
					out[c] = v / math.Pow(float64(o.Offset)+float64(o.Alpha)/float64(o.Size)*sum, float64(o.Beta))
				}
				return out
			})
		},
		bound: func(result float64, _ []Grid, _ Grid) float64 { return 2 + 1e-4*math.Abs(result) },
	}
}
