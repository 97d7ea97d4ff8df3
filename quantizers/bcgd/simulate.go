package bcgd

import (
	"context"
	"math"
	"runtime"

	"bitcycle/internal/crew"
	"bitcycle/kernels"
	"bitcycle/kernels/gemm"
	"bitcycle/kernels/train"
)

// Simulation runs the trained network as it was trained, one operator after the
// other in float64: δ·q times values, batch normalization, ⌈x/α⌉. What it shares
// with the integer network are the grids and the gains and offsets, rounded as
// stored says; that is also why it computes the same codes, always.
type Simulation struct {
	d     *deployment
	codes [][]float64 // of layers
}

// Simulate returns the simulation of the network with the grids of Quantized,
// given the same data.
func (n *Network) Simulate(ctx context.Context, data *train.Data) (*Simulation, error) {
	d, err := n.deploy(ctx, data)
	if err != nil {
		return nil, err
	}
	s := &Simulation{d: d, codes: make([][]float64, len(d.nodes))}
	for i, codes := range d.codes {
		for _, q := range codes {
			s.codes[i] = append(s.codes[i], float64(q))
		}
	}
	return s, nil
}

// Logits returns the codes of the output for every image of a normalized
// batch, classes each, on the grid of the quantized network's output.
func (s *Simulation) Logits(ctx context.Context, images kernels.Batch) ([]int32, error) {
	last := len(s.d.nodes) - 1
	classes := s.d.nodes[last].Shape.Size()
	out := make([]int32, images.N*classes)
	err := s.Run(ctx, images, func(image int, codes [][]float64) {
		for c, v := range codes[last] {
			out[image*classes+c] = int32(v)
		}
	})
	return out, err
}

// Run shows the codes of all nodes of the trained network, in C, H, W order,
// image by image, from several goroutines at once.
func (s *Simulation) Run(ctx context.Context, images kernels.Batch, visit func(image int, codes [][]float64)) error {
	crew.Each(runtime.GOMAXPROCS(0), images.N, func(i int) {
		if ctx.Err() == nil {
			visit(i, s.image(images.Data[i*images.Size():(i+1)*images.Size()]))
		}
	})
	return ctx.Err()
}

// image runs one image, given in H, W, C order. Values are codes, except those
// of layers before their batch normalization, which are real.
func (s *Simulation) image(x []float32) [][]float64 {
	values := make([][]float64, len(s.d.nodes))
	for i := range s.d.nodes {
		n := &s.d.nodes[i]
		out := make([]float64, n.Shape.Size())
		var in []float64
		if len(n.Inputs) > 0 {
			in = values[n.Inputs[0]]
		}
		s.node(i, n, out, in, values, x)
		values[i] = out
	}
	return values
}

func (s *Simulation) node(i int, n *train.Node, out, in []float64, values [][]float64, x []float32) {
	switch {
	case i == 0:
		pixels := n.Shape.H * n.Shape.W
		for k := range out {
			out[k] = float64(s.d.grids[i].Quantize(float64(x[k%pixels*n.Shape.C+k/pixels])))
		}
	case kernels.HasWeights(n.Op):
		s.layer(i, n, out, in)
	case n.Norm != nil:
		s.norm(i, n, out, in)
	case n.Activation != nil:
		s.activation(i, n, out, in)
	case adds(n):
		s.sum(i, n, out, values)
	case selects(n):
		s.selection(n, out, in)
	default:
		s.mean(i, n, out, in)
	}
}

// layer leaves real values for a batch normalization, codes otherwise. Sums of
// codes are exact in float64, whatever their order.
func (s *Simulation) layer(i int, n *train.Node, out, in []float64) {
	weights, stored, shape := s.codes[i], s.d.stored[i], s.d.nodes[n.Inputs[0]].Shape
	alpha := s.d.grids[n.Inputs[0]].Scale
	p, pixels := s.d.product(i), n.Shape.H*n.Shape.W
	per, k := p.Channels/p.Groups, p.K
	col := make([]float64, k*pixels)
	for g := range p.Groups {
		patches(col, in[g*shape.Size()/p.Groups:], &p, shape, n.Shape)
		gemm.Float64(false, false, per, pixels, k, weights[g*per*k:], k, col, pixels, false, out[g*per*pixels:], pixels)
	}
	for j, sum := range out {
		out[j] = s.d.deltas[i][j/pixels] * alpha * sum
		if stored != nil {
			out[j] = stored.code(j/pixels, out[j])
		}
	}
}

// patches writes what a layer reads of each channel of a group at each of its
// taps, one row each of all output positions.
func patches(col, in []float64, w *kernels.Product, shape, out kernels.Shape) {
	taps, pixels := w.Area(), out.H*out.W
	for r := range len(col) / pixels {
		t, channel := r%taps, in[r/taps*shape.H*shape.W:]
		top, left := t/w.Kernel[1]*w.Dilation[0]-w.Pad[0], t%w.Kernel[1]*w.Dilation[1]-w.Pad[1]
		for p := range pixels {
			y, x := p/out.W*w.Stride[0]+top, p%out.W*w.Stride[1]+left
			v := 0.0
			if y >= 0 && x >= 0 && y < shape.H && x < shape.W {
				v = channel[y*shape.W+x]
			}
			col[r*pixels+p] = v
		}
	}
}

func (s *Simulation) norm(i int, n *train.Node, out, in []float64) {
	stored, pixels, unit := s.d.stored[i], n.Shape.H*n.Shape.W, 1.0
	if !kernels.HasWeights(s.d.nodes[n.Inputs[0]].Op) {
		unit = s.d.grids[n.Inputs[0]].Scale
	}
	for k, v := range in {
		out[k] = stored.code(k/pixels, unit*v)
	}
}

// activation copies codes that are on its grid already, and moves others up.
func (s *Simulation) activation(i int, n *train.Node, out, in []float64) {
	stored, unit, pixels := s.d.stored[i], s.d.grids[n.Inputs[0]].Scale, n.Shape.H*n.Shape.W
	if stored == nil {
		copy(out, in)
		return
	}
	for k, v := range in {
		out[k] = stored.code(k/pixels, unit*v)
	}
}

// sum adds codes exactly: all ratios of the grids have few bits.
func (s *Simulation) sum(i int, n *train.Node, out []float64, values [][]float64) {
	to := s.d.grids[i]
	lo, hi := to.Range()
	for k := range out {
		total := 0.0
		for _, in := range n.Inputs {
			total += values[in][k] * fewBits(s.d.grids[in].Scale/to.Scale)
		}
		out[k] = min(max(math.Floor(total+0.5), float64(lo)), float64(hi))
	}
}

// selection moves codes, which single precision holds, as package kernels moves
// numbers.
func (s *Simulation) selection(n *train.Node, out, in []float64) {
	x := make([]float32, len(in))
	for k, v := range in {
		x[k] = float32(v)
	}
	y, err := kernels.Apply(n.Op, []kernels.Shape{s.d.nodes[n.Inputs[0]].Shape}, [][]float32{x})
	if err != nil {
		panic("bcgd: " + err.Error()) // its shapes were inferred
	}
	for k, v := range y {
		out[k] = float64(v)
	}
}

// mean takes the mean of windows of codes. The ratio of the grids is a power of
// two, so that halves are met exactly before they are rounded up, as kernels does.
func (s *Simulation) mean(i int, n *train.Node, out, in []float64) {
	shape, g := s.d.nodes[n.Inputs[0]].Shape, s.d.grids[i]
	w, countPad, _ := mean(n.Op, shape)
	ratio := s.d.grids[n.Inputs[0]].Scale / g.Scale
	lo, hi := g.Range()
	pixels := n.Shape.H * n.Shape.W
	for k := range out {
		c, p := k/pixels, k%pixels
		top, left := p/n.Shape.W*w.Stride[0]-w.Pad[0], p%n.Shape.W*w.Stride[1]-w.Pad[1]
		sum, count := 0.0, 0
		for y := max(top, 0); y < min(top+w.Kernel[0], shape.H); y++ {
			for x := max(left, 0); x < min(left+w.Kernel[1], shape.W); x++ {
				sum, count = sum+in[(c*shape.H+y)*shape.W+x], count+1
			}
		}
		if countPad {
			count = w.Area()
		}
		out[k] = min(max(math.Floor(sum*ratio/float64(count)+0.5), float64(lo)), float64(hi))
	}
}
