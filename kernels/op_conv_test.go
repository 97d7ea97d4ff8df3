package kernels

import "pgregory.net/rapid"

func init() {
	opCases["conv"] = opCase{
		op: Conv{}, image: true, often: 3,
		draw: func(b *netBuilder, n *Node, in Shape) {
			groups := rapid.SampledFrom([]int{1, 1, 1, 2, in.C}).Draw(b.t, "groups")
			if in.C%groups != 0 {
				groups = 1
			}
			o := Conv{Channels: groups * b.int("out", 1, 4), Groups: groups, Window: b.window()}
			if groups == 1 {
				o.Groups = b.int("groups", 0, 1)
			}
			n.Op = o
			n.Weight, n.Bias = b.floats(o.Channels*in.C/groups*o.Area(), 0.5), b.floats(o.Channels, 0.5)
		},
		define: func(n *Node, in []real) real {
			o := n.Op.(Conv)
			groups := max(o.Groups, 1)
			cin, cout := in[0].C/groups, o.Channels/groups
			return windows(o.Window, in[0].Shape, o.Channels, func(c int, taps [][2]int) float64 {
				sum := float64(n.Bias[c])
				for ci := range cin {
					for k, tap := range taps {
						v, _ := in[0].at(c/cout*cin+ci, tap[0], tap[1])
						sum += v * float64(n.Weight[(c*cin+ci)*len(taps)+k])
					}
				}
				return sum
			})
		},
	}
}
