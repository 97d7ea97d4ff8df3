package kernels

import (
	"math"
	"strings"

	"pgregory.net/rapid"
)

func init() {
	for _, name := range []string{"mean", "sum", "max", "min"} {
		opCases["reduce"+name] = opCase{
			op: Reduce{Function: name},
			draw: func(b *netBuilder, n *Node, _ Shape) {
				n.Op = Reduce{name, rapid.SampledFrom([]string{"HW", "C", "H", "WC", "DHW", "D", "DHWC", ""}).Draw(b.t, "axes")}
			},
			define: func(n *Node, in []real) real { return n.Op.(Reduce).defined(in[0]) },
			codes: func(n *Node, in []codes, from []Grid, to Grid) []int32 {
				o := n.Op.(Reduce)
				if o.Selects() {
					y := o.defined(in[0].real())
					return y.codes()
				}
				sum := Reduce{"sum", o.Axes}.defined(in[0].real())
				count := len(in[0].x) / len(sum.x)
				f := meanFixed(from[0], to, count)
				if name == "sum" {
					f = sumFixed(from[0], to, count)
				}
				lo, hi := to.Range()
				y := sum.mapped(func(_ int, v float64) float64 { return float64(f.apply(int64(v), lo, hi)) })
				return y.codes()
			},
		}
	}
}

// defined looks up, for every value of the output, all that it is made of.
func (o Reduce) defined(in real) real {
	length := map[byte]int{'C': in.C, 'D': max(in.D, 1), 'H': in.H, 'W': in.W}
	out := in.Shape
	for i := range len(o.Axes) {
		switch o.Axes[i] {
		case 'C':
			out.C = 1
		case 'D':
			out.D = 0
		case 'H':
			out.H = 1
		case 'W':
			out.W = 1
		}
	}
	y := real{out, nil}
	over := func(axis string, own bool) (from []int) {
		if !own {
			return []int{0}
		}
		for i := range length[axis[0]] {
			from = append(from, i)
		}
		return from
	}
	each := func(own bool, f func(c, d, h, w int)) {
		for _, c := range over("C", strings.Contains(o.Axes, "C") != own) {
			for _, d := range over("D", strings.Contains(o.Axes, "D") != own) {
				for _, h := range over("H", strings.Contains(o.Axes, "H") != own) {
					for _, w := range over("W", strings.Contains(o.Axes, "W") != own) {
						f(c, d, h, w)
					}
				}
			}
		}
	}
	each(true, func(c, d, h, w int) {
		sum, most, least, n := 0.0, math.Inf(-1), math.Inf(1), 0.0
		each(false, func(c1, d1, h1, w1 int) {
			v := in.x[(((c+c1)*length['D']+d+d1)*in.H+h+h1)*in.W+w+w1]
			sum, most, least, n = sum+v, max(most, v), min(least, v), n+1
		})
		y.x = append(y.x, map[string]float64{"mean": sum / n, "sum": sum, "max": most, "min": least}[o.Function])
	})
	return y
}
