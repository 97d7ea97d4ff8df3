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

// opCase is what the tests know of an operator: how to draw one, and what it
// computes. Every op_NAME_test.go adds its own.
type opCase struct {
	op    Operator
	image bool // takes nothing but images
	// often is how many times as often as others random networks have it; 0 is once.
	often int
	// draw makes n, which reads a tensor of shape in, a node of the operator. It may
	// read further nodes.
	draw func(b *netBuilder, n *Node, in Shape)
	// define is the operator in the plainest form, straight from its definition.
	define func(n *Node, in []real) real
	// codes is what the integer executor must give, code by code; nil if define says
	// it (operators that select) or if bound alone does.
	codes func(n *Node, in []codes, from []Grid, to Grid) []int32
	// bound is how many codes the integer executor may be off from define on the
	// numbers that its input codes stand for, given the result in steps of its grid.
	// nil: half a code, as one exact map gives.
	bound func(result float64, from []Grid, to Grid) float64
}

// opCases holds the operators' cases by name.
var opCases = map[string]opCase{}

// real is a tensor of one image, in channel, depth, row, column order.
type real struct {
	Shape
	x []float64
}

// codes is real in codes.
type codes struct {
	Shape
	x []int32
}

func newReal(c, h, w int) real {
	s := Shape{C: c, H: h, W: w}
	return real{s, make([]float64, s.Size())}
}

// at returns an element, 0 outside the image; rows of all depths count as rows.
func (r *real) at(c, y, x int) (v float64, inside bool) {
	rows := r.Pixels() / r.W
	if c < 0 || c >= r.C || y < 0 || y >= rows || x < 0 || x >= r.W {
		return 0, false
	}
	return r.x[(c*rows+y)*r.W+x], true
}

// mapped applies f to every element.
func (r real) mapped(f func(c int, v float64) float64) real {
	out := real{r.Shape, make([]float64, len(r.x))}
	for i, v := range r.x {
		out.x[i] = f(i/r.Pixels(), v)
	}
	return out
}

// pixelwise applies f to the channels of every pixel.
func (r real) pixelwise(f func(x []float64) []float64) real {
	out := real{r.Shape, make([]float64, len(r.x))}
	n := r.Pixels()
	for p := range n {
		x := make([]float64, r.C)
		for c := range x {
			x[c] = r.x[c*n+p]
		}
		for c, v := range f(x) {
			out.x[c*n+p] = v
		}
	}
	return out
}

// positions returns where a window begins along dimension d of an image: as long
// as it fits into the padded image.
func positions(w Window, d, size int) (starts []int) {
	w = w.Complete()
	for at := -w.Pad[d]; at+w.Dilation[d]*(w.Kernel[d]-1) < size+w.Pad[d+2]; at += w.Stride[d] {
		starts = append(starts, at)
	}
	return starts
}

// windows computes f for every channel of every window, given where its taps lie.
func windows(w Window, in Shape, channels int, f func(c int, taps [][2]int) float64) real {
	ys, xs := positions(w, 0, in.H), positions(w, 1, in.W)
	out := newReal(channels, len(ys), len(xs))
	w = w.Complete()
	for c := range channels {
		for i, y := range ys {
			for j, x := range xs {
				var taps [][2]int
				for k := range w.Area() {
					taps = append(taps, [2]int{y + k/w.Kernel[1]*w.Dilation[0], x + k%w.Kernel[1]*w.Dilation[1]})
				}
				out.x[(c*len(ys)+i)*len(xs)+j] = f(c, taps)
			}
		}
	}
	return out
}

// caseOf returns what the tests know of a node's operator.
func caseOf(n *Node) *opCase {
	c, ok := opCases[n.Op.Name()]
	if !ok {
		panic("no case for operator " + n.Op.Name())
	}
	return &c
}

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
			allowed = s.bound(steps, q.inputGrids(s.n), to)
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

// real returns codes as numbers.
func (c codes) real() real { return real{c.Shape, widened(c.x)} }

func (r *real) narrow() []float32 {
	out := make([]float32, len(r.x))
	for i, v := range r.x {
		out[i] = float32(v)
	}
	return out
}

// codes returns whole numbers as codes.
func (r real) codes() []int32 {
	out := make([]int32, len(r.x))
	for i, v := range r.x {
		out[i] = int32(v)
	}
	return out
}

// Without weights a network has shapes and a cost, and says why it cannot run.
func TestNetworkWithoutWeights(t *testing.T) {
	net := &Network{Name: "shapes", Output: 1, Nodes: []Node{
		{Name: "x", Op: Input{Shape{C: 3, H: 8, W: 8}}},
		{Name: "a", Op: Conv{Channels: 4, Window: Window{Kernel: [2]int{3, 3}}}, Inputs: []int{0}},
	}}
	if err := net.InferShapes(); err != nil || net.Nodes[1].Shape != (Shape{C: 4, H: 6, W: 6}) {
		t.Fatalf("shape %v: %v", net.Nodes[1].Shape, err)
	}
	w := LowerShape(net, []workload.LayerWidths{{WeightBits: workload.Widths{8}, ActBits: 8}}, true)
	if got := w.MACs(); got != 4*27*36 {
		t.Errorf("%d MACs", got)
	}
	if _, err := Compile(net, PlanOptions{}); err == nil || err.Error() != `node "a" (conv) has no weights: it cannot be executed` {
		t.Errorf("compiled: %v", err)
	}
}

// What does not fit together is refused with what is wrong.
func TestInferErrors(t *testing.T) {
	image, deep := Shape{C: 4, H: 5, W: 5}, Shape{C: 4, H: 5, W: 5, D: 2}
	for want, c := range map[string]struct {
		op Operator
		in []Shape
	}{
		"2 inputs: must be 1":                                                    {Relu{}, []Shape{image, image}},
		"0 inputs: must be at least 1":                                           {Concat{}, nil},
		"1 inputs: must be 2":                                                    {Add{}, []Shape{image}},
		"shapes 4×5×5 and 4×2×5×5 differ":                                        {Add{}, []Shape{image, deep}},
		"input 4×2×5×5: must be channels, height and width":                      {MaxPool{Window{Kernel: [2]int{1, 1}}}, []Shape{deep}},
		"3 groups do not divide 4 input and 6 output channels":                   {Conv{Channels: 6, Groups: 3}, []Shape{image}},
		"kernel [7 1] with dilation [1 1] is larger than the padded input 4×5×5": {Conv{Channels: 6, Window: Window{Kernel: [2]int{7, 1}}}, []Shape{image}},
		"padding [2 0 0 0] leaves windows of [2 2] without a pixel":              {AvgPool{Window: Window{Kernel: [2]int{2, 2}, Pad: [4]int{2, 0, 0, 0}}}, []Shape{image}},
		"elements 1 to 5 of an axis of 5":                                        {Slice{Start: [3]int{0, 1, 0}, Step: [3]int{1, 1, 1}, Count: [3]int{4, 5, 5}}, []Shape{image}},
		"3 scales and 4 biases for 4 channels":                                   {Scale{make([]float32, 3), make([]float32, 4)}, []Shape{image}},
		"limits 1 and 0: the first must not exceed the second":                   {Clip{1, 0}, []Shape{image}},
		"no operator": {nil, nil},
	} {
		if _, err := (&Node{Op: c.op}).Infer(c.in); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
