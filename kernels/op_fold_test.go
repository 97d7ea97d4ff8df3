package kernels

func init() {
	opCases["fold"] = opCase{
		op: Fold{}, image: true,
		draw: func(b *netBuilder, n *Node, in Shape) {
			area := [2]int{b.int("kernel", 1, 2), b.int("kernel", 1, 2)}
			b.add(Node{Op: Pick{C: repeatedUp(in.C*area[0]*area[1], in.C)}, Inputs: n.Inputs})
			n.Inputs = []int{len(b.net.Nodes) - 1}
			o := Fold{Window: b.window(), Size: [2]int{b.int("rows", 1, 8), b.int("columns", 1, 8)}}
			o.Kernel = area
			if b.int("bias", 0, 1) == 1 {
				o.Bias = b.floats(in.C, 1)
			}
			n.Op = o
		},
		// Every value goes to its place.
		define: func(n *Node, in []real) real {
			o := n.Op.(Fold)
			out := newReal(in[0].C/o.Area(), o.Size[0], o.Size[1])
			for i := range out.x {
				if o.Bias != nil {
					out.x[i] = float64(o.Bias[i/out.Pixels()])
				}
			}
			o.scatter(in[0], func(c, at int, v float64) { out.x[c*out.Pixels()+at] += v })
			return out
		},
		codes: func(n *Node, in []codes, from []Grid, to Grid) []int32 {
			o := n.Op.(Fold)
			sum := newReal(in[0].C/o.Area(), o.Size[0], o.Size[1])
			o.scatter(in[0].real(), func(c, at int, v float64) { sum.x[c*sum.Pixels()+at] += v })
			lo, hi := to.Range()
			y := sum.mapped(func(c int, v float64) float64 {
				bias := float32(0)
				if o.Bias != nil {
					bias = o.Bias[c]
				}
				f := foldFixed(from[0], to, o.Area(), bias)
				return float64(f.apply(int64(v), lo, hi))
			})
			return y.codes()
		},
	}
}

// repeatedUp counts up to n, again and again.
func repeatedUp(count, n int) (index []int) {
	for i := range count {
		index = append(index, i%n)
	}
	return index
}

func (o Fold) scatter(x real, put func(c, at int, v float64)) {
	w := o.Complete()
	for i, v := range x.x {
		c, y, col := i/x.Pixels(), i/x.W%x.H, i%x.W
		ky, kx := c%w.Area()/w.Kernel[1], c%w.Kernel[1]
		row, column := y*w.Stride[0]+ky*w.Dilation[0]-w.Pad[0], col*w.Stride[1]+kx*w.Dilation[1]-w.Pad[1]
		if row >= 0 && row < o.Size[0] && column >= 0 && column < o.Size[1] {
			put(c/w.Area(), row*o.Size[1]+column, v)
		}
	}
}
