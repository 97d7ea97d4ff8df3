package autoq

import (
	"fmt"
	"math"
	"slices"
)

// Grain is what shares one width.
type Grain uint8

// The grains.
const (
	ByLayer   Grain = iota // all channels of a layer
	ByChannel              // each channel
	ByTile                 // channels that the array works on in step, alike in sensitivity
)

// unit is channels of a layer that share a width.
type unit struct {
	layer   int
	kernels []int
	loss    [MaxBits + 1]float64
}

// units groups the channels of every layer.
func (p *Problem) units(grain Grain) [][]unit {
	out := make([][]unit, len(p.Layers))
	for i := range p.Layers {
		n := p.Layers[i].Channels
		size := n
		switch grain {
		case ByChannel:
			size = 1
		case ByTile:
			size = max(p.Layers[i].Lanes, 1)
		}
		order := p.rank(i)
		for at := 0; at < n; at += size {
			out[i] = append(out[i], p.unit(i, order[at:min(at+size, n)]))
		}
	}
	return out
}

func (p *Problem) unit(layer int, kernels []int) unit {
	u := unit{layer: layer, kernels: kernels}
	for _, j := range kernels {
		for b, loss := range p.Sensitivity.Channels[layer][j] {
			u.loss[b] += loss
		}
	}
	return u
}

// rankBits is the width at which channels are ranked.
const rankBits = 3

// rank lists the channels of a layer, the most sensitive first: this order puts
// channels that need the same width side by side on the array.
func (p *Problem) rank(layer int) []int {
	curves := p.Sensitivity.Channels[layer]
	order := make([]int, len(curves))
	for j := range order {
		order[j] = j
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch x, y := curves[a][rankBits], curves[b][rankBits]; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return order
}

// Lagrange allocates widths of weights and activations together from the
// sensitivities S: for a multiplier λ every layer takes
//
//	min over a of  S_a(a) + Σ_units min over b of  S_u(b) + λ·cost_u(b, a)
//
// with a unit's share of the layer's cost, and the least λ whose real price is
// within budget, a fraction of the price of 8 bits everywhere, wins.
func (p *Problem) Lagrange(grain Grain, budget float64) (*Policy, error) {
	if err := p.affordable(budget); err != nil {
		return nil, err
	}
	return p.lagrange(p.landscape(grain, p.wideTable()), budget), nil
}

// landscape is what widths are expected to lose and to cost.
type landscape struct {
	units [][]unit
	acts  [][MaxBits + 1]float64
	costs table
}

// landscape is that of the sensitivities.
func (p *Problem) landscape(grain Grain, costs table) *landscape {
	return &landscape{p.units(grain), p.Sensitivity.Acts, costs}
}

func (p *Problem) lagrange(l *landscape, budget float64) *Policy {
	return p.dual(budget, func(policy *Policy, lambda float64) float64 {
		loss := 0.0
		for i := range p.Layers {
			loss += p.allocate(i, l, lambda, policy)
		}
		return loss
	})
}

func (p *Problem) affordable(budget float64) error {
	if p.Sensitivity == nil {
		return fmt.Errorf("the allocator needs sensitivities")
	}
	return p.reachable(budget)
}

func (p *Problem) reachable(budget float64) error {
	if least := p.Least(); least > budget {
		return fmt.Errorf("%w: %.4g of the %v of 8 bits, the narrowest widths take %.4g", ErrBudget, budget, p.Metric, least)
	}
	return nil
}

// dual searches the multiplier by bisection of its logarithm and returns the
// affordable policy with the least loss that it met. decide fills in the policy
// for a multiplier and returns its loss.
func (p *Problem) dual(budget float64, decide func(policy *Policy, lambda float64) float64) *Policy {
	best := p.Uniform(p.Limits.WeightMin, p.Limits.ActMin)
	least := math.Inf(1)
	trial := best.Clone()
	lo, hi := -40.0, 40.0
	for range 60 {
		mid := (lo + hi) / 2
		loss := decide(trial, math.Exp(mid))
		if p.PriceOf(trial) > budget {
			lo = mid
			continue
		}
		hi = mid
		if loss < least {
			least = loss
			best.copyFrom(trial)
		}
	}
	return best
}

// allocate chooses the widths of layer i for a multiplier and returns their loss.
func (p *Problem) allocate(i int, l *landscape, lambda float64, policy *Policy) float64 {
	units, acts, cost := l.units[i], &l.acts[i], &l.costs[i]
	lo, hi := p.weights(i)
	alo, ahi := p.acts(i)
	n := float64(p.Layers[i].Channels)
	best, loss := math.Inf(1), 0.0
	var act uint8
	for a := alo; a <= ahi; a++ {
		total := acts[a]
		for k := range units {
			u := &units[k]
			b := u.choose(lo, hi, a, lambda*float64(len(u.kernels))/n, cost)
			total += u.loss[b] + lambda*float64(len(u.kernels))/n*cost[b][a]
		}
		if total < best {
			best, act = total, a
		}
	}
	policy.Acts[i] = act
	loss = acts[act]
	for k := range units {
		u := &units[k]
		b := u.choose(lo, hi, act, lambda*float64(len(u.kernels))/n, cost)
		u.set(policy, b)
		loss += u.loss[b]
	}
	return loss
}

// choose returns the width with the least loss plus price.
func (u *unit) choose(lo, hi, act uint8, lambda float64, cost *[MaxBits + 1][MaxBits + 1]float64) uint8 {
	best, at := math.Inf(1), lo
	for b := lo; b <= hi; b++ {
		if x := u.loss[b] + lambda*cost[b][act]; x < best {
			best, at = x, b
		}
	}
	return at
}

func (u *unit) set(policy *Policy, bits uint8) {
	for _, j := range u.kernels {
		policy.Weights[u.layer][j] = bits
	}
}

// bits is the width of the unit in a policy.
func (u *unit) bits(policy *Policy) uint8 { return policy.Weights[u.layer][u.kernels[0]] }

// span returns the narrowest and the widest of the unit's channels in a policy.
func (u *unit) span(policy *Policy) (lo, hi uint8) {
	lo = MaxBits
	for _, j := range u.kernels {
		b := policy.Weights[u.layer][j]
		lo, hi = min(lo, b), max(hi, b)
	}
	return lo, hi
}

// HAWQ allocates one width for weights and inputs of each layer by
//
//	min Σ_i trace_i · ‖Q(W_i) − W_i‖²   within budget
//
// where trace_i is the mean trace of the Hessian in the weights of layer i
// (HAWQ-V3; Yao et al., ICML 2021, equations 4 and 9; their integer program, here
// solved by its dual).
func (p *Problem) HAWQ(budget float64) (*Policy, error) {
	if err := p.affordable(budget); err != nil {
		return nil, err
	}
	costs := p.wideTable()
	return p.dual(budget, func(policy *Policy, lambda float64) float64 {
		loss := 0.0
		for i := range p.Layers {
			loss += p.traced(i, &costs[i], lambda, policy)
		}
		return loss
	}), nil
}

func (p *Problem) traced(i int, cost *[MaxBits + 1][MaxBits + 1]float64, lambda float64, policy *Policy) float64 {
	lo, hi := p.weights(i)
	alo, ahi := p.acts(i)
	best, loss := math.Inf(1), 0.0
	for b := max(lo, 1); b <= hi; b++ {
		a := min(max(b, alo), ahi)
		s := p.Sensitivity.Traces[i] * p.Sensitivity.Errors[i][b]
		if x := s + lambda*cost[b][a]; x < best {
			best, loss = x, s
			fill(policy.Weights[i], b)
			policy.Acts[i] = a
		}
	}
	return loss
}
