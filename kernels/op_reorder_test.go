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
			n.Op = o
		},
		// define counts both tensors up in their orders, side by side.
		define: func(n *Node, in []real) real {
			o := n.Op.(Reorder)
			out := real{o.Out, make([]float64, len(in[0].x))}
			from, to := newCounter(in[0].Shape, o.From), newCounter(o.Out, o.To)
			for range out.x {
				out.x[to.next()] = in[0].x[from.next()]
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

func TestReorderRefuses(t *testing.T) {
	in := []Shape{{C: 4, H: 3, W: 2}}
	for _, o := range []Reorder{
		{From: "CHW", To: "CHW", Out: Shape{C: 5, H: 3, W: 2}},
		{From: "CH", To: "CHW", Out: in[0]},
		{From: "CHW", To: "CHH", Out: in[0]},
		{From: "CHW", To: "CHW", Out: Shape{C: 2, H: 3, W: 2, D: 2}},
	} {
		if _, err := o.Infer(in); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}

// A channel shuffle in groups is two of them.
func TestChannelShuffle(t *testing.T) {
	x := []float32{0, 1, 2, 3, 4, 5}
	in := []Shape{{C: 6, H: 1, W: 1}}
	split := Reorder{From: "CHW", To: "CHW", Out: Shape{C: 2, H: 3, W: 1}}
	a, err := Apply(split, in, [][]float32{x})
	if err != nil {
		t.Fatal(err)
	}
	b, err := Apply(Reorder{From: "HCW", To: "CHW", Out: in[0]}, []Shape{split.Out}, [][]float32{a})
	if want := []float32{0, 3, 1, 4, 2, 5}; err != nil || !slices.Equal(b, want) {
		t.Errorf("%v, %v; want %v", b, err, want)
	}
}
