package train

import "math"

// Rule is stochastic gradient descent with momentum and weight decay,
//
//	base = (1 − Blend)·w + Blend·used
//	v ← Momentum·v + g + Decay·base
//	w ← base − rate·v
//
// where used is what a layer with a WeightTransform computed with, and base is
// w elsewhere. Blend 0 is plain SGD (with a quantizing transform: BinaryConnect,
// Courbariaux et al., NIPS 2015); a small Blend is the blended coarse gradient
// descent of Yin et al., Research in the Mathematical Sciences 6:14, 2019.
type Rule struct {
	Momentum, Decay, Blend float32
}

// update applies the rule to a parameter. Conversions keep products from being
// fused with sums, so that the bits do not depend on how Go was told to compile.
func (r Rule) update(p *Param, rate float32) {
	if p.rule != nil {
		r.updateScalars(p, rate)
		return
	}
	blend := float32(0)
	if p.transform != nil {
		blend = r.Blend
	}
	w, v, u := p.Value, p.velocity[:len(p.Value)], p.Used[:len(p.Value)]
	for i, g := range p.Grad[:len(w)] {
		base := w[i]
		if blend != 0 {
			base += float32(blend * (u[i] - base))
		}
		v[i] = float32(r.Momentum*v[i]) + g + float32(r.Decay*base)
		w[i] = base - float32(rate*v[i])
	}
}

// updateScalars is for the parameters of an activation.
func (r Rule) updateScalars(p *Param, rate float32) {
	for i, s := range p.rule {
		g := p.Grad[i] * s.Rate
		if s.GradClip > 0 {
			g = min(max(g, -s.GradClip), s.GradClip)
		}
		p.velocity[i] = float32(r.Momentum*p.velocity[i]) + g + float32(r.Decay*p.Value[i])
		p.Value[i] = min(max(p.Value[i]-float32(rate*p.velocity[i]), s.Min), s.Max)
	}
}

// Schedule gives the learning rate at a time in epochs, fractions included.
type Schedule func(epoch float64) float64

// Cosine falls from rate to 0 over the epochs along half a cosine, after a
// linear rise over the warm-up (Loshchilov and Hutter, ICLR 2017, eq. 5,
// without restarts).
func Cosine(rate, epochs, warmup float64) Schedule {
	return func(epoch float64) float64 {
		if epoch < warmup {
			return rate * (epoch + 0.01) / (warmup + 0.01)
		}
		t := min((epoch-warmup)/(epochs-warmup), 1)
		return rate * (1 + math.Cos(math.Pi*t)) / 2
	}
}

// Steps multiplies the rate by factor at each of the epochs.
func Steps(rate, factor float64, epochs ...float64) Schedule {
	return func(epoch float64) float64 {
		r := rate
		for _, e := range epochs {
			if epoch >= e {
				r *= factor
			}
		}
		return r
	}
}
