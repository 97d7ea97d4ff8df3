package autoq

import (
	"context"
	"math"
	"slices"
)

// knob is one width of a policy: of a unit, or of the input of a layer.
type knob struct {
	unit  *unit // nil for an input
	layer int
	loss  *[MaxBits + 1]float64
	lo    uint8
	hi    uint8
}

// knobs lists every width of a policy that may change, with what it is expected to
// lose.
func (p *Problem) knobs(units [][]unit, acts [][MaxBits + 1]float64) []knob {
	var out []knob
	for i := range p.Layers {
		if lo, hi := p.weights(i); lo < hi {
			for k := range units[i] {
				u := &units[i][k]
				out = append(out, knob{u, i, &u.loss, lo, hi})
			}
		}
		if lo, hi := p.acts(i); lo < hi {
			out = append(out, knob{nil, i, &acts[i], lo, hi})
		}
	}
	return out
}

func (k *knob) get(policy *Policy) uint8 {
	if k.unit == nil {
		return policy.Acts[k.layer]
	}
	return k.unit.bits(policy)
}

func (k *knob) set(policy *Policy, bits uint8) {
	if k.unit == nil {
		policy.Acts[k.layer] = bits
		return
	}
	k.unit.set(policy, bits)
}

// move sets one knob to another width.
type move struct {
	knob *knob
	from uint8
	to   uint8
	loss float64 // expected change
	cost float64 // change
}

// steps prices, for each knob, the steps up (by = +1) or down (−1) to up to reach
// bits from where it is, but those that its losses rule out.
func (p *Problem) steps(policy *Policy, knobs []knob, by, reach int) (out [][]move) {
	base := p.PriceOf(policy)
	for i := range knobs {
		k := &knobs[i]
		from := int(k.get(policy))
		var moves []move
		for b := from + by; b >= int(k.lo) && b <= int(k.hi) && by*(b-from) <= reach && !math.IsInf(k.loss[b], 1); b += by {
			moves = append(moves, p.priced(policy, k, uint8(from), uint8(b), base))
		}
		out = append(out, moves)
	}
	return out
}

func (p *Problem) priced(policy *Policy, k *knob, from, to uint8, base float64) move {
	k.set(policy, to)
	m := move{knob: k, from: from, to: to, loss: k.loss[to] - k.loss[from], cost: p.PriceOf(policy) - base}
	k.set(policy, from)
	return m
}

// spend raises widths as long as the budget lasts, what costs least for its
// expected gain first, and what costs nothing in any case. After a step the moves of
// its layer are priced again, of a layer of many channels only those of the one that
// moved; what a step really costs is checked. It stops when ctx ends.
func (p *Problem) spend(ctx context.Context, policy *Policy, knobs []knob, budget float64) {
	moves := p.steps(policy, knobs, 1, MaxBits)
	for ctx.Err() == nil {
		best := worthiest(moves, budget-p.PriceOf(policy))
		if best == nil {
			return
		}
		m := *best
		if m.knob.set(policy, m.to); p.PriceOf(policy) > budget {
			m.knob.set(policy, m.from)
			best.cost = math.Inf(1) // dearer than it was
			continue
		}
		lo, hi := ofLayer(knobs, m.knob.layer)
		if hi-lo > manyKnobs {
			lo = slices.IndexFunc(knobs, func(k knob) bool { return k == *m.knob })
			hi = lo + 1
		}
		copy(moves[lo:hi], p.steps(policy, knobs[lo:hi], 1, MaxBits))
	}
}

// manyKnobs is more than a layer has that is priced anew as a whole.
const manyKnobs = 100

// ofLayer returns where the knobs of a layer are: side by side.
func ofLayer(knobs []knob, layer int) (lo, hi int) {
	lo = slices.IndexFunc(knobs, func(k knob) bool { return k.layer == layer })
	for hi = lo; hi < len(knobs) && knobs[hi].layer == layer; hi++ {
	}
	return lo, hi
}

// worthiest is the move within what is left that gains most for its cost: the
// widest of the free ones first; nil where none gains.
func worthiest(moves [][]move, left float64) *move {
	var best *move
	rate := 0.0
	for i := range moves {
		for k := range moves[i] {
			m := &moves[i][k]
			if m.cost > left || m.loss > 0 || m.loss == 0 && m.cost > 0 {
				continue
			}
			r := float64(m.to)*1e12 - m.loss
			if m.cost > 0 {
				r = -m.loss / m.cost
			}
			if best == nil || r > rate {
				best, rate = m, r
			}
		}
	}
	return best
}

// Greedy starts from the widest policy and lowers, one knob at a time, the unit or
// input whose expected loss rises least for the price that it saves. After a step
// only the moves of its layer are priced again: others change little.
func (p *Problem) Greedy(grain Grain, budget float64) (*Policy, error) {
	if err := p.affordable(budget); err != nil {
		return nil, err
	}
	policy := p.Uniform(MaxBits, MaxBits)
	knobs := p.knobs(p.units(grain), p.Sensitivity.Acts)
	moves := p.steps(policy, knobs, -1, MaxBits)
	for p.PriceOf(policy) > budget {
		lo, hi := 0, len(knobs)
		if best := cheapest(moves); best == nil {
			p.lowerAll(policy, knobs)
		} else {
			best.knob.set(policy, best.to)
			lo, hi = ofLayer(knobs, best.knob.layer)
		}
		copy(moves[lo:hi], p.steps(policy, knobs[lo:hi], -1, MaxBits))
	}
	return policy, nil
}

// cheapest is the move that loses least for what it saves; nil where none saves.
func cheapest(moves [][]move) *move {
	var best *move
	rate := 0.0
	for i := range moves {
		for k := range moves[i] {
			m := &moves[i][k]
			if m.cost >= 0 {
				continue
			}
			if r := m.loss / -m.cost; best == nil || r < rate {
				best, rate = m, r
			}
		}
	}
	return best
}

// lowerAll takes a bit from every knob: the way on where no single one saves anything.
func (p *Problem) lowerAll(policy *Policy, knobs []knob) {
	for i := range knobs {
		k := &knobs[i]
		if b := k.get(policy); b > k.lo {
			k.set(policy, b-1)
		}
	}
}
