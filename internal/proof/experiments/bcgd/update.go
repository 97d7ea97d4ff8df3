package bcgd

import "bitcycle/quantizers/bcgd"

// SGD are the settings of one step of stochastic gradient descent.
type SGD struct {
	Rate, Momentum, WeightDecay float64
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

// Resolution is the activation of a layer with its resolution α in training.
type Resolution struct {
	bcgd.Activation
	Momentum float64
}

// Step updates α by the raw gradient Σ (∂ℓ/∂σ)·(∂σ/∂α) of a mini-batch: scaled
// by Rate, clipped to ±1, with the momentum and weight decay of the weights, and
// kept within the limits of the authors' code.
func (a *Resolution) Step(rawGradient float64, s SGD) {
	g := min(max(a.Rate*rawGradient, -1), 1)
	a.Momentum = s.Momentum*a.Momentum + g + s.WeightDecay*a.Alpha
	a.Alpha = min(max(a.Alpha-s.Rate*a.Momentum, bcgd.MinAlpha), bcgd.MaxAlpha)
}
