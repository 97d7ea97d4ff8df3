package kernels

import (
	"math"
	"slices"
	"testing"
)

func init() {
	opCases["wholediv"] = opCase{
		op: WholeDiv{},
		draw: func(b *netBuilder, n *Node, in Shape) {
			b.more(n, func(s Shape) bool { _, err := broadcast(s, in); return err == nil })
			n.Op = WholeDiv{Gain: int64(b.int("gain", 1, 9)), Share: int64(b.int("share", 1, 9)), Rest: int64(b.int("rest", 20, 40))}
		},
		define: func(n *Node, in []real) real {
			o := n.Op.(WholeDiv)
			return combined(in[0], in[1], func(a, b float64) float64 {
				d := float64(o.Share)*b + float64(o.Rest)
				half := math.Floor(math.Abs(d) / 2)
				if a < 0 {
					half = -half
				}
				return math.Trunc((a*float64(o.Gain)*float64(o.Share) + half) / d)
			})
		},
	}
}

// Halves go away from zero; nothing over nothing is nothing.
func TestWholeDiv(t *testing.T) {
	s := Shape{C: 5, H: 1, W: 1}
	got, err := Apply(WholeDiv{Gain: 10, Share: 1, Rest: 1}, []Shape{s, s}, [][]float32{{1, -1, 3, -7, 9}, {3, 3, 6, 3, -1}})
	if want := []float32{3, -3, 4, -18, 0}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
}
