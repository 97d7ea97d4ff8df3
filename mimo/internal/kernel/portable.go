package kernel

import "math"

// Conversions to float64 keep the compiler from fusing a product into a sum, so
// that all machines round alike.

func productGeneric(m, k, n int, c, a, b View) {
	for i := range m {
		cr, ci := c.Re[i*c.Stride:][:n], c.Im[i*c.Stride:][:n]
		clear(cr)
		clear(ci)
		for p := range k {
			ar, ai := a.Re[i*a.Stride+p], a.Im[i*a.Stride+p]
			br, bi := b.Re[p*b.Stride:][:n], b.Im[p*b.Stride:][:n]
			for j, re := range br {
				im := bi[j]
				cr[j] += float64(ar*re) - float64(ai*im)
				ci[j] += float64(ar*im) + float64(ai*re)
			}
		}
	}
}

const (
	signBit = 1 << 63
	oneBits = 0x3FF0000000000000
)

// sign is +1 for b ≥ 0 and −1 below, without a branch. b is not −0.
func sign(b float64) float64 {
	return math.Float64frombits(math.Float64bits(b)&signBit | oneBits)
}

// modulateGeneric goes through the columns a strip at a time; the state of a
// strip stays in the nearest cache.
func modulateGeneric(n, cols int, x, in View, scale float64, c Coefficients) {
	for first := 0; first < cols; first += Lanes {
		if c.Re == nil {
			stripPlain(n, first, x, in, scale)
		} else {
			stripSteered(n, first, x, in, scale, c)
		}
	}
}

func stripPlain(n, first int, x, in View, scale float64) {
	var qr, qi [Lanes]float64
	for i := range n {
		inRe, inIm := in.Re[i*in.Stride+first:][:Lanes], in.Im[i*in.Stride+first:][:Lanes]
		xRe, xIm := x.Re[i*x.Stride+first:][:Lanes], x.Im[i*x.Stride+first:][:Lanes]
		for j := range Lanes {
			b := (float64(scale*inRe[j]) + 0) - qr[j] // + 0 turns −0 into 0
			s := sign(b)
			xRe[j], qr[j] = s, s-b
			b = (float64(scale*inIm[j]) + 0) - qi[j]
			s = sign(b)
			xIm[j], qi[j] = s, s-b
		}
	}
}

func stripSteered(n, first int, x, in View, scale float64, c Coefficients) {
	var qr, qi [Lanes]float64
	for i := range n {
		cr, ci := c.Re[i], c.Im[i]
		inRe, inIm := in.Re[i*in.Stride+first:][:Lanes], in.Im[i*in.Stride+first:][:Lanes]
		xRe, xIm := x.Re[i*x.Stride+first:][:Lanes], x.Im[i*x.Stride+first:][:Lanes]
		for j := range Lanes {
			re, im := qr[j], qi[j]
			b := (float64(scale*inRe[j]) + 0) - (float64(cr*re) - float64(ci*im))
			s := sign(b)
			xRe[j], qr[j] = s, s-b
			b = (float64(scale*inIm[j]) + 0) - (float64(cr*im) + float64(ci*re))
			s = sign(b)
			xIm[j], qi[j] = s, s-b
		}
	}
}

func stepGeneric(next, y, x, grad []float64, inv, amp float64) (sums [2][Lanes]float64) {
	for i := range next {
		from := y[i]
		v := max(-amp, min(amp, from-float64(inv*grad[i])))
		d := v - from
		lane := i % Lanes
		sums[0][lane] += float64(d * d)
		sums[1][lane] += float64(d * (v - x[i]))
		next[i] = v
	}
	return sums
}

func combineGeneric(y, next, prev []float64, m float64) {
	for i := range y {
		v := next[i]
		y[i] = v + float64(m*(v-prev[i]))
	}
}

func maxAbsGeneric(x []float64) float64 {
	var peak float64
	for _, v := range x {
		peak = max(peak, math.Abs(v))
	}
	return peak
}
