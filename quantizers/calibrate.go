package quantizers

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// Ranges is what calibration images show of a float network: how far every
// node's values reach, the distribution of every layer's input, and the moments
// of every layer's output channels. Quantizing the same network often is cheap
// with one Ranges, which remembers the scales it found. It may be shared by
// goroutines.
type Ranges struct {
	Net    *kernels.Network
	Reach  [][2]float64       // smallest and largest value of each node, zero included
	Inputs map[int]*Histogram // of the nodes whose values layers, and products of tensors, read
	Stats  []Statistics       // by layer

	signs  []bool // of each node, whether its values may be negative
	scales []scaleCache
	mu     sync.Mutex
	steps  map[stepKey]float64 // found activation scales
	parts  map[partKey][]Statistics
}

// partKey tells batches apart: those that share all their values are one.
type partKey struct {
	first *float32
	n     int
}

func keyOf(images kernels.Batch) partKey { return partKey{&images.Data[0], images.N} }

// Statistics are the moments of each output channel of a layer.
type Statistics struct{ Mean, Deviation []float64 }

type stepKey struct {
	node   int
	bits   uint8
	signed bool
}

// Observe runs the float network on the images and collects the ranges. The
// result does not depend on the number of processors.
func Observe(net *kernels.Network, images kernels.Batch) (*Ranges, error) {
	if images.N == 0 {
		return nil, fmt.Errorf("calibration needs at least one image")
	}
	images, err := images.For(net)
	if err != nil {
		return nil, err
	}
	r := &Ranges{Net: net, Inputs: map[int]*Histogram{}, steps: map[stepKey]float64{}, parts: map[partKey][]Statistics{}}
	if err := r.extremes(images); err != nil {
		return nil, err
	}
	if err := r.distributions(images); err != nil {
		return nil, err
	}
	signed := r.Signed()
	for _, nonneg := range net.Nonnegative(signed) {
		r.signs = append(r.signs, !nonneg)
	}
	for _, n := range net.Layers() {
		r.scales = append(r.scales, newScaleCache(net.Nodes[n].Shape.C))
	}
	r.parts[keyOf(images)] = r.Stats
	return r, nil
}

// statistics returns the moments of every layer's output channels on a part of
// the images, remembered for the next time.
func (r *Ranges) statistics(images kernels.Batch) ([]Statistics, error) {
	key := keyOf(images)
	r.mu.Lock()
	known, ok := r.parts[key]
	r.mu.Unlock()
	if ok {
		return known, nil
	}
	known, err := moments(r.Net, images)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.parts[key] = known
	r.mu.Unlock()
	return known, nil
}

// moments returns the statistics of every layer of a network on images.
func moments(net *kernels.Network, images kernels.Batch) ([]Statistics, error) {
	sums := make([]*channelSums, len(net.Nodes))
	for _, n := range net.Layers() {
		sums[n] = newChannelSums(net.Nodes[n].Shape, images.N)
	}
	err := run(net, images, net.Layers(), func(node, image int, values []float32) { sums[node].add(image, values) })
	if err != nil {
		return nil, err
	}
	var out []Statistics
	for _, n := range net.Layers() {
		out = append(out, sums[n].statistics())
	}
	return out, nil
}

// Signed tells whether the input of the network has negative values.
func (r *Ranges) Signed() bool { return r.Reach[0][0] < 0 }

// extremes finds the reach of every node and the moments of the layers' outputs.
func (r *Ranges) extremes(images kernels.Batch) error {
	net := r.Net
	low, high := make([][]float64, len(net.Nodes)), make([][]float64, len(net.Nodes))
	watch := make([]int, len(net.Nodes))
	for n := range watch {
		watch[n] = n
		low[n], high[n] = make([]float64, images.N), make([]float64, images.N)
	}
	sums := make([]*channelSums, len(net.Nodes))
	for _, n := range net.Layers() {
		sums[n] = newChannelSums(net.Nodes[n].Shape, images.N)
	}
	err := run(net, images, watch, func(node, image int, values []float32) {
		low[node][image], high[node][image] = reach(values)
		if sums[node] != nil {
			sums[node].add(image, values)
		}
	})
	if err != nil {
		return err
	}
	for n := range net.Nodes {
		reach := [2]float64{}
		for i := range images.N {
			reach = [2]float64{min(reach[0], low[n][i]), max(reach[1], high[n][i])}
		}
		r.Reach = append(r.Reach, reach)
		if math.IsNaN(reach[0]+reach[1]) || math.IsInf(reach[1]-reach[0], 0) {
			return fmt.Errorf("node %q: values on the calibration images are not finite", net.Nodes[n].Name)
		}
		if sums[n] != nil {
			r.Stats = append(r.Stats, sums[n].statistics())
		}
	}
	return nil
}

// reach returns the smallest and the largest of values and zero, NaN if there is one.
func reach(values []float32) (least, most float64) {
	var lo, hi, sum float32
	for _, v := range values {
		if v < lo {
			lo = v
		}
		if v > hi {
			hi = v
		}
		sum += v - v // NaN for what is not finite
	}
	return float64(lo + sum), float64(hi + sum)
}

// distributions fills the histograms of what layers and products read.
func (r *Ranges) distributions(images kernels.Batch) error {
	var watch, read []int
	locks := map[int]*sync.Mutex{}
	for _, layer := range r.Net.Layers() {
		read = append(read, r.Net.Nodes[layer].Inputs[0])
	}
	for _, product := range r.Net.MatMuls() {
		factors := r.Net.Nodes[product].Factors()
		read = append(read, factors[:]...)
	}
	for _, n := range read {
		n = r.Net.Origin(n)
		if r.Inputs[n] == nil {
			r.Inputs[n] = NewHistogram(r.Reach[n][0], r.Reach[n][1])
			locks[n] = &sync.Mutex{}
			watch = append(watch, n)
		}
	}
	return run(r.Net, images, watch, func(node, _ int, values []float32) {
		part := Histogram{Lo: r.Inputs[node].Lo, Hi: r.Inputs[node].Hi}
		part.Add(values)
		locks[node].Lock()
		r.Inputs[node].Merge(&part)
		locks[node].Unlock()
	})
}

// run executes a float network and shows the watched nodes.
func run(net *kernels.Network, images kernels.Batch, watch []int, observe func(node, image int, values []float32)) error {
	plan, err := kernels.Compile(net, kernels.PlanOptions{Watch: watch, Observe: observe})
	if err != nil {
		return err
	}
	return plan.Run(images, make([]float32, images.N*plan.Classes))
}

// channelSums are sums and sums of squares of the channels of each image, so
// that totals do not depend on the order in which images finish.
type channelSums struct {
	shape       kernels.Shape
	sum, square []float64
}

func newChannelSums(s kernels.Shape, images int) *channelSums {
	return &channelSums{s, make([]float64, images*s.C), make([]float64, images*s.C)}
}

// add sums one image's NHWC values.
func (s *channelSums) add(image int, values []float32) {
	c := s.shape.C
	sum, square := s.sum[image*c:(image+1)*c], s.square[image*c:(image+1)*c]
	for at := 0; at < len(values); at += c {
		for j, v := range values[at : at+c] {
			x := float64(v)
			sum[j] += x
			square[j] += float64(x * x)
		}
	}
}

func (s *channelSums) statistics() Statistics {
	mean, deviation := kernels.Moments(s.sum, s.square, s.shape.C, s.shape.Pixels())
	return Statistics{mean, deviation}
}

// InputGrid returns the grid of a layer's input at a width: the step with the
// least squared error, signed if values can be negative.
func (r *Ranges) InputGrid(layer int, bits uint8) kernels.Grid {
	return r.grid(r.Net.Nodes[r.Net.Layers()[layer]].Inputs[0], bits)
}

// grid is InputGrid for what is read of a node.
func (r *Ranges) grid(node int, bits uint8) kernels.Grid {
	node = r.Net.Origin(node)
	key := stepKey{node, bits, r.signs[node]}
	r.mu.Lock()
	scale, ok := r.steps[key]
	r.mu.Unlock()
	if !ok {
		scale = r.Inputs[node].Scale(bits, key.signed)
		r.mu.Lock()
		r.steps[key] = scale
		r.mu.Unlock()
	}
	return kernels.Grid{Scale: scale, Bits: bits, Signed: key.signed}
}

// scaleCache remembers the weight scales of one layer by width and channel.
type scaleCache struct {
	bits [workload.MaxBits + 1][]atomic.Uint64
}

func newScaleCache(channels int) scaleCache {
	var c scaleCache
	for b := range c.bits {
		c.bits[b] = make([]atomic.Uint64, channels)
	}
	return c
}

// scale returns WeightScale of a channel's weights.
func (c *scaleCache) scale(channel int, w []float32, bits uint8) float64 {
	known := &c.bits[bits][channel]
	if u := known.Load(); u != 0 {
		return math.Float64frombits(u)
	}
	scale := WeightScale(w, bits)
	known.Store(math.Float64bits(scale))
	return scale
}
