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
	if n.Norm != nil {
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
		switch o := n.Op.(type) {
		case nil:
			y[p] = n.Activation.(smooth).value(x[p], r.params[r.owner(n)+".param"])
		case kernels.Relu:
			y[p] = max(x[p], 0)
		case kernels.Clip:
			y[p] = min(max(x[p], float64(o.Lo)), float64(o.Hi))
		case kernels.Scalar: // hardswish
			y[p] = x[p] * min(max(x[p]+3, 0), 6) / 6
		case kernels.Add:
			y[p] = x[p] + in[1][p]
		case kernels.Concat:
			y[p] = pick(in, shapes, c, row, col)
		case kernels.Conv, kernels.Dense:
			product, _ := n.Op.Product(shapes)
			y[p] = r.product(n, &product, s, c, row, col, at)
		case kernels.MaxPool:
			y[p], _, _ = pooled(o.Window, s, c, row, col, at)
		case kernels.AvgPool:
			_, sum, count := pooled(o.Window, s, c, row, col, at)
			if o.CountPad {
				count = o.Area()
			}
			y[p] = sum / float64(count)
		case kernels.GlobalPool:
			for q := c; q < len(x); q += s.C {
				y[p] += x[q] * float64(s.C) / float64(len(x))
			}
		case kernels.Flatten:
			y[p] = at(p/(s.H*s.W), p/s.W%s.H, p%s.W)
		case kernels.Pad:
			y[p] = at(c-o.Channels[0], row-o.Pad[0], col-o.Pad[1])
		case kernels.Slice:
			y[p] = at(o.Start[0]+c*o.Step[0], o.Start[1]+row*o.Step[1], o.Start[2]+col*o.Step[2])
		default:
			panic("no definition of " + n.Op.Name())
		}
	}
	return y
}

// owner is the node that a shared activation's parameters are named after.
func (r *reference) owner(n *Node) string {
	for _, m := range r.spec.Nodes {
		if m.Activation != nil && m.Activation == n.Activation {
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

func (r *reference) product(n *Node, p *kernels.Product, s kernels.Shape, c, row, col int, at func(c, row, col int) float64) float64 {
	w := r.params[n.Name+".weight"]
	cg := s.C / p.Groups
	first := c / (p.Channels / p.Groups) * cg
	var sum float64
	if b := r.params[n.Name+".bias"]; b != nil {
		sum = b[c]
	}
	for ky := range p.Kernel[0] {
		for kx := range p.Kernel[1] {
			for i := range cg {
				v := at(first+i, row*p.Stride[0]-p.Pad[0]+ky*p.Dilation[0], col*p.Stride[1]-p.Pad[1]+kx*p.Dilation[1])
				sum += v * w[((c*p.Kernel[0]+ky)*p.Kernel[1]+kx)*cg+i]
			}
		}
	}
	return sum
}

// pooled returns maximum and sum of the pixels under a window, and their number.
func pooled(w kernels.Window, s kernels.Shape, c, row, col int, at func(c, row, col int) float64) (best, sum float64, count int) {
	best = math.Inf(-1)
	w = w.Complete()
	for ky := range w.Kernel[0] {
		for kx := range w.Kernel[1] {
			y, x := row*w.Stride[0]-w.Pad[0]+ky, col*w.Stride[1]-w.Pad[1]+kx
			if y >= 0 && x >= 0 && y < s.H && x < s.W {
				count++
				best = max(best, at(c, y, x))
				sum += at(c, y, x)
			}
		}
	}
	return best, sum, count
}
