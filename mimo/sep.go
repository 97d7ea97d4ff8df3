package mimo

import "math"

// Q is the Gaussian tail probability, ½·erfc(x/√2).
func Q(x float64) float64 { return 0.5 * math.Erfc(x/math.Sqrt2) }

// SEP is the symbol error probability of a constellation of half spacing d in
// complex Gaussian noise of the given variance,
//
//	1 − [1 − ((2D−1)/D)·Q(√2·d/σ)]²,
//
// and an upper bound, 4·Q(√2·d/σ) (Shao et al. 2019, Section IV).
func (q QAM) SEP(d, variance float64) (sep, bound float64) {
	tail := Q(math.Sqrt2 * d / math.Sqrt(variance))
	side := q.Peak() / float64(q.D) * tail // error probability of one dimension
	return side * (2 - side), 4 * tail
}
