package kernels

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Every network gives the same values compiled as by definition, watched or
// not, for any tile and any number of workers.
func TestPlanMatchesReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net := drawNetwork(t, drawn(false))
		b := &netBuilder{t: t, net: net}
		x := Batch{N: b.int("images", 1, 5), Shape: net.InputShape()}
		x.Data = b.floats(x.N*x.Size(), 1)
		opt := PlanOptions{Workers: b.int("workers", 1, 3), Tile: b.int("tile", 1, 3)}
		watched := make([][][]float32, x.N)
		if b.int("watch", 0, 1) == 1 {
			opt.Watch = []int{b.int("node", 0, len(net.Nodes)-1)}
			opt.Observe = func(node, image int, values []float32) {
				watched[image] = append(watched[image], append([]float32(nil), values...))
			}
		}
		p, err := Compile(net, opt)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float32, x.N*p.Classes)
		if err := p.Run(x, got); err != nil {
			t.Fatal(err)
		}
		for i := range x.N {
			want := forward(net, x.Image(i))
			compare(t, "output", got[i*p.Classes:(i+1)*p.Classes], want[net.Output].x)
			if opt.Watch != nil {
				s := net.Nodes[opt.Watch[0]].Shape
				chw := make([]float32, s.Size())
				toCHW(chw, watched[i][0], s)
				compare(t, "watched", chw, want[opt.Watch[0]].x)
			}
		}
	})
}

func compare(t *rapid.T, what string, got []float32, want []float64) {
	for i, w := range want {
		if math.Abs(float64(got[i])-w) > 1e-4*max(1, math.Abs(w)) {
			t.Fatalf("%s[%d] = %v, want %v", what, i, got[i], w)
		}
	}
}
