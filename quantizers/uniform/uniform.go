// Package uniform quantizes a network with given widths: one for all layers, or
// those of a policy file. Weights have one scale per output channel with the
// least squared error; activations one per layer; batch statistics are
// re-estimated afterwards unless told otherwise.
package uniform

import (
	"context"
	"errors"
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
	// Float: the network is not quantized; what Quantize returns stands for its cost alone.
	Float bool
}

// Info describes the method.
var Info = quantizers.Info{
	Name: "uniform", Usage: "uniform:w=4,a=4",
	About: "one width for all layers but the first and the last",
	Keys: map[string]string{
		"w": "weight bits; 0 prunes everything", "a": "activation bits",
		"first": "bits of the first layer's weights and inputs; 0 = as the rest", "last": "bits of the last layer's weights and inputs; 0 = as the rest",
		"bn": "estimate batch statistics again after quantization", "scale": "of weights: one for each output channel, or one a layer",
		"group":      "weights along the reduction that share a scale, in whole kernel windows; 0 = all of a channel",
		"clip":       "reach of grids: mse (least squared error), max (of the values), or percentile",
		"percentile": "per cent of the magnitudes that clip=percentile keeps", "zero": "true gives inputs of layers with negative values a zero point",
	},
}

// FloatInfo describes the network as it is.
var FloatInfo = quantizers.Info{Name: "float", Usage: "float", About: "the float network itself: its accuracy, and the cost of 16-bit integers, the widest that machines have"}

// floatBits is what stands for floating point on machines that have none.
const floatBits = "w=16,a=16,first=16,last=16,bn=false"

// ParseFloat reads what follows the name of [FloatInfo]: nothing.
func ParseFloat(spec, text string) (*Method, error) {
	if text != "" {
		return nil, fmt.Errorf("method %q: float takes no arguments", spec)
	}
	m, err := Parse(spec, floatBits)
	if err == nil {
		m.Float = true
	}
	return m, err
}

// PolicyInfo describes the method of a policy file.
var PolicyInfo = quantizers.Info{Name: "policy", Usage: "policy:FILE", About: "widths per layer and output channel from a policy file, or a list [[w,a],…] by order"}

// Parse reads "w=4,a=4,first=8,last=8,bn=true,scale=channel,group=0,clip=mse,zero=false";
// spec is the whole method as written.
func Parse(spec, text string) (*Method, error) {
	b, options, err := parse(spec, text)
	if err != nil {
		return nil, err
	}
	return &Method{
		Spec: spec,
		Policy: func(net *kernels.Network) (*quantizers.Policy, error) {
			p := quantizers.Uniform(net, b.w, b.a, b.first, b.last)
			for i := range net.Layers() {
				p.Layers[i].Group = b.group
			}
			return p, nil
		},
		Options: options,
	}, nil
}

// widths are those of all layers, of the first and of the last.
type widths struct {
	w, a, first, last uint8
	group             int
}

func parse(spec, text string) (b widths, options quantizers.Options, err error) {
	args := quantizers.ParseArgs(spec, text)
	bits := func(key string, otherwise, least int) uint8 {
		return uint8(args.Int(key, otherwise, least, workload.MaxBits))
	}
	b = widths{w: bits("w", 4, 0), a: bits("a", 4, 1), first: bits("first", 8, 0), last: bits("last", 8, 0)}
	b.group = args.Int("group", 0, 0, 1<<20)
	rules := map[string]quantizers.ClipRule{"mse": quantizers.ClipMSE, "max": quantizers.ClipMax, "percentile": quantizers.ClipPercentile}
	options = quantizers.Options{
		Reestimate:    args.Bool("bn", true),
		PerLayerScale: args.Choice("scale", "channel", "channel", "layer") == "layer",
		Clip:          quantizers.Clip{Rule: rules[args.Choice("clip", "mse", "mse", "max", "percentile")], Percentile: args.Float("percentile", 99.99, 50, 100)},
		Asymmetric:    args.Bool("zero", false),
	}
	if b.group > 0 && options.PerLayerScale {
		return b, options, errors.Join(args.Err(), fmt.Errorf("method %q: group and scale=layer exclude each other", spec))
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

// IsFloat reports that accuracy is the float network's own.
func (m *Method) IsFloat() bool { return m.Float }

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
