package kernels

import "math"

func init() {
	opCases["maxpool"] = opCase{
		op: MaxPool{}, image: true,
		draw: func(b *netBuilder, n *Node, _ Shape) { n.Op = MaxPool{b.window()} },
		define: func(n *Node, in []real) real {
			return windows(n.Op.(MaxPool).Window, in[0].Shape, in[0].C, func(c int, taps [][2]int) float64 {
				most := math.Inf(-1)
				for _, tap := range taps {
					if v, inside := in[0].at(c, tap[0], tap[1]); inside {
						most = max(most, v)
					}
				}
				return most
			})
		},
	}
}
