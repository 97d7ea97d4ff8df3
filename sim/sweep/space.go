package sweep

import (
	"fmt"
	"math"
)

// mostPoints bounds a sweep that is not sampled, mostProduct the product that samples are
// drawn from.
const (
	mostPoints  = 10_000_000
	mostProduct = 1 << 50
)

// space is the product of axes: a point is one value of each, the last axis varying
// fastest.
type space struct{ lengths []int }

// size returns the number of points.
func (s space) size() (int64, error) {
	n := 1.0
	for _, l := range s.lengths {
		n *= float64(l)
	}
	if n > mostProduct {
		return 0, fmt.Errorf("%.3g points: at most 2^50 are told apart; take fewer values", n)
	}
	return int64(n), nil
}

// digits writes the values of point i, an index an axis.
func (s space) digits(i int64, into []int) {
	for a := len(s.lengths) - 1; a >= 0; a-- {
		n := int64(s.lengths[a])
		into[a] = int(i % n)
		i /= n
	}
}

// index is the inverse of digits.
func (s space) index(digits []int) int64 {
	var i int64
	for a, d := range digits {
		i = i*int64(s.lengths[a]) + int64(d)
	}
	return i
}

// at turns a point of the unit cube into one of the space.
func (s space) at(u []float64, digits []int) int64 {
	for a, l := range s.lengths {
		digits[a] = min(int(math.Floor(u[a]*float64(l))), l-1)
	}
	return s.index(digits)
}
