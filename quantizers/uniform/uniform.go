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

// Info describes the method.
var Info = quantizers.Info{
	Name: "uniform", Usage: "uniform:w=4,a=4",
	About: "one width for all layers; first=8,last=8 (0 = as the rest), bn=true re-estimates batch statistics, scale=channel|layer of weights",
}

// PolicyInfo describes the method of a policy file.
var PolicyInfo = quantizers.Info{Name: "policy", Usage: "policy:FILE", About: "widths per layer and output channel from a policy file, or a list [[w,a],…] by order"}

// Parse reads "w=4,a=4,first=8,last=8,bn=true,scale=channel"; spec is the whole
// method as written.
func Parse(spec, text string) (*Method, error) {
	b, options, err := parse(spec, text)
	if err != nil {
		return nil, err
	}
	return &Method{
		Spec: spec,
		Policy: func(net *kernels.Network) (*quantizers.Policy, error) {
			return quantizers.Uniform(net, b.w, b.a, b.first, b.last), nil
		},
		Options: options,
	}, nil
}

// widths are those of all layers, of the first and of the last.
type widths struct{ w, a, first, last uint8 }

func parse(spec, text string) (b widths, options quantizers.Options, err error) {
	args := quantizers.ParseArgs(spec, text)
	bits := func(key string, otherwise, least int) uint8 {
		return uint8(args.Int(key, otherwise, least, workload.MaxBits))
	}
	b = widths{bits("w", 4, 0), bits("a", 4, 1), bits("first", 8, 0), bits("last", 8, 0)}
	options = quantizers.Options{
		Reestimate:    args.Bool("bn", true),
		PerLayerScale: args.Choice("scale", "channel", "channel", "layer") == "layer",
	}
	return b, options, args.Err()
}

// ParsePolicy reads the policy file at path for the network; spec is the whole method
// as written.
func ParsePolicy(spec, path string, net *kernels.Network) (*Method, error) {
	if path == "" {
		return nil, fmt.Errorf("method %q: want %s", spec, PolicyInfo.Usage)
	}
	file, err := quantizers.LoadPolicy(path)
	if err != nil {
		return nil, err
	}
	p, err := file.For(net)
	if err != nil {
		return nil, err
	}
	return &Method{
		Spec:    spec,
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
