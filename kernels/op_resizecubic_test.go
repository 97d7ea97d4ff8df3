package kernels

import (
	"math"

	"pgregory.net/rapid"
)

func init() {
	opCases["resizecubic"] = opCase{
		op: ResizeCubic{}, image: true,
		draw: func(b *netBuilder, n *Node, _ Shape) {
			n.Op = ResizeCubic{
				Size:  [2]int{b.int("rows", 1, 9), b.int("columns", 1, 9)},
				Place: rapid.SampledFrom([]string{"half", "half one", "corners", "asymmetric"}).Draw(b.t, "place"),
				A:     rapid.SampledFrom([]float32{-0.5, -0.75}).Draw(b.t, "A"), Inside: b.int("inside", 0, 1) == 1,
			}
		},
		define: func(n *Node, in []real) real { return n.Op.(ResizeCubic).defined(in[0]) },
		bound:  func(float64, []Grid, Grid) float64 { return 0.6 },
	}
}

// defined sums over all values of the padded image, weighed by Keys' kernel.
func (o ResizeCubic) defined(in real) real {
	a := float64(o.A)
	kernel := func(d float64) float64 {
		switch d = math.Abs(d); {
		case d <= 1:
			return (a+2)*d*d*d - (a+3)*d*d + 1
		case d < 2:
			return a*d*d*d - 5*a*d*d + 8*a*d - 4*a
		}
		return 0
	}
	weights := func(d, i, n int) []float64 {
		x := o.plain().place(d, i, n)
		w, sum := make([]float64, n), 0.0
		for k := -3 - n; k < 2*n+20; k++ {
			at := min(max(k, 0), n-1)
			if o.Inside && at != k {
				continue
			}
			w[at] += kernel(x - float64(k))
			sum += kernel(x - float64(k))
		}
		for k := range w {
			w[k] /= sum
		}
		return w
	}
	out := newReal(in.C, o.Size[0], o.Size[1])
	for i := range out.x {
		c, h, w := i/out.Pixels(), i/out.W%out.H, i%out.W
		for y, p := range weights(0, h, in.H) {
			for x, q := range weights(1, w, in.W) {
				v, _ := in.at(c, y, x)
				out.x[i] += p * q * v
			}
		}
	}
	return out
}
