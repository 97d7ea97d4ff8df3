package autoq

import (
	"context"
	"math"
	"slices"
)

// prior is where a search begins: uniform widths within budget, measured.
type prior struct {
	policies []*Policy
	accuracy []float64
	best     int
}

// priors measures the uniform policies within budget that no other one within budget is
// as wide as in both widths. Where accuracy is guaranteed there is no budget, and every
// width for both is one.
func (p *Problem) priors(ctx context.Context, budget float64, g *Guarantee) (*prior, error) {
	out := &prior{}
	score := math.Inf(-1)
	for _, policy := range p.uniforms(budget, g != nil) {
		accuracy, err := p.accuracy(ctx, policy)
		if err != nil {
			return nil, err
		}
		out.policies, out.accuracy = append(out.policies, policy), append(out.accuracy, accuracy)
		latency, energy := p.Relative(policy)
		if s := Extrinsic(accuracy, latency, energy, g); s > score {
			score, out.best = s, len(out.policies)-1
		}
	}
	return out, nil
}

func (p *Problem) uniforms(budget float64, free bool) (list []*Policy) {
	lo, hi := p.Limits.ActMin, p.Limits.ActMax
	if free {
		for b := max(p.Limits.WeightMin, lo); b <= min(p.Limits.WeightMax, hi); b++ {
			list = append(list, p.Uniform(b, b))
		}
		return list
	}
	widest := -1 // of the inputs beside wider weights
	for w := int(p.Limits.WeightMax); w >= int(max(p.Limits.WeightMin, 1)); w-- {
		a := int(hi)
		for a >= int(lo) && p.PriceOf(p.Uniform(uint8(w), uint8(a))) > budget {
			a--
		}
		if a >= int(lo) && a > widest {
			list, widest = append(list, p.Uniform(uint8(w), uint8(a))), a
		}
	}
	return list
}

// center is the action that the prior stands for: all actions of an agent lie about it,
// half of them below.
type center float64

// nowhere is the center of a search without a prior: actions are as they are.
const nowhere center = 0.5

// centered keeps a center off the ends, so that no half of the actions is empty.
func centered(x float64) center { return center(min(max(x, 0.02), 0.98)) }

// action is what an agent's output u in [0, 1] means.
func (c center) action(u float64) float64 {
	if u < 0.5 {
		return 2 * u * float64(c)
	}
	return float64(c) + (2*u-1)*(1-float64(c))
}

// output is the output of an agent that means an action.
func (c center) output(action float64) float64 {
	if action < float64(c) {
		return action / float64(c) / 2
	}
	return 0.5 + (action-float64(c))/(1-float64(c))/2
}

// taken is the output of an agent that explains a width: its own, or that of the width
// which the budget left of it.
func (c center) taken(u float64, b, lo, hi uint8) float32 {
	if round(c.action(u), lo, hi) == b {
		return float32(u)
	}
	return float32(c.output(unround(b, lo, hi)))
}

// real is the width, not rounded, that an output means.
func (c center) real(u float64, lo, hi uint8) float64 {
	return float64(lo) - 0.5 + c.action(u)*(float64(hi-lo)+1)
}

// outputOf is the output that means a width, not rounded.
func (c center) outputOf(real float64, lo, hi uint8) float32 {
	return float32(min(max(c.output((real-float64(lo)+0.5)/(float64(hi-lo)+1)), 0), 1))
}

// elite is the part of the remembered episodes that an agent imitates.
const elite = 0.2

// threshold is the score of the worst of the best episodes.
func threshold(scores []float64) float64 {
	sorted := slices.Sorted(slices.Values(scores[max(0, len(scores)-replayEpisodes):]))
	return sorted[int(float64(len(sorted))*(1-elite))]
}
