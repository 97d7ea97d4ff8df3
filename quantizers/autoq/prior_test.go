package autoq

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// learnable is a problem of ten layers whose best uniform widths are far from the best.
func learnable(seed uint64) *Problem {
	p := toy(10, 16, 8, 4+seed)
	p.Limits.WeightMin, p.Limits.ActMin = 2, 2
	return p
}

func searched(t *testing.T, p *Problem, o Options) *Result {
	t.Helper()
	o.Budget, o.Rebalance = 0.25, true
	o.Agent = AgentOptions{Episodes: 100, Warmup: 25, Hidden: 64, Updates: 60, Batch: 64}
	r, err := Run(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// The last twenty episodes are better than the best tenth of the warm-up, also than those
// before the noise has decayed, and the best is above every uniform policy and, in the
// mean of four seeds, above what the same search finds without updates.
func TestAgentsLearn(t *testing.T) {
	learnt, frozen := 0.0, 0.0
	for seed := range uint64(4) {
		r := searched(t, learnable(seed), Options{Algorithm: "autoq", Seed: seed, Prior: true})
		still := searched(t, learnable(seed), Options{Algorithm: "autoq", Seed: seed, Prior: true, Frozen: true})
		learnt, frozen = learnt+r.Accuracy/4, frozen+still.Accuracy/4
		warm := slices.Sorted(slices.Values(r.Rewards[:25]))
		last := mean(r.Rewards[80:])
		uniform := bestUniform(t, learnable(seed), 0.25)
		t.Logf("seed %d: warm-up's best tenth %.3f, then by 25 %.3f %.3f %.3f, last 20 %.3f; best %.3f, frozen %.3f, uniform %.3f", seed, warm[22],
			mean(r.Rewards[25:50]), mean(r.Rewards[50:75]), mean(r.Rewards[75:]), last, r.Accuracy, still.Accuracy, uniform)
		if last <= warm[22] || last < mean(r.Rewards[50:75])-0.03 || r.Accuracy <= uniform {
			t.Errorf("seed %d: the last 20 have %.3f, the warm-up's best tenth %.3f, those before %.3f; best %.3f, uniform %.3f", seed, last, warm[22], mean(r.Rewards[50:75]), r.Accuracy, uniform)
		}
	}
	if learnt <= frozen {
		t.Errorf("updates add nothing: %.3f with, %.3f without", learnt, frozen)
	}
}

func bestUniform(t *testing.T, p *Problem, budget float64) float64 {
	t.Helper()
	prior, err := p.priors(context.Background(), budget, nil)
	if err != nil || len(prior.policies) == 0 {
		t.Fatalf("%d uniform policies, %v", len(prior.policies), err)
	}
	for i, policy := range prior.policies {
		if price := p.PriceOf(policy); price > budget || prior.accuracy[i] > prior.accuracy[prior.best] {
			t.Errorf("a uniform policy of accuracy %v costs %v", prior.accuracy[i], price)
		}
	}
	return prior.accuracy[prior.best]
}

// No search with a prior ends below the best of all uniform widths within its budget.
func TestPriorIsAFloor(t *testing.T) {
	for _, algorithm := range Algorithms {
		for seed := range uint64(2) {
			p := toy(4, 8, 4, seed)
			p.Limits.WeightMin, p.Limits.ActMin = 1, 1
			const budget = 0.2
			best := 0.0
			for w := uint8(1); w <= MaxBits; w++ {
				for a := uint8(1); a <= MaxBits; a++ {
					if policy := p.Uniform(w, a); p.PriceOf(policy) <= budget {
						accuracy, err := p.accuracy(context.Background(), policy)
						if err != nil {
							t.Fatal(err)
						}
						best = max(best, accuracy)
					}
				}
			}
			r, err := Run(context.Background(), p, Options{
				Algorithm: algorithm, Budget: budget, Seed: seed, Prior: true,
				Agent: AgentOptions{Episodes: 6, Warmup: 2, Hidden: 8, Updates: 4, Batch: 8},
			})
			if err != nil {
				t.Fatal(err)
			}
			if r.Accuracy < best || r.Latency > budget {
				t.Errorf("%s: accuracy %.4f at %.4f, the best uniform widths have %.4f", algorithm, r.Accuracy, r.Latency, best)
			}
		}
	}
}

// A network that says hardly more than chance is refused, one that says more is not.
func TestDeadNetworksAreRefused(t *testing.T) {
	for agrees, dead := range map[float64]bool{0.1: true, 0.14: true, 0.16: false, 0.9: false} {
		m := &Method{Spec: "autoq:budget=0.01", Result: &Result{Policy: &Policy{}}}
		p := &Problem{agreement: func(context.Context, *Policy) (float64, float64, error) { return agrees, 0.1, nil }}
		err := m.alive(context.Background(), p)
		if dead != (err != nil) || dead && !strings.Contains(err.Error(), "give a larger budget") {
			t.Errorf("%v: %v", agrees, err)
		}
	}
}
