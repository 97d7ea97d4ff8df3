package autoq

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Algorithms are the names that [Run] knows.
var Algorithms = []string{"autoq", "autoq-plain", "autoq+", "haq", "haq+", "flat", "uniform", "greedy", "layer", "kernel", "tile", "hawq", "aware"}

// Options tell how a policy is searched.
type Options struct {
	Algorithm string
	Budget    float64 // of the metric of 8 bits everywhere
	Seed      uint64
	Agent     AgentOptions // of the learning algorithms
	Moves     int          // measured refinements of aware; 0 = its default
	// Rebalance lets AutoQ's agents decide freely and then scales all goals and widths
	// of an episode to the budget, instead of limiting them layer by layer.
	Rebalance bool
	// Prior begins with the best uniform policy within budget: agents decide about its
	// widths and remember it and its like, and no search ends below it.
	Prior bool
	// Frozen switches the agents' updates off: what is left is a random search.
	Frozen bool
	// Progress is called as the search goes on; nil for silence.
	Progress func(Progress)
}

// Progress is the state of a search.
type Progress struct {
	Done, Total int
	Best        float64 // accuracy of the best policy within budget
	Price       float64 // of that policy, relative to 8 bits everywhere
}

// Result is the outcome of a search.
type Result struct {
	Policy   *Policy
	Accuracy float64
	Cycles   int64
	EnergyPJ float64
	// Latency and Energy are relative to 8 bits everywhere.
	Latency, Energy float64
	// Rewards holds the accuracy of every episode of a learning algorithm.
	Rewards  []float64
	Measured int // policies whose accuracy was measured, not remembered
}

// NeedsSensitivity reports whether an algorithm goes by sensitivities.
func NeedsSensitivity(algorithm string) bool {
	return slices.Contains([]string{"greedy", "layer", "kernel", "tile", "hawq", "aware", "autoq+"}, algorithm)
}

// Learns reports whether an algorithm learns by episodes.
func Learns(algorithm string) bool {
	return slices.Contains([]string{"autoq", "autoq-plain", "autoq+", "haq", "haq+", "flat"}, algorithm)
}

// allocates reports whether an algorithm measures no policy on its way.
func allocates(algorithm string) bool {
	return slices.Contains([]string{"uniform", "greedy", "layer", "kernel", "tile", "hawq"}, algorithm)
}

// Run searches a policy. When ctx ends a learning algorithm or aware returns the
// best policy so far.
func Run(ctx context.Context, p *Problem, opt Options) (*Result, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	if opt.Progress == nil {
		opt.Progress = func(Progress) {}
	}
	before := p.measured
	policy, rewards, err := p.search(ctx, &opt)
	if err != nil {
		return nil, err
	}
	out := &Result{Policy: policy, Rewards: rewards}
	out.Accuracy, err = p.accuracy(context.WithoutCancel(ctx), policy)
	if err != nil {
		return nil, err
	}
	if opt.Prior && opt.Agent.Guarantee == nil {
		if err := p.raise(context.WithoutCancel(ctx), opt.Budget, out); err != nil {
			return nil, err
		}
		policy = out.Policy
	}
	out.Cycles, out.EnergyPJ = p.Price(policy)
	out.Latency, out.Energy = p.Relative(policy)
	out.Measured = p.measured - before
	return out, nil
}

// raise puts the best uniform policy within budget in place of a worse one.
func (p *Problem) raise(ctx context.Context, budget float64, out *Result) error {
	prior, err := p.priors(ctx, budget, nil)
	if err != nil || len(prior.policies) == 0 {
		return err
	}
	if best := prior.accuracy[prior.best]; best > out.Accuracy {
		out.Policy, out.Accuracy = prior.policies[prior.best], best
	}
	return nil
}

func (p *Problem) search(ctx context.Context, opt *Options) (*Policy, []float64, error) {
	var policy *Policy
	var err error
	switch opt.Algorithm {
	case "autoq", "autoq-plain", "autoq+":
		return p.hierarchical(ctx, opt)
	case "haq", "haq+":
		return p.layerwise(ctx, opt)
	case "flat":
		return p.flat(ctx, opt)
	case "uniform":
		policy, err = p.networkwise(opt.Budget)
	case "greedy":
		policy, err = p.Greedy(ByTile, opt.Budget)
	case "layer":
		policy, err = p.Lagrange(ByLayer, opt.Budget)
	case "kernel":
		policy, err = p.Lagrange(ByChannel, opt.Budget)
	case "tile":
		policy, err = p.Lagrange(ByTile, opt.Budget)
	case "hawq":
		policy, err = p.HAWQ(opt.Budget)
	case "aware":
		policy, err = p.Aware(ctx, opt.Budget, AwareOptions{Moves: opt.Moves, Progress: func(done, total int, best float64) {
			opt.Progress(Progress{Done: done, Total: total, Best: best, Price: opt.Budget})
		}})
	default:
		err = fmt.Errorf("no algorithm %q: want one of %s", opt.Algorithm, strings.Join(Algorithms, ", "))
	}
	return policy, nil, err
}

// networkwise returns the widest uniform policy within budget, of equal widths
// for weights and inputs or with inputs one bit wider.
func (p *Problem) networkwise(budget float64) (*Policy, error) {
	for b := p.Limits.WeightMax; b >= max(p.Limits.WeightMin, 1); b-- {
		for _, a := range []uint8{b + 1, b} {
			if policy := p.Uniform(b, a); p.PriceOf(policy) <= budget {
				return policy, nil
			}
		}
	}
	return nil, fmt.Errorf("%w: %.4g of the %v of 8 bits, no uniform width meets it", ErrBudget, budget, p.Metric)
}
