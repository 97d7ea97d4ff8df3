package quantizers

import (
	"context"
	"fmt"
	"runtime"

	"bitcycle/internal/crew"
	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// Rows are the quantized weights of one layer: the low-bit vectors of output
// channel 0, then of channel 1, and so on.
type Rows struct {
	Bits   workload.Widths // of each row
	Points []uint8         // rows per output channel; nil = one each
	Codes  []int16         // rows × K
	Scale  []float64       // of each row
	Group  int             // weights of each row, along the reduction; 0 is all
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
	// Clip chooses how far the grids of weights and activations reach.
	Clip Clip
	// Asymmetric gives inputs of layers that can be negative a zero point, so that
	// their grids reach as far to either side as their values do.
	Asymmetric bool
	// Reestimate matches the mean and deviation of every output channel to the
	// float network's on the calibration images, layer by layer.
	Reestimate bool
	// Original is the network whose statistics are matched, layers by name, where a
	// method rewrote the graph; layers that it lacks are left alone. nil matches the
	// network's own.
	Original *kernels.Network
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
	return ranges.Quantize(ctx, policy, calib, opts, progress)
}

// Quantize is the function Quantize with calibration done; calib is what
// re-estimation looks at.
func (r *Ranges) Quantize(ctx context.Context, policy *Policy, calib kernels.Batch, opts Options, progress func(done, total int)) (*kernels.Quantized, error) {
	if err := policy.Check(r.Net); err != nil {
		return nil, err
	}
	q := &kernels.Quantized{Net: r.Net}
	var inputs []kernels.Grid
	for i, node := range r.Net.Layers() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		layer, err := r.layer(i, node, policy, &opts)
		if err != nil {
			return nil, fmt.Errorf("layer %q: %w", r.Net.Nodes[node].Name, err)
		}
		q.Layers, inputs = append(q.Layers, layer), append(inputs, layer.In)
	}
	reads := inputs
	for _, node := range r.Net.MatMuls() {
		var pair [2]kernels.Grid
		for j, from := range r.Net.Nodes[node].Factors() {
			pair[j] = r.grid(from, policy.factorBits())
		}
		q.Factors, reads = append(q.Factors, pair), append(reads, pair[:]...)
	}
	for _, stored := range r.Net.Storage(inputs, q.Factors) {
		if stored.Read >= 0 {
			q.Grids = append(q.Grids, reads[stored.Read])
		} else {
			q.Grids = append(q.Grids, r.residual(stored.Node))
		}
	}
	if !opts.Reestimate {
		return q, q.Validate()
	}
	return q, r.reestimate(ctx, q, calib, opts.Original, progress)
}

func (r *Ranges) layer(index, node int, policy *Policy, opts *Options) (kernels.QLayer, error) {
	n := &r.Net.Nodes[node]
	channels := n.Shape.C
	l := &Layer{Index: index, Node: n, Channels: channels, K: n.Reduction(), W: n.Weight}
	rows, err := r.rows(l, &policy.Layers[index], opts)
	if err != nil {
		return kernels.QLayer{}, err
	}
	q := kernels.QLayer{
		Node: node, RowBits: rows.Bits, Points: rows.Points, W: rows.Codes, RowScale: rows.Scale,
		Gain: make([]float64, channels), Bias: make([]float64, channels), Group: rows.Group,
		In: r.inputGrid(index, policy.Layers[index].ActBits, opts),
	}
	if opts.ActScale != nil {
		if scale := opts.ActScale(index); scale > 0 {
			q.In.Scale = scale
		}
	}
	for c := range channels {
		q.Gain[c], q.Bias[c] = 1, float64(n.Bias[c])
	}
	return q, nil
}

func (r *Ranges) rows(l *Layer, policy *workload.LayerWidths, opts *Options) (Rows, error) {
	if opts.Weights != nil {
		return opts.Weights(l)
	}
	rows := Rows{Bits: policy.WeightBits.Append(nil, l.Channels), Codes: make([]int16, len(l.W)), Scale: make([]float64, l.Channels)}
	if opts.PerLayerScale {
		perLayer(l, &rows, opts.Clip)
		return rows, nil
	}
	if p, _ := r.Net.Product(r.Net.Layers()[l.Index]); policy.Group > 0 && p.GroupOf(policy.Group) > 0 {
		return grouped(l, policy.WeightBits, p.GroupOf(policy.Group), opts.Clip)
	}
	crew.Each(runtime.GOMAXPROCS(0), l.Channels, func(c int) {
		w := l.Channel(c)
		if opts.Clip.Rule == ClipMSE {
			rows.Scale[c] = r.scales[l.Index].scale(c, w, rows.Bits[c])
		} else {
			rows.Scale[c] = opts.Clip.weightScale(w, rows.Bits[c])
		}
		RoundWeights(rows.Codes[c*l.K:(c+1)*l.K], w, rows.Bits[c], rows.Scale[c])
	})
	return rows, nil
}

// perLayer quantizes with one scale for each width in the layer, on the weights
// as they were trained, before batch norm was folded into them.
func perLayer(l *Layer, rows *Rows, clip Clip) {
	trained := l.W
	if l.Node.Fold != nil {
		trained = make([]float32, len(l.W))
		for i, w := range l.W {
			if f := l.Node.Fold[i/l.K]; f != 0 {
				trained[i] = w / f
			}
		}
	}
	shared := map[uint8]float64{}
	for c, bits := range rows.Bits {
		scale, ok := shared[bits]
		if !ok {
			scale = clip.weightScale(trained, bits)
			shared[bits] = scale
		}
		RoundWeights(rows.Codes[c*l.K:(c+1)*l.K], trained[c*l.K:(c+1)*l.K], bits, scale)
		rows.Scale[c] = scale
		if l.Node.Fold != nil {
			rows.Scale[c] *= float64(l.Node.Fold[c])
		}
	}
}

// residual is the grid of tensors that are not stored on a layer's own grid: its
// range is twice what calibration saw of the node, and a trifle more that differs
// from node to node: which tensors share a grid, and so what a network costs,
// must not hang on two ranges being equal by chance.
func (r *Ranges) residual(node int) kernels.Grid {
	reach := max(r.Reach[node][1], -r.Reach[node][0])
	if reach == 0 {
		reach = 1
	}
	reach *= 2 + float64(node)/(1<<20)
	return kernels.Grid{Scale: reach / (1<<(kernels.ResidualBits-1) - 1), Bits: kernels.ResidualBits, Signed: true}
}
