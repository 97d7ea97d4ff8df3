package kernels

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func init() {
	opCases["norm"] = opCase{
		op: Norm{},
		draw: func(b *netBuilder, n *Node, in Shape) {
			o := Norm{
				Groups: rapid.SampledFrom([]int{1, in.C}).Draw(b.t, "groups"), Pixels: b.int("pixels", 0, 1) == 1,
				Center: b.int("center", 0, 1) == 1, Epsilon: 0.01,
			}
			if in.C%2 == 0 && b.int("halves", 0, 1) == 1 {
				o.Groups = 2
			}
			for _, list := range []*[]float32{&o.Factor, &o.Offset} {
				switch b.int("constants", 0, 3) {
				case 0:
					*list = b.floats(in.Size(), 1)
				case 1, 2:
					*list = b.floats(in.C, 1)
				}
			}
			n.Op = o
		},
		define: func(n *Node, in []real) real {
			o, x := n.Op.(Norm), in[0]
			out := real{x.Shape, make([]float64, len(x.x))}
			for i := range out.x {
				mean, square, count := 0.0, 0.0, 0.0
				for k, v := range x.x {
					if o.together(x.Shape, i, k) {
						mean, square, count = mean+v, square+v*v, count+1
					}
				}
				if mean /= count; !o.Center {
					mean = 0
				}
				at := i%x.Pixels()*x.C + i/x.Pixels()
				z := (x.x[i] - mean) / math.Sqrt(square/count-mean*mean+float64(o.Epsilon))
				out.x[i] = z*constant(o.Factor, at, 1) + constant(o.Offset, at, 0)
			}
			return out
		},
		bound: func(result float64, _ []Grid, to Grid) float64 {
			return 0.5 + 1e-3 + (math.Abs(result)+3/to.Scale)/(1<<20)
		},
	}
}

// together tells whether two values belong to one set.
func (o Norm) together(s Shape, a, b int) bool {
	n, per := s.Pixels(), s.C/o.Groups
	return a/n/per == b/n/per && (o.Pixels || a%n == b%n)
}

// Roots are exact, from the smallest to the largest.
func TestSquareRoot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Range(0, 1<<62).Draw(t, "v") >> rapid.IntRange(0, 62).Draw(t, "shift")
		if r := squareRoot(v); r*r > v || (r+1)*(r+1) <= v {
			t.Fatalf("root of %d: %d", v, r)
		}
	})
}
