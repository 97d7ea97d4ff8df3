package kernels

func init() {
	opCases["globalpool"] = opCase{
		op:   GlobalPool{},
		draw: func(_ *netBuilder, n *Node, _ Shape) { n.Op = GlobalPool{} },
		define: func(_ *Node, in []real) real {
			out := newReal(in[0].C, 1, 1)
			for c, sum := range in[0].sums() {
				out.x[c] = sum / float64(in[0].Pixels())
			}
			return out
		},
		codes: func(_ *Node, in []codes, from []Grid, to Grid) []int32 {
			x := in[0].real()
			f := meanFixed(from[0], to, x.Pixels())
			lo, hi := to.Range()
			var out []int32
			for _, sum := range x.sums() {
				out = append(out, f.apply(int64(sum), lo, hi))
			}
			return out
		},
	}
}

// sums returns the sum of each channel.
func (r *real) sums() []float64 {
	sums := make([]float64, r.C)
	for i, v := range r.x {
		sums[i/r.Pixels()] += v
	}
	return sums
}
