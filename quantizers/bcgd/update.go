package bcgd

// SGD are the settings of one step of stochastic gradient descent.
type SGD struct {
	Rate, Momentum, WeightDecay float64
}

// Blend returns (1−ρ)·w_f + ρ·w for every weight.
func Blend(wf, w []float64, rho float64) []float64 {
	out := make([]float64, len(wf))
	for i := range out {
		out[i] = (1-rho)*wf[i] + rho*w[i]
	}
	return out
}

// Step is the blended update with momentum and weight decay as the authors'
// code has it; weight decay acts on the blended weights:
//
//	base = (1−ρ)·w_f + ρ·w;   buf ← μ·buf + g + λ·base;   w_f ← base − η·buf
//
// It changes wf and buf in place; grad is the coarse gradient at the quantized
// weights w.
func Step(wf, buf, w, grad []float64, rho float64, s SGD) {
	for i := range wf {
		base := (1-rho)*wf[i] + rho*w[i]
		buf[i] = s.Momentum*buf[i] + grad[i] + s.WeightDecay*base
		wf[i] = base - s.Rate*buf[i]
	}
}

// Relax returns the pseudo-quantized weights (η·Q(w) + w)/(1 + η) of BinaryRelax
// (Yin et al., SIAM J. Imaging Sciences 2018).
func Relax(w []float64, bits int, eta float64) []float64 {
	out := Project(w, bits).Values()
	for i := range out {
		out[i] = (eta*out[i] + w[i]) / (1 + eta)
	}
	return out
}
