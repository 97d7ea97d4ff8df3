package kernels

import (
	"math"
	"slices"
)

func init() {
	for _, part := range []DynamicPart{DynamicCodes, DynamicScale, DynamicZero} {
		op := QuantizeDynamic{part}
		opCases[op.Name()] = opCase{
			op:   op,
			draw: func(_ *netBuilder, n *Node, _ Shape) { n.Op = op },
			define: func(_ *Node, in []real) real {
				lo, hi := math.Min(slices.Min(in[0].x), 0), math.Max(slices.Max(in[0].x), 0)
				scale, zero := 1.0, 0.0
				if hi > lo {
					scale = float64((float32(hi) - float32(lo)) / 255)
					zero = math.RoundToEven(float64(-float32(lo) / float32(scale)))
				}
				one := newReal(1, 1, 1)
				switch part {
				case DynamicScale:
					one.x[0] = scale
					return one
				case DynamicZero:
					one.x[0] = zero
					return one
				}
				return in[0].mapped(func(_ int, x float64) float64 {
					return math.Max(0, math.Min(255, math.RoundToEven(float64(float32(x)/float32(scale)))+zero))
				})
			},
		}
	}
}
