package kernels

import (
	"testing"

	"pgregory.net/rapid"
)

func init() {
	opCases["pick"] = opCase{
		op: Pick{},
		draw: func(b *netBuilder, n *Node, in Shape) {
			some := func(length int) []int {
				if b.int("all", 0, 1) == 1 {
					return nil
				}
				return rapid.SliceOfN(rapid.IntRange(0, length-1), 1, 5).Draw(b.t, "index")
			}
			n.Op = Pick{some(max(in.D, 1)), some(in.H), some(in.W), some(in.C)}
		},
		define: func(n *Node, in []real) real {
			o, x := n.Op.(Pick), in[0]
			at := func(index []int, i int) int {
				if index == nil {
					return i
				}
				return index[i]
			}
			out := real{n.Shape, make([]float64, n.Shape.Size())}
			depth := max(out.D, 1)
			for i := range out.x {
				c, d, h, w := i/out.Pixels(), i/(out.H*out.W)%depth, i/out.W%out.H, i%out.W
				out.x[i] = x.x[((at(o.C, c)*max(x.D, 1)+at(o.D, d))*x.H+at(o.H, h))*x.W+at(o.W, w)]
			}
			return out
		},
	}
}

func TestPickRefuses(t *testing.T) {
	for _, o := range []Pick{{C: []int{4}}, {H: []int{-1}}, {W: []int{}}, {D: []int{1}}} {
		if _, err := (&Node{Op: o}).Infer([]Shape{{C: 4, H: 3, W: 2}}); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}
