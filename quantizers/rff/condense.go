package rff

import (
	"fmt"
	"math"
)

// SigmaDeltaVector returns the condensation vector of order r, the coefficients
// of (1 + t + … + t^{lt−1})ʳ: its inner product with an r-th difference
// telescopes. It has r·lt−r+1 entries, which are integers and sum to ltʳ.
func SigmaDeltaVector(r, lt int) []float64 {
	v := []float64{1}
	for range r {
		next := make([]float64, len(v)+lt-1)
		for i, c := range v {
			for j := range lt {
				next[i+j] += c
			}
		}
		v = next
	}
	return v
}

// BetaVector returns the condensation vector (β⁻¹, β⁻², …, β⁻ˡᵃᵐᵇᵈᵃ) of
// distributed noise shaping.
func BetaVector(beta float64, lambda int) []float64 {
	v := make([]float64, lambda)
	power := 1.0
	for i := range v {
		power /= beta
		v[i] = power
	}
	return v
}

// BlockLength returns the length r·lt − r + 1 of the vector of order r.
func BlockLength(r, lt int) int { return r*lt - r + 1 }

// Lag returns the lt with BlockLength(r, lt) = lambda, or an error that names
// the nearest block lengths which have one.
func Lag(r, lambda int) (int, error) {
	if r < 1 || lambda < 1 {
		return 0, fmt.Errorf("order = %d, lambda = %d: must be at least 1", r, lambda)
	}
	lt := (lambda + r - 1) / r
	if BlockLength(r, lt) != lambda {
		return 0, fmt.Errorf("lambda = %d: order %d needs lambda = %d·lt-%d, such as %d or %d",
			lambda, r, r, r-1, BlockLength(r, lt), BlockLength(r, lt+1))
	}
	return lt, nil
}

// Condenser maps blocks of quantized features to one number each,
//
//	ψ = √(2/p) / (‖V‖₂·Scale) · (I_p ⊗ V) q,
//
// so that ⟨ψ(x), ψ(y)⟩ estimates the kernel; Scale undoes the modulator's.
type Condenser struct {
	V     []float64
	Scale float64
}

// Factor returns √(2/p) / (‖V‖₂·Scale).
func (c Condenser) Factor(p int) float64 {
	sum := 0.0
	for _, x := range c.V {
		sum += x * x
	}
	return math.Sqrt(2/float64(p)) / (math.Sqrt(sum) * c.Scale)
}

// Condense writes the condensed features of q to psi, whose length p is the
// number of whole blocks to use; a tail of q is dropped.
func (c Condenser) Condense(psi, q []float64) {
	factor := c.Factor(len(psi))
	for b := range psi {
		psi[b] = factor * dot(c.V, q[b*len(c.V):])
	}
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}
