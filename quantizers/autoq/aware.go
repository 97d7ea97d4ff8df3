package autoq

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
)

// AwareOptions tell how far Aware refines.
type AwareOptions struct {
	// Moves is how many policies it measures at most; 0 = two surveys and 60 more.
	Moves int
	// Progress is called with the policies measured and the best accuracy.
	Progress func(done, total int, best float64)
}

// Aware allocates with the array in view. Channels are ordered by sensitivity and
// cut into tiles of the channels that the array works on in step, so that no lane
// waits for another: this order is what an array that sorts its channels runs. It
// starts from the best, by measured accuracy, of what the other allocators make of
// the budget, every tile raised to its widest channel and what is left spent,
// beginning with widths that the machine rounds up to in any case. Then it
//
//   - surveys the policy: measures what a bit more or less of each layer's weights
//     and input does to it, corrects the sensitivities by that, and allocates anew
//     within two bits of it, as long as this helps;
//   - trades one width against another, of weights or of inputs, pruning included,
//     as long as measured accuracy improves within the real budget. A change that
//     makes the policy cheaper is kept when accuracy does not fall.
//
// Energy is paid channel by channel. Under a budget of energy the new allocations are
// made by channel as well.
func (p *Problem) Aware(ctx context.Context, budget float64, opt AwareOptions) (*Policy, error) {
	if opt.Moves == 0 {
		opt.Moves = 60 + 2*p.probes()
	}
	if err := p.affordable(budget); err != nil {
		return nil, err
	}
	r := refinement{p: p, budget: budget, opt: opt}
	if err := r.run(ctx); err != nil && (ctx.Err() == nil || r.best() == nil) {
		return nil, err
	}
	return r.best(), nil // interrupted: the best so far
}

// refinement is a policy under improvement.
type refinement struct {
	p      *Problem
	budget float64
	opt    AwareOptions
	units  [][]unit
	knobs  []knob
	tiled  candidate // one width for the channels of a tile
	loose  candidate // channels of a tile may differ
	done   int
}

// candidate is the best policy of a kind.
type candidate struct {
	policy *Policy
	acc    float64
	cost   float64

	surveyed *Policy // the one that was surveyed last
	surveys  int
}

// better reports whether a policy is more accurate, or as accurate and cheaper.
func (c *candidate) better(acc, cost float64) bool {
	return c.policy == nil || acc > c.acc || acc == c.acc && cost < c.cost
}

func (r *refinement) best() *Policy {
	if l := &r.loose; l.policy != nil && r.tiled.better(l.acc, l.cost) {
		return l.policy
	}
	return r.tiled.policy
}

func (r *refinement) run(ctx context.Context) error {
	if err := r.start(ctx); err != nil {
		return err
	}
	for _, improve := range []func(context.Context) (bool, error){r.settle, r.round} {
		for moved := true; moved && r.done < r.opt.Moves; {
			var err error
			if moved, err = improve(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// see expects the losses of a landscape by tiles from now on.
func (r *refinement) see(l *landscape) { r.units, r.knobs = l.units, r.p.knobs(l.units, l.acts) }

// start considers what the allocators find.
func (r *refinement) start(ctx context.Context) error {
	costs := r.p.wideTable()
	r.see(r.p.landscape(ByTile, costs))
	lagrange := func(grain Grain) func(float64) (*Policy, error) {
		return func(budget float64) (*Policy, error) { return r.p.lagrange(r.p.landscape(grain, costs), budget), nil }
	}
	greedy := func(budget float64) (*Policy, error) { return r.p.Greedy(ByTile, budget) }
	for _, allocate := range []func(budget float64) (*Policy, error){
		lagrange(ByTile), lagrange(ByLayer), lagrange(ByChannel), greedy, r.p.HAWQ, r.p.networkwise,
	} {
		policy, err := allocate(r.budget)
		if errors.Is(err, ErrBudget) {
			continue
		}
		if err == nil {
			err = r.from(ctx, policy)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// from considers a policy, and what becomes of it when its tiles have one width
// each, if that is within budget, and all of the budget is spent.
func (r *refinement) from(ctx context.Context, policy *Policy) error {
	kind := &r.tiled
	aligned := policy.Clone()
	if r.align(aligned) {
		kind = &r.loose
	}
	if err := r.consider(ctx, kind, policy); err != nil || r.p.PriceOf(aligned) > r.budget {
		return err
	}
	r.p.spend(ctx, aligned, r.knobs, r.budget)
	return r.consider(ctx, &r.tiled, aligned)
}

// align raises every channel to the widest of its tile and tells whether that
// changed anything.
func (r *refinement) align(policy *Policy) bool {
	changed := false
	for i := range r.units {
		for k := range r.units[i] {
			u := &r.units[i][k]
			lo, hi := u.span(policy)
			u.set(policy, hi)
			changed = changed || lo < hi
		}
	}
	return changed
}

// consider measures a policy and keeps it if it is within budget and better.
func (r *refinement) consider(ctx context.Context, kind *candidate, policy *Policy) error {
	cost := r.p.PriceOf(policy)
	if cost > r.budget {
		return nil
	}
	acc, err := r.p.accuracy(ctx, policy)
	if err == nil && kind.better(acc, cost) {
		kind.policy, kind.acc, kind.cost = policy.Clone(), acc, cost
	}
	r.step()
	return err
}

// step counts a policy that was measured.
func (r *refinement) step() {
	if r.done++; r.opt.Progress != nil {
		r.opt.Progress(min(r.done, r.opt.Moves), r.opt.Moves, max(r.tiled.acc, r.loose.acc))
	}
}

// settle surveys the policy by tiles if it is new, under a budget of energy the
// loose one in turn, and allocates anew around it, unless that leaves less than a
// sixth of the moves for exchanges. It reports whether it did.
func (r *refinement) settle(ctx context.Context) (bool, error) {
	from := &r.tiled
	if l := &r.loose; r.p.Metric == Energy && l.policy != l.surveyed && (from.policy == from.surveyed || l.surveys < from.surveys) {
		from = l
	}
	if from.policy == from.surveyed || r.done+r.p.probes() > r.opt.Moves*5/6 {
		return false, nil
	}
	from.surveyed = from.policy
	from.surveys++
	s, err := r.p.survey(ctx, from.policy, func(ctx context.Context, policy *Policy) (float64, error) {
		acc, err := r.p.accuracy(ctx, policy)
		r.step()
		return -math.Log(max(acc, math.SmallestNonzeroFloat64)), err
	})
	if err == nil {
		err = r.around(ctx, s, &r.tiled, ByTile)
	}
	if err == nil && r.p.Metric == Energy {
		err = r.around(ctx, s, &r.loose, ByChannel)
	}
	return true, err
}

// around allocates within one bit and within two of a surveyed policy.
func (r *refinement) around(ctx context.Context, s *survey, kind *candidate, grain Grain) error {
	for reach := 1; reach <= surveyed; reach++ {
		l := s.landscape(r.p, grain, reach)
		policy := r.p.lagrange(l, r.budget)
		r.p.spend(ctx, policy, r.p.knobs(l.units, l.acts), r.budget)
		if err := r.consider(ctx, kind, policy); err != nil {
			return err
		}
		if grain == ByTile {
			r.see(l)
		}
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
	now := r.tiled
	up := slices.Concat(r.p.steps(now.policy, r.knobs, 1, 2)...)
	down := slices.Concat(r.p.steps(now.policy, r.knobs, -1, 2)...)
	tried := 0
	for _, x := range r.exchanges(up, down) {
		trial := now.policy.Clone()
		x.a.knob.set(trial, x.a.to)
		if x.b != nil {
			x.b.knob.set(trial, x.b.to)
		}
		cost := r.p.PriceOf(trial)
		if acc, known := r.p.Known[trial.Key()]; cost > r.budget || known && !now.better(acc, cost) {
			continue
		}
		if err := r.consider(ctx, &r.tiled, trial); err != nil {
			return false, err
		}
		if r.tiled.policy != now.policy {
			return true, nil
		}
		if tried++; tried >= patience || r.done >= r.opt.Moves {
			return false, nil
		}
	}
	return false, nil
}

// exchanges pairs moves up with moves down that pay for them, by expected loss.
func (r *refinement) exchanges(up, down []move) []exchange {
	left := r.budget - r.tiled.cost
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
	out = slices.DeleteFunc(out, func(x exchange) bool { return math.IsNaN(x.loss) || math.IsInf(x.loss, 0) }) // out of reach
	slices.SortStableFunc(out, func(x, y exchange) int { return cmp.Compare(x.loss, y.loss) })
	return out
}
