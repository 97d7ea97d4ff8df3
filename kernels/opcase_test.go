package kernels

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
