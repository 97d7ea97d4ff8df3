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
