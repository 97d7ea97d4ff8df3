package onnx

import (
	"errors"
	"fmt"
	"math"
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

// accumulators finds grids for what is on none.
func (s *settler) accumulators() {
	bits := s.widths()
	for i := range s.net.Nodes {
		if _, known := s.grids[i]; known || s.at(i) != i {
			continue
		}
		in := s.inputsOf(i)
		if g, ok := s.common(in); ok && s.net.Nodes[i].Op.Selects() {
			s.grids[i] = g
			continue
		}
		if !kernels.WritesWide(s.net.Nodes[i].Op) {
			bits[i] = workload.MaxBits
		}
		g, err := s.accumulator(i, bits[i])
		if err != nil {
			s.refuse(i, err)
		}
		s.grids[i] = g
	}
}

// widths returns how many bits the readers of each node take.
func (s *settler) widths() []uint8 {
	bits := make([]uint8, len(s.net.Nodes))
	for i := len(bits) - 1; i >= 0; i-- {
		bits[i] = kernels.MaxGridBits
		for _, r := range s.readers[i] {
			op := s.net.Nodes[r].Op
			own := uint8(workload.MaxBits)
			if op.Selects() {
				own = bits[r]
			} else if kernels.ReadsWide(op) {
				own = kernels.MaxGridBits
			}
			bits[i] = min(bits[i], own)
		}
	}
	return bits
}

// accumulator returns a wide grid for node i: whole sums where they have one unit,
// else what its values can reach, in steps of a power of two.
func (s *settler) accumulator(i int, bits uint8) (kernels.Grid, error) {
	g := kernels.Grid{Bits: bits, Signed: true}
	if i == 0 {
		return s.inputGrid()
	}
	reach, err := s.reach(i)
	if err != nil {
		return g, err
	}
	room := math.Ldexp(1, int(bits)-1) - 1
	if g.Scale = s.unit(i); g.Scale > 0 && reach/g.Scale < room {
		return g, nil
	}
	if reach == 0 {
		reach = 1
	}
	g.Scale = math.Ldexp(1, int(math.Ceil(math.Log2(reach/room))))
	return g, nil
}

// inputGrid returns a grid for images that the model computes with before it puts
// them on one: as far as that reaches, in the smallest steps.
func (s *settler) inputGrid() (kernels.Grid, error) {
	g := kernels.Grid{Bits: kernels.MaxGridBits, Signed: true}
	reach, ok := s.needed(0)
	if !ok || reach == 0 {
		return g, errors.New("the input is not quantized")
	}
	g.Scale = math.Ldexp(1, int(math.Ceil(math.Log2(reach)))-(kernels.MaxGridBits-1))
	return g, nil
}

// needed returns the magnitude beyond which the values of node i make no difference
// to its readers; ok is false if there is none.
func (s *settler) needed(i int) (reach float64, ok bool) {
	for _, r := range s.readers[i] {
		switch op := s.net.Nodes[r].Op.(type) {
		case kernels.Requant:
			reach = max(reach, float64(s.grids[r].Magnitude()+1)*s.grids[r].Scale)
		case kernels.Threshold:
			for _, list := range op.Levels {
				reach = max(reach, 2*math.Abs(float64(list[0])), 2*math.Abs(float64(list[len(list)-1])), math.SmallestNonzeroFloat32)
			}
		case kernels.Scale:
			after, ok := s.needed(r)
			if !ok {
				return 0, false
			}
			for c, f := range op.Factor {
				if f != 0 {
					reach = max(reach, (after+math.Abs(float64(op.Offset[c])))/math.Abs(float64(f)))
				}
			}
		default:
			after, ok := s.needed(r)
			if !ok || !op.Selects() {
				return 0, false
			}
			reach = max(reach, after)
		}
	}
	return reach, len(s.readers[i]) > 0
}

// unit returns the step of the whole sums that node i computes, 0 if there is none.
func (s *settler) unit(i int) float64 {
	l := s.layers[i]
	switch s.net.Nodes[i].Op.(type) {
	case kernels.Add:
		in := s.inputsOf(i)
		if a, b := s.grids[in[0]].Scale, s.grids[in[1]].Scale; a == b {
			return a
		}
	case kernels.TopK: // numbers of channels
		return 1
	}
	if l == nil || len(l.RowScale) != len(l.Gain) {
		return 0
	}
	unit := l.RowScale[0] * l.In.Scale * l.Gain[0]
	for m := range l.Gain {
		if l.RowScale[m]*l.In.Scale*l.Gain[m] != unit || l.Bias[m]/unit != math.Trunc(l.Bias[m]/unit) {
			return 0
		}
	}
	return unit
}

// reach returns the largest magnitude that the values of node i can have.
func (s *settler) reach(i int) (float64, error) {
	n := &s.net.Nodes[i]
	if l := s.layers[i]; l != nil {
		return layerReach(l, n.Reduction()), nil
	}
	var in []kernels.Grid
	var shapes []kernels.Shape
	for _, k := range s.inputsOf(i) {
		in, shapes = append(in, s.grids[k]), append(shapes, s.net.Nodes[k].Shape)
	}
	if r, ok := kernels.Reach(n.Op, in, shapes); ok {
		return r, nil
	}
	return 0, fmt.Errorf("its output is not quantized, and nothing is known of its range")
}

func layerReach(l *kernels.QLayer, k int) float64 {
	most, row := 0.0, 0
	for m := range l.Gain {
		points, sum := 1, 0.0
		if l.Points != nil {
			points = int(l.Points[m])
		}
		for range points {
			magnitudes := int64(0)
			for _, w := range l.W[row*k : (row+1)*k] {
				magnitudes += max(int64(w), -int64(w))
			}
			sum += float64(magnitudes) * math.Abs(l.RowScale[row])
			row++
		}
		most = max(most, sum*float64(l.In.Magnitude())*l.In.Scale*math.Abs(l.Gain[m])+math.Abs(l.Bias[m]))
	}
	return most
}
