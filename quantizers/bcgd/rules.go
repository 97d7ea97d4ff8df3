package bcgd

import (
	"fmt"
	"math"
)

// WeightRule names how the float weights of a layer become those that it
// computes with. Gradients go straight through, and ρ is 0, but for projections.
type WeightRule string

// The rules: the projection of this method (BinaryConnect where ρ = 0, projected
// gradient where it is 1) and two that come closer to the weights from 3 bits on,
// see [Lloyd] and [ExactBits]; and those of its rivals: [ChannelBinary],
// [TernaryThreshold], [DoReFaWeights], [ABCNet] with as many bases as bits, and
// [Relax].
const (
	Projected     WeightRule = "project"
	Iterated      WeightRule = "lloyd"
	Nearest       WeightRule = "exact"
	ChannelScaled WeightRule = "bwn"
	Threshold     WeightRule = "twn"
	Tanh          WeightRule = "dorefa"
	Bases         WeightRule = "abc"
	Relaxed       WeightRule = "relax"
)

// ActRule names the activation of the quantized layers.
type ActRule string

// The rules: this method's ceiling with its trained resolution; rounding with a
// trained clipping level (PACT); levels from 1 on with a fixed step (HWGQ, here
// fitted to the data as γ and β change the distribution); rounding of [0, 1]
// (DoReFa-Net); and XNOR-Net's sign, with the gradient 1{|x| ≤ 1}. See [Rounded].
const (
	Ceiling  ActRule = "ceiling"
	Clipped  ActRule = "pact"
	HalfWave ActRule = "hwgq"
	UnitClip ActRule = "dorefa"
	Sign     ActRule = "sign"
)

// checkRules reports rules that do not exist or do not go with the rest.
func (c *Config) checkRules() error {
	bits := map[WeightRule]int{ChannelScaled: 1, Threshold: 2}[c.Weights]
	switch c.Weights {
	case Projected, Iterated, Nearest, ChannelScaled, Threshold, Tanh, Bases, Relaxed:
	default:
		return fmt.Errorf("weights %q: no such rule", c.Weights)
	}
	switch c.Acts {
	case Ceiling, Clipped, HalfWave, UnitClip, Sign:
	default:
		return fmt.Errorf("activations %q: no such rule", c.Acts)
	}
	switch {
	case bits > 0 && c.WeightBits != bits:
		return fmt.Errorf("weights %q: want %d bits, not %d", c.Weights, bits, c.WeightBits)
	case c.Acts == Sign && c.ActBits != 1:
		return fmt.Errorf("activations %q: want 1 bit, not %d", c.Acts, c.ActBits)
	case !c.Weights.projects() && c.Rho != 0:
		return fmt.Errorf("weights %q: rho is %g, but only projections are blended", c.Weights, c.Rho)
	}
	return nil
}

// projects reports whether the rule is a projection, which may be blended.
func (r WeightRule) projects() bool { return r == Projected || r == Iterated || r == Nearest }

// integers reports whether a network of these rules has an integer form here.
func (c *Config) integers() error {
	switch c.Weights {
	case Projected, Iterated, Nearest, ChannelScaled, Threshold:
		if c.Acts == Ceiling {
			return nil
		}
	}
	return fmt.Errorf("weights %q with activations %q are simulated only", c.Weights, c.Acts)
}

// levels returns the grid of every output channel and the levels of all weights,
// for rules that have them.
func (p *projector) levels(w []float32, channels int) (deltas []float64, q []int8) {
	wide := widened(w)
	if p.rule == ChannelScaled {
		for _, row := range ChannelBinary(wide, len(wide)/channels) {
			deltas, q = append(deltas, row.Delta), append(q, row.Q...)
		}
		return deltas, q
	}
	one := p.project(wide)
	for range channels {
		deltas = append(deltas, one.Delta)
	}
	return deltas, one.Q
}

// project puts all weights of a layer on one grid. Up to 2 bits the projections
// are one.
func (p *projector) project(w []float64) Projection {
	switch {
	case p.rule == Threshold:
		return TernaryThreshold(w)
	case p.rule == Iterated && p.bits > 2:
		return Lloyd(w, p.bits)
	case p.rule == Nearest && p.bits > 2:
		return ExactBits(w, p.bits)
	}
	return Project(w, p.bits)
}

// other computes the weights of the rules without levels.
func (p *projector) other(w []float64) []float64 {
	switch p.rule {
	case Tanh:
		return DoReFaWeights(w, p.bits)
	case Relaxed:
		if math.IsInf(p.eta, 1) {
			return Project(w, p.bits).Values()
		}
		return Relax(w, p.bits, p.eta)
	}
	beta, signs := ABCNet(w, p.bits)
	out := make([]float64, len(w))
	for j, b := range beta {
		for i, s := range signs[j] {
			out[i] += b * float64(s)
		}
	}
	return out
}

// relaxation is η of BinaryRelax at a share of the run: from 1, ×1.02 each 400th
// of it, and no longer relaxed in the last quarter, as in 200 epochs of the
// authors' code.
func relaxation(share float64) float64 {
	if share >= 0.75 {
		return math.Inf(1)
	}
	return math.Pow(1.02, math.Floor(400*share))
}

func widened(w []float32) []float64 {
	wide := make([]float64, len(w))
	for i, x := range w {
		wide[i] = float64(x)
	}
	return wide
}
