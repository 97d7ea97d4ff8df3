package autoq

import "bitcycle/quantizers/autoq"

// Plan is how much of an experiment is done.
type Plan struct {
	Seeds       int // of the agents
	Agent       autoq.AgentOptions
	AgentImages int // reward images of the agents; 0 = all
	Moves       int // of aware
	// Budgets between the price of two bits (0) and of eight (1), those below 0
	// between two bits and the least there is (−1): of the agents and of the
	// allocators.
	AgentBudgets, Budgets []float64
	// Metrics are what the allocators' budgets limit, in turn.
	Metrics []autoq.Metric
}

var both = []autoq.Metric{autoq.Cycles, autoq.Energy}

// QuickPlan is for two minutes.
func QuickPlan() Plan {
	return Plan{
		Seeds: 1, Agent: autoq.AgentOptions{Episodes: 32, Warmup: 8, Hidden: 64, Updates: 16}, Moves: 24,
		AgentBudgets: []float64{0.12, 0.3, 0.5}, Budgets: []float64{-0.3, 0, 0.04, 0.1, 0.25}, Metrics: both,
	}
}

// FullPlan is three seeds and enough budgets to draw a staircase.
func FullPlan() Plan {
	return Plan{
		Seeds: 3, Agent: autoq.AgentOptions{Episodes: 60, Warmup: 15, Hidden: 64, Updates: 60}, AgentImages: 128, Moves: 240,
		AgentBudgets: []float64{0.06, 0.13, 0.23, 0.38, 0.6}, Budgets: []float64{0, 0.05, 0.1, 0.16, 0.24, 0.36}, Metrics: both,
	}
}

func (p *Plan) fractions(algorithm string) []float64 {
	if learns(algorithm) {
		return p.AgentBudgets
	}
	return p.Budgets
}

func (p *Plan) options(t *task) autoq.Options {
	return autoq.Options{Algorithm: t.algorithm, Seed: t.seed, Agent: p.Agent, Moves: p.Moves}
}
