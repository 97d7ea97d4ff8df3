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
	switch n.Op {
	case kernels.OpInput:
		pixels := n.Shape.H * n.Shape.W
		for k := range out {
			out[k] = float64(s.d.grids[i].Quantize(float64(x[k%pixels*n.Shape.C+k/pixels])))
		}
	case kernels.OpConv, kernels.OpDense:
		s.layer(i, n, out, in)
	case train.OpBatchNorm:
		s.norm(i, n, out, in)
	case train.OpActivation:
		s.activation(i, n, out, in)
	case kernels.OpAdd:
		s.sum(i, n, out, values)
	case kernels.OpFlatten:
		copy(out, in)
	case kernels.OpMaxPool, kernels.OpAvgPool, kernels.OpGlobalPool:
		s.pool(i, n, out, in)
	case kernels.OpPad, kernels.OpSlice:
		s.crop(n, out, in)
	}
}

// layer leaves real values for a batch normalization, codes otherwise. Sums of
// codes are exact in float64, whatever their order.
func (s *Simulation) layer(i int, n *train.Node, out, in []float64) {
	weights, stored, shape := s.codes[i], s.d.stored[i], s.d.nodes[n.Inputs[0]].Shape
	alpha := s.d.grids[n.Inputs[0]].Scale
	per, k, pixels := n.Shape.C/n.Groups, len(weights)/n.Shape.C, n.Shape.H*n.Shape.W
	col := make([]float64, k*pixels)
	for g := range n.Groups {
		patches(col, in[g*shape.Size()/n.Groups:], n, shape)
		gemm.Float64(false, false, per, pixels, k, weights[g*per*k:], k, col, pixels, false, out[g*per*pixels:], pixels)
	}
	for j, sum := range out {
		out[j] = s.d.deltas[i][j/pixels] * alpha * sum
		if stored != nil {
			out[j] = stored.code(j/pixels, out[j])
		}
	}
}

// patches writes what node n reads of each channel of a group at each of its
// taps, one row each of all output positions.
func patches(col, in []float64, n *train.Node, shape kernels.Shape) {
	taps, pixels := n.Kernel[0]*n.Kernel[1], n.Shape.H*n.Shape.W
	for r := range len(col) / pixels {
		t, channel := r%taps, in[r/taps*shape.H*shape.W:]
		top, left := t/n.Kernel[1]*n.Dilation[0]-n.Pad[0], t%n.Kernel[1]*n.Dilation[1]-n.Pad[1]
		for p := range pixels {
			y, x := p/n.Shape.W*n.Stride[0]+top, p%n.Shape.W*n.Stride[1]+left
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
	if !isLayer(s.d.nodes[n.Inputs[0]].Op) {
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

// pool takes the largest or the mean of windows of codes. The ratio of the grids
// is a power of two, so that halves are met exactly before they are rounded up,
// as kernels does.
func (s *Simulation) pool(i int, n *train.Node, out, in []float64) {
	shape := s.d.nodes[n.Inputs[0]].Shape
	kernel, stride, pad := n.Kernel, n.Stride, n.Pad
	if n.Op == kernels.OpGlobalPool {
		kernel, stride, pad = [2]int{shape.H, shape.W}, [2]int{1, 1}, [4]int{}
	}
	g := s.d.grids[i]
	ratio := s.d.grids[n.Inputs[0]].Scale / g.Scale
	pixels := n.Shape.H * n.Shape.W
	for k := range out {
		c, p := k/pixels, k%pixels
		top, left := p/n.Shape.W*stride[0]-pad[0], p%n.Shape.W*stride[1]-pad[1]
		most, sum, count := math.Inf(-1), 0.0, 0
		for y := max(top, 0); y < min(top+kernel[0], shape.H); y++ {
			for x := max(left, 0); x < min(left+kernel[1], shape.W); x++ {
				v := in[(c*shape.H+y)*shape.W+x]
				most, sum, count = max(most, v), sum+v, count+1
			}
		}
		if n.Op == kernels.OpMaxPool {
			out[k] = most
			continue
		}
		if n.CountPad {
			count = kernel[0] * kernel[1]
		}
		lo, hi := g.Range()
		out[k] = min(max(math.Floor(sum*ratio/float64(count)+0.5), float64(lo)), float64(hi))
	}
}

// crop pads with zeros or takes a strided part.
func (s *Simulation) crop(n *train.Node, out, in []float64) {
	shape, step := s.d.nodes[n.Inputs[0]].Shape, n.Step
	start := n.Start
	if n.Op == kernels.OpPad {
		start, step = [3]int{-n.PadC[0], -n.Pad[0], -n.Pad[1]}, [3]int{1, 1, 1}
	}
	for k := range out {
		c := start[0] + k/(n.Shape.H*n.Shape.W)*step[0]
		y := start[1] + k/n.Shape.W%n.Shape.H*step[1]
		x := start[2] + k%n.Shape.W*step[2]
		if c >= 0 && y >= 0 && x >= 0 && c < shape.C && y < shape.H && x < shape.W {
			out[k] = in[(c*shape.H+y)*shape.W+x]
		}
	}
}
