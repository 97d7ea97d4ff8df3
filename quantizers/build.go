package quantizers

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"

	"bitcycle/kernels"
)

// Rows are the quantized weights of one layer: the low-bit vectors of output
// channel 0, then of channel 1, and so on.
type Rows struct {
	Bits   []uint8   // of each row
	Points []uint8   // rows per output channel; nil = one each
	Codes  []int16   // rows × K
	Scale  []float64 // of each row
}

// Layer is what a weight quantizer gets: one layer of the float network.
type Layer struct {
	Index    int // in kernels.Network.Layers
	Node     *kernels.Node
	Channels int       // output channels
	K        int       // weights per output channel
	W        []float32 // Channels×K
}

// Channel returns the weights of output channel c.
func (l *Layer) Channel(c int) []float32 { return l.W[c*l.K : (c+1)*l.K] }

// Options tell how a network is quantized.
type Options struct {
	// Weights quantizes the weights of a layer; nil uses the policy's widths with
	// one scale per output channel.
	Weights func(l *Layer) (Rows, error)
	// PerLayerScale uses one scale for all kernels of a layer, as layer-wise
	// methods do, instead of one per output channel.
	PerLayerScale bool
	// Reestimate matches the mean and deviation of every output channel to the
	// float network's on the calibration images, layer by layer.
	Reestimate bool
	// ActScale overrides the calibrated step of a layer's input: nil, or a
	// function that returns 0 to keep it.
	ActScale func(layer int) float64
}

// Quantize turns a float network into integers: weights by the policy (or by
// opts.Weights), activations on the grids with the least squared error on the
// calibration images. The result does not depend on the number of processors.
func Quantize(ctx context.Context, net *kernels.Network, policy *Policy, calib kernels.Batch, opts Options, progress func(done, total int)) (*kernels.Quantized, error) {
	if err := policy.Check(net); err != nil {
		return nil, err
	}
	ranges, err := Observe(net, calib)
	if err != nil {
		return nil, err
	}
	b := &builder{net: net, policy: policy, ranges: ranges, opts: opts}
	q := &kernels.Quantized{Net: net}
	for i, node := range net.Layers() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		layer, err := b.layer(i, node)
		if err != nil {
			return nil, fmt.Errorf("layer %q: %w", net.Nodes[node].Name, err)
		}
		q.Layers = append(q.Layers, layer)
	}
	q.Grids = b.grids(q, true)
	if !opts.Reestimate {
		return q, nil
	}
	return q, b.reestimate(ctx, q, calib, progress)
}

// Ranges is what calibration images show of a float network: a histogram of
// every node's values, and per output channel of the layers mean and deviation.
type Ranges struct {
	Nodes []Histogram
	Stats []Statistics // by layer
}

// Statistics are the moments of each output channel of a layer.
type Statistics struct{ Mean, Deviation []float64 }

// Observe runs the float network on the images and collects the ranges.
func Observe(net *kernels.Network, images kernels.Batch) (*Ranges, error) {
	if images.N == 0 {
		return nil, fmt.Errorf("calibration needs at least one image")
	}
	out := &Ranges{Nodes: make([]Histogram, len(net.Nodes))}
	layers := net.Layers()
	moments := newMoments(net, layers, images.N)
	locks := make([]sync.Mutex, len(net.Nodes))
	watch := make([]int, 0, len(net.Nodes))
	for n := range net.Nodes {
		watch = append(watch, n)
	}
	plan, err := kernels.Compile(net, kernels.PlanOptions{Watch: watch, Observe: func(node, image int, values []float32) {
		locks[node].Lock()
		out.Nodes[node].Add(values)
		locks[node].Unlock()
		moments.add(node, image, values)
	}})
	if err != nil {
		return nil, err
	}
	images, err = images.For(net)
	if err != nil {
		return nil, err
	}
	if err := plan.Run(images, make([]float32, images.N*plan.Classes)); err != nil {
		return nil, err
	}
	for _, node := range layers {
		out.Stats = append(out.Stats, moments.statistics(node))
	}
	return out, nil
}

// moments collects per-image sums of each channel, so that the total does not
// depend on the order in which images finish.
type moments struct {
	channels map[int]int
	sums     map[int][]float64 // node → image × channel × {Σx, Σx²}
	count    map[int]int       // positions per image
	images   int
}

func newMoments(net *kernels.Network, nodes []int, images int) *moments {
	m := &moments{channels: map[int]int{}, sums: map[int][]float64{}, count: map[int]int{}, images: images}
	for _, n := range nodes {
		s := net.Nodes[n].Shape
		m.channels[n], m.count[n] = s.C, s.H*s.W
		m.sums[n] = make([]float64, images*s.C*2)
	}
	return m
}

func (m *moments) add(node, image int, values []float32) {
	c, ok := m.channels[node]
	if !ok {
		return
	}
	sums := m.sums[node][image*c*2 : (image+1)*c*2]
	for i, v := range values {
		x := float64(v)
		sums[i%c*2] += x
		sums[i%c*2+1] += x * x
	}
}

func (m *moments) statistics(node int) Statistics {
	c := m.channels[node]
	n := float64(m.images * m.count[node])
	s := Statistics{Mean: make([]float64, c), Deviation: make([]float64, c)}
	for j := range c {
		var sum, square float64
		for image := range m.images {
			sum += m.sums[node][(image*c+j)*2]
			square += m.sums[node][(image*c+j)*2+1]
		}
		s.Mean[j] = sum / n
		s.Deviation[j] = math.Sqrt(max(square/n-s.Mean[j]*s.Mean[j], 0))
	}
	return s
}

// builder makes a Quantized from what calibration showed.
type builder struct {
	net    *kernels.Network
	policy *Policy
	ranges *Ranges
	opts   Options
}

func (b *builder) layer(index, node int) (kernels.QLayer, error) {
	n := &b.net.Nodes[node]
	channels := n.Shape.C
	l := &Layer{Index: index, Node: n, Channels: channels, K: len(n.Weight) / channels, W: n.Weight}
	rows, err := b.rows(l)
	if err != nil {
		return kernels.QLayer{}, err
	}
	q := kernels.QLayer{
		Node: node, RowBits: rows.Bits, Points: rows.Points, W: rows.Codes, RowScale: rows.Scale,
		Gain: make([]float64, channels), Bias: make([]float64, channels), In: b.inputGrid(index, n.Inputs[0]),
	}
	for c := range channels {
		q.Gain[c], q.Bias[c] = 1, float64(n.Bias[c])
	}
	return q, nil
}

// inputGrid returns the grid of a layer's input.
func (b *builder) inputGrid(layer, node int) kernels.Grid {
	h := &b.ranges.Nodes[node]
	g := kernels.Grid{Bits: b.policy.Layers[layer].ActBits, Signed: h.Signed()}
	if b.opts.ActScale != nil {
		g.Scale = b.opts.ActScale(layer)
	}
	if g.Scale == 0 {
		g.Scale = h.Scale(g.Bits, g.Signed)
	}
	return g
}

func (b *builder) rows(l *Layer) (Rows, error) {
	if b.opts.Weights != nil {
		return b.opts.Weights(l)
	}
	policy := &b.policy.Layers[l.Index]
	rows := Rows{Bits: make([]uint8, l.Channels), Codes: make([]int16, len(l.W)), Scale: make([]float64, l.Channels)}
	shared := map[uint8]float64{}
	if b.opts.PerLayerScale {
		for c := range l.Channels {
			if bits := policy.Bits(c); shared[bits] == 0 {
				shared[bits] = WeightScale(l.W, bits)
			}
		}
	}
	parallel(l.Channels, func(c int) {
		rows.Bits[c] = policy.Bits(c)
		w := l.Channel(c)
		if b.opts.PerLayerScale {
			rows.Scale[c] = shared[rows.Bits[c]]
		} else {
			rows.Scale[c] = WeightScale(w, rows.Bits[c])
		}
		RoundWeights(rows.Codes[c*l.K:(c+1)*l.K], w, rows.Bits[c], rows.Scale[c])
	})
	return rows, nil
}

// streamBits is the width of tensors that several kinds of readers share, such
// as the residual stream.
const streamBits = 16

// grids decides the grid of every node's output: the readers' own if they all
// quantize it alike (and merge allows it), else 16 bits over its range with half
// of it to spare.
func (b *builder) grids(q *kernels.Quantized, merge bool) []kernels.Grid {
	in := map[int]kernels.Grid{}
	for i := range q.Layers {
		in[q.Layers[i].Node] = q.Layers[i].In
	}
	grids := make([]kernels.Grid, len(b.net.Nodes))
	readers := b.net.Readers()
	for n := len(grids) - 1; n >= 0; n-- {
		grids[n] = b.stream(n)
		if !merge && n > 0 {
			continue
		}
		var common kernels.Grid
		for i, r := range readers[n] {
			wants, isLayer := in[r]
			if !isLayer && selects(b.net.Nodes[r].Op) {
				wants = grids[r]
			} else if !isLayer {
				wants = kernels.Grid{}
			}
			if i > 0 && wants != common {
				common = kernels.Grid{}
				break
			}
			common = wants
		}
		if common.Bits > 0 && n != b.net.Output {
			grids[n] = common
		}
	}
	return grids
}

// selects tells whether an operator only picks among its inputs' values, so
// that its input may lie on its output's grid.
func selects(op kernels.OpType) bool {
	switch op {
	case kernels.OpRelu, kernels.OpClip, kernels.OpConcat, kernels.OpMaxPool, kernels.OpFlatten, kernels.OpPad, kernels.OpSlice:
		return true
	}
	return false
}

func (b *builder) stream(node int) kernels.Grid {
	least, most := b.ranges.Nodes[node].Range()
	reach := max(most, -least)
	if reach == 0 {
		reach = 1
	}
	return kernels.Grid{Scale: 1.5 * reach / (1<<(streamBits-1) - 1), Bits: streamBits, Signed: true}
}

// parallel calls f(0..n−1), each once, on all processors.
func parallel(n int, f func(i int)) {
	var wg sync.WaitGroup
	workers := min(n, runtime.GOMAXPROCS(0))
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				f(i)
			}
		})
	}
	wg.Wait()
}
