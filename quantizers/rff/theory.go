package rff

import "math"

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
