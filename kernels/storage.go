package kernels

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

// Stored says how the tensor of a node is stored: on the input grid of a layer,
// or on a grid of ResidualBits over the range of a node.
type Stored struct {
	Layer int // index in Layers, or −1
	Node  int // whose range the residual grid covers, if Layer is −1
}

// Storage decides how the tensor of every node is stored. It is stored as layers
// read it if all its readers are layers that read the same node on the same
// grid, or operators that only select values and are stored that way themselves;
// then they need no requantization. Else it is stored on a residual grid, which
// operators that select from such tensors share with them. in holds the grid of
// each layer's input.
func (n *Network) Storage(in []Grid) []Stored {
	readers, layers := n.Readers(), n.Layers()
	number := map[int]int{}
	for i, node := range layers {
		number[node] = i
	}
	same := func(a, b Stored) bool {
		if a.Layer < 0 || b.Layer < 0 {
			return a == b
		}
		return in[a.Layer] == in[b.Layer] && n.Nodes[layers[a.Layer]].Inputs[0] == n.Nodes[layers[b.Layer]].Inputs[0]
	}
	stored := make([]Stored, len(n.Nodes))
	for i := len(n.Nodes) - 1; i >= 0; i-- {
		own := Stored{-1, i}
		stored[i] = own
		if i == n.Output {
			continue
		}
		for j, r := range readers[i] {
			want := own
			if l, weighted := number[r]; weighted {
				want = Stored{l, -1}
			} else if n.Nodes[r].Op.Selects() {
				want = stored[r]
			}
			if j == 0 {
				stored[i] = want
			} else if !same(stored[i], want) {
				stored[i] = own
				break
			}
		}
	}
	n.shareResiduals(stored)
	return stored
}

// shareResiduals puts what selects from tensors on one residual grid on that
// grid, too.
func (n *Network) shareResiduals(stored []Stored) {
	for i := range n.Nodes {
		node := &n.Nodes[i]
		if !node.Op.Selects() || stored[i].Layer >= 0 {
			continue
		}
		from, shared := stored[node.Inputs[0]], true
		for _, in := range node.Inputs {
			shared = shared && stored[in] == from
		}
		if shared && from.Layer < 0 {
			stored[i] = from
		}
	}
}
