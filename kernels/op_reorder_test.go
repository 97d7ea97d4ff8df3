package kernels

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func init() {
	orders := []string{"CDHW", "DHWC", "WCHD", "HCDW", "CWDH"}
	opCases["reorder"] = opCase{
		op: Reorder{},
		draw: func(b *netBuilder, n *Node, in Shape) {
			lengths := []int{in.C, in.H, in.W, max(in.D, 1)}
			if b.int("join", 0, 1) == 1 {
				lengths = []int{in.H * in.W, 1, in.C, max(in.D, 1)}
			}
			p := rapid.Permutation(lengths).Draw(b.t, "lengths")
			o := Reorder{
				From: rapid.SampledFrom(orders).Draw(b.t, "from"), To: rapid.SampledFrom(orders).Draw(b.t, "to"),
				Out: Shape{C: p[0], H: p[1], W: p[2], D: p[3]},
			}
			if o.Out.D == 1 {
				o.Out.D = 0
			}
			if b.int("between", 0, 1) == 1 {
				o.Dims = rapid.Permutation(append(lengths, 1)).Draw(b.t, "dims")
				o.Perm = rapid.Permutation([]int{0, 1, 2, 3, 4}).Draw(b.t, "perm")
			}
			n.Op = o
		},
		// define counts both tensors up in their orders, side by side.
		define: func(n *Node, in []real) real {
			o := n.Op.(Reorder)
			out := real{o.Out, make([]float64, len(in[0].x))}
			from, to := newCounter(in[0].Shape, o.From), newCounter(o.Out, o.To)
			read := make([]float64, len(out.x))
			for i := range read {
				read[i] = in[0].x[from.next()]
			}
			for i := range out.x {
				out.x[to.next()] = read[o.readAt(i)]
			}
			return out
		},
	}
}

// counter walks through a tensor with its axes in an order.
type counter struct {
	shape  Shape
	order  string
	length map[byte]int
	at     map[byte]int
}

func newCounter(s Shape, order string) *counter {
	return &counter{s, order, map[byte]int{'C': s.C, 'D': max(s.D, 1), 'H': s.H, 'W': s.W}, map[byte]int{}}
}

// next returns the place in channel, depth, row, column order, and goes on.
func (c *counter) next() int {
	place := ((c.at['C']*c.length['D']+c.at['D'])*c.length['H']+c.at['H'])*c.length['W'] + c.at['W']
	for i := len(c.order) - 1; i >= 0; i-- {
		a := c.order[i]
		if c.at[a]++; c.at[a] < c.length[a] {
			break
		}
		c.at[a] = 0
	}
	return place
}

// readAt returns which of the values that were read comes i-th: it takes the
// number apart into indices along the permuted axes, and puts them together in the
// order of the axes before.
func (o Reorder) readAt(i int) int {
	if o.Dims == nil {
		return i
	}
	index := make([]int, len(o.Dims))
	for k := len(o.Perm) - 1; k >= 0; k-- {
		axis := o.Perm[k]
		index[axis], i = i%o.Dims[axis], i/o.Dims[axis]
	}
	at := 0
	for axis, d := range o.Dims {
		at = at*d + index[axis]
	}
	return at
}

func TestReorderRefuses(t *testing.T) {
	in := []Shape{{C: 4, H: 3, W: 2}}
	for _, o := range []Reorder{
		{From: "CHW", To: "CHW", Out: Shape{C: 5, H: 3, W: 2}},
		{From: "CH", To: "CHW", Out: in[0]},
		{From: "CHW", To: "CHH", Out: in[0]},
		{From: "CHW", To: "CHW", Out: Shape{C: 2, H: 3, W: 2, D: 2}},
		{From: "CHW", To: "CHW", Out: in[0], Dims: []int{4, 5}, Perm: []int{1, 0}},
		{From: "CHW", To: "CHW", Out: in[0], Dims: []int{4, 6}, Perm: []int{1, 1}},
		{From: "CHW", To: "CHW", Out: in[0], Dims: []int{4, 6}, Perm: []int{1}},
	} {
		if _, err := o.Infer(in); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}

// A channel shuffle in groups is one.
func TestChannelShuffle(t *testing.T) {
	x, in := []float32{0, 1, 2, 3, 4, 5}, Shape{C: 6, H: 1, W: 1}
	shuffle := Reorder{From: "CHW", To: "CHW", Out: in, Dims: []int{2, 3}, Perm: []int{1, 0}}
	y, err := Apply(shuffle, []Shape{in}, [][]float32{x})
	if want := []float32{0, 3, 1, 4, 2, 5}; err != nil || !slices.Equal(y, want) {
		t.Errorf("%v, %v; want %v", y, err, want)
	}
}
