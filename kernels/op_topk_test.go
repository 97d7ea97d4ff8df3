package kernels

func init() {
	for _, index := range []bool{false, true} {
		o := TopK{Index: index}
		c := opCase{
			op: o,
			draw: func(b *netBuilder, n *Node, in Shape) {
				n.Op = TopK{b.int("k", 1, in.C), b.int("smallest", 0, 1) == 1, index, b.int("last", 0, 1) == 1}
			},
			define: func(n *Node, in []real) real { return n.Op.(TopK).defined(in[0]) },
		}
		if index {
			c.codes = func(n *Node, in []codes, _ []Grid, to Grid) (out []int32) {
				for _, v := range n.Op.(TopK).defined(in[0].real()).x {
					out = append(out, to.Quantize(v))
				}
				return out
			}
		}
		opCases[o.Name()] = c
	}
}

// defined takes the best channel that is left, K times.
func (o TopK) defined(in real) real {
	out := real{in.Shape, nil}
	out.C = o.K
	out.x = make([]float64, out.Size())
	n := in.Pixels()
	for p := range n {
		taken := map[int]bool{}
		for k := range o.K {
			best := -1
			for c := range in.C {
				if taken[c] {
					continue
				}
				if best < 0 {
					best = c
					continue
				}
				a, b := in.x[c*n+p], in.x[best*n+p]
				if o.Smallest {
					a, b = -a, -b
				}
				if a > b || a == b && o.Last {
					best = c
				}
			}
			taken[best] = true
			if out.x[k*n+p] = in.x[best*n+p]; o.Index {
				out.x[k*n+p] = float64(best)
			}
		}
	}
	return out
}
