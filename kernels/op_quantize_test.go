package kernels

import "math"

func init() {
	opCases["quantize"] = opCase{
		op: Quantize{},
		draw: func(b *netBuilder, n *Node, in Shape) {
			var o Quantize
			grids := 1
			if b.int("grids of channels", 0, 1) == 1 {
				grids = in.C
			}
			for range grids { // steps of powers of two: quotients are exact
				g := Grid{Scale: math.Ldexp(1, -b.int("step", 2, 6)), Bits: uint8(b.int("bits", 2, 8)), Signed: b.int("signed", 0, 1) == 1, Round: HalfEven}
				g.Zero, g.Narrow = int32(b.int("zero", 0, 3)), b.int("narrow", 0, 1) == 1
				o.Grids = append(o.Grids, g)
			}
			n.Op = o
		},
		define: func(n *Node, in []real) real {
			o := n.Op.(Quantize)
			return in[0].mapped(func(c int, v float64) float64 {
				g := o.Grids[c%len(o.Grids)]
				lo, hi := 0.0, math.Ldexp(1, int(g.Bits))-1
				if g.Signed {
					lo, hi = -math.Ldexp(1, int(g.Bits)-1), math.Ldexp(1, int(g.Bits)-1)-1
				}
				switch {
				case g.Narrow && g.Signed:
					lo++
				case g.Narrow:
					hi--
				}
				stored := math.RoundToEven(float64(float32(v))/g.Scale) + float64(g.Zero)
				return g.Scale * (min(max(stored, lo), hi) - float64(g.Zero))
			})
		},
	}
}
