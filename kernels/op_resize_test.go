package kernels

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func init() {
	for name, rounds := range map[string][]string{"interpolate": {""}, "resize": {"half down", "half up", "down", "up"}} {
		opCases[name] = opCase{
			op: Resize{Round: rounds[0]}, image: true,
			draw: func(b *netBuilder, n *Node, _ Shape) {
				n.Op = Resize{
					Size:  [2]int{b.int("rows", 1, 9), b.int("columns", 1, 9)},
					Place: rapid.SampledFrom([]string{"half", "half one", "corners", "asymmetric"}).Draw(b.t, "place"),
					Round: rapid.SampledFrom(rounds).Draw(b.t, "round"),
				}
			},
			define: func(n *Node, in []real) real { return n.Op.(Resize).defined(in[0]) },
			bound: func(float64, []Grid, Grid) float64 {
				if name == "resize" {
					return 0.5 + 1e-3
				}
				return 0.6
			},
		}
	}
}

// defined weighs all values of a row and of a column by how near they lie.
func (o Resize) defined(in real) real {
	weights := func(d, i, n int) []float64 {
		f, m := float64(o.Size[d])/float64(n), o.Size[d]
		x := map[string]float64{"half": (float64(i)+0.5)/f - 0.5, "half one": (float64(i)+0.5)/f - 0.5, "asymmetric": float64(i) / f}[o.Place]
		if o.Place == "corners" && m > 1 {
			x = float64(i) * float64(n-1) / float64(m-1)
		}
		if o.Place == "half one" && m == 1 {
			x = 0
		}
		switch o.Round {
		case "half down":
			x = -math.Floor(0.5 - x)
		case "half up":
			x = math.Floor(x + 0.5)
		case "down":
			x = math.Floor(x)
		case "up":
			x = math.Ceil(x)
		}
		x = min(max(x, 0), float64(n-1))
		w := make([]float64, n)
		for k := range w {
			w[k] = max(0, 1-math.Abs(x-float64(k)))
		}
		return w
	}
	out := newReal(in.C, o.Size[0], o.Size[1])
	for i := range out.x {
		c, h, w := i/out.Pixels(), i/out.W%out.H, i%out.W
		for y, a := range weights(0, h, in.H) {
			for x, b := range weights(1, w, in.W) {
				v, _ := in.at(c, y, x)
				out.x[i] += a * b * v
			}
		}
	}
	return out
}

// A factor that the sizes do not say is the one that places follow.
func TestResizeFactor(t *testing.T) {
	o := Resize{Size: [2]int{1, 5}, Factor: [2]float64{1, 1.75}, Place: "asymmetric", Round: "down"}
	if got := o.pick(Shape{C: 1, H: 1, W: 3}).W; !slices.Equal(got, []int{0, 0, 1, 1, 2}) {
		t.Errorf("%v", got)
	}
	for _, o := range []Resize{{Size: [2]int{1, 1}}, {Size: [2]int{1, 1}, Place: "half", Round: "even"}, {Place: "half"}} {
		if _, err := (&Node{Op: o}).Infer([]Shape{{C: 4, H: 3, W: 2}}); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}
