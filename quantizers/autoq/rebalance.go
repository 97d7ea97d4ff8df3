package autoq

import "math"

// rebalance brings the policy of an episode that was decided without a limit
// within budget by one factor for all of its goals and widths, the largest that
// does: layers near the input do not spend what those after them need. What the
// agents remember of the episode becomes what was executed.
func (h *hierarchy) rebalance(policy *Policy, high []transition, layers []layerSteps) {
	factor := h.affordable(policy)
	policy.copyFrom(h.p.scale(policy, factor))
	for i := range layers {
		low, act, goal := &layers[i], &high[2*i], &high[2*i+1]
		lo, hi := h.p.acts(i)
		act.action = executed(float64(act.action), policy.Acts[i], lo, hi)
		low.goal *= factor
		goal.action = float32(low.goal / MaxBits)
		lo, hi = h.p.weights(i)
		for k, j := range h.see.order[i] {
			low.steps[k].action = executed(float64(low.steps[k].action), policy.Weights[i][j], lo, hi)
		}
		for k := range goal.steps {
			goal.steps[k].bits = float64(scaled(uint8(goal.steps[k].bits), lo, hi, factor))
		}
	}
}

// affordable returns the largest factor, to a thousandth, at which the policy is
// within budget; at 0 every width is the narrowest.
func (h *hierarchy) affordable(policy *Policy) float64 {
	const steps = 1000
	fits, over := 0, steps+1
	for over-fits > 1 {
		if mid := (fits + over) / 2; h.p.PriceOf(h.p.scale(policy, float64(mid)/steps)) <= h.budget {
			fits = mid
		} else {
			over = mid
		}
	}
	return float64(fits) / steps
}

// scale returns the policy with all widths times a factor.
func (p *Problem) scale(policy *Policy, factor float64) *Policy {
	out := policy.Clone()
	for i := range p.Layers {
		lo, hi := p.weights(i)
		for j, b := range out.Weights[i] {
			out.Weights[i][j] = scaled(b, lo, hi, factor)
		}
		lo, hi = p.acts(i)
		out.Acts[i] = scaled(out.Acts[i], lo, hi, factor)
	}
	return out
}

// scaled is a width times a factor, rounded and within limits.
func scaled(b, lo, hi uint8, factor float64) uint8 {
	return uint8(min(max(math.Round(float64(b)*factor), float64(lo)), float64(hi)))
}
