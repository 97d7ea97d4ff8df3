package train

import (
	"math"

	"bitcycle/kernels"
)

// reference is the slow, obvious forward pass in double precision that the
// gradients are checked against. Images are [H][W][C].
type reference struct {
	spec   *Spec
	params map[string][]float64
}

type image []float64

// loss returns the mean cross-entropy of a batch in training mode.
func (r *reference) loss(batch []image, labels []int) float64 {
	values := [][]image{batch}
	for i := 1; i < len(r.spec.Nodes); i++ {
		n := &r.spec.Nodes[i]
		var in [][]image
		var shapes []kernels.Shape
		for _, j := range n.Inputs {
			in, shapes = append(in, values[j]), append(shapes, r.spec.Nodes[j].Shape)
		}
		values = append(values, r.node(n, in, shapes))
	}
	var total float64
	for i, z := range values[len(values)-1] {
		var sum float64
		for _, v := range z {
			sum += math.Exp(v)
		}
		total += math.Log(sum) - z[labels[i]]
	}
	return total / float64(len(batch))
}

func (r *reference) node(n *Node, in [][]image, shapes []kernels.Shape) []image {
	if n.Op == OpBatchNorm {
		return r.norm(n, in[0])
	}
	out := make([]image, len(in[0]))
	for i := range out {
		var x []image
		for k := range in {
			x = append(x, in[k][i])
		}
		out[i] = r.single(n, x, shapes)
	}
	return out
}

func (r *reference) norm(n *Node, in []image) []image {
	c := n.Shape.C
	out := make([]image, len(in))
	for i := range out {
		out[i] = make(image, len(in[i]))
	}
	for k := range c {
		var sum, squares, count float64
		for _, x := range in {
			for p := k; p < len(x); p += c {
				sum += x[p]
				count++
			}
		}
		mean := sum / count
		for _, x := range in {
			for p := k; p < len(x); p += c {
				squares += (x[p] - mean) * (x[p] - mean)
			}
		}
		inv := 1 / math.Sqrt(squares/count+normEpsilon)
		for i, x := range in {
			for p := k; p < len(x); p += c {
				out[i][p] = (x[p]-mean)*inv*r.params[n.Name+".gamma"][k] + r.params[n.Name+".beta"][k]
			}
		}
	}
	return out
}

func (r *reference) single(n *Node, in []image, shapes []kernels.Shape) image {
	y := make(image, n.Shape.Size())
	x, s := in[0], shapes[0]
	at := func(c, row, col int) float64 {
		if c < 0 || row < 0 || col < 0 || c >= s.C || row >= s.H || col >= s.W {
			return 0
		}
		return x[(row*s.W+col)*s.C+c]
	}
	for p := range y {
		c, col, row := p%n.Shape.C, p/n.Shape.C%n.Shape.W, p/n.Shape.C/n.Shape.W
		switch n.Op {
		case kernels.OpRelu:
			y[p] = max(x[p], 0)
		case kernels.OpClip:
			y[p] = min(max(x[p], float64(n.Lo)), float64(n.Hi))
		case OpActivation:
			y[p] = n.Activation.(smooth).value(x[p], r.params[r.owner(n)+".param"])
		case kernels.OpAdd:
			y[p] = x[p] + in[1][p]
		case kernels.OpConcat:
			y[p] = pick(in, shapes, c, row, col)
		case kernels.OpConv, kernels.OpDense:
			y[p] = r.product(n, s, c, row, col, at)
		case kernels.OpMaxPool, kernels.OpAvgPool:
			y[p] = pooled(n, s, c, row, col, at)
		case kernels.OpGlobalPool:
			for q := c; q < len(x); q += s.C {
				y[p] += x[q] * float64(s.C) / float64(len(x))
			}
		case kernels.OpFlatten:
			y[p] = at(p/(s.H*s.W), p/s.W%s.H, p%s.W)
		case kernels.OpPad:
			y[p] = at(c-n.PadC[0], row-n.Pad[0], col-n.Pad[1])
		case kernels.OpSlice:
			y[p] = at(n.Start[0]+c*n.Step[0], n.Start[1]+row*n.Step[1], n.Start[2]+col*n.Step[2])
		}
	}
	return y
}

// owner is the node that a shared activation's parameters are named after.
func (r *reference) owner(n *Node) string {
	for _, m := range r.spec.Nodes {
		if m.Activation == n.Activation {
			return m.Name
		}
	}
	panic("no owner")
}

func pick(in []image, shapes []kernels.Shape, c, row, col int) float64 {
	for k, s := range shapes {
		if c < s.C {
			return in[k][(row*s.W+col)*s.C+c]
		}
		c -= s.C
	}
	panic("channel")
}

func (r *reference) product(n *Node, s kernels.Shape, c, row, col int, at func(c, row, col int) float64) float64 {
	w := r.params[n.Name+".weight"]
	cg := s.C / n.Groups
	first := c / (n.Shape.C / n.Groups) * cg
	var sum float64
	if b := r.params[n.Name+".bias"]; b != nil {
		sum = b[c]
	}
	for ky := range n.Kernel[0] {
		for kx := range n.Kernel[1] {
			for i := range cg {
				v := at(first+i, row*n.Stride[0]-n.Pad[0]+ky*n.Dilation[0], col*n.Stride[1]-n.Pad[1]+kx*n.Dilation[1])
				sum += v * w[((c*n.Kernel[0]+ky)*n.Kernel[1]+kx)*cg+i]
			}
		}
	}
	return sum
}

func pooled(n *Node, s kernels.Shape, c, row, col int, at func(c, row, col int) float64) float64 {
	best, sum, count := math.Inf(-1), 0.0, 0.0
	for ky := range n.Kernel[0] {
		for kx := range n.Kernel[1] {
			y, x := row*n.Stride[0]-n.Pad[0]+ky, col*n.Stride[1]-n.Pad[1]+kx
			inside := y >= 0 && x >= 0 && y < s.H && x < s.W
			if inside || n.CountPad {
				count++
			}
			if inside {
				best = max(best, at(c, y, x))
				sum += at(c, y, x)
			}
		}
	}
	if n.Op == kernels.OpMaxPool {
		return best
	}
	return sum / count
}
