package autoq

// limiter keeps the policy of an episode within budget while it is being decided,
// layer by layer. What is not yet decided has its narrowest widths, so that the
// price of the whole says whether the rest can still be paid for.
type limiter struct {
	p      *Problem
	budget float64 // +Inf = no limit
	policy *Policy
}

func (p *Problem) newLimiter(budget float64) *limiter {
	return &limiter{p: p, budget: budget, policy: p.Uniform(p.Limits.WeightMin, p.Limits.ActMin)}
}

func (l *limiter) fits() bool { return l.p.PriceOf(l.policy) <= l.budget }

// act sets the width of the input of layer i to a or the widest below that fits.
func (l *limiter) act(i int, a uint8) uint8 {
	lo, _ := l.p.acts(i)
	for l.policy.Acts[i] = a; l.policy.Acts[i] > lo && !l.fits(); l.policy.Acts[i]-- {
	}
	return l.policy.Acts[i]
}

// goal returns the lesser of a mean width and the largest mean that fits.
func (l *limiter) goal(i int, goal float64) float64 {
	lo, hi := l.p.weights(i)
	w := l.policy.Weights[i]
	n := len(w)
	fits := func(total int) bool { // bits over the channels, as even as possible
		for j := range w {
			w[j] = uint8(total / n)
			if j < total%n {
				w[j]++
			}
		}
		return l.fits()
	}
	least, most := int(lo)*n, int(hi)*n
	if !fits(most) {
		for most-least > 1 {
			if mid := (least + most) / 2; fits(mid) {
				least = mid
			} else {
				most = mid
			}
		}
		most = least
	}
	fill(w, lo)
	return min(goal, float64(most)/float64(n))
}

// weight sets the width of channel j of layer i to b or the widest below that fits.
func (l *limiter) weight(i, j int, b uint8) uint8 {
	lo, _ := l.p.weights(i)
	w := l.policy.Weights[i]
	for w[j] = b; w[j] > lo && !l.fits(); w[j]-- {
	}
	return w[j]
}
