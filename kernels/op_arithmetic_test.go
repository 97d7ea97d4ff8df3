package kernels

import "testing"

func init() {
	for name, f := range map[string]func(a, b float64) float64{
		"sub": func(a, b float64) float64 { return a - b },
		"mul": func(a, b float64) float64 { return a * b },
		"div": func(a, b float64) float64 { return a / b },
		"max": func(a, b float64) float64 { return max(a, b) },
		"min": func(a, b float64) float64 { return min(a, b) },
	} {
		op := Arithmetic{name}
		opCases[name] = opCase{
			op: op,
			draw: func(b *netBuilder, n *Node, in Shape) {
				n.Op = op
				if b.int("one per channel", 0, 2) == 0 {
					b.add(Node{Op: GlobalPool{}, Inputs: n.Inputs})
					n.Inputs = append(n.Inputs, len(b.net.Nodes)-1)
				} else {
					b.more(n, func(s Shape) bool { _, err := broadcast(s, in); return err == nil })
				}
				if name == "div" && len(n.Inputs) == 2 { // not by nearly nothing
					b.add(Node{Op: Clip{0.5, 4}, Inputs: []int{n.Inputs[1]}})
					n.Inputs[1] = len(b.net.Nodes) - 1
				}
			},
			define: func(_ *Node, in []real) real { return combined(in[0], in[1], f) },
			codes: func(_ *Node, in []codes, from []Grid, to Grid) []int32 {
				g := op.onCodes(from[0], from[1], to)
				lo, hi := to.Range()
				y := combined(in[0].real(), in[1].real(), func(a, b float64) float64 {
					return float64(min(max(g(int64(a), int64(b)), int64(lo)), int64(hi)))
				})
				return y.codes()
			},
			bound: func(result float64, from []Grid, to Grid) float64 {
				switch name {
				case "div":
					return 0.5 + 1.0/(1<<12) + 1e-6*max(result, -result)
				case "sub":
					magnitude := float64(from[0].Magnitude() + from[1].Magnitude())
					return 0.5 + 1e-3 + magnitude*max(from[0].Scale, from[1].Scale)/to.Scale/(1<<31)
				}
				return 0.5 + 1e-3
			},
		}
	}
}

// combined applies f at every place of two tensors, an axis of length 1 repeated.
func combined(a, b real, f func(a, b float64) float64) real {
	s, err := broadcast(a.Shape, b.Shape)
	if err != nil {
		panic(err)
	}
	out := real{s, make([]float64, s.Size())}
	for i := range out.x {
		d, h, w := i/(s.H*s.W)%max(s.D, 1), i/s.W%s.H, i%s.W
		out.x[i] = f(a.repeated(i/s.Pixels(), d, h, w), b.repeated(i/s.Pixels(), d, h, w))
	}
	return out
}

func (r *real) repeated(c, d, h, w int) float64 {
	fit := func(i, n int) int {
		if n == 1 {
			return 0
		}
		return i
	}
	depth := max(r.D, 1)
	return r.x[((fit(c, r.C)*depth+fit(d, depth))*r.H+fit(h, r.H))*r.W+fit(w, r.W)]
}

func signed8(scale float64) Grid { return Grid{Scale: scale, Bits: 8, Signed: true} }

// A code of zero divides into the end of the grid.
func TestDivisionByZero(t *testing.T) {
	f := Arithmetic{"div"}.onCodes(signed8(0.5), signed8(0.25), signed8(0.125))
	for _, c := range [][3]int64{{3, 0, 1<<31 - 1}, {-3, 0, -(1<<31 - 1)}, {0, 0, 0}, {3, 4, 12}, {3, -4, -12}, {-7, 5, -22}} {
		if got := f(c[0], c[1]); got != c[2] {
			t.Errorf("%d / %d is code %d, want %d", c[0], c[1], got, c[2])
		}
	}
}
