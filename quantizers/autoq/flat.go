package autoq

import (
	"context"
	"math"
)

// flat searches with one agent that takes a step for the input of every layer and
// one for every channel, and sees no goals: the baseline that AutoQ's hierarchy is
// held against.
func (p *Problem) flat(ctx context.Context, opt *Options) (*Policy, []float64, error) {
	agent := opt.Agent.withDefaults()
	budget := opt.Budget
	if agent.Guarantee != nil {
		budget = math.Inf(1)
	} else if err := p.reachable(budget); err != nil {
		return nil, nil, err
	}
	see := p.observer(agent.Features)
	steps := p.kernels() + len(p.Layers)
	a := newDDPG(agent, opt.Seed, see.size(), min(replayEpisodes*steps, replayMost))
	track := tracker{p: p, budget: budget, guarantee: agent.Guarantee, progress: opt.Progress, total: agent.Episodes}
	for e := range agent.Episodes {
		limit := p.newLimiter(budget)
		walk := p.walk(a, see, limit, e)
		_, reward, err := track.measure(ctx, limit.policy)
		if err != nil {
			return track.outcome(ctx, err)
		}
		chain(walk)
		for i := range walk {
			walk[i].reward = reward
			a.memory.add(walk[i])
		}
		if e >= agent.Warmup {
			a.learn(min(steps, agent.Updates))
		}
	}
	return track.outcome(ctx, nil)
}

// walk decides all widths of an episode.
func (p *Problem) walk(a *ddpg, see *observer, limit *limiter, e int) []transition {
	var out []transition
	previous := 0.0
	for i := range p.Layers {
		t := transition{state: see.layer(i, false, previous)}
		lo, hi := p.acts(i)
		u := a.explore(t.state, e)
		b := limit.act(i, round(u, lo, hi))
		t.action = nowhere.taken(u, b, lo, hi)
		out = append(out, t)
		previous = float64(b)
		lo, hi = p.weights(i)
		for k, j := range see.order[i] {
			t := transition{state: see.kernel(i, k, 0, previous, 0)}
			u := a.explore(t.state, e)
			b := limit.weight(i, j, round(u, lo, hi))
			t.action = nowhere.taken(u, b, lo, hi)
			out = append(out, t)
			previous = float64(b)
		}
	}
	return out
}
