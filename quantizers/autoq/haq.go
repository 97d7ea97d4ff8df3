package autoq

import "context"

// haqFields are those of HAQ's state: depthwise, c_in, c_out, stride, channel size,
// weights, feature map, layer, previous width, weights or activations.
const haqFields = 10

// haqScale is HAQ's reward for a unit of accuracy: 0.1 a percent.
const haqScale = 10

// layerwise searches with HAQ: one agent, two steps a layer (weights, then
// input), rewarded with 10·(accuracy − accuracy at 8 bits); a policy over budget
// loses bits from the back of the network, one layer after another, before it is
// measured.
func (p *Problem) layerwise(ctx context.Context, opt *Options) (*Policy, []float64, error) {
	if err := p.reachable(opt.Budget); err != nil {
		return nil, nil, err
	}
	agent := opt.Agent.withDefaults()
	reference, err := p.accuracy(ctx, p.Uniform(MaxBits, MaxBits))
	if err != nil {
		return nil, nil, err
	}
	fixed := p.haqStates()
	a := newDDPG(agent, opt.Seed, haqFields, 128*len(p.Layers))
	track := tracker{p: p, budget: opt.Budget, progress: opt.Progress, total: agent.Episodes}
	for e := range agent.Episodes {
		policy := p.Uniform(MaxBits, MaxBits)
		var steps []transition
		previous := 1.0
		for i := range p.Layers {
			lo, hi := p.weights(i)
			b := p.haqStep(a, fixed[i], previous, 1, lo, hi, e, &steps)
			fill(policy.Weights[i], b)
			lo, hi = p.acts(i)
			policy.Acts[i] = p.haqStep(a, fixed[i], float64(b)/MaxBits, 0, lo, hi, e, &steps)
			previous = float64(policy.Acts[i]) / MaxBits
		}
		p.cutFromBack(policy, opt.Budget)
		acc, _, err := track.measure(ctx, policy)
		if err != nil {
			return track.outcome(ctx, err)
		}
		chain(steps)
		for i := range steps {
			steps[i].reward = haqScale * (acc - reference)
			a.memory.add(steps[i])
		}
		if e >= agent.Warmup {
			a.learn(min(len(steps), agent.Updates))
		}
	}
	return track.outcome(ctx, nil)
}

func (p *Problem) haqStates() [][]float32 {
	var fixed [][]float32
	for i := range p.Layers {
		l := &p.Layers[i]
		depthwise := 0.0
		if l.Depthwise {
			depthwise = 1
		}
		fixed = append(fixed, floats(depthwise, float64(l.Inputs), float64(l.Channels), float64(l.Stride), float64(l.Kernel),
			float64(l.Params), float64(l.Feature), float64(i)))
	}
	normalize(fixed)
	return fixed
}

func (p *Problem) haqStep(a *ddpg, fixed []float32, previous, flag float64, lo, hi uint8, e int, steps *[]transition) uint8 {
	t := transition{state: append(append(make([]float32, 0, haqFields), fixed...), float32(previous), float32(flag))}
	u := a.explore(t.state, e)
	t.action = float32(u) // as the agent chose it, whatever the budget leaves of it
	*steps = append(*steps, t)
	return round(u, lo, hi)
}

// cutFromBack takes a bit of the input and one of the weights of every layer, from
// the last to the first, again and again until the budget is met.
func (p *Problem) cutFromBack(policy *Policy, budget float64) {
	for p.PriceOf(policy) > budget {
		for i := len(p.Layers) - 1; i >= 0; i-- {
			if lo, _ := p.acts(i); policy.Acts[i] > lo {
				if policy.Acts[i]--; p.PriceOf(policy) <= budget {
					return
				}
			}
			if lo, _ := p.weights(i); policy.Weights[i][0] > lo {
				if fill(policy.Weights[i], policy.Weights[i][0]-1); p.PriceOf(policy) <= budget {
					return
				}
			}
		}
	}
}
