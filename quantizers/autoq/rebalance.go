package autoq

import "math"

// rebalance brings an episode that was decided without a limit to the budget by one
// factor for all of its goals and widths, the largest that fits: layers near the input do
// not spend what those after them need, and nothing is left over. Widths are rounded after
// that, those of a layer's channels so that their mean keeps: a factor moves them one by
// one, not all at once. What the agents remember is what was executed.
func (h *hierarchy) rebalance(policy *Policy, high []transition, layers []layerSteps) {
	factor := h.affordable(policy, high, layers)
	h.scale(policy, high, layers, factor)
	for i := range layers {
		low, act, goal := &layers[i], &high[2*i], &high[2*i+1]
		lo, hi := h.p.acts(i)
		act.action = act.center.outputOf(factor*act.real, lo, hi)
		low.goal = min(factor*low.goal, MaxBits)
		goal.action = float32(goal.center.output(low.goal / MaxBits))
		lo, hi = h.p.weights(i)
		for k := range low.steps {
			t := &low.steps[k]
			t.action = t.center.outputOf(factor*t.real, lo, hi)
		}
		for k := range goal.steps {
			goal.steps[k].bits = min(max(factor*goal.steps[k].bits, float64(lo)), float64(hi))
		}
	}
}

// affordable returns the largest factor up to 2, to a thousandth, at which the policy is
// within budget; at 0 every width is the narrowest.
func (h *hierarchy) affordable(policy *Policy, high []transition, layers []layerSteps) float64 {
	const steps = 1000
	fits, over := 0, 2*steps+1
	for over-fits > 1 {
		mid := (fits + over) / 2
		h.scale(policy, high, layers, float64(mid)/steps)
		if h.p.PriceOf(policy) <= h.budget {
			fits = mid
		} else {
			over = mid
		}
	}
	return float64(fits) / steps
}

// scale writes the widths that an episode decided, times a factor.
func (h *hierarchy) scale(policy *Policy, high []transition, layers []layerSteps, factor float64) {
	for i := range layers {
		lo, hi := h.p.acts(i)
		policy.Acts[i] = rounded(factor*high[2*i].real, lo, hi)
		lo, hi = h.p.weights(i)
		owed := 0.0 // to the channels after
		for k, j := range h.see.order[i] {
			x := min(max(factor*layers[i].steps[k].real, float64(lo)), float64(hi))
			b := rounded(x+owed, lo, hi)
			owed += x - float64(b)
			policy.Weights[i][j] = b
		}
	}
}

// rounded is the width next to x within limits.
func rounded(x float64, lo, hi uint8) uint8 {
	return uint8(min(max(math.Round(x), float64(lo)), float64(hi)))
}
