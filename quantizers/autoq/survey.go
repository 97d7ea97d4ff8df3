package autoq

import (
	"context"
	"math"
)

// survey is what the widths of a policy lose per bit, as measured start it: by how
// much the losses that the sensitivities foretell, which are those of one width at
// a time in a network that is wide elsewhere, are to be multiplied.
type survey struct {
	policy *Policy
	costs  table
	// of a step down [0] and of a step up [1], for each layer
	weights, acts [][2]float64
}

// probes is how many policies a survey measures at most.
func (p *Problem) probes() int { return 4 * len(p.Layers) }

// surveyed is how many bits from its policy a survey is believed.
const surveyed = 2

// steepest bounds how far a survey departs from the sensitivities.
const steepest = 16

// survey measures a bit less and a bit more for the weights of each layer, pruned
// channels excepted, and for its input. loss is that of a policy.
func (p *Problem) survey(ctx context.Context, start *Policy, loss func(context.Context, *Policy) (float64, error)) (*survey, error) {
	base, err := loss(ctx, start)
	if err != nil {
		return nil, err
	}
	s := &survey{policy: start.Clone(), costs: p.table(start, surveyed)}
	for i := range p.Layers {
		var weights, acts [2]float64
		for up := range 2 {
			trial, foretold := p.shifted(start, i, 2*up-1)
			if weights[up], err = factor(ctx, loss, trial, base, foretold); err != nil {
				return nil, err
			}
			trial, foretold = p.withInput(start, i, 2*up-1)
			if acts[up], err = factor(ctx, loss, trial, base, foretold); err != nil {
				return nil, err
			}
		}
		s.weights, s.acts = append(s.weights, weights), append(s.acts, acts)
	}
	return s, nil
}

// factor is what a policy loses over what was foretold; 1 where nothing is foretold.
func factor(ctx context.Context, loss func(context.Context, *Policy) (float64, error), trial *Policy, base, foretold float64) (float64, error) {
	if foretold == 0 {
		return 1, nil
	}
	measured, err := loss(ctx, trial)
	return min(max((measured-base)/foretold, 1.0/steepest), steepest), err
}

// shifted moves the channels of a layer that are not pruned by a bit and returns
// what that is expected to lose.
func (p *Problem) shifted(policy *Policy, layer, by int) (*Policy, float64) {
	out, foretold := policy.Clone(), 0.0
	lo, hi := p.weights(layer)
	for j, b := range out.Weights[layer] {
		to := int(b) + by
		if b == 0 || to < max(int(lo), 1) || to > int(hi) {
			continue
		}
		out.Weights[layer][j] = uint8(to)
		curve := &p.Sensitivity.Channels[layer][j]
		foretold += curve[to] - curve[b]
	}
	return out, foretold
}

// withInput moves the width of a layer's input by a bit.
func (p *Problem) withInput(policy *Policy, layer, by int) (*Policy, float64) {
	lo, hi := p.acts(layer)
	from := policy.Acts[layer]
	to := int(from) + by
	if to < int(lo) || to > int(hi) {
		return policy, 0
	}
	out := policy.Clone()
	out.Acts[layer] = uint8(to)
	return out, p.Sensitivity.Acts[layer][to] - p.Sensitivity.Acts[layer][from]
}

// landscape returns what widths within reach of the policy, surveyed bits at most,
// lose and cost, all others as they are.
func (s *survey) landscape(p *Problem, grain Grain, reach int) *landscape {
	l := &landscape{units: p.units(grain), costs: s.costs}
	for i := range p.Layers {
		for k := range l.units[i] {
			u := &l.units[i][k]
			u.loss = [MaxBits + 1]float64{}
			for _, j := range u.kernels {
				addCurve(&u.loss, &p.Sensitivity.Channels[i][j], s.policy.Weights[i][j], &s.weights[i])
			}
			lo, hi := u.span(s.policy)
			forbid(&u.loss, lo, hi, reach)
		}
		var acts [MaxBits + 1]float64
		b := s.policy.Acts[i]
		addCurve(&acts, &p.Sensitivity.Acts[i], b, &s.acts[i])
		forbid(&acts, b, b, reach)
		l.acts = append(l.acts, acts)
	}
	return l
}

// addCurve adds a curve, relative to its value at a width and steeper by the factors.
func addCurve(sum, curve *[MaxBits + 1]float64, at uint8, factors *[2]float64) {
	for b := range sum {
		side := 0
		if b > int(at) {
			side = 1
		}
		sum[b] += factors[side] * (curve[b] - curve[at])
	}
}

// forbid forbids widths out of reach of lo to hi.
func forbid(curve *[MaxBits + 1]float64, lo, hi uint8, reach int) {
	for b := range curve {
		if b < int(lo)-reach || b > int(hi)+reach {
			curve[b] = math.Inf(1)
		}
	}
}
