package kernels

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"bitcycle/internal/testdata"
	"bitcycle/kernels/workload"
)

// Every operator of the package has a case here, by which all tests of this file
// and those of random networks know it.
func TestEveryOperatorHasACase(t *testing.T) {
	var have []string
	for name, c := range opCases {
		if c.op.Name() != name {
			t.Errorf("operator %s has the case of %s", c.op.Name(), name)
		}
		have = append(have, reflect.TypeOf(c.op).Name())
	}
	slices.Sort(have)
	have = slices.Compact(have) // one that is several functions has a case for each
	if want := testdata.Receivers(t, "op_*.go", "Infer"); !slices.Equal(have, want) {
		t.Errorf("cases %v\nfor operators %v", have, want)
	}
}

// TestOperators holds every operator to its definition: shapes, both executors,
// what is charged, what it says of itself, and its gradient.
func TestOperators(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(opCases)) {
		if name == "input" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				c := opCases[name]
				s := drawSubject(t, &c)
				s.checkFloat()
				s.checkClaims()
				s.checkCharge()
				s.checkGradient()
				s.checkIntegers()
				s.checkFused()
			})
		})
	}
}

// subject is a network of one operator that reads some of three tensors.
type subject struct {
	*netBuilder
	*opCase
	node *Node
	n    int
	x    Batch
}

func drawSubject(t *rapid.T, c *opCase) *subject {
	b := &netBuilder{t: t, net: &Network{Name: "one"}}
	shape := Shape{C: b.int("C", 1, 5), H: b.int("H", 1, 6), W: b.int("W", 1, 6)}
	if !c.image && b.int("deep", 0, 3) == 0 {
		shape.D = 2
	}
	b.add(Node{Op: Input{shape}})
	for range 2 {
		b.draw("scale", 0)
	}
	most := 2
	if clamps(c.op) { // what computes its input would take it along
		most = 0
	}
	for !b.draw(c.op.Name(), b.int("from", 0, most)) {
	}
	n := len(b.net.Nodes) - 1
	b.net.Output = n
	s := &subject{b, c, &b.net.Nodes[n], n, Batch{N: 2, Shape: shape}}
	s.x.Data = b.floats(s.x.N*shape.Size(), 2)
	return s
}

// run returns the values of all nodes for every image.
func (s *subject) run() [][]real {
	out := make([][]real, s.x.N)
	opt := PlanOptions{Workers: 1, Observe: func(node, image int, v []float32) {
		shape := s.net.Nodes[node].Shape
		chw := make([]float32, len(v))
		toCHW(chw, v, shape)
		out[image][node] = real{shape, widened(chw)}
	}}
	for i := range out {
		out[i] = make([]real, len(s.net.Nodes))
	}
	for n := range s.net.Nodes {
		opt.Watch = append(opt.Watch, n)
	}
	p, err := Compile(s.net, opt)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := p.Run(s.x, make([]float32, s.x.N*p.Classes)); err != nil {
		s.t.Fatal(err)
	}
	return out
}

func widened[T float32 | int32](x []T) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// inputs picks what the operator reads from the values of all nodes.
func inputs[T any](n *Node, values []T) (in []T) {
	for _, k := range n.Inputs {
		in = append(in, values[k])
	}
	return in
}

// checkFloat: shape and values are those of the definition, in a plan and applied
// alone.
func (s *subject) checkFloat() {
	for _, values := range s.run() {
		in := inputs(s.node, values)
		want, got := s.define(s.node, in), values[s.n]
		if want.Shape != s.node.Shape {
			s.t.Fatalf("%+v: inferred shape %v, the definition gives %v", s.node.Op, s.node.Shape, want.Shape)
		}
		s.close("value", got.x, want.x, 1e-5)
		var x [][]float32
		for _, r := range in {
			x = append(x, r.narrow())
		}
		alone, err := Apply(s.op(), s.net.inputShapes(s.n), x)
		if (err != nil) != HasWeights(s.op()) {
			s.t.Fatalf("%+v applied alone: %v", s.node.Op, err)
		}
		if err == nil {
			s.close("value alone", widened(alone), want.x, 1e-5)
		}
	}
}

func (s *subject) close(what string, got, want []float64, tolerance float64) {
	for i, w := range want {
		if math.Abs(got[i]-w) > tolerance*(1+math.Abs(w)) {
			s.t.Fatalf("%+v: %s %d is %v, want %v", s.node.Op, what, i, got[i], w)
		}
	}
}

// checkClaims: what the operator says of signs, selection and clamping is true.
func (s *subject) checkClaims() {
	limits, clamped := s.op().Clamp()
	for _, values := range s.run() {
		nonneg, known := []bool{}, []float64{0}
		for _, in := range inputs(s.node, values) {
			nonneg = append(nonneg, slices.Min(in.x) >= 0)
			known = append(known, in.x...)
		}
		if clamped {
			known = append(known, float64(limits.Lo), float64(limits.Hi))
		}
		for i, v := range values[s.n].x {
			switch {
			case v < 0 && s.op().Nonnegative(nonneg):
				s.t.Fatalf("%+v: %v, said not to be negative", s.node.Op, v)
			case s.op().Selects() && !slices.Contains(known, v):
				s.t.Fatalf("%+v: %v is none of what it selects from", s.node.Op, v)
			case clamped && v != min(max(values[s.node.Inputs[0]].x[i], float64(limits.Lo)), float64(limits.Hi)):
				s.t.Fatalf("%+v: %v is not clamped to %v", s.node.Op, v, limits)
			}
		}
	}
}

func (s *subject) op() Operator { return s.node.Op }

// checkCharge: a machine is charged for the operator, unless it is free.
func (s *subject) checkCharge() {
	ops := s.op().ElementOps(s.net.inputShapes(s.n), s.node.Shape)
	var widths []workload.LayerWidths
	for range s.net.Layers() {
		widths = append(widths, workload.LayerWidths{WeightBits: workload.Widths{4}, ActBits: 4})
	}
	charged := false
	for _, op := range LowerShape(s.net, widths, true).Ops {
		if op.Name == s.node.Name {
			charged = op.VectorOps > 0 && op.OutputElements() == int64(s.node.Shape.Size())
		}
	}
	if charged != (ops > Free) || ops < Free {
		s.t.Fatalf("%+v: %d element operations, charged: %v", s.node.Op, ops, charged)
	}
}

// checkGradient: forward is the definition, backward its derivative.
func (s *subject) checkGradient() {
	g, err := s.op().Gradient(s.net.inputShapes(s.n), s.node.Shape)
	if err != nil {
		if err.Error() == "" {
			s.t.Fatal("no reason")
		}
		return
	}
	p := &Pass{
		Images: s.x.N, Y: s.floats(s.x.N*s.node.Shape.Size(), 1), DY: s.floats(s.x.N*s.node.Shape.Size(), 1),
		Keep: make([]int32, s.x.N*g.Keep()), Buffer: func(n int) []float32 { return make([]float32, n) },
	}
	for range s.node.Inputs {
		p.Add = append(p.Add, s.int("add", 0, 1) == 1)
	}
	begin := make([][]float32, len(p.Add))
	for k, shape := range s.net.inputShapes(s.n) {
		p.X = append(p.X, s.floats(s.x.N*shape.Size(), 2))
		begin[k] = s.floats(s.x.N*shape.Size(), 1)
		p.DX = append(p.DX, slices.Clone(begin[k]))
	}
	g.Forward(p)
	want := s.passed(p)
	s.close("trained value", widened(p.Y), want, 1e-5)
	dy := widened(p.DY)
	g.Backward(p)
	for k := range p.X {
		for range 5 {
			i := s.int("entry", 0, len(p.X[k])-1)
			got := float64(p.DX[k][i])
			if p.Add[k] {
				got -= float64(begin[k][i])
			}
			if slope, ok := s.slope(p, dy, k, i); ok && math.Abs(got-slope) > 1e-3*(1+math.Abs(slope)) {
				s.t.Fatalf("%+v: gradient of input %d at %d is %v, differences say %v", s.node.Op, k, i, got, slope)
			}
		}
	}
}

// passed returns what the definition makes of the inputs of a pass, in the order
// of its output.
func (s *subject) passed(p *Pass) (out []float64) {
	for i := range p.Images {
		var in []real
		for k, shape := range s.net.inputShapes(s.n) {
			chw := make([]float32, shape.Size())
			toCHW(chw, p.X[k][i*shape.Size():], shape)
			in = append(in, real{shape, widened(chw)})
		}
		y := s.define(s.node, in)
		hwc := make([]float64, len(y.x))
		fromCHW(hwc, y.x, y.Shape)
		out = append(out, hwc...)
	}
	return out
}

// slope is the derivative of Σ dy·y by element i of input k, from both sides; ok
// is false at a kink.
func (s *subject) slope(p *Pass, dy []float64, k, i int) (slope float64, ok bool) {
	keep := p.X[k][i]
	defer func() { p.X[k][i] = keep }()
	value := func(x float32) float64 {
		p.X[k][i] = x
		sum := 0.0
		for j, y := range s.passed(p) {
			sum += dy[j] * y
		}
		return sum
	}
	const h = 1e-2
	up, down, here := keep+h, keep-h, value(keep)
	right := (value(up) - here) / (float64(up) - float64(keep))
	left := (here - value(down)) / (float64(keep) - float64(down))
	return (left + right) / 2, math.Abs(right-left) < 1e-4*(1+math.Abs(left))
}
