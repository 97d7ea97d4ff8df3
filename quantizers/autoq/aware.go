package autoq

import (
	"context"
	"slices"
)

// AwareOptions tell how far Aware refines.
type AwareOptions struct {
	// Moves is how many policies it measures; 0 = 60.
	Moves int
	// Progress is called with the policies measured and the best accuracy.
	Progress func(done, total int, best float64)
}

// Aware allocates with the array in view. Kernels are ordered by sensitivity and
// cut into tiles of the kernels that the array works on in step, so that no lane
// waits for another: this order is what an array that sorts its kernels runs. It
// starts from the best, by measured accuracy, of the greedy, the tile-wise and the
// layer-wise Lagrangian allocation and the kernel-wise one with every tile raised
// to its widest kernel, which costs no cycle; spends what is left of the budget,
// beginning with widths that the machine rounds up to in any case; and then
// trades one width against another, of weights or of inputs, pruning included,
// as long as measured accuracy improves within the real budget. A change that
// makes the policy cheaper is kept when accuracy does not fall.
func (p *Problem) Aware(ctx context.Context, budget float64, opt AwareOptions) (*Policy, error) {
	if opt.Moves == 0 {
		opt.Moves = 60
	}
	if err := p.affordable(budget); err != nil {
		return nil, err
	}
	r := refinement{p: p, budget: budget, opt: opt, units: p.units(ByTile)}
	r.knobs = p.knobs(r.units)
	if err := r.start(ctx); err != nil {
		return nil, err
	}
	for r.done < opt.Moves {
		moved, err := r.round(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return r.policy, nil // interrupted: the best so far
			}
			return nil, err
		}
		if !moved {
			break
		}
	}
	return r.policy, nil
}

// refinement is a policy under improvement.
type refinement struct {
	p      *Problem
	budget float64
	opt    AwareOptions
	units  [][]unit
	knobs  []knob
	policy *Policy
	acc    float64
	cost   float64
	done   int
}

// start considers what the allocators find.
func (r *refinement) start(ctx context.Context) error {
	for _, grain := range []Grain{ByTile, ByLayer, ByKernel} {
		policy, err := r.p.Lagrange(grain, r.budget)
		if err != nil {
			return err
		}
		if err := r.from(ctx, policy, grain != ByKernel); err != nil {
			return err
		}
	}
	policy, err := r.p.Greedy(ByTile, r.budget)
	if err != nil {
		return err
	}
	return r.from(ctx, policy, true)
}

// from considers a policy, if its tiles are of one width each, and what becomes of
// it when all of the budget is spent.
func (r *refinement) from(ctx context.Context, policy *Policy, aligned bool) error {
	if aligned {
		if err := r.consider(ctx, policy); err != nil {
			return err
		}
	} else if r.align(policy); r.p.PriceOf(policy) > r.budget {
		return nil // the array does not work in such tiles
	}
	r.p.spend(policy, r.knobs, r.budget)
	return r.consider(ctx, policy)
}

// align raises every kernel to the widest of its tile.
func (r *refinement) align(policy *Policy) {
	for i := range r.units {
		for k := range r.units[i] {
			u := &r.units[i][k]
			widest := uint8(0)
			for _, j := range u.kernels {
				widest = max(widest, policy.Weights[i][j])
			}
			u.set(policy, widest)
		}
	}
}

// consider measures a policy and keeps it if it is better, or as good and cheaper.
func (r *refinement) consider(ctx context.Context, policy *Policy) error {
	acc, err := r.p.accuracy(ctx, policy)
	if err != nil {
		return err
	}
	r.done++
	cost := r.p.PriceOf(policy)
	if r.policy == nil || acc > r.acc && cost <= r.budget || acc >= r.acc && cost < r.cost {
		r.policy, r.acc, r.cost = policy.Clone(), acc, cost
	}
	if r.opt.Progress != nil {
		r.opt.Progress(min(r.done, r.opt.Moves), r.opt.Moves, r.acc)
	}
	return nil
}

// exchange is a pair of moves, or one with a nil partner.
type exchange struct {
	a, b *move
	loss float64
}

// patience is how many exchanges a round measures before it gives up.
const patience = 24

// round measures exchanges, the most promising first, until one is kept.
func (r *refinement) round(ctx context.Context) (bool, error) {
	up, down := r.p.moves(r.policy, r.knobs, 2)
	tried := 0
	for _, x := range r.exchanges(up, down) {
		trial := r.policy.Clone()
		x.a.knob.set(trial, x.a.to)
		if x.b != nil {
			x.b.knob.set(trial, x.b.to)
		}
		if _, known := r.p.Known[trial.Key()]; known && r.rejected(trial) || r.p.PriceOf(trial) > r.budget {
			continue
		}
		before := r.policy
		if err := r.consider(ctx, trial); err != nil {
			return false, err
		}
		if r.policy != before {
			return true, nil
		}
		if tried++; tried >= patience || r.done >= r.opt.Moves {
			return false, nil
		}
	}
	return false, nil
}

// rejected reports whether a measured policy is no improvement.
func (r *refinement) rejected(trial *Policy) bool {
	acc := r.p.Known[trial.Key()]
	return acc < r.acc || acc == r.acc && r.p.PriceOf(trial) >= r.cost
}

// exchanges pairs moves up with moves down that pay for them, by expected loss.
func (r *refinement) exchanges(up, down []move) []exchange {
	left := r.budget - r.cost
	var out []exchange
	for i := range up {
		u := &up[i]
		if u.cost <= left {
			out = append(out, exchange{u, nil, u.loss})
		}
		for j := range down {
			d := &down[j]
			if d.knob != u.knob && u.cost > left && u.cost+d.cost <= left {
				out = append(out, exchange{u, d, u.loss + d.loss})
			}
		}
	}
	for j := range down {
		if d := &down[j]; d.cost < 0 {
			out = append(out, exchange{d, nil, d.loss})
		}
	}
	slices.SortStableFunc(out, func(x, y exchange) int {
		switch {
		case x.loss < y.loss:
			return -1
		case x.loss > y.loss:
			return 1
		}
		return 0
	})
	return out
}
