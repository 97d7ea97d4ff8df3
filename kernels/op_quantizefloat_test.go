package kernels

import (
	"math"
	"testing"
)

func init() {
	opCases["quantizefloat"] = opCase{
		op: QuantizeFloat{},
		draw: func(b *netBuilder, n *Node, _ Shape) {
			o := QuantizeFloat{Scale: float32(math.Ldexp(1, -b.int("scale", 0, 8))), Exponent: b.int("exponent", 2, 5), Mantissa: b.int("mantissa", 0, 6)}
			o.Bias = 1<<(o.Exponent-1) - 1
			o.Max = float32(math.Ldexp(1, b.int("max", 0, 9)))
			n.Op = o
		},
		define: func(n *Node, in []real) real {
			o := n.Op.(QuantizeFloat)
			return in[0].mapped(func(_ int, x float64) float64 {
				v := float64(float32(x)) / float64(o.Scale)
				step := math.Pow(2, math.Max(math.Floor(math.Log2(math.Abs(v))), float64(1-o.Bias))-float64(o.Mantissa))
				y := math.RoundToEven(v/step) * step
				return float64(o.Scale) * math.Max(-float64(o.Max), math.Min(y, float64(o.Max)))
			})
		},
	}
}

// The numbers of eight bits with four of exponent are those of the OCP format E4M3.
func TestQuantizeFloat(t *testing.T) {
	o := QuantizeFloat{Scale: 1, Exponent: 4, Mantissa: 3, Bias: 7, Max: 448}
	for x, want := range map[float32]float32{
		0: 0, 1: 1, 1.0625: 1, 1.1875: 1.25, 1.07: 1.125, -17: -16, 19: 20, 447: 448, 1e6: 448, -1e6: -448,
		0.001953125: 0.001953125, 0.0009765625: 0, 0.0014: 0.001953125, 0.00293: 0.00390625,
	} {
		if got := o.Of(x); got != want {
			t.Errorf("%v is %v, want %v", x, got, want)
		}
	}
	if o.Bits() != 8 {
		t.Errorf("%d bits", o.Bits())
	}
}
