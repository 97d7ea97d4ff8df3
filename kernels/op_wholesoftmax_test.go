package kernels

import (
	"math"
	"slices"
	"testing"
)

func init() {
	opCases["wholesoftmax"] = opCase{
		op: WholeSoftmax{},
		draw: func(b *netBuilder, n *Node, in Shape) {
			o := WholeSoftmax{Levels: 1 << b.int("bits", 1, 8)}
			if b.int("parabola", 0, 1) == 1 {
				o.A, o.B, o.C, o.Period = int64(b.int("a", 1, 9)), int64(b.int("b", 0, 99)), int64(b.int("c", 1, 999)), int64(b.int("period", 1, 40))
			}
			if o.Period == 0 && b.int("group", 0, 1) == 1 {
				o.Group = in.C
			}
			n.Op = o
		},
		define: func(n *Node, in []real) real {
			o := n.Op.(WholeSoftmax)
			return in[0].pixelwise(func(x []float64) []float64 {
				var e, halvings []float64
				sum := 0.0
				for _, v := range x {
					d := slices.Max(x) - v
					z, y := math.Floor((d+16)/32), 256.0
					if o.Period > 0 {
						z = math.Min(math.Trunc(d/float64(o.Period)), 31)
						p := math.Floor(z*float64(o.Period)-d) + float64(o.B)
						y = float64(o.A)*p*p + float64(o.C)
					}
					e, halvings = append(e, math.Floor(y/math.Exp2(z))), append(halvings, z)
					sum += e[len(e)-1]
				}
				out := make([]float64, len(x))
				for i := range x {
					if o.Period > 0 {
						out[i] = math.Floor(float64(o.Levels-1) * e[i] / sum)
					} else {
						share := float64(o.Levels - 1)
						if o.Group > 0 {
							share = float64(o.Levels/2 - 1)
						}
						out[i] = math.Floor(math.Floor(share*256/sum) / math.Exp2(halvings[i]))
					}
				}
				return out
			})
		},
	}
}

// Two halvings are a quarter; what lies 32·8 below the largest vanishes.
func TestWholeSoftmax(t *testing.T) {
	s := func(x []float32) []Shape { return []Shape{{C: len(x), H: 1, W: 1}} }
	for _, c := range []struct {
		o    WholeSoftmax
		x, y []float32
	}{
		{WholeSoftmax{Levels: 256}, []float32{0, 0, 0, 0, 0}, []float32{51, 51, 51, 51, 51}},
		{WholeSoftmax{Levels: 256}, []float32{127, 112, 111, 63, -128}, []float32{92, 92, 46, 23, 0}}, // 65280/(256+256+128+64+1)
		// 16 + 256 of the first two, halved twice as 63 is 64 above −1; 256 + 64; ⌊127·256/388⌋ = 83
		{WholeSoftmax{Levels: 256, Group: 2}, []float32{-128, -1, 63, -1}, []float32{1, 20, 83, 20}},
		{WholeSoftmax{Levels: 256, A: 1, B: 10, C: 100, Period: 8}, []float32{8, 4, 0, -8, -16}, []float32{99, 67, 49, 24, 12}}, // of 200, 136, 100, 50 and 25,
	} {
		got, err := Apply(c.o, s(c.x), [][]float32{c.x})
		if err != nil || !slices.Equal(got, c.y) {
			t.Errorf("%+v of %v: %v, %v, want %v", c.o, c.x, got, err, c.y)
		}
	}
}
