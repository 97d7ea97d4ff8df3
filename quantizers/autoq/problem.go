package autoq

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"bitcycle/kernels/workload"
)

// MaxBits is the widest weight or activation that a search considers.
const MaxBits = 8

// Layer describes one layer with weights.
type Layer struct {
	Name       string
	Channels   int // channels: output channels
	Inputs     int // input channels
	Kernel     int // channel size; 1 for dense layers
	Stride     int // 0 for dense layers
	Feature    int // positions of the input feature map
	Params     int // weights
	KernelMACs int64
	Depthwise  bool
	Lanes      int // channels that the array works on in step: a tile; 0 = 1
	// Fixed is the width that weights and inputs keep, 0 = free; FixedAct the width
	// of the inputs alone.
	Fixed, FixedAct uint8
	// Deviation of the weights of each channel, and the largest magnitude over it:
	// extra features of the agents' state. nil without them.
	Deviation, Peak []float64
}

// Limits are the widths that a search may choose.
type Limits struct{ WeightMin, WeightMax, ActMin, ActMax uint8 }

// DefaultLimits lets channels have 0 to 8 bits and activations 1 to 8.
func DefaultLimits() Limits { return Limits{0, MaxBits, 1, MaxBits} }

// Cost is a machine with a network on it. Widths change layer by layer; only the
// layers that change are priced anew.
type Cost interface {
	// SetBits sets the widths of the channels of a layer and of its input.
	SetBits(layer int, weight workload.Widths, act uint8)
	// Cost returns cycles and energy of the network at the current widths.
	Cost() (cycles int64, energyPJ float64)
}

// Metric is what a budget limits.
type Metric uint8

// The metrics.
const (
	Cycles Metric = iota
	Energy
)

func (m Metric) String() string {
	if m == Energy {
		return "energy"
	}
	return "cycles"
}

// ErrBudget says that the narrowest widths of an algorithm exceed a budget.
var ErrBudget = errors.New("budget out of reach")

// Problem is a network, a machine and a measure of accuracy. It serves one
// search at a time.
type Problem struct {
	Layers []Layer
	Limits Limits
	Cost   Cost
	Metric Metric
	// Accuracy measures a policy, from 0 to 1: a share of images classified as
	// labelled, or how surely they get the float network's class. It is asked once for each policy.
	Accuracy func(ctx context.Context, p *Policy) (float64, error)
	// Sensitivity is what the allocators go by; the agents do without.
	Sensitivity *Sensitivity
	// Known holds the accuracies measured so far by [Policy.Key]; a search given
	// those of an earlier run repeats it without measuring again.
	Known map[string]float64

	// agreement is the mean probability of the float network's class under a policy, and
	// what chance gives.
	agreement func(ctx context.Context, p *Policy) (agrees, chance float64, err error)

	now      *Policy // widths that Cost has
	measured int
	price8   [2]float64
}

// Check reports a problem that cannot be searched.
func (p *Problem) Check() error {
	l := p.Limits
	switch {
	case len(p.Layers) == 0:
		return fmt.Errorf("the network has no layers with weights")
	case l.WeightMin > l.WeightMax || l.WeightMax > MaxBits:
		return fmt.Errorf("weight widths %d to %d: must rise and lie in 0 to %d", l.WeightMin, l.WeightMax, MaxBits)
	case l.ActMin < 1 || l.ActMin > l.ActMax || l.ActMax > MaxBits:
		return fmt.Errorf("activation widths %d to %d: must rise and lie in 1 to %d", l.ActMin, l.ActMax, MaxBits)
	}
	return nil
}

// weights returns the widths that channels of layer i may have.
func (p *Problem) weights(i int) (lo, hi uint8) {
	if f := p.Layers[i].Fixed; f > 0 {
		return f, f
	}
	return p.Limits.WeightMin, p.Limits.WeightMax
}

// acts returns the widths that the input of layer i may have.
func (p *Problem) acts(i int) (lo, hi uint8) {
	l := &p.Layers[i]
	if f := max(l.Fixed, l.FixedAct); f > 0 {
		return f, f
	}
	return p.Limits.ActMin, p.Limits.ActMax
}

// Uniform returns the policy of w weight and a activation bits, within what each
// layer allows.
func (p *Problem) Uniform(w, a uint8) *Policy {
	out := &Policy{}
	for i := range p.Layers {
		bits := make(workload.Widths, p.Layers[i].Channels)
		lo, hi := p.weights(i)
		fill(bits, min(max(w, lo), hi))
		alo, ahi := p.acts(i)
		out.Weights = append(out.Weights, bits)
		out.Acts = append(out.Acts, min(max(a, alo), ahi))
	}
	return out
}

// Price returns what a policy costs.
func (p *Problem) Price(policy *Policy) (cycles int64, energyPJ float64) {
	if p.now == nil {
		p.now = p.Uniform(MaxBits, MaxBits)
		for i := range p.Layers {
			p.Cost.SetBits(i, p.now.Weights[i], p.now.Acts[i])
		}
	}
	for i, w := range policy.Weights {
		if p.now.Acts[i] != policy.Acts[i] || !bytes.Equal(p.now.Weights[i], w) {
			p.Cost.SetBits(i, w, policy.Acts[i])
			copy(p.now.Weights[i], w)
			p.now.Acts[i] = policy.Acts[i]
		}
	}
	return p.Cost.Cost()
}

// PriceOf is the metric of a policy relative to 8 bits everywhere: what a budget
// is compared with.
func (p *Problem) PriceOf(policy *Policy) float64 {
	latency, energy := p.Relative(policy)
	if p.Metric == Energy {
		return energy
	}
	return latency
}

// Relative returns cycles and energy of a policy over those of 8 bits everywhere.
func (p *Problem) Relative(policy *Policy) (latency, energy float64) {
	if p.price8[0] == 0 {
		c, e := p.Price(p.Uniform(MaxBits, MaxBits))
		p.price8 = [2]float64{float64(c), e}
	}
	c, e := p.Price(policy)
	energy = 1
	if p.price8[1] > 0 {
		energy = e / p.price8[1]
	}
	return float64(c) / p.price8[0], energy
}

// Least returns the smallest budget that can be met.
func (p *Problem) Least() float64 { return p.PriceOf(p.Uniform(p.Limits.WeightMin, p.Limits.ActMin)) }

// accuracy measures a policy or remembers it.
func (p *Problem) accuracy(ctx context.Context, policy *Policy) (float64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	key := policy.Key()
	if acc, ok := p.Known[key]; ok {
		return acc, nil
	}
	acc, err := p.Accuracy(ctx, policy)
	if err != nil {
		return 0, err
	}
	if p.Known == nil {
		p.Known = map[string]float64{}
	}
	p.Known[key] = acc
	p.measured++
	return acc, nil
}

// Measured returns how many policies had their accuracy measured.
func (p *Problem) Measured() int { return p.measured }
