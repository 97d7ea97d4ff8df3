package kernels

import (
	"math"
	"slices"
	"testing"
)

func init() {
	opCases["wholenorm"] = opCase{
		op: WholeNorm{},
		draw: func(b *netBuilder, n *Node, in Shape) {
			o := WholeNorm{Divisor: float32(int(1) << b.int("divisor", 0, 3)), Center: b.int("center", 0, 1) == 1, Factor: b.floats(in.C, 90)}
			if b.int("offset", 0, 1) == 1 {
				o.Offset = b.floats(in.C, 90)
			}
			n.Op = o
		},
		define: func(n *Node, in []real) real {
			o := n.Op.(WholeNorm)
			return in[0].pixelwise(func(x []float64) []float64 {
				sum, squares := 0.0, 0.0
				for _, v := range x {
					sum += v
				}
				mean := math.Trunc(sum / float64(len(x)))
				if !o.Center {
					mean = 0
				}
				for _, v := range x {
					squares += (v - mean) * (v - mean)
				}
				root := math.Floor(math.Sqrt(1 + math.Trunc(squares/float64(len(x)))))
				out := make([]float64, len(x))
				for i, v := range x {
					out[i] = math.Trunc((v - mean) * float64(o.Factor[i]) / root)
					if o.Offset != nil {
						out[i] += float64(o.Offset[i])
					}
					out[i] = math.Floor(out[i] / float64(o.Divisor))
				}
				return out
			})
		},
	}
}

// A mean of −5/2 is cut to −2, the quotient of −30·7/5 is −42, and −42 + 1 over 8 is −6.
func TestWholeNorm(t *testing.T) {
	s := Shape{C: 2, H: 1, W: 1}
	x := []float32{-9, 4}
	for _, c := range []struct {
		o WholeNorm
		y []float32
	}{
		{WholeNorm{Divisor: 8, Center: true, Factor: []float32{30, 30}, Offset: []float32{1, 1}}, []float32{-5, 3}}, // μ −2, root ⌊√(⌊85/2⌋ + 1)⌋ = 6
		{WholeNorm{Divisor: 4, Factor: []float32{30, -30}}, []float32{-10, -5}},                                     // root ⌊√(⌊97/2⌋ + 1)⌋ = 7
	} {
		got, err := Apply(c.o, []Shape{s}, [][]float32{x})
		if err != nil || !slices.Equal(got, c.y) {
			t.Errorf("%+v: %v, %v, want %v", c.o, got, err, c.y)
		}
	}
}
