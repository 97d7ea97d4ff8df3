package autoq

import (
	"context"
	"fmt"
)

// Sensitivity is the loss that narrow widths cause, one at a time, in any unit:
// the squared error of the logits, or the divergence of the classes.
type Sensitivity struct {
	// Layers[i][b] of all channels of layer i at b bits.
	Layers [][MaxBits + 1]float64
	// Channels[i][j][b] of channel j alone; the channels of a layer sum to the layer.
	Channels [][][MaxBits + 1]float64 `json:"Kernels"` // the name in checkpoints
	// Acts[i][b] of the input of layer i at b bits; the entry of 0 bits is unused.
	Acts [][MaxBits + 1]float64
	// Traces is the trace of the loss's Hessian in the weights of each layer over
	// their number, and Errors[i][b] the squared error of the weights at b bits.
	Traces []float64
	Errors [][MaxBits + 1]float64
}

// Probe measures losses.
type Probe struct {
	// Layer is the loss of a policy as it would be used.
	Layer func(ctx context.Context, p *Policy) (float64, error)
	// Channel is a cheaper loss, for policies that differ from the widest in one
	// channel; nil splits layers by Error alone.
	Kernel func(ctx context.Context, p *Policy) (float64, error)
	// ChannelImages is how many images Channel goes by, 0 = all there are.
	ChannelImages int
	// Error is the squared error of the weights of a channel at a width.
	Error func(layer, kernel int, bits uint8) float64
	// Trace is the mean trace of the Hessian of a layer; nil where none is needed.
	Trace func(ctx context.Context, layer int) (float64, error)
}

// probeBits is the width at which single channels are measured: coarse enough
// that their loss stands out.
const probeBits = 2

// Measure finds the sensitivities by forward differences from the widest policy:
// each layer at every width, and each channel at two bits and pruned. Between
// these a channel's loss goes with the squared error of its weights,
//
//	S_j(b) = S_layer(b) · h_j·e_j(b) / Σ_k h_k·e_k(b),   h_j = S_j(2)/e_j(2),
//
// and the losses of pruned channels are raised in proportion where they sum to less
// than that of the layer without any. A channel that seems not to matter on few
// images is not taken at its word: what n images say counts n/(n+8), the mean of the
// layer the rest. progress may be nil.
func (p *Problem) Measure(ctx context.Context, probe Probe, progress func(done, total int)) (*Sensitivity, error) {
	m := measurement{p: p, probe: probe, progress: progress, policy: p.Uniform(MaxBits, MaxBits), out: &Sensitivity{}}
	for i := range p.Layers {
		m.total += 1 + p.Layers[i].Channels
	}
	base, err := probe.Layer(ctx, m.policy)
	if err != nil {
		return nil, err
	}
	for i := range p.Layers {
		if err := m.layer(ctx, i, base); err != nil {
			return nil, fmt.Errorf("layer %q: %w", p.Layers[i].Name, err)
		}
	}
	for i := range p.Layers {
		if err := m.kernels(ctx, i); err != nil {
			return nil, fmt.Errorf("layer %q: %w", p.Layers[i].Name, err)
		}
	}
	return m.out, nil
}

type measurement struct {
	p           *Problem
	probe       Probe
	progress    func(done, total int)
	policy      *Policy // the widest, but for what is being measured
	out         *Sensitivity
	done, total int
}

func (m *measurement) step() {
	if m.done++; m.progress != nil {
		m.progress(m.done, m.total)
	}
}

// layer measures layer i at every width.
func (m *measurement) layer(ctx context.Context, i int, base float64) error {
	var weights, acts, errors [MaxBits + 1]float64
	bits, act := m.policy.Weights[i], m.policy.Acts[i]
	widest := bits[0]
	for b := range uint8(MaxBits) {
		fill(bits, b)
		loss, err := m.probe.Layer(ctx, m.policy)
		if err != nil {
			return err
		}
		fill(bits, widest)
		weights[b] = max(loss-base, 0)
		if b > 0 && act != m.p.Layers[i].FixedAct {
			m.policy.Acts[i] = b
			if loss, err = m.probe.Layer(ctx, m.policy); err != nil {
				return err
			}
			m.policy.Acts[i] = act
			acts[b] = max(loss-base, 0)
		}
	}
	for j := range bits {
		for b := range errors {
			errors[b] += m.probe.Error(i, j, uint8(b))
		}
	}
	falling(&weights)
	falling(&acts)
	s := m.out
	s.Layers, s.Acts, s.Errors = append(s.Layers, weights), append(s.Acts, acts), append(s.Errors, errors)
	if m.probe.Trace != nil {
		trace, err := m.probe.Trace(ctx, i)
		if err != nil {
			return err
		}
		s.Traces = append(s.Traces, trace)
	}
	m.step()
	return nil
}

// falling makes a curve fall with the width, which noise may hide.
func falling(curve *[MaxBits + 1]float64) {
	for b := MaxBits - 1; b >= 0; b-- {
		curve[b] = max(curve[b], curve[b+1])
	}
}

// channels splits the losses of layer i among its kernels.
func (m *measurement) kernels(ctx context.Context, i int) error {
	bits := m.policy.Weights[i]
	n := len(bits)
	h, pruned := make([]float64, n), make([]float64, n)
	var base float64
	var err error
	if m.probe.Kernel != nil {
		if base, err = m.probe.Kernel(ctx, m.policy); err != nil {
			return err
		}
	}
	for j := range bits {
		h[j] = 1
		if m.probe.Kernel != nil {
			if h[j], pruned[j], err = m.kernel(ctx, bits, i, j, base); err != nil {
				return err
			}
		}
		m.step()
	}
	if m.probe.Kernel != nil && m.probe.ChannelImages > 0 {
		trust := float64(m.probe.ChannelImages) / float64(m.probe.ChannelImages+8)
		shrink(h, trust)
		shrink(pruned, trust)
	}
	curves := make([][MaxBits + 1]float64, n)
	for b := 1; b <= MaxBits; b++ {
		total := 0.0
		for j := range curves {
			curves[j][b] = h[j] * m.probe.Error(i, j, uint8(b))
			total += curves[j][b]
		}
		for j := range curves {
			if total > 0 {
				curves[j][b] *= m.out.Layers[i][b] / total
			}
		}
	}
	all := 0.0
	for _, loss := range pruned {
		all += loss
	}
	for j := range curves {
		switch whole := m.out.Layers[i][0]; {
		case all > 0:
			curves[j][0] = pruned[j] * max(whole/all, 1)
		default:
			curves[j][0] = whole / float64(n)
		}
		falling(&curves[j])
	}
	m.out.Channels = append(m.out.Channels, curves)
	return nil
}

// shrink takes values to their mean, but for the part that they are trusted.
func shrink(x []float64, trust float64) {
	mean := 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for j := range x {
		x[j] = trust*x[j] + (1-trust)*mean
	}
}

// channel measures channel j of layer i coarse and pruned.
func (m *measurement) kernel(ctx context.Context, bits []uint8, i, j int, base float64) (h, pruned float64, err error) {
	widest := bits[j]
	defer func() { bits[j] = widest }()
	bits[j] = probeBits
	coarse, err := m.probe.Kernel(ctx, m.policy)
	if err != nil {
		return 0, 0, err
	}
	bits[j] = 0
	if pruned, err = m.probe.Kernel(ctx, m.policy); err != nil {
		return 0, 0, err
	}
	const floor = 1e-9
	if e := m.probe.Error(i, j, probeBits); e > 0 {
		h = max(coarse-base, floor) / e
	}
	return h, max(pruned-base, 0), nil
}
