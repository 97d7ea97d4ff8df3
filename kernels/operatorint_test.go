package kernels

import (
	"math"
	"slices"

	"pgregory.net/rapid"
)

// checkIntegers: on random grids, the codes are the definition's of what the
// input codes stand for, within the operator's bound.
func (s *subject) checkIntegers() {
	q := s.quantized()
	to := q.Grids[s.n]
	for _, values := range s.runInt(q) {
		var in []real
		for _, k := range s.node.Inputs {
			v := real{s.net.Nodes[k].Shape, widened(values[k])}
			in = append(in, v.mapped(func(_ int, x float64) float64 { return x * q.Grids[k].Scale }))
		}
		s.within(values[s.n], q, s.define(s.node, in).x, s.parts(in, to))
	}
}

// quantized draws grids for the nodes up to the operator, and its weights.
func (s *subject) quantized() *Quantized {
	q := &Quantized{Net: s.net}
	for range s.n + 1 {
		g := drawGrid(s.netBuilder)
		g.Bits = max(g.Bits, 4)
		g.Scale = rapid.Float64Range(1, 4).Draw(s.t, "scale") / float64(int(1)<<g.Bits)
		q.Grids = append(q.Grids, g)
	}
	to := q.Grids[s.n]
	if s.op().Selects() { // else its inputs would be moved first
		for _, k := range s.node.Inputs {
			q.Grids[k] = to
		}
	}
	for _, k := range s.net.MatMuls() {
		from := s.net.Nodes[k].Factors()
		q.Factors = append(q.Factors, [2]Grid{q.Grids[from[0]], q.Grids[from[1]]})
	}
	if HasWeights(s.op()) {
		q.Layers = []QLayer{drawLayer(s.netBuilder, s.n, q.Grids[s.node.Inputs[0]])}
		q.Layers[0].In = q.Grids[s.node.Inputs[0]]
		s.setWeights(&q.Layers[0])
	}
	return q
}

// checkFused: a clamp behind the operator gives the same whether the operator's
// step takes it along or not, which it does not where the operator is watched.
func (s *subject) checkFused() {
	limits := Clip{-0.25, 0.3}
	if !s.add(Node{Op: limits, Inputs: []int{s.n}}) {
		s.t.Fatal("no clamp fits")
	}
	s.net.Output = len(s.net.Nodes) - 1
	s.node = &s.net.Nodes[s.n]
	p, err := Compile(s.net, PlanOptions{Workers: 1})
	if err != nil {
		s.t.Fatal(err)
	}
	together := make([]float32, s.x.N*p.Classes)
	if err := p.Run(s.x, together); err != nil {
		s.t.Fatal(err)
	}
	for i, values := range s.run() {
		s.close("clamped value", widened(together[i*p.Classes:(i+1)*p.Classes]), values[s.net.Output].x, 1e-5)
	}
	s.checkFusedCodes()
}

func (s *subject) checkFusedCodes() {
	q := s.quantized()
	q.Grids = append(q.Grids, q.Grids[s.n])
	p, err := CompileInt(q, IntOptions{Workers: 1})
	if err != nil {
		s.t.Fatal(err)
	}
	together := make([]int32, s.x.N*p.Classes)
	if err := p.Run(s.x, together); err != nil {
		s.t.Fatal(err)
	}
	for i, values := range s.runInt(q) {
		if got := together[i*p.Classes : (i+1)*p.Classes]; !slices.Equal(got, values[s.net.Output]) {
			s.t.Fatalf("%+v and a clamp: codes %v, apart %v", s.node.Op, got, values[s.net.Output])
		}
	}
}

// within compares codes with numbers.
func (s *subject) within(got []int32, q *Quantized, want []float64, parts float64) {
	to := q.Grids[s.n]
	lo, hi := to.Range()
	for i, w := range want {
		steps := w / to.Scale
		allowed := 0.5 + 1e-5*(1+parts)
		if s.bound != nil {
			allowed = s.bound(steps, q.inputGrids(s.n, q.reads()), to)
		}
		clipped := min(max(steps, float64(lo)), float64(hi))
		if math.Abs(float64(got[i])-clipped) > allowed {
			s.t.Fatalf("%+v: code %d is %d, want %v within %v", s.node.Op, i, got[i], clipped, allowed)
		}
	}
}

// parts bounds the sum of the magnitudes that make up a result, in its steps.
func (s *subject) parts(in []real, to Grid) float64 {
	sum := 0.0
	for _, x := range in {
		sum += math.Max(slices.Max(x.x), -slices.Min(x.x)) / to.Scale
	}
	most := 1.0
	if p, ok := s.net.Product(s.n); ok {
		for m := range p.Channels {
			row := math.Abs(float64(s.node.Bias[m]))
			for _, w := range s.node.Weight[m*p.K : (m+1)*p.K] {
				row += math.Abs(float64(w))
			}
			most = max(most, row/to.Scale)
		}
	}
	return sum * most
}

// setWeights makes the node's weights those that the layer's integers stand for.
func (s *subject) setWeights(l *QLayer) {
	k, first := s.node.Reduction(), l.firstRows()
	clear(s.node.Weight)
	for m, gain := range l.Gain {
		s.node.Bias[m] = float32(l.Bias[m])
		for r := first[m]; r < first[m+1]; r++ {
			for i, w := range l.W[r*k : (r+1)*k] {
				s.node.Weight[m*k+i] += float32(float64(w) * l.RowScale[r] * gain)
			}
		}
	}
}

// runInt returns the codes of all nodes for every image.
func (s *subject) runInt(q *Quantized) [][][]int32 {
	out := make([][][]int32, s.x.N)
	opt := IntOptions{Workers: 1, Observe: func(node, image int, v []int32) {
		out[image][node] = make([]int32, len(v))
		toCHW(out[image][node], v, s.net.Nodes[node].Shape)
	}}
	for i := range out {
		out[i] = make([][]int32, len(s.net.Nodes))
	}
	for n := range s.net.Nodes {
		opt.Watch = append(opt.Watch, n)
	}
	p, err := CompileInt(q, opt)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := p.Run(s.x, make([]int32, s.x.N*p.Classes)); err != nil {
		s.t.Fatal(err)
	}
	return out
}
