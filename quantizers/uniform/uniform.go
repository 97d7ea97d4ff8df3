// Package uniform quantizes a network with given widths: one for all layers, or
// those of a policy file. Weights have one scale per output channel with the
// least squared error; activations one per layer; batch statistics are
// re-estimated afterwards unless told otherwise.
package uniform

import (
	"context"
	"fmt"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers"
)

// Method is a fixed policy.
type Method struct {
	Spec    string // as the user wrote it
	Policy  func(net *kernels.Network) (*quantizers.Policy, error)
	Options quantizers.Options
}

// Parse reads "w=4,a=4,first=8,last=8,bn=true,scale=channel"; spec is the whole
// method as written.
func Parse(spec, text string) (*Method, error) {
	args, err := quantizers.ParseArgs(spec, text)
	if err != nil {
		return nil, err
	}
	w, a := args.Int("w", 4, 0, workload.MaxBits), args.Int("a", 4, 1, workload.MaxBits)
	first, last := args.Int("first", 8, 0, workload.MaxBits), args.Int("last", 8, 0, workload.MaxBits)
	options := quantizers.Options{
		Reestimate:    args.Bool("bn", true),
		PerLayerScale: args.Choice("scale", "channel", "channel", "layer") == "layer",
	}
	if err := args.Err(); err != nil {
		return nil, err
	}
	return &Method{
		Spec: spec,
		Policy: func(net *kernels.Network) (*quantizers.Policy, error) {
			return quantizers.Uniform(net, uint8(w), uint8(a), uint8(first), uint8(last)), nil
		},
		Options: options,
	}, nil
}

// FromPolicy reads a policy file for the network.
func FromPolicy(path string, net *kernels.Network) (*Method, error) {
	p, err := quantizers.LoadPolicy(path)
	if err != nil {
		return nil, err
	}
	if err := p.Check(net); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &Method{
		Spec:    "policy:" + path,
		Policy:  func(*kernels.Network) (*quantizers.Policy, error) { return p, nil },
		Options: quantizers.Options{Reestimate: true},
	}, nil
}

// Name returns the method as written.
func (m *Method) Name() string { return m.Spec }

// Quantize applies the policy.
func (m *Method) Quantize(ctx context.Context, net *kernels.Network, calib kernels.Batch, progress func(done, total int)) (*kernels.Quantized, error) {
	policy, err := m.Policy(net)
	if err != nil {
		return nil, err
	}
	return quantizers.Quantize(ctx, net, policy, calib, m.Options, progress)
}
