package mimo

import "math"

// Wilson returns the score interval of a proportion from errors in trials, at z
// standard deviations (E. B. Wilson, J. Amer. Statist. Assoc. 22, 1927). Trials need
// not be whole: correlated ones count for less.
func Wilson(errors, trials, z float64) (lo, hi float64) {
	if trials <= 0 {
		return 0, 1
	}
	p, z2 := errors/trials, z*z
	centre := (p + z2/(2*trials)) / (1 + z2/trials)
	half := z / (1 + z2/trials) * math.Sqrt(p*(1-p)/trials+z2/(4*trials*trials))
	lo, hi = max(0, centre-half), min(1, centre+half)
	if errors == 0 {
		lo = 0 // rounding aside
	}
	if errors == trials {
		hi = 1
	}
	return lo, hi
}

// Z95 is the number of standard deviations of a two-sided interval of 95 %.
const Z95 = 1.959963984540054
