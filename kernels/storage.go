package kernels

import "bitcycle/kernels/workload"

// ResidualBits is the width of tensors between nodes whose readers do not agree
// on a narrower grid, or need more precision: sums, means and the output.
const ResidualBits = 16

// Nonnegative tells for every node whether its values cannot be negative,
// whatever the weights are; signed tells whether the input's can.
func (n *Network) Nonnegative(signed bool) []bool {
	nonneg := make([]bool, len(n.Nodes))
	for i := range n.Nodes {
		in := make([]bool, len(n.Nodes[i].Inputs))
		for j, k := range n.Nodes[i].Inputs {
			in[j] = nonneg[k]
		}
		nonneg[i] = i == 0 && !signed || n.Nodes[i].Op.Nonnegative(in)
	}
	return nonneg
}

// MatMuls returns the nodes that multiply two tensors, in execution order. Both
// are read on grids of their own, as the input of a layer is.
func (n *Network) MatMuls() []int {
	var out []int
	for i := range n.Nodes {
		if p := stated(n.Nodes[i].Op, n.inputShapes(i)); p != nil && p.Dynamic {
			out = append(out, i)
		}
	}
	return out
}

// Factors returns the two nodes that a product of tensors multiplies.
func (node *Node) Factors() [2]int { return [2]int{node.Inputs[0], node.Inputs[len(node.Inputs)-1]} }

// Origin returns the node whose values node i has, maybe in another order.
func (n *Network) Origin(i int) int {
	for {
		switch n.Nodes[i].Op.(type) {
		case Reorder, Flatten:
			i = n.Nodes[i].Inputs[0]
		default:
			return i
		}
	}
}

// FactorWidth is the width of both factors of products of tensors where nothing
// gives them one: the widest of the layers' inputs, 8 without layers.
func FactorWidth(layers []workload.LayerWidths) uint8 {
	widest := uint8(0)
	for i := range layers {
		widest = max(widest, layers[i].ActBits)
	}
	if widest == 0 {
		return 8
	}
	return widest
}

// Stored says how the tensor of a node is stored: on a grid that it is read on, or
// on a grid of ResidualBits over the range of a node.
type Stored struct {
	// Read counts the grids of the layers' inputs, then two for each product of
	// tensors; −1 if the tensor is on a residual grid.
	Read int
	Node int // whose range the residual grid covers
}

// reading is a grid that values are read on.
type reading struct {
	from int // the node that computes them
	grid Grid
}

// readings lists the grids that nodes are read on, as [Stored] counts them, and
// which of them each input of a node is; an input that is none of them is absent.
func (n *Network) readings(in []Grid, factors [][2]Grid) (all []reading, at map[[2]int]int) {
	at = map[[2]int]int{}
	for i, node := range n.Layers() {
		at[[2]int{node, 0}] = len(all)
		all = append(all, reading{n.Origin(n.Nodes[node].Inputs[0]), in[i]})
	}
	for i, node := range n.MatMuls() {
		last := len(n.Nodes[node].Inputs) - 1
		for j, from := range n.Nodes[node].Factors() {
			at[[2]int{node, j * last}] = len(all)
			all = append(all, reading{n.Origin(from), factors[i][j]})
		}
	}
	return all, at
}

// Storage decides how the tensor of every node is stored. It is stored as it is
// read if all its readers are layers, or products of tensors, that read the same
// values on the same grid, or operators that only select values and are stored that
// way themselves; then they need no requantization. Else it is stored on a residual
// grid, which operators that select from such tensors share with them. in holds the
// grid of each layer's input, factors those of what each of MatMuls multiplies.
func (n *Network) Storage(in []Grid, factors [][2]Grid) []Stored {
	all, at := n.readings(in, factors)
	same := func(a, b Stored) bool {
		if a.Read < 0 || b.Read < 0 {
			return a == b
		}
		return all[a.Read] == all[b.Read]
	}
	readers, stored := n.Readers(), make([]Stored, len(n.Nodes))
	for i := len(n.Nodes) - 1; i >= 0; i-- {
		own, first := Stored{-1, i}, true
		stored[i] = own
		if i == n.Output {
			continue
		}
		for _, r := range readers[i] {
			for _, want := range n.wants(r, i, own, stored, at) {
				if first {
					stored[i], first = want, false
				} else if !same(stored[i], want) {
					stored[i] = own
				}
			}
		}
	}
	n.shareResiduals(stored)
	return stored
}

// wants lists how node r would have node i, which it reads, stored.
func (n *Network) wants(r, i int, own Stored, stored []Stored, at map[[2]int]int) (out []Stored) {
	for j, k := range n.Nodes[r].Inputs {
		if k != i {
			continue
		}
		read, ok := at[[2]int{r, j}]
		switch {
		case ok:
			out = append(out, Stored{read, -1})
		case n.Nodes[r].Op.Selects():
			out = append(out, stored[r])
		default:
			out = append(out, own)
		}
	}
	return out
}

// shareResiduals puts what selects from tensors on one residual grid on that
// grid, too.
func (n *Network) shareResiduals(stored []Stored) {
	for i := range n.Nodes {
		node := &n.Nodes[i]
		if !node.Op.Selects() || stored[i].Read >= 0 || len(node.Inputs) == 0 {
			continue
		}
		from, shared := stored[node.Inputs[0]], true
		for _, in := range node.Inputs {
			shared = shared && stored[in] == from
		}
		if shared && from.Read < 0 {
			stored[i] = from
		}
	}
}
