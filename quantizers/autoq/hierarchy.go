package autoq

import (
	"context"
	"math"
)

// hierarchy is AutoQ: a high-level agent that picks for every layer the width of
// its input and a goal, the mean width of its channels, and a low-level agent that
// picks the width of every channel.
type hierarchy struct {
	p      *Problem
	opt    AgentOptions
	budget float64
	shaped bool
	even   bool    // budgets are met by rebalance, not by limits
	prior  *Policy // nil = none
	frozen bool
	scores []float64 // extrinsic rewards of the episodes
	see    *observer
	high   *ddpg
	low    *ddpg
	track  tracker

	// Relabelling runs the low-level agent's actor on many states at once.
	many   *tape
	widths []float64
	// Mean and mean deviation of the extrinsic reward.
	center, spread float64
	era            int // episodes that the low-level agent has learnt from
}

// Replay holds what the agents did in this many episodes, the low-level agent at
// most this many steps.
const (
	replayEpisodes = 100
	replayMost     = 50000
)

func (p *Problem) kernels() int {
	n := 0
	for i := range p.Layers {
		n += p.Layers[i].Channels
	}
	return n
}

// hierarchical searches with AutoQ; "autoq-plain" without shaping, its low-level
// agent rewarded for obedience alone; "autoq+" with features.
func (p *Problem) hierarchical(ctx context.Context, opt *Options) (*Policy, []float64, error) {
	agent := opt.Agent.withDefaults()
	agent.Features = agent.Features || opt.Algorithm == "autoq+"
	h := &hierarchy{p: p, opt: agent, budget: opt.Budget, shaped: opt.Algorithm != "autoq-plain", even: opt.Rebalance, frozen: opt.Frozen, see: p.observer(agent.Features)}
	if agent.Guarantee != nil {
		h.budget = math.Inf(1)
	} else if err := p.reachable(opt.Budget); err != nil {
		return nil, nil, err
	}
	h.high = newDDPG(agent, 2*opt.Seed, h.see.size(), replayEpisodes*2*len(p.Layers))
	h.low = newDDPG(agent, 2*opt.Seed+1, h.see.size(), min(replayEpisodes*p.kernels(), replayMost))
	h.many = h.low.actor.net.tape((relabelDraws + 2) * relabelChannels)
	h.widths = make([]float64, (relabelDraws+2)*relabelChannels)
	h.high.relabel = h.relabelled
	h.track = tracker{p: p, budget: h.budget, guarantee: agent.Guarantee, progress: opt.Progress, total: agent.Episodes}
	if opt.Prior {
		if err := h.begin(ctx); err != nil {
			return h.track.outcome(ctx, err)
		}
	}
	for e := range agent.Episodes {
		if err := h.episode(ctx, e, nil); err != nil {
			return h.track.outcome(ctx, err)
		}
	}
	return h.track.outcome(ctx, nil)
}

// relabelled returns the goal that explains the steps of a transition best by the
// low-level agent as it is, which does not change while the high-level one learns.
func (h *hierarchy) relabelled(t *transition) float32 {
	if t.era != h.era {
		goal := relabel(h.high.rng, t.center.action(float64(t.action))*MaxBits, t.steps, func(goals []float64) []float64 { return h.would(t.steps, goals) })
		t.relabelled, t.era = float32(t.center.output(goal/MaxBits)), h.era
	}
	return t.relabelled
}

// would returns the widths, before rounding, that the low-level agent now prefers
// at the states of the steps under each of the goals.
func (h *hierarchy) would(steps []decision, goals []float64) []float64 {
	dim := h.see.size()
	rows := h.many.values[0]
	for c, goal := range goals {
		for k := range steps {
			row := rows[(c*len(steps)+k)*dim:][:dim]
			copy(row, steps[k].state)
			row[fieldGoal] = float32(goal / MaxBits)
		}
	}
	lo, hi := h.p.Limits.WeightMin, h.p.Limits.WeightMax
	out := h.widths[:len(goals)*len(steps)]
	for i, u := range h.low.actor.net.forward(h.many, len(out)) {
		out[i] = float64(lo) - 0.5 + h.toGoal(goals[i/len(steps)], lo, hi).action(float64(u))*float64(hi-lo+1)
	}
	return out
}

// chain links the transitions of an agent: each one's next state is the state of
// the one after.
func chain(steps []transition) {
	for i := range steps {
		if i+1 < len(steps) {
			steps[i].next = steps[i+1].state
			continue
		}
		steps[i].next, steps[i].done = steps[i].state, true
	}
}

// begin measures the uniform policies within budget, takes the best as prior and lets the
// agents remember all of them.
func (h *hierarchy) begin(ctx context.Context) error {
	prior, err := h.p.priors(ctx, h.budget, h.opt.Guarantee)
	if err != nil {
		return err
	}
	if len(prior.policies) == 0 {
		return nil
	}
	h.prior = prior.policies[prior.best]
	h.high.spread, h.low.spread = [2]float64{0.15, 0.03}, [2]float64{0.03, 0.01}
	for _, policy := range prior.policies {
		if err := h.episode(ctx, 0, policy); err != nil {
			return err
		}
	}
	return nil
}

// toAct, toMean and toGoal are what the actions for an input, for a goal, and for a
// channel under a goal lie about.
func (h *hierarchy) toAct(i int) center {
	if h.prior == nil {
		return nowhere
	}
	lo, hi := h.p.acts(i)
	return centered(unround(h.prior.Acts[i], lo, hi))
}

func (h *hierarchy) toMean(i int) center {
	if h.prior == nil {
		return nowhere
	}
	return centered(h.prior.Weights[i].Mean(h.p.Layers[i].Channels) / MaxBits)
}

func (h *hierarchy) toGoal(goal float64, lo, hi uint8) center {
	if h.prior == nil {
		return nowhere
	}
	return centered((goal - float64(lo) + 0.5) / (float64(hi-lo) + 1))
}

// episode decides, measures and learns from one policy; one that is given is remembered
// as if the agents had decided so.
func (h *hierarchy) episode(ctx context.Context, e int, given *Policy) error {
	limit := h.p.newLimiter(h.budget)
	if h.even || given != nil {
		limit.budget = math.Inf(1)
	}
	var high []transition
	var layers []layerSteps
	previous := 0.0
	for i := range h.p.Layers {
		act, goal, low := h.layer(e, i, limit, previous, given)
		previous = low.last
		high = append(high, act, goal)
		layers = append(layers, low)
	}
	measure := h.track.measure
	if given != nil {
		measure = h.track.consider
	} else if h.even {
		h.rebalance(limit.policy, high, layers)
	}
	_, reward, err := measure(ctx, limit.policy)
	if err != nil {
		return err
	}
	h.scores = append(h.scores, reward)
	chain(high)
	for i := range high {
		// The reward comes at the end of the episode and is not discounted: it is the
		// return of every step.
		high[i].reward, high[i].score, high[i].done = reward, reward, true
		h.high.memory.add(high[i])
	}
	h.follow(reward)
	zeta := 0.0
	if h.shaped {
		zeta = shaping(e, h.opt.Episodes)
	}
	for i := range layers {
		l := &layers[i]
		inner := Intrinsic(zeta, l.goal, limit.policy.Weights[i].Mean(h.p.Layers[i].Channels), h.standard(reward), 0)
		for k := range l.steps {
			l.steps[k].reward, l.steps[k].score = inner, reward
			l.steps[k].next, l.steps[k].done = l.steps[k].state, true
			h.low.memory.add(l.steps[k])
		}
	}
	if e >= h.opt.Warmup && !h.frozen {
		h.era++
		h.high.elite, h.low.elite = threshold(h.scores), threshold(h.scores)
		h.high.learn(min(2*len(h.p.Layers), h.opt.Updates))
		h.low.learn(min(h.p.kernels(), h.opt.Updates))
	}
	return nil
}

// follow updates the mean and the mean deviation of the extrinsic reward.
func (h *hierarchy) follow(reward float64) {
	const rate = 0.1
	if len(h.scores) == 1 {
		h.center = reward
	}
	h.spread += rate * (math.Abs(reward-h.center) - h.spread)
	h.center += rate * (reward - h.center)
}

// standard is the extrinsic reward over its mean, in parts of its deviation and
// at most one: on the scale of the goal's error, whatever accuracies are like.
func (h *hierarchy) standard(reward float64) float64 {
	if h.spread == 0 {
		return 0
	}
	return min(max((reward-h.center)/(4*h.spread), -1), 1)
}

// layerSteps is what the low-level agent did in a layer.
type layerSteps struct {
	goal  float64
	last  float64 // width of the last channel
	steps []transition
}

// layer decides the widths of layer i.
func (h *hierarchy) layer(e, i int, limit *limiter, previous float64, given *Policy) (act, goal transition, low layerSteps) {
	act.state, act.center = h.see.layer(i, false, previous), h.toAct(i)
	lo, hi := h.p.acts(i)
	u := h.high.explore(act.state, e)
	a := round(act.center.action(u), lo, hi)
	if given != nil {
		a = given.Acts[i]
	}
	a = limit.act(i, a)
	act.action, act.real = act.center.taken(u, a, lo, hi), act.center.real(u, lo, hi)

	goal.state, goal.center = h.see.layer(i, true, float64(a)), h.toMean(i)
	low.goal = MaxBits * goal.center.action(h.high.explore(goal.state, e))
	if given != nil {
		low.goal = given.Weights[i].Mean(h.p.Layers[i].Channels)
	}
	low.goal = limit.goal(i, low.goal)
	goal.action = float32(goal.center.output(low.goal / MaxBits))
	low.last = float64(a)
	lo, hi = h.p.weights(i)
	sum := 0.0
	var made []decision
	for k, j := range h.see.order[i] {
		t := transition{state: h.see.kernel(i, k, low.goal, low.last, sum), center: h.toGoal(low.goal, lo, hi)}
		u := h.low.explore(t.state, e)
		b := round(t.center.action(u), lo, hi)
		if given != nil {
			b = given.Weights[i][j]
		}
		b = limit.weight(i, j, b)
		t.action, t.real = t.center.taken(u, b, lo, hi), t.center.real(u, lo, hi)
		low.steps = append(low.steps, t)
		made = append(made, decision{t.state, float64(b)})
		low.last = float64(b)
		sum += low.last
	}
	goal.steps = thin(made, relabelChannels)
	return act, goal, low
}
