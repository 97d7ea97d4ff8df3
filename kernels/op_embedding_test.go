package kernels

import "math"

func init() {
	opCases["embedding"] = opCase{
		op: Embedding{},
		draw: func(b *netBuilder, n *Node, _ Shape) {
			width := b.int("width", 1, 4)
			n.Op = Embedding{width, b.floats(width*b.int("rows", 1, 3), 1)}
			b.add(Node{Op: Pick{C: []int{0}}, Inputs: n.Inputs})
			n.Inputs = []int{len(b.net.Nodes) - 1}
		},
		define: func(n *Node, in []real) real {
			o, x := n.Op.(Embedding), in[0]
			out := real{x.Shape, nil}
			out.C = o.Width
			for c := range o.Width {
				for _, v := range x.x {
					out.x = append(out.x, float64(o.Table[o.nearest(v)*o.Width+c]))
				}
			}
			return out
		},
		codes: func(n *Node, in []codes, from []Grid, to Grid) (out []int32) {
			o := n.Op.(Embedding)
			for c := range o.Width {
				for _, v := range in[0].x {
					out = append(out, to.Quantize(float64(o.Table[o.nearest(float64(v)*from[0].Scale)*o.Width+c])))
				}
			}
			return out
		},
	}
}

// nearest tries all rows; of two as near, the later one.
func (o Embedding) nearest(x float64) int {
	best := 0
	for row := range len(o.Table) / o.Width {
		if math.Abs(float64(row)-x) <= math.Abs(float64(best)-x) {
			best = row
		}
	}
	return best
}
