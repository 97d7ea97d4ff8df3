package arch

import "math"

// SynthPJ is the dynamic energy per cycle of one systolic PE with a w×a-bit
// multiply-accumulate, operand and sum registers included, at 45 nm and
// 500 MHz:
//
//	E(b) = 0.01209 + 0.01110·b + 0.001611·b² pJ
//
// fitted to Bit Fusion's synthesised 2-, 4-, 8- and 16-bit PEs (largest error
// 0.3 %); b² → w·a and b → (w+a)/2 for unequal widths (ours, unconfirmed).
func SynthPJ(w, a int) float64 {
	return 0.01209 + 0.01110*float64(w+a)/2 + 0.001611*float64(w*a)
}

// SynthAreaUM2 is the area of that PE, 13.77 + 23.91·b + 4.946·b² µm² (error 2.1 %).
func SynthAreaUM2(w, a int) float64 {
	return 13.77 + 23.91*float64(w+a)/2 + 4.946*float64(w*a)
}

// SynthLeakUW is the leakage of that PE, −0.307 + 0.665·b + 0.1796·b² µW, not
// below 0 (error 2.5 %).
func SynthLeakUW(w, a int) float64 {
	return math.Max(0, -0.307+0.665*float64(w+a)/2+0.1796*float64(w*a))
}

// Synthesis is a systolic PE or array at 45 nm and 500 MHz.
type Synthesis struct {
	MaxBits, MinBits int // composable down to MinBits; equal: fixed
	AreaUM2          float64
	PJPerCycle       float64 // dynamic
	LeakUW           float64
}

// SynthesisedPEs lists one PE of each synthesised 4×4 array (Bit Fusion
// repository, systolic_array_synth.csv), which the fits come from.
func SynthesisedPEs() []Synthesis {
	return []Synthesis{
		{2, 2, 81.1, 0.0407, 1.74},
		{4, 4, 191.6, 0.0824, 5.31},
		{8, 8, 510.7, 0.2034, 16.1},
		{16, 16, 1679.4, 0.6027, 57.0},
		{4, 2, 354.4, 0.1178, 10.9},
		fusionUnit,
		{16, 2, 8831, 2.113, 295},
	}
}

// fusionUnit is the 8-bit PE composed of sixteen 2-bit multipliers; its energy
// is 235.104 pJ per cycle of 512 units.
var fusionUnit = Synthesis{8, 2, 1734.6, 0.45919, 59.3}

// FusionPJ is the energy of one w×a-bit multiply-accumulate in a Fusion Unit at
// 45 nm: the unit's 0.4592 pJ per cycle over its (8/W)(8/A) products, widths
// rounded up to 2, 4, 8 or a multiple of 8.
func FusionPJ(w, a int) float64 {
	widths := []int{2, 4, 8}
	return fusionUnit.PJPerCycle * float64(roundUp(w, widths)*roundUp(a, widths)) / 64
}

// SynthArray returns a whole array of rows×cols PEs: fixed PEs of maxBits by
// the fits when minBits = maxBits, else the composable PE of that pair (4/2, 8/2
// or 16/2; ok is false for others).
//
// Small arrays hold more registers for each PE, and a register is as wide as its
// operand. Beside a PE of the 4×4 array, one of b bits in an R×C array has
//
//	area   24·b·(1/R − 1/4) + 4.5·b·(1/RC − 1/16) µm² more
//	leak   1.05·b·(1/RC − 1/16) − 0.75·b·(1/R − 1/4) µW more
//	energy 1 + 0.267·(1/R − 1/4) + 0.259·(1/RC − 1/16) times as much
//
// a fit of ours to the synthesised 1×1, 2×2, 4×4 and 8×2 arrays (within 6, 10
// and 3 %). Composable PEs, b their maxBits, have half of that area and the root
// of that factor (within 6, 10 and 10 %).
func SynthArray(rows, cols, maxBits, minBits int) (s Synthesis, ok bool) {
	r, n, b := 1/float64(rows)-0.25, 1/float64(rows*cols)-1.0/16, float64(maxBits)
	area, leak, energy := b*(24*r+4.5*n), b*(1.05*n-0.75*r), 1+0.267*r+0.259*n
	pe := Synthesis{maxBits, minBits, SynthAreaUM2(maxBits, maxBits), SynthPJ(maxBits, maxBits), SynthLeakUW(maxBits, maxBits)}
	if maxBits != minBits {
		if pe, ok = composable(maxBits, minBits); !ok {
			return Synthesis{}, false
		}
		area, energy = area/2, math.Sqrt(energy)
	}
	pes := float64(rows * cols)
	return Synthesis{maxBits, minBits, pes * (pe.AreaUM2 + area), pes * energy * pe.PJPerCycle, pes * (pe.LeakUW + leak)}, true
}

func composable(maxBits, minBits int) (Synthesis, bool) {
	for _, pe := range SynthesisedPEs() {
		if pe.MaxBits == maxBits && pe.MinBits == minBits {
			return pe, true
		}
	}
	return Synthesis{}, false
}
