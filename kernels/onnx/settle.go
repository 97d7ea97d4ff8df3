package onnx

import (
	"fmt"
	"slices"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// A quantized model says of some tensors on which grid they are. A settler finds
// grids for all others and leaves out the nodes that do no more than say so:
//
//   - a tensor that is put on one grid, by all that read it, is computed on that grid;
//   - what selects values (clamps, maxima, moves) stays on the grid of what it reads,
//     or is computed on that of its readers: rounding is monotone, so that it makes no
//     difference whether values are selected before it or afterwards;
//   - constants that scale the sums of a layer join its requantization;
//   - what is left is an accumulator: a grid so wide and fine that rounding to it
//     does not show.
type settler struct {
	im      *importer
	net     *kernels.Network
	grids   map[int]kernels.Grid
	layers  map[int]*kernels.QLayer
	factors map[int][2]kernels.Grid // of products of tensors
	readers [][]int
	wanted  []int       // nodes whose values are outputs
	alias   map[int]int // node that stands for one that is left out
	errs    obstacles
}

func (s *settler) settle() error {
	for _, i := range s.net.Layers() {
		l, err := s.im.quantLayer(i)
		if err != nil {
			s.refuse(i, err)
		}
		s.layers[i] = l
	}
	s.absorb()
	s.readers = s.reading()
	s.forward()
	s.backward()
	s.inputs()
	if err := s.errs.err(false); err != nil {
		return err
	}
	s.accumulators()
	s.skip()
	return s.errs.err(false)
}

// refuse records why a node cannot be executed.
func (s *settler) refuse(i int, err error) {
	n := &s.net.Nodes[i]
	s.errs.add(&node{name: n.Name, op: n.Op.Name()}, err, NoCharge)
}

// at returns the node that stands for node i.
func (s *settler) at(i int) int {
	for {
		to, ok := s.alias[i]
		if !ok {
			return i
		}
		i = to
	}
}

// inputsOf returns the nodes that node i reads.
func (s *settler) inputsOf(i int) []int {
	in := slices.Clone(s.net.Nodes[i].Inputs)
	for j := range in {
		in[j] = s.at(in[j])
	}
	return in
}

// reading returns the readers of every node, without those that are left out.
func (s *settler) reading() [][]int {
	readers := make([][]int, len(s.net.Nodes))
	for i := range s.net.Nodes {
		if s.at(i) != i {
			continue
		}
		for _, in := range s.inputsOf(i) {
			readers[in] = append(readers[in], i)
		}
	}
	return readers
}

// isWanted tells whether the values of node i are an output.
func (s *settler) isWanted(i int) bool {
	return slices.ContainsFunc(s.wanted, func(w int) bool { return s.at(w) == i })
}

// absorb takes constant scales behind layers into their gains and biases.
func (s *settler) absorb() {
	readers := s.net.Readers()
	for i := range s.net.Nodes {
		scale, ok := s.net.Nodes[i].Op.(kernels.Scale)
		if _, placed := s.grids[i]; !ok || placed {
			continue
		}
		source := s.at(s.net.Nodes[i].Inputs[0])
		l := s.layers[source]
		if l == nil || len(readers[s.net.Nodes[i].Inputs[0]]) != 1 || s.isWanted(source) || len(l.Gain) != len(scale.Factor) {
			continue
		}
		for m, f := range scale.Factor {
			l.Gain[m] *= float64(f)
			l.Bias[m] = l.Bias[m]*float64(f) + float64(scale.Offset[m])
		}
		layer := s.net.Nodes[source]
		foldInto(&layer, scale)
		s.net.Nodes[source] = layer
		s.alias[i] = source
	}
}

// forward puts what selects from tensors on one grid on that grid.
func (s *settler) forward() {
	for i := range s.net.Nodes {
		if _, known := s.grids[i]; known || s.at(i) != i || !s.net.Nodes[i].Op.Selects() {
			continue
		}
		if g, ok := s.common(s.inputsOf(i)); ok {
			s.grids[i] = g
		}
	}
}

// common returns the grid that all the nodes are on.
func (s *settler) common(nodes []int) (g kernels.Grid, ok bool) {
	for j, n := range nodes {
		own, known := s.grids[n]
		if !known || j > 0 && own != g {
			return g, false
		}
		g = own
	}
	return g, len(nodes) > 0
}

// backward puts tensors on the grid that all their readers put them on.
func (s *settler) backward() {
	for i := len(s.net.Nodes) - 1; i >= 0; i-- {
		if _, known := s.grids[i]; known || s.at(i) != i || s.isWanted(i) {
			continue
		}
		var putting []int
		for _, r := range s.readers[i] {
			op := s.net.Nodes[r].Op
			if _, put := op.(kernels.Requant); put || op.Selects() {
				putting = append(putting, r)
			}
		}
		if g, ok := s.common(putting); ok && len(putting) == len(s.readers[i]) && kernels.RoundsTo(s.net.Nodes[i].Op, g) {
			s.grids[i] = g
		}
	}
}

// inputs checks that layers and products of tensors read what is on a grid.
func (s *settler) inputs() {
	if _, known := s.grids[0]; !known && s.im.quant.shifts {
		kind := codeNames[s.im.opt.Codes]
		g := kernels.Grid{Scale: 1, Round: kernels.HalfEven}
		g.Bits, g.Signed, _ = codeWidth(kind)
		s.grids[0] = g
		if s.im.opt.Codes == "" {
			s.im.notef("nothing says of what type the whole numbers of the input %q are: taken as uint8", s.im.in.Name)
		}
		s.forward()
	}
	for _, i := range s.net.Layers() {
		if g, ok := s.read(i, s.inputsOf(i)[0]); ok && s.layers[i] != nil {
			s.layers[i].In = g
		}
	}
	for _, i := range s.net.MatMuls() {
		var pair [2]kernels.Grid
		for j, in := range s.net.Nodes[i].Factors() {
			pair[j], _ = s.read(i, s.at(in))
		}
		s.factors[i] = pair
	}
}

// read returns the grid on which node i reads another, which must have one.
func (s *settler) read(i, in int) (kernels.Grid, bool) {
	g, known := s.grids[in]
	switch {
	case !known:
		s.refuse(i, fmt.Errorf("its input, %q, is not quantized", s.net.Nodes[in].Name))
	case g.Bits > workload.MaxBits:
		s.refuse(i, fmt.Errorf("its input takes %d bits: must be 1 to %d", g.Bits, workload.MaxBits))
		return g, false
	}
	return g, known
}

// skip leaves out nodes that put a tensor on the grid that it is on already, and
// those of which the readers are told the grid in another way.
func (s *settler) skip() {
	for i := range s.net.Nodes {
		if _, put := s.net.Nodes[i].Op.(kernels.Requant); !put || s.at(i) != i {
			continue
		}
		source := s.inputsOf(i)[0]
		if s.grids[i] == s.grids[source] || !s.isWanted(i) && s.told(i) {
			s.alias[i] = source
		}
	}
}

// told tells whether all readers of node i say on which grid they read.
func (s *settler) told(i int) bool {
	for _, r := range s.reading()[i] {
		_, product := s.factors[r]
		switch {
		case s.layers[r] != nil || product:
		case s.net.Nodes[r].Op.Selects() && s.grids[r] == s.grids[i]:
		default:
			return false
		}
	}
	return true
}

// network makes the quantized network, and tells the new index of each node.
func (s *settler) network() (*kernels.Quantized, []int, error) {
	q := &kernels.Quantized{Net: &kernels.Network{Name: s.net.Name}}
	to := make([]int, len(s.net.Nodes))
	for i := range s.net.Nodes {
		if s.at(i) != i {
			continue
		}
		n := s.net.Nodes[i]
		n.Inputs = s.inputsOf(i)
		for j := range n.Inputs {
			n.Inputs[j] = to[n.Inputs[j]]
		}
		to[i] = len(q.Net.Nodes)
		q.Net.Nodes, q.Grids = append(q.Net.Nodes, n), append(q.Grids, s.grids[i])
		if l := s.layers[i]; l != nil {
			l.Node = to[i]
			q.Layers = append(q.Layers, *l)
		}
	}
	for i := range to {
		to[i] = to[s.at(i)]
	}
	q.Net.Output = to[s.net.Output]
	for _, i := range s.net.MatMuls() {
		q.Factors = append(q.Factors, s.factors[i])
	}
	return q, to, q.Net.InferShapes()
}
