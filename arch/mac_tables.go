package arch

import (
	"math"
	"math/bits"
)

// MultiplyPJ is the energy of a w×a-bit integer multiplication at 45 nm, 0.9 V:
// the quadratic through Horowitz' 8- and 32-bit multipliers (ISSCC 2014; the
// coefficients are those of QKeras' qtools), with b² → w·a and b → (w+a)/2 for
// unequal widths (ours, unconfirmed).
func MultiplyPJ(w, a int) float64 {
	return 0.002994792*float64(w*a) + 0.001041667*float64(w+a)/2
}

// AddPJ is the energy of a b-bit integer addition at 45 nm, 0.9 V: b/320 pJ
// (Horowitz, ISSCC 2014; fit of QKeras' qtools).
func AddPJ(b int) float64 { return float64(b) / 320 }

// FloatPJ are Horowitz' floating-point operations at 45 nm, by width 16 or 32.
var floatPJ = map[int][2]float64{16: {0.4, 1.1}, 32: {0.9, 3.7}}

// FloatPJ returns the energy of a floating-point addition and multiplication of
// b = 16 or 32 bits at 45 nm, 0.9 V (Horowitz, ISSCC 2014); ok is false for other widths.
func FloatPJ(b int) (add, multiply float64, ok bool) {
	e, ok := floatPJ[b]
	return e[0], e[1], ok
}

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

// PE is one synthesised systolic PE at 45 nm and 500 MHz (Bit Fusion
// repository, systolic_array_synth.csv, PE of the 4×4 array).
type PE struct {
	MaxBits, MinBits int // composable down to MinBits; equal: fixed
	AreaUM2          float64
	PJPerCycle       float64
	LeakUW           float64
}

// SynthesisedPEs lists the synthesis results that the fits come from.
func SynthesisedPEs() []PE {
	return []PE{
		{2, 2, 81.1, 0.0407, 1.74}, {4, 4, 191.6, 0.0824, 5.31}, {8, 8, 510.7, 0.2034, 16.1}, {16, 16, 1679.4, 0.6027, 57.0},
		{4, 2, 354.4, 0.1178, 10.9}, fusionUnit, {16, 2, 8831, 2.113, 295},
	}
}

// fusionUnit is the 8-bit PE composed of sixteen 2-bit multipliers; its energy
// is 235.104 pJ per cycle of 512 units.
var fusionUnit = PE{8, 2, 1734.6, 0.45919, 59.3}

// FusionPJ is the energy of one w×a-bit multiply-accumulate in a Fusion Unit at
// 45 nm: the unit's 0.4592 pJ per cycle over its (8/W)(8/A) products, widths
// rounded up to 2, 4, 8 or a multiple of 8.
func FusionPJ(w, a int) float64 {
	widths := []int{2, 4, 8}
	return fusionUnit.PJPerCycle * float64(roundUp(w, widths)*roundUp(a, widths)) / 64
}

// DotPassPJ is the energy of one pass of a bit-serial unit that ANDs two
// vectors of dot bits, counts the ones and accumulates into acc bits:
//
//	dot·(e_and + e_fa) + (log2(dot) + 2)·e_fa + acc·(e_fa + e_ff)
//
// with e_fa = 1/320 pJ (Horowitz' adder per bit), e_and = 0.0181/32 pJ and
// e_ff = 0.009 pJ (Aladdin's 40 nm bitwise block and register). A gate count of
// ours, unconfirmed by any synthesis.
func DotPassPJ(dot, acc int) float64 {
	const and, fullAdder, flipFlop = 0.0181 / 32, 1.0 / 320, 0.009
	d := max(dot, 1)
	depth := bits.Len(uint(d - 1)) // ceil(log2 d)
	return float64(d)*(and+fullAdder) + float64(depth+2)*fullAdder + float64(acc)*(fullAdder+flipFlop)
}

// LUTRatio is the energy of UNPU's look-up-table unit relative to a fixed-point
// MAC array at the same weight width: 0.464 at 1 bit, 0.59 at 4, 0.728 at 8 and
// 0.769 at 16 (Lee et al., JSSC 54(1), 2019), linear in between.
func LUTRatio(w int) float64 {
	x := [...]float64{1, 4, 8, 16}
	y := [...]float64{0.464, 0.59, 0.728, 0.769}
	b := math.Min(math.Max(float64(w), x[0]), x[3])
	i := 1
	for b > x[i] {
		i++
	}
	return y[i-1] + (y[i]-y[i-1])*(b-x[i-1])/(x[i]-x[i-1])
}
