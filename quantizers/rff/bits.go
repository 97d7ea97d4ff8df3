package rff

import (
	"math"
	"math/bits"
)

// Bits is the storage of one data point by three accounts.
type Bits struct {
	Lambda   int     `json:"lambda"`   // features per block, 1 without condensation
	P        int     `json:"p"`        // codes per point (blocks, for Beta)
	Plain    float64 `json:"plain"`    // m·log2(2K): the levels before condensation
	Real     float64 `json:"real"`     // the paper's count, see [Scheme.Bits]
	Codebook int     `json:"codebook"` // whole bits per code: what Codes stores, losslessly
}

// FloatBits is the width charged for an unquantized feature.
const FloatBits = 32

// Bits returns the storage of one data point of m features. A tail that does not
// fill a block is dropped and not counted. The paper's count is Plain, except for
// SigmaDelta p·log2(ltʳ·(2K−1)); as a code has one value more than that, the
// count is too low for very short blocks (and 0 for λ = 1, K = 1).
func (s Scheme) Bits(m int) Bits {
	m = s.Used(m)
	if s.Method == Float {
		return Bits{Lambda: 1, P: m, Plain: FloatBits * float64(m), Real: FloatBits * float64(m), Codebook: FloatBits * m}
	}
	b := Bits{Lambda: max(s.Lambda, 1), P: s.Dim(m), Plain: float64(m) * s.Alphabet.Bits()}
	b.Real = b.Plain
	b.Codebook = s.codesPerPoint(m) * s.codeBits()
	if s.Method == SigmaDelta {
		perCode := float64(s.Order)*math.Log2(float64(s.lag())) + math.Log2(float64(2*s.Alphabet.K-1))
		b.Real = float64(b.P) * perCode
	}
	return b
}

// FeaturesFor returns the number of features m whose codes take about budget
// bits per point by the Real account, rounded as in the paper's experiments:
// ⌊budget/log2 2K⌋ for MSQ, StocQ and Beta (whole blocks), λ·⌈⌊budget·λ/b⌋/λ⌉ for
// SigmaDelta with b bits per code.
func (s Scheme) FeaturesFor(budget float64) int {
	switch s.Method {
	case Float:
		return int(budget / FloatBits)
	case SigmaDelta:
		block := s.Bits(s.Lambda)
		perCode := block.Real
		if s.Lambda == 1 {
			perCode = block.Plain
		}
		m := int(budget * float64(s.Lambda) / perCode)
		return (m + s.Lambda - 1) / s.Lambda * s.Lambda
	}
	return s.Used(int(budget / s.Alphabet.Bits()))
}

// codesPerPoint is the number of integers stored: condensed sums for SigmaDelta,
// levels for the others (a block of Beta has (2K)^λ words, so levels are as short
// as any code for them).
func (s Scheme) codesPerPoint(m int) int {
	if s.Method == SigmaDelta {
		return s.Dim(m)
	}
	return s.Used(m)
}

// bound returns the largest absolute value of the integers before they are coded:
// ltʳ·(2K−1) for condensed sums, 2K−1 for levels. They have its parity.
func (s Scheme) bound() int64 {
	bound := int64(2*s.Alphabet.K - 1)
	if s.Method == SigmaDelta {
		for range s.Order {
			bound *= int64(s.lag())
		}
	}
	return bound
}

// codeBits returns ⌈log2(bound+1)⌉, the width of a code.
func (s Scheme) codeBits() int { return bits.Len64(uint64(s.bound())) }
