package kernels

func init() {
	opCases["scale"] = opCase{
		op: Scale{},
		draw: func(b *netBuilder, n *Node, in Shape) {
			count := in.C
			if b.int("each value", 0, 3) == 0 {
				count = in.Size()
			}
			n.Op = Scale{b.floats(count, 1), b.floats(count, 0.5)}
		},
		define: func(n *Node, in []real) real {
			o, out := n.Op.(Scale), real{in[0].Shape, nil}
			for i, v := range in[0].x {
				c := o.constant(in[0].Shape, i)
				out.x = append(out.x, v*float64(o.Factor[c])+float64(o.Offset[c]))
			}
			return out
		},
		codes: func(n *Node, in []codes, from []Grid, to Grid) []int32 {
			o, out := n.Op.(Scale), make([]int32, len(in[0].x))
			lo, hi := to.Range()
			for i, v := range in[0].x {
				c := o.constant(in[0].Shape, i)
				bound := []int64{from[0].Magnitude()}
				f := newFixed([]float64{float64(o.Factor[c]) * from[0].Scale / to.Scale}, float64(o.Offset[c])/to.Scale, bound).rounded(to, bound)
				out[i] = f.apply(int64(v), lo, hi)
			}
			return out
		},
	}
}

// constant returns which constants value i, counted in channel, depth, row, column
// order, has.
func (o Scale) constant(s Shape, i int) int {
	c, p := i/s.Pixels(), i%s.Pixels()
	if len(o.Factor) == s.C {
		return c
	}
	return p*s.C + c
}
