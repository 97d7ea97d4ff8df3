package autoq

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// An agent finds the best action of a one-step problem, r = −(a − 0.3)², in 500
// updates, with one critic and with two.
func TestBandit(t *testing.T) {
	for _, td3 := range []bool{false, true} {
		a := newDDPG(AgentOptions{TD3: td3, Hidden: 100}.withDefaults(), 1, 3, 2000)
		state := []float32{0.2, 0.5, 1}
		for range 500 {
			u := a.rng.Float64()
			a.memory.add(transition{state: state, next: state, action: float32(u), reward: -(u - 0.3) * (u - 0.3), done: true})
		}
		updates := 500
		if td3 {
			updates *= actorDelay // half of them move the actor
		}
		a.learn(updates)
		if got := a.act(state); math.Abs(got-0.3) > 0.05 {
			t.Errorf("TD3 %v: action %.3f, want 0.3", td3, got)
		}
	}
}

func TestLearningDoesNotAllocate(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector drops pooled memory")
	}
	a := newDDPG(AgentOptions{Hidden: 32}.withDefaults(), 1, 3, 100)
	for range 100 {
		s := []float32{a.rng.Float32(), 0, 1}
		a.memory.add(transition{state: s, next: s, action: 0.5})
	}
	a.learn(3)
	if n := testing.AllocsPerRun(20, func() { a.learn(1) }); n >= 1 {
		t.Errorf("%v allocations an update", n)
	}
}

// Gradients of weights and inputs agree with differences.
func TestGradients(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	m := newMLP(rng, true, 4, 6, 5, 1)
	for i := range m.w {
		m.w[i] = float32(rng.NormFloat64() / 2)
	}
	const n = 3
	x := make([]float32, n*4)
	for i := range x {
		x[i] = rng.Float32()
	}
	tp := m.tape(n)
	loss := func() float64 {
		copy(tp.values[0], x)
		sum := 0.0
		for _, y := range m.forward(tp, n) {
			sum += float64(y) * float64(y)
		}
		return sum
	}
	loss()
	last := len(tp.values) - 1
	for i, y := range tp.values[last] {
		tp.slopes[last][i] = 2 * y
	}
	inputs := append([]float32(nil), m.backward(tp, n, true)...)
	check := func(name string, values, gradients []float32) {
		const step = 1e-2
		for i := range values {
			was := values[i]
			values[i] = was + step
			up := loss()
			values[i] = was - step
			down := loss()
			values[i] = was
			if d := (up - down) / (2 * step); math.Abs(d-float64(gradients[i])) > 2e-3+0.02*math.Abs(d) {
				t.Errorf("%s %d: gradient %v, differences %v", name, i, gradients[i], d)
			}
		}
	}
	check("weight", m.w, append([]float32(nil), tp.grad...))
	check("input", x, inputs)
}

// When the low-level agent puts out its goal whatever it sees, the goal that
// explains what it did best is the mean of what it did.
func TestRelabelFindsTheAchievedMean(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	steps := []decision{{bits: 3}, {bits: 4}, {bits: 3}, {bits: 2}, {bits: 5}}
	obey := func(goals []float64) []float64 {
		var out []float64
		for _, g := range goals {
			for range steps {
				out = append(out, g)
			}
		}
		return out
	}
	if got := relabel(rng, 7, steps, obey); got != 3.4 {
		t.Errorf("goal %v, want 3.4", got)
	}
	// One that can only do 3 bits was given any goal: the given one stays.
	stuck := func(goals []float64) []float64 {
		out := obey(goals)
		for i := range out {
			out[i] = 3
		}
		return out
	}
	if got := relabel(rng, 7, steps, stuck); got != 7 {
		t.Errorf("goal %v, want the one given, 7", got)
	}
}

func TestExtrinsicReward(t *testing.T) {
	g := &Guarantee{Latency: 0.03, Energy: 0.05, Floor: 0.9}
	base := Extrinsic(0.92, 0.8, 0.6, g)
	if d := Extrinsic(0.92, 0.4, 0.6, g) - base; math.Abs(d-0.03*math.Ln2) > 1e-12 {
		t.Errorf("half the latency adds %v, want %v", d, 0.03*math.Ln2)
	}
	if d := Extrinsic(0.92, 0.8, 0.3, g) - base; math.Abs(d-0.05*math.Ln2) > 1e-12 {
		t.Errorf("half the energy adds %v, want %v", d, 0.05*math.Ln2)
	}
	below := Extrinsic(0.88, 0.8, 0.6, g)
	smooth := base + 2*math.Log(0.88/0.92)
	if math.Abs(smooth-below-0.2) > 1e-12 {
		t.Errorf("0.02 below the floor costs %v, want 0.2", smooth-below)
	}
	if got := Extrinsic(0.5, 0.1, 0.1, nil); got != math.Log(0.5) {
		t.Errorf("within a budget the reward is %v, want ln accuracy", got)
	}
	if got := Intrinsic(0.25, 5, 3, 0.7, 0.5); math.Abs(got-(-0.75*2/8+0.25*0.2)) > 1e-12 {
		t.Errorf("intrinsic reward %v", got)
	}
}

// On a small problem of formulas the hierarchy beats the flat agent, and shaping
// reaches a reward earlier, in the mean of three seeds.
func TestHierarchyBeatsFlat(t *testing.T) {
	best, reached := map[string]float64{}, map[string]float64{}
	for _, algorithm := range []string{"autoq", "autoq-plain", "flat"} {
		for seed := range uint64(3) {
			r, err := Run(context.Background(), toy(4, 16, 8, 4), Options{
				Algorithm: algorithm, Budget: 0.4, Seed: seed,
				Agent: AgentOptions{Episodes: 120, Warmup: 24, Hidden: 32, Updates: 40, Batch: 32},
			})
			if err != nil {
				t.Fatal(err)
			}
			best[algorithm] += r.Accuracy / 3
			reached[algorithm] += float64(episodesTo(r.Rewards, 0.6)) / 3
		}
	}
	t.Logf("best accuracy %.3v, episodes %.3v", best, reached)
	if best["autoq"] <= best["flat"] {
		t.Errorf("hierarchy %.3f, flat %.3f", best["autoq"], best["flat"])
	}
	if reached["autoq"] >= reached["autoq-plain"] {
		t.Errorf("reached after %.0f episodes with shaping, %.0f without", reached["autoq"], reached["autoq-plain"])
	}
}

// episodesTo counts the episodes until the mean of ten reaches a level.
func episodesTo(rewards []float64, level float64) int {
	sum := 0.0
	for e, r := range rewards {
		if sum += r; e >= 10 {
			sum -= rewards[e-10]
		}
		if sum/10 >= level {
			return e
		}
	}
	return len(rewards)
}

// Where accuracy is guaranteed the best policy stands above the floor and is
// cheaper than 8 bits.
func TestGuarantee(t *testing.T) {
	r, err := Run(context.Background(), toy(3, 4, 4, 2), Options{Algorithm: "autoq", Seed: 1, Prior: true, Agent: AgentOptions{
		Episodes: 80, Warmup: 20, Hidden: 16, Updates: 20, Batch: 16, Guarantee: &Guarantee{Latency: 0.05, Energy: 0.05, Floor: 0.95},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Accuracy < 0.95 || r.Latency > 0.8 {
		t.Errorf("accuracy %.3f at latency %.3f", r.Accuracy, r.Latency)
	}
}

// Rebalanced episodes stay within budget, leave what the agents remember as it was
// executed, and find policies as accurate as limited ones.
func TestRebalance(t *testing.T) {
	for _, budget := range []float64{0.05, 0.2, 0.9} {
		p := toy(4, 12, 4, 2)
		agent := AgentOptions{Episodes: 60, Warmup: 15, Hidden: 32, Updates: 40, Batch: 32}
		accuracy := map[bool]float64{}
		for _, even := range []bool{false, true} {
			r, err := Run(context.Background(), p, Options{Algorithm: "autoq", Budget: budget, Seed: 1, Agent: agent, Rebalance: even})
			if err != nil {
				t.Fatal(err)
			}
			if r.Latency > budget {
				t.Errorf("budget %v: %v", budget, r.Latency)
			}
			accuracy[even] = r.Accuracy
		}
		if accuracy[true] < 0.9*accuracy[false] {
			t.Errorf("budget %v: accuracy %v rebalanced, %v limited", budget, accuracy[true], accuracy[false])
		}
	}
}

// The factor is the largest that the budget allows, the widths of a layer keep its mean,
// and what is remembered is what was executed.
func TestRebalanceRemembersWhatWasExecuted(t *testing.T) {
	p := toy(3, 6, 2, 1)
	h := &hierarchy{p: p, budget: 0.25, see: p.observer(false)}
	policy := p.Uniform(MaxBits, MaxBits)
	var high []transition
	var layers []layerSteps
	for i := range p.Layers {
		high = append(high, transition{center: 0.7, real: 7.2}, transition{center: 0.6, action: 5.5 / MaxBits, steps: []decision{{bits: 6}}})
		low := layerSteps{goal: 5.5}
		for k := range h.see.order[i] {
			low.steps = append(low.steps, transition{center: 0.4, real: 5 + float64(k)/5})
		}
		layers = append(layers, low)
	}
	factor := h.affordable(policy, high, layers)
	h.scale(policy, high, layers, factor+0.001)
	if got := p.PriceOf(policy); got <= h.budget {
		t.Errorf("a factor of %v fits as well: %v", factor+0.001, got)
	}
	h.rebalance(policy, high, layers)
	if got := p.PriceOf(policy); got > h.budget || factor <= 0.1 || factor >= 1 {
		t.Errorf("price %v of a budget of %v, factor %v", got, h.budget, factor)
	}
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-5 }
	for i := range p.Layers {
		mean := high[2*i+1]
		if !near(layers[i].goal, 5.5*factor) || !near(MaxBits*mean.center.action(float64(mean.action)), layers[i].goal) || !near(mean.steps[0].bits, 6*factor) {
			t.Errorf("layer %d: goal %v, want %v", i, layers[i].goal, 5.5*factor)
		}
		lo, hi := p.acts(i)
		if x := high[2*i].center.real(float64(high[2*i].action), lo, hi); !near(x, 7.2*factor) || policy.Acts[i] != uint8(math.Round(x)) {
			t.Errorf("layer %d: input at %d bits is remembered as %v", i, policy.Acts[i], x)
		}
		lo, hi = p.weights(i)
		sum := 0.0
		for k, j := range h.see.order[i] {
			step := &layers[i].steps[k]
			if x := step.center.real(float64(step.action), lo, hi); !near(x, factor*step.real) || math.Abs(x-float64(policy.Weights[i][j])) > 1 {
				t.Errorf("layer %d, channel %d: %d bits are remembered as %v, want %v", i, j, policy.Weights[i][j], x, factor*step.real)
			}
			sum += factor*step.real - float64(policy.Weights[i][j])
		}
		if math.Abs(sum) > 0.5+1e-9 {
			t.Errorf("layer %d: the widths miss their sum by %v", i, sum)
		}
	}
}

// An action's output is the action again, about any center.
func TestCenters(t *testing.T) {
	for _, c := range []center{nowhere, centered(0), centered(1), 0.3} {
		for u := 0.0; u <= 1; u += 1.0 / 64 {
			x := c.action(u)
			if got := c.output(x); math.Abs(got-u) > 1e-12 || x < 0 || x > 1 || c == nowhere && x != u || u == 0.5 && x != float64(c) {
				t.Errorf("center %v: output %v, action %v, output %v", c, u, x, got)
			}
		}
	}
}
