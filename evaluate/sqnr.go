package evaluate

import (
	"math"

	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/workload"
)

// The per-layer SQNR looks at this many images, a few at a time because all
// activations of both networks are held.
const (
	sqnrImages = 16
	sqnrChunk  = 4
)

// pair is a layer's output in the float and in the quantized network, after
// the activation that only it feeds: what the next layer sees.
type pair struct {
	name           string
	float, integer int // nodes
	signal, noise  []float64
	values         [][]float32 // float network, by image of the chunk
}

// layerSQNR compares every layer's output, in real units, with the float
// network's on the same images; NaN for ops that are no layer of both.
func layerSQNR(network *netfile.File, q *kernels.Quantized, w *workload.Workload, images *dataset.Images) ([]float64, error) {
	pairs := outputPairs(network.Net, q.Net, images.N)
	byFloat, byInt := map[int]*pair{}, map[int]*pair{}
	var watchFloat, watchInt []int
	for _, p := range pairs {
		byFloat[p.float], byInt[p.integer] = p, p
		watchFloat, watchInt = append(watchFloat, p.float), append(watchInt, p.integer)
	}
	base := 0
	float, err := kernels.Compile(network.Net, kernels.PlanOptions{Watch: watchFloat, Observe: func(node, image int, values []float32) {
		p := byFloat[node]
		p.values[image] = append(p.values[image][:0], values...)
	}})
	if err != nil {
		return nil, err
	}
	integer, err := kernels.CompileInt(q, kernels.IntOptions{Watch: watchInt, Observe: func(node, image int, codes []int32) {
		p := byInt[node]
		scale := q.Grids[node].Scale
		for i, x := range p.values[image] {
			d := float64(x) - scale*float64(codes[i])
			p.signal[base+image] += float64(x) * float64(x)
			p.noise[base+image] += d * d
		}
	}})
	if err != nil {
		return nil, err
	}
	for ; base < images.N; base += sqnrChunk {
		batch, err := inputs(network, images.Slice(base, min(base+sqnrChunk, images.N)))
		if err != nil {
			return nil, err
		}
		if err := float.Run(batch, make([]float32, batch.N*float.Classes)); err != nil {
			return nil, err
		}
		if err := integer.Run(batch, make([]int32, batch.N*integer.Classes)); err != nil {
			return nil, err
		}
	}
	return decibels(pairs, w), nil
}

// outputPairs matches the layers of both networks by name.
func outputPairs(float, integer *kernels.Network, images int) []*pair {
	named := map[string]int{}
	for _, n := range float.Layers() {
		named[float.Nodes[n].Name] = n
	}
	var pairs []*pair
	for _, n := range integer.Layers() {
		name := integer.Nodes[n].Name
		f, ok := named[name]
		if !ok {
			continue
		}
		pairs = append(pairs, &pair{
			name: name, float: activated(float, f), integer: activated(integer, n),
			signal: make([]float64, images), noise: make([]float64, images), values: make([][]float32, sqnrChunk),
		})
	}
	return pairs
}

// activated follows a layer to the activation that is its only reader.
func activated(net *kernels.Network, node int) int {
	readers := net.Readers()
	for len(readers[node]) == 1 && node != net.Output {
		next := readers[node][0]
		if _, ok := net.Nodes[next].Op.Clamp(); !ok {
			break
		}
		node = next
	}
	return node
}

func decibels(pairs []*pair, w *workload.Workload) []float64 {
	ratio := map[string]float64{}
	for _, p := range pairs {
		var signal, noise float64
		for i := range p.signal {
			signal += p.signal[i]
			noise += p.noise[i]
		}
		ratio[p.name] = 10 * math.Log10(signal/noise)
	}
	out := make([]float64, len(w.Ops))
	for i := range w.Ops {
		out[i] = math.NaN()
		if db, ok := ratio[w.Ops[i].Name]; ok && !math.IsInf(db, 0) {
			out[i] = db
		}
	}
	return out
}
