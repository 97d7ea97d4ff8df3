package mimo

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
)

// QAM is a square constellation with levels ±1, ±3, …, ±(2D−1) in each
// dimension, 4D² points, and Gray labels: D = 1 is QPSK, 2 is 16-QAM, 4 is
// 64-QAM, 8 is 256-QAM.
type QAM struct{ D int }

// QAMOf returns the constellation of 4, 16, 64 or 256 points.
func QAMOf(points int) (QAM, error) {
	for _, d := range []int{1, 2, 4, 8} {
		if 4*d*d == points {
			return QAM{d}, nil
		}
	}
	return QAM{}, fmt.Errorf("qam = %d: must be 4, 16, 64 or 256", points)
}

// Points is the number of points.
func (q QAM) Points() int { return 4 * q.D * q.D }

// Bits is the number of bits a symbol.
func (q QAM) Bits() int { return bits.Len(uint(q.Points())) - 1 }

// Peak is the largest level, 2D−1.
func (q QAM) Peak() float64 { return float64(2*q.D - 1) }

// Energy is the mean of |s|², 2(4D²−1)/3.
func (q QAM) Energy() float64 { return 2 * float64(4*q.D*q.D-1) / 3 }

// Random draws independent symbols.
func (q QAM) Random(s *Matrix, r *rand.Rand) {
	for i := range s.Rows {
		re, im := s.Row(i)
		for j := range re {
			re[j], im[j] = q.draw(r), q.draw(r)
		}
	}
}

func (q QAM) draw(r *rand.Rand) float64 { return float64(2*r.IntN(2*q.D) - (2*q.D - 1)) }

// Slice returns the level nearest to v, clip(2⌊v/2⌋+1, ±(2D−1)).
func (q QAM) Slice(v float64) float64 {
	return max(-q.Peak(), min(q.Peak(), 2*math.Floor(v/2)+1))
}

// Gray returns the label of a level: k ⊕ (k≫1) with k = (level+2D−1)/2.
func (q QAM) Gray(level float64) uint {
	k := uint(int(level)+2*q.D-1) / 2
	return k ^ k>>1
}

// Errors counts decisions and wrong ones.
type Errors struct {
	Symbols      int64 `json:"symbols"`       // sent
	SymbolErrors int64 `json:"symbol_errors"` // decided wrong
	Bits         int64 `json:"bits"`          // sent
	BitErrors    int64 `json:"bit_errors"`    // decided wrong
}

// Add accumulates.
func (e *Errors) Add(o Errors) {
	e.Symbols += o.Symbols
	e.SymbolErrors += o.SymbolErrors
	e.Bits += o.Bits
	e.BitErrors += o.BitErrors
}

// Detect decides the symbols of user i from y, whose constellation has half
// spacing d, and counts the differences to s.
func (q QAM) Detect(y, s *Matrix, i int, d float64) Errors {
	yr, yi := y.Row(i)
	sr, si := s.Row(i)
	e := Errors{Symbols: int64(len(yr)), Bits: int64(len(yr) * q.Bits())}
	for t := range yr {
		re, im := q.Slice(yr[t]/d), q.Slice(yi[t]/d)
		if re == sr[t] && im == si[t] {
			continue
		}
		e.SymbolErrors++
		e.BitErrors += int64(bits.OnesCount(q.Gray(re)^q.Gray(sr[t])) + bits.OnesCount(q.Gray(im)^q.Gray(si[t])))
	}
	return e
}
