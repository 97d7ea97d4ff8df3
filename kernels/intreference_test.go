package kernels

import "slices"

// forwardInt is the slow, obvious integer executor: the codes of every node of
// one image in C, H, W order, from the definition of each operator on grids. It
// shares nothing with the plan but the fixed-point constants.
func forwardInt(q *Quantized, image []float32) [][]int32 {
	values := make([][]int32, len(q.Net.Nodes))
	layers := map[int]*QLayer{}
	for i := range q.Layers {
		layers[q.Layers[i].Node] = &q.Layers[i]
	}
	for n := range q.Net.Nodes {
		node := &q.Net.Nodes[n]
		if n == 0 {
			x := make([]float32, node.Shape.Size())
			toCHW(x, image, node.Shape)
			for _, v := range x {
				values[n] = append(values[n], q.Grids[n].Quantize(float64(v)))
			}
			continue
		}
		var in []codes
		var grids []Grid
		for k, j := range node.Inputs {
			want := q.Grids[j]
			if l := layers[n]; l != nil {
				want = l.In
			} else if at := slices.Index(q.Net.MatMuls(), n); at >= 0 {
				want = q.Factors[at][k]
			} else if node.Op.Selects() {
				want = q.Grids[n]
			}
			in = append(in, codes{q.Net.Nodes[j].Shape, regrid(values[j], q.Grids[j], want)})
			grids = append(grids, want)
		}
		if l := layers[n]; l != nil {
			values[n] = forwardLayer(node, l, in[0], q.Grids[n])
		} else {
			values[n] = forwardCodes(node, in, grids, q.Grids[n])
		}
	}
	return values
}

func regrid(x []int32, from, to Grid) []int32 {
	if from == to {
		return x
	}
	lo, hi := to.Range()
	f, out := between(from, to), make([]int32, len(x))
	for i, v := range x {
		out[i] = f.apply(int64(v), lo, hi)
	}
	return out
}

// forwardCodes is a node without weights: what its operator says of codes, or,
// as selections do on codes what they do on numbers, of numbers.
func forwardCodes(node *Node, in []codes, grids []Grid, to Grid) []int32 {
	c := caseOf(node)
	if c.codes != nil {
		return c.codes(node, in, grids, to)
	}
	var numbers []real
	for _, x := range in {
		numbers = append(numbers, x.real())
	}
	return c.define(node, numbers).codes()
}

func forwardLayer(node *Node, layer *QLayer, in codes, to Grid) []int32 {
	lo, hi := to.Range()
	k, first, pixels := node.Reduction(), layer.firstRows(), node.Shape.Pixels()
	f := layer.requantizers(k, to)
	out := make([]int32, node.Shape.Size())
	for i := range out {
		m, p := i/pixels, i%pixels
		x := f[m].bias
		for r := first[m]; r < first[m+1]; r++ {
			x += rowSum(node, layer.W[r*k:(r+1)*k], m, p, in) * int64(f[m].mult[r-first[m]])
		}
		out[i] = int32(min(max(f[m].code(x), int64(lo)), int64(hi)))
	}
	return out
}

// rowSum is Σ w·x for output channel m at position p.
func rowSum(node *Node, w []int16, m, p int, in codes) int64 {
	sum := int64(0)
	conv, ok := node.Op.(Conv)
	if !ok {
		for k, v := range in.x {
			sum += int64(w[k]) * int64(v)
		}
		return sum
	}
	groups, x := max(conv.Groups, 1), in.real()
	cin := in.C / groups
	c0 := m / (conv.Channels / groups) * cin
	ys, xs := positions(conv.Window, 0, in.H), positions(conv.Window, 1, in.W)
	oy, ox := ys[p/len(xs)], xs[p%len(xs)]
	for i := range w {
		c, ky, kx := i/conv.Area(), i/conv.Kernel[1]%conv.Kernel[0], i%conv.Kernel[1]
		v, _ := x.at(c0+c, oy+ky*max(conv.Dilation[0], 1), ox+kx*max(conv.Dilation[1], 1))
		sum += int64(w[i]) * int64(v)
	}
	return sum
}
