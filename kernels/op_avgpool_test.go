package kernels

func init() {
	opCases["avgpool"] = opCase{
		op: AvgPool{}, image: true,
		draw: func(b *netBuilder, n *Node, _ Shape) {
			n.Op = AvgPool{b.window(), b.int("count", 0, 1) == 1}
		},
		define: func(n *Node, in []real) real {
			o := n.Op.(AvgPool)
			return windows(o.Window, in[0].Shape, in[0].C, func(c int, taps [][2]int) float64 {
				sum, count := under(&in[0], c, taps, o.CountPad)
				return sum / float64(count)
			})
		},
		codes: func(n *Node, in []codes, from []Grid, to Grid) []int32 {
			o, x := n.Op.(AvgPool), in[0].real()
			lo, hi := to.Range()
			y := windows(o.Window, x.Shape, x.C, func(c int, taps [][2]int) float64 {
				sum, count := under(&x, c, taps, o.CountPad)
				f := meanFixed(from[0], to, count)
				return float64(f.apply(int64(sum), lo, hi))
			})
			return y.codes()
		},
	}
}

// under returns the sum of the values under a window and how many make it up.
func under(x *real, c int, taps [][2]int, countPad bool) (sum float64, count int) {
	for _, tap := range taps {
		v, inside := x.at(c, tap[0], tap[1])
		sum += v
		if inside || countPad {
			count++
		}
	}
	return sum, count
}
