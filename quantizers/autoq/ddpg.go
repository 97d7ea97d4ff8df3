package autoq

import (
	"math"
	"math/rand/v2"
)

// AgentOptions shape the learning algorithms. Zero values take those of HAQ's
// and AMC's published code, where AutoQ's are not known.
type AgentOptions struct {
	Episodes int // 400
	Warmup   int // episodes of uniformly random actions; 100, at most a quarter
	Hidden   int // units of both hidden layers; 300
	Batch    int // 64
	Updates  int // most updates of an agent after an episode; 200
	// TD3 takes two critics, smoothed targets and a delayed actor (Fujimoto, van Hoof
	// and Meger, ICML 2018) instead of plain DDPG.
	TD3 bool
	// Features adds spread, peak, remaining budget and sensitivity of each channel to
	// the state, and visits channels in order of sensitivity or spread.
	Features bool
	// Guarantee rewards latency and energy above a floor of accuracy, instead of
	// accuracy within a budget.
	Guarantee *Guarantee
}

func (o AgentOptions) withDefaults() AgentOptions {
	set := func(x *int, value int) {
		if *x == 0 {
			*x = value
		}
	}
	set(&o.Episodes, 400)
	set(&o.Warmup, min(100, o.Episodes/4))
	set(&o.Hidden, 300)
	set(&o.Batch, 64)
	set(&o.Updates, 200)
	return o
}

// Constants of the agents, from HAQ's and AMC's code and, for TD3, its paper.
const (
	actorRate, criticRate = 1e-4, 1e-3
	targetRate            = 0.01 // of the target networks
	baselineRate          = 0.5  // of the mean reward of batches
	noiseStart            = 0.5
	noiseEnd              = 0.5 * 0.0023 // 0.98 an episode over the 300 after warm-up
	smoothing, smoothClip = 0.2, 0.5
	imitation             = 5 // what a squared distance to the best episodes' actions costs the actor
	actorDelay            = 2
)

// ddpg is an actor-critic agent with one action in [0, 1] (Lillicrap et al.,
// "Continuous control with deep reinforcement learning", ICLR 2016), undiscounted.
type ddpg struct {
	opt     AgentOptions
	rng     *rand.Rand
	dim     int
	actor   learner
	critics []learner
	memory  replay
	// relabel replaces the action of a sampled transition; nil keeps it.
	relabel func(t *transition) float32
	// spread is the deviation of the noise about a prior, at the start and at the end; 0 =
	// no prior: uniform actions while warming up, then noise as above.
	spread [2]float64
	// elite is the score from which an episode is imitated; NaN = none is.
	elite float64

	baseline float64
	seen     bool
	updates  int
	one      *tape // of the actor, one state
	rewards  []float64
	target   []float32
	done     []bool
	states   []float32
	nexts    []float32
	actions  []float32
	scores   []float64
}

// learner is a network with its target, its optimizer and its tape.
type learner struct {
	net, target *mlp
	adam        *adam
	tape        *tape
	targetTape  *tape
}

func newLearner(rng *rand.Rand, rate float64, batch int, sigmoid bool, sizes ...int) learner {
	net := newMLP(rng, sigmoid, sizes...)
	return learner{net: net, target: net.clone(), adam: newAdam(rate, net), tape: net.tape(batch), targetTape: net.tape(batch)}
}

func newDDPG(opt AgentOptions, seed uint64, dim, memory int) *ddpg {
	rng := rand.New(rand.NewPCG(seed, uint64(dim)))
	h, n := opt.Hidden, opt.Batch
	a := &ddpg{opt: opt, rng: rng, dim: dim, memory: replay{limit: memory}, elite: math.NaN(), scores: make([]float64, n), actor: newLearner(rng, actorRate, n, true, dim, h, h, 1)}
	for range critics(opt.TD3) {
		a.critics = append(a.critics, newLearner(rng, criticRate, n, false, dim+1, h, h, 1))
	}
	a.one = a.actor.net.tape(1)
	a.rewards, a.done, a.target = make([]float64, n), make([]bool, n), make([]float32, n)
	a.states, a.nexts, a.actions = make([]float32, n*dim), make([]float32, n*dim), make([]float32, n)
	return a
}

func critics(td3 bool) int {
	if td3 {
		return 2
	}
	return 1
}

// act returns the actor's action.
func (a *ddpg) act(state []float32) float64 {
	copy(a.one.values[0], state)
	return float64(a.actor.net.forward(a.one, 1)[0])
}

// explore returns an action for an episode: uniform while warming up, then the
// actor's with noise from a normal distribution truncated to [0, 1].
func (a *ddpg) explore(state []float32, episode int) float64 {
	if a.spread[0] > 0 {
		return a.near(state, episode)
	}
	if episode < a.opt.Warmup {
		return a.rng.Float64()
	}
	part := float64(episode-a.opt.Warmup) / float64(a.opt.Episodes-a.opt.Warmup)
	sigma := noiseStart * math.Pow(noiseEnd/noiseStart, part)
	return truncated(a.rng, a.act(state), sigma)
}

// near returns an action for an episode of a search with a prior: noise about the prior
// while warming up, then about the actor's action, which is the prior's until it has learnt.
func (a *ddpg) near(state []float32, episode int) float64 {
	mean := 0.5
	if episode >= a.opt.Warmup {
		mean = a.act(state)
	}
	part := max(0, float64(episode-a.opt.Warmup)/float64(a.opt.Episodes-a.opt.Warmup))
	return truncated(a.rng, mean, a.spread[0]*math.Pow(a.spread[1]/a.spread[0], part))
}

// truncated draws from a normal distribution within [0, 1].
func truncated(rng *rand.Rand, mean, sigma float64) float64 {
	for range 64 {
		if x := mean + sigma*rng.NormFloat64(); x >= 0 && x <= 1 {
			return x
		}
	}
	return min(max(mean, 0), 1)
}

// learn makes n updates.
func (a *ddpg) learn(n int) {
	if len(a.memory.ring) < a.opt.Batch {
		return
	}
	for range n {
		a.sample()
		a.targets()
		for i := range a.critics {
			a.criticStep(&a.critics[i])
		}
		a.updates++
		if a.opt.TD3 && a.updates%actorDelay != 0 {
			continue
		}
		a.actorStep()
		a.actor.target.approach(a.actor.net, targetRate)
		for i := range a.critics {
			a.critics[i].target.approach(a.critics[i].net, targetRate)
		}
	}
}

// sample draws a batch and follows its mean reward.
func (a *ddpg) sample() {
	total := 0.0
	for i := range a.opt.Batch {
		t := a.memory.sample(a.rng)
		copy(a.states[i*a.dim:(i+1)*a.dim], t.state)
		copy(a.nexts[i*a.dim:(i+1)*a.dim], t.next)
		a.rewards[i], a.done[i], a.actions[i], a.scores[i] = t.reward, t.done, t.action, t.score
		if a.relabel != nil && t.steps != nil {
			a.actions[i] = a.relabel(t)
		}
		total += t.reward
	}
	batch := total / float64(a.opt.Batch)
	if !a.seen {
		a.baseline, a.seen = batch, true
	}
	a.baseline += baselineRate * (batch - a.baseline)
}

// targets computes y = r − baseline + (1 − done)·Q'(s', μ'(s')), with the lesser
// of two critics and a smoothed action for TD3.
func (a *ddpg) targets() {
	n := a.opt.Batch
	copy(a.actor.targetTape.values[0], a.nexts)
	next := a.actor.target.forward(a.actor.targetTape, n)
	if a.opt.TD3 {
		for i := range next {
			noise := min(max(smoothing*a.rng.NormFloat64(), -smoothClip), smoothClip)
			next[i] = float32(min(max(float64(next[i])+noise, 0), 1))
		}
	}
	for c := range a.critics {
		t := a.critics[c].targetTape
		a.join(t.values[0], a.nexts, next)
		for i, q := range a.critics[c].target.forward(t, n) {
			if a.done[i] {
				q = 0
			}
			if y := float32(a.rewards[i]-a.baseline) + q; c == 0 || y < a.target[i] {
				a.target[i] = y
			}
		}
	}
}

// join writes rows of state and action.
func (a *ddpg) join(dst, states, actions []float32) {
	for i := range a.opt.Batch {
		row := dst[i*(a.dim+1) : (i+1)*(a.dim+1)]
		copy(row, states[i*a.dim:(i+1)*a.dim])
		row[a.dim] = actions[i]
	}
}

// criticStep descends the mean squared error to the targets.
func (a *ddpg) criticStep(c *learner) {
	n := a.opt.Batch
	a.join(c.tape.values[0], a.states, a.actions)
	q := c.net.forward(c.tape, n)
	slopes := c.tape.slopes[len(c.tape.slopes)-1]
	for i := range q {
		slopes[i] = 2 * (q[i] - a.target[i]) / float32(n)
	}
	c.net.backward(c.tape, n, true)
	c.adam.step(c.net, c.tape.grad)
}

// actorStep ascends the critic's value of the actor's actions.
func (a *ddpg) actorStep() {
	n := a.opt.Batch
	copy(a.actor.tape.values[0], a.states)
	actions := a.actor.net.forward(a.actor.tape, n)
	c := &a.critics[0]
	a.join(c.tape.values[0], a.states, actions)
	c.net.forward(c.tape, n)
	slopes := c.tape.slopes[len(c.tape.slopes)-1]
	for i := range n {
		slopes[i] = -1 / float32(n)
	}
	inputs := c.net.backward(c.tape, n, false)
	down := a.actor.tape.slopes[len(a.actor.tape.slopes)-1]
	for i := range n {
		down[i] = inputs[i*(a.dim+1)+a.dim]
		if a.scores[i] >= a.elite {
			down[i] += imitation * 2 * (actions[i] - a.actions[i]) / float32(n)
		}
	}
	a.actor.net.backward(a.actor.tape, n, true)
	a.actor.adam.step(a.actor.net, a.actor.tape.grad)
}
