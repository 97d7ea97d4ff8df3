package kernels

import (
	"errors"
	"fmt"
	"math"

	"bitcycle/kernels/workload"
)

// integerGraph is a Quantized with every change of grid made explicit: layers
// read tensors on their In grid, and operators that only select values read and
// write the same grid.
type integerGraph struct {
	q      *Quantized
	net    *Network
	grids  []Grid
	layer  []int // entry of q.Layers, or −1
	origin []int // node of q.Net; of a requantization, the node it reads
	at     []int // node of net that holds the values of each node of q.Net
}

func (q *Quantized) graph() *integerGraph {
	g := &integerGraph{q: q, net: &Network{Name: q.Net.Name}, at: make([]int, len(q.Net.Nodes))}
	layerOf := map[int]int{}
	for i := range q.Layers {
		layerOf[q.Layers[i].Node] = i
	}
	moved, reads := map[requantKey]int{}, q.reads()
	for n := range q.Net.Nodes {
		node := q.Net.Nodes[n]
		inputs := make([]int, len(node.Inputs))
		layer, weighted := layerOf[n]
		if !weighted {
			layer = -1
		}
		for j, in := range node.Inputs {
			inputs[j] = g.moveTo(in, q.reading(n, j, reads), moved)
		}
		node.Inputs = inputs
		g.at[n] = g.add(node, q.Grids[n], layer, n)
	}
	g.net.Output = g.at[q.Net.Output]
	return g
}

// reads returns the grids that layers and products of tensors read their inputs on,
// by node and input.
func (q *Quantized) reads() map[[2]int]Grid {
	out := map[[2]int]Grid{}
	for i := range q.Layers {
		out[[2]int{q.Layers[i].Node, 0}] = q.Layers[i].In
	}
	for i, n := range q.Net.MatMuls() {
		last := len(q.Net.Nodes[n].Inputs) - 1
		for j, g := range q.Factors[i] {
			out[[2]int{n, j * last}] = g
		}
	}
	return out
}

// reading returns the grid that node n reads input j on.
func (q *Quantized) reading(n, j int, reads map[[2]int]Grid) Grid {
	if g, ok := reads[[2]int{n, j}]; ok {
		return g
	}
	if q.Net.Nodes[n].Op.Selects() {
		return q.Grids[n]
	}
	return q.Grids[q.Net.Nodes[n].Inputs[j]]
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
		Name: fmt.Sprintf("%s/to%d", source.Name, grid.Bits), Op: Requant{},
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

// fuse lets what computes a node on the grid of its only reader take that along.
func (g *integerGraph) fuse(node, next int) bool {
	return g.grids[node] == g.grids[next] && g.net.Nodes[node].Op.fuses(g.net.Nodes[next].Op, true)
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

// clampCodes returns the codes between which node n clamps; the whole grid if it
// does not.
func (g *integerGraph) clampCodes(n int) (lo, hi int32) {
	grid := g.grids[n]
	lo, hi = grid.Range()
	l, ok := g.net.Nodes[n].Op.Clamp()
	if !ok {
		return lo, hi
	}
	if !math.IsInf(float64(l.Lo), 0) {
		lo = grid.Quantize(float64(l.Lo))
	}
	if !math.IsInf(float64(l.Hi), 0) {
		hi = grid.Quantize(float64(l.Hi))
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
	if products := q.Net.MatMuls(); len(q.Factors) != len(products) {
		return fmt.Errorf("%d pairs of grids for %d products of tensors", len(q.Factors), len(products))
	}
	errs := q.factorErrors()
	reads := q.reads()
	for n, grid := range q.Grids {
		node := &q.Net.Nodes[n]
		if err := grid.Check(); err != nil {
			errs = append(errs, fmt.Errorf("node %q: %w", node.Name, err))
		}
		for _, from := range q.inputGrids(n, reads) {
			if from.Bits > workload.MaxBits && !HasWeights(node.Op) && !ReadsWide(node.Op) {
				errs = append(errs, fmt.Errorf("node %q: %s reads %d bits: must be 1 to %d", node.Name, node.Op.Name(), from.Bits, workload.MaxBits))
			}
		}
		if err := node.Op.onGrids(q.Net.inputShapes(n), q.inputGrids(n, reads), grid); err != nil {
			errs = append(errs, fmt.Errorf("node %q: %w", node.Name, err))
		}
	}
	for i := range q.Layers {
		l := &q.Layers[i]
		if l.Node != layers[i] {
			errs = append(errs, fmt.Errorf("quantized layer %d is node %d, not %d", i, l.Node, layers[i]))
			continue
		}
		product, _ := q.Net.Product(l.Node)
		if err := l.check(&product); err != nil {
			errs = append(errs, fmt.Errorf("layer %q: %w", q.Net.Nodes[l.Node].Name, err))
		}
	}
	return errors.Join(errs...)
}

// factorErrors reports grids of factors that none can be.
func (q *Quantized) factorErrors() (errs []error) {
	for i, n := range q.Net.MatMuls() {
		for _, grid := range q.Factors[i] {
			if err := grid.Check(); err != nil {
				errs = append(errs, fmt.Errorf("node %q: %w", q.Net.Nodes[n].Name, err))
			}
		}
	}
	return errs
}

// inputGrids returns the grids that node n reads its inputs on.
func (q *Quantized) inputGrids(n int, reads map[[2]int]Grid) []Grid {
	var grids []Grid
	for j := range q.Net.Nodes[n].Inputs {
		grids = append(grids, q.reading(n, j, reads))
	}
	return grids
}

// Rows returns the number of weight vectors of the layer.
func (l *QLayer) Rows() int { return len(l.RowBits) }

func (l *QLayer) check(p *Product) error {
	if err := l.In.Check(); err != nil {
		return err
	}
	if l.In.Bits > workload.MaxBits {
		return fmt.Errorf("reads a grid of %d bits: must be 1 to %d", l.In.Bits, workload.MaxBits)
	}
	m, rows := p.Channels, len(l.RowBits)
	if l.Points != nil && len(l.Points) != m {
		return fmt.Errorf("%d points entries for %d output channels", len(l.Points), m)
	}
	want := m
	if l.Points != nil {
		want = 0
		for _, n := range l.Points {
			want += int(n)
		}
	}
	k := p.K
	if rows != want || len(l.RowScale) != want || len(l.W) != want*k || len(l.Gain) != m || len(l.Bias) != m {
		return fmt.Errorf("%d rows, %d scales, %d weights, %d gains, %d biases for %d rows of %d and %d channels",
			rows, len(l.RowScale), len(l.W), len(l.Gain), len(l.Bias), want, k, m)
	}
	if err := l.checkGroups(k); err != nil {
		return err
	}
	if l.RowZero != nil && len(l.RowZero) != rows {
		return fmt.Errorf("%d zero points for %d rows", len(l.RowZero), rows)
	}
	for r, bits := range l.RowBits {
		if bits > workload.MaxBits {
			return fmt.Errorf("row %d has %d bits: must be 0 to %d", r, bits, workload.MaxBits)
		}
		lo, hi := l.rowRange(r)
		for _, w := range l.W[r*k : (r+1)*k] {
			if int(w) < lo || int(w) > hi {
				return fmt.Errorf("row %d holds %d: outside %d bits", r, w, bits)
			}
		}
	}
	return nil
}

// rowRange returns the smallest and the largest weight of a row.
func (l *QLayer) rowRange(r int) (lo, hi int) {
	lo, hi = weightRange(l.RowBits[r])
	if l.Unsigned && l.RowBits[r] > 0 {
		lo, hi = 0, 1<<l.RowBits[r]-1
	}
	if l.RowZero != nil {
		return lo - int(l.RowZero[r]), hi - int(l.RowZero[r])
	}
	return lo, hi
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
