package kernels

import (
	"errors"
	"fmt"
	"math"

	"bitcycle/kernels/workload"
)

// opRequant is an operator of the integer graph alone: codes move to another grid.
const opRequant OpType = 255

// integerGraph is a Quantized with every change of grid made explicit: layers
// read tensors on their In grid, and operators that only select values (relu,
// clip, concat, max pooling, flatten, pad, slice) read and write the same grid.
type integerGraph struct {
	q      *Quantized
	net    *Network
	grids  []Grid
	layer  []int // entry of q.Layers, or −1
	origin []int // node of q.Net; of a requantization, the node it reads
	at     []int // node of net that holds the values of each node of q.Net
}

// selects tells whether an operator only picks among its inputs' values.
func (t OpType) selects() bool {
	switch t {
	case OpRelu, OpClip, OpConcat, OpMaxPool, OpFlatten, OpPad, OpSlice:
		return true
	}
	return false
}

func (q *Quantized) graph() *integerGraph {
	g := &integerGraph{q: q, net: &Network{Name: q.Net.Name}, at: make([]int, len(q.Net.Nodes))}
	layerOf := map[int]int{}
	for i := range q.Layers {
		layerOf[q.Layers[i].Node] = i
	}
	moved := map[requantKey]int{}
	for n := range q.Net.Nodes {
		node := q.Net.Nodes[n]
		inputs := make([]int, len(node.Inputs))
		layer, weighted := layerOf[n]
		if !weighted {
			layer = -1
		}
		for j, in := range node.Inputs {
			want := q.Grids[in]
			switch {
			case weighted:
				want = q.Layers[layer].In
			case node.Op.selects():
				want = q.Grids[n]
			}
			inputs[j] = g.moveTo(in, want, moved)
		}
		node.Inputs = inputs
		g.at[n] = g.add(node, q.Grids[n], layer, n)
	}
	g.net.Output = g.at[q.Net.Output]
	return g
}

type requantKey struct {
	node int
	grid Grid
}

// moveTo returns a node that holds the values of node in of q.Net on a grid.
func (g *integerGraph) moveTo(in int, grid Grid, moved map[requantKey]int) int {
	if g.q.Grids[in] == grid {
		return g.at[in]
	}
	key := requantKey{in, grid}
	if n, ok := moved[key]; ok {
		return n
	}
	source := &g.q.Net.Nodes[in]
	n := g.add(Node{
		Name: fmt.Sprintf("%s/to%d", source.Name, grid.Bits), Op: opRequant,
		Inputs: []int{g.at[in]}, Shape: source.Shape,
	}, grid, -1, in)
	moved[key] = n
	return n
}

func (g *integerGraph) add(node Node, grid Grid, layer, origin int) int {
	g.net.Nodes = append(g.net.Nodes, node)
	g.grids = append(g.grids, grid)
	g.layer = append(g.layer, layer)
	g.origin = append(g.origin, origin)
	return len(g.net.Nodes) - 1
}

// fuse lets a clamp be part of what computes its input on the same grid.
func (g *integerGraph) fuse(node, next int) bool {
	to := g.net.Nodes[next].Op
	if to != OpRelu && to != OpClip || g.grids[node] != g.grids[next] {
		return false
	}
	switch g.net.Nodes[node].Op {
	case OpConv, OpDense, OpAdd, OpScale, opRequant, OpAvgPool, OpGlobalPool:
		return true
	}
	return false
}

// codeLimits returns the codes that a step may write: those of its grid, within
// the clamps of its chain.
func (g *integerGraph) codeLimits(s *step) (lo, hi int32) {
	lo, hi = g.grids[s.last()].Range()
	for _, n := range s.chain {
		l, h := g.clampCodes(n)
		lo, hi = min(max(lo, l), h), min(max(hi, l), h)
	}
	return lo, hi
}

// clampCodes returns the codes between which node n, a Relu or Clip, clamps;
// the whole grid for other nodes.
func (g *integerGraph) clampCodes(n int) (lo, hi int32) {
	grid, node := g.grids[n], &g.net.Nodes[n]
	lo, hi = grid.Range()
	if node.Op != OpRelu && node.Op != OpClip {
		return lo, hi
	}
	l := node.limits()
	if !math.IsInf(float64(l.lo), 0) {
		lo = grid.Quantize(float64(l.lo))
	}
	if !math.IsInf(float64(l.hi), 0) {
		hi = grid.Quantize(float64(l.hi))
	}
	return lo, hi
}

// Validate reports what is impossible about the quantized network, or has no
// integer execution.
func (q *Quantized) Validate() error {
	if err := q.Net.InferShapes(); err != nil {
		return err
	}
	layers := q.Net.Layers()
	if len(q.Layers) != len(layers) || len(q.Grids) != len(q.Net.Nodes) {
		return fmt.Errorf("%d quantized layers and %d grids for %d layers and %d nodes", len(q.Layers), len(q.Grids), len(layers), len(q.Net.Nodes))
	}
	var errs []error
	for n, grid := range q.Grids {
		node := &q.Net.Nodes[n]
		if err := grid.check(); err != nil {
			errs = append(errs, fmt.Errorf("node %q: %w", node.Name, err))
		}
		if count := q.Net.averaged(n); count > 0 && q.Grids[node.Inputs[0]].Magnitude() > math.MaxInt32/count {
			errs = append(errs, fmt.Errorf("node %q: the sum of %d codes of %d bits leaves 32 bits", node.Name, count, q.Grids[node.Inputs[0]].Bits))
		}
	}
	for i := range q.Layers {
		l := &q.Layers[i]
		if l.Node != layers[i] {
			errs = append(errs, fmt.Errorf("quantized layer %d is node %d, not %d", i, l.Node, layers[i]))
			continue
		}
		if err := l.check(&q.Net.Nodes[l.Node]); err != nil {
			errs = append(errs, fmt.Errorf("layer %q: %w", q.Net.Nodes[l.Node].Name, err))
		}
	}
	return errors.Join(errs...)
}

// averaged returns how many values node n takes the mean of, 0 if it takes none.
func (n *Network) averaged(i int) int64 {
	node := &n.Nodes[i]
	switch node.Op {
	case OpAvgPool:
		return int64(node.Kernel[0]) * int64(node.Kernel[1])
	case OpGlobalPool:
		in := n.Nodes[node.Inputs[0]].Shape
		return int64(in.H) * int64(in.W)
	}
	return 0
}

func (g Grid) check() error {
	if g.Bits < 1 || g.Bits > workload.MaxBits {
		return fmt.Errorf("grid of %d bits: must be 1 to %d", g.Bits, workload.MaxBits)
	}
	if !(g.Scale > 0) || math.IsInf(g.Scale, 0) {
		return fmt.Errorf("grid scale %v: must be positive", g.Scale)
	}
	return nil
}

// Rows returns the number of weight vectors of the layer.
func (l *QLayer) Rows() int { return len(l.RowBits) }

func (l *QLayer) check(node *Node) error {
	if err := l.In.check(); err != nil {
		return err
	}
	m, rows := node.Shape.C, len(l.RowBits)
	if l.Points != nil && len(l.Points) != m {
		return fmt.Errorf("%d points entries for %d output channels", len(l.Points), m)
	}
	want := m
	if l.Points != nil {
		want = 0
		for _, p := range l.Points {
			want += int(p)
		}
	}
	k := node.Reduction()
	if rows != want || len(l.RowScale) != want || len(l.W) != want*k || len(l.Gain) != m || len(l.Bias) != m {
		return fmt.Errorf("%d rows, %d scales, %d weights, %d gains, %d biases for %d rows of %d and %d channels",
			rows, len(l.RowScale), len(l.W), len(l.Gain), len(l.Bias), want, k, m)
	}
	for r, bits := range l.RowBits {
		if bits > workload.MaxBits {
			return fmt.Errorf("row %d has %d bits: must be 0 to %d", r, bits, workload.MaxBits)
		}
		lo, hi := weightRange(bits)
		for _, w := range l.W[r*k : (r+1)*k] {
			if int(w) < lo || int(w) > hi {
				return fmt.Errorf("row %d holds %d: outside %d bits", r, w, bits)
			}
		}
	}
	return nil
}

// weightRange returns the codes of a weight of the given width: two's
// complement; ±1 for one bit.
func weightRange(bits uint8) (lo, hi int) {
	switch bits {
	case 0:
		return 0, 0
	case 1:
		return -1, 1
	}
	return -1 << (bits - 1), 1<<(bits-1) - 1
}
