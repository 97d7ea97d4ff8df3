package rff

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// CondenseFloat returns the condensed features ψ of unquantized features z, the
// limit of a SigmaDelta or Beta scheme for fine alphabets. They estimate the
// kernel too, but with p averages and not m.
func CondenseFloat(s Scheme, z *mat.Dense) *mat.Dense {
	c, _ := s.Condenser()
	c.Scale = 1
	n, m := z.Dims()
	psi := mat.NewDense(n, s.Dim(m), nil)
	for i := range n {
		c.Condense(psi.RawRowView(i), z.RawRowView(i))
	}
	return psi
}

// ErrorBound returns a bound on ‖ψ − ψ_float‖₂, the quantization error of one
// point's condensed features, that holds for every draw: with w the state of order
// r and peak the largest |u| met (at most h in a safe modulator),
//
//	√2·2ʳ·‖w‖∞/‖v‖₂ (SigmaDelta),   √2·β^−λ·|u|/(‖v‖₂·s) (Beta).
//
// It follows from the telescoping of v·(y−q) and is 0 for other methods.
func (s Scheme) ErrorBound(peak float64) float64 {
	mod, ok := s.Modulator()
	if !ok {
		return 0
	}
	c, _ := s.Condenser()
	perPeak := c.Factor(1) // √2/(‖v‖·s)
	if s.Method == Beta {
		return perPeak * math.Pow(s.Base, -float64(s.Lambda)) * peak
	}
	gain := 0.0
	for _, g := range mod.StateFilter(s.Order) {
		gain += math.Abs(g)
	}
	return perPeak * math.Pow(2, float64(s.Order)) * gain * peak
}

// KernelErrorBound returns the bound on |⟨ψ(x),ψ(y)⟩ − ⟨ψ_float(x),ψ_float(y)⟩|
// that follows from the norms of ψ_float and of the errors of both points.
func KernelErrorBound(normX, normY, errorX, errorY float64) float64 {
	return normX*errorY + errorX*normY + errorX*errorY
}
