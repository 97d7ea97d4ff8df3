package autoq

import (
	"context"
	"errors"
	"math"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers"
)

// Machine is what a search knows of hardware: what a network costs there, and
// how many output channels the array takes in step.
type Machine interface {
	Name() string
	// Lanes is how many output channels of a layer the array works on in step: as
	// wide as the widest of them, all take the same time.
	Lanes(depthwise bool) int
	// Price puts a network on the machine with the given widths of its layers;
	// signed tells whether the network's input can be negative.
	Price(net *kernels.Network, widths []workload.LayerWidths, signed bool) (Cost, error)
}

var errNoMachine = errors.New("autoq searches widths for a machine: give one")

// Setup is what a search looks at.
type Setup struct {
	Machine Machine
	Net     *kernels.Network
	// Calib are the images that ranges and statistics come from; Images those that
	// policies are measured on, without labels: the accuracy of a policy is the mean
	// probability that it gives the class of the float network.
	Calib, Images kernels.Batch
	Metric        Metric
	// PinEnds keeps the first and the last layer at 8 bits.
	PinEnds bool
	// WeightMin and ActMin are the narrowest widths that a search may choose; nil leaves
	// them to the algorithm: 2 of those that learn, which see nothing but chance below, 0 or
	// 1 of the others.
	WeightMin, ActMin *uint8
	Workers           int

	// Ranges may hold what Calib showed, Sensitivity what the network showed, and
	// Float the logits of the float network on Images, to share them between
	// searches; nil finds out.
	Ranges      *quantizers.Ranges
	Sensitivity *Sensitivity
	Float       []float32
}

// A search re-estimates statistics on up to 32 calibration images, fewer if they
// are large: what counts are the positions of all of them.
const (
	tuneImages = 32
	tuneLeast  = 8
	tuneValues = tuneImages * 3 * 32 * 32 // of input
)

// ReestimateOn returns the part of calibration images that a search re-estimates
// statistics on.
func ReestimateOn(calib kernels.Batch) kernels.Batch {
	return calib.Slice(0, min(calib.N, tuneImages, max(tuneValues/calib.Size(), tuneLeast)))
}

// Problem prepares a search by an algorithm. haq quantizes as published: one
// scale for all channels of a layer, nothing re-estimated, first and last layer 8
// bits; the other agents pin both ends only if the setup says so. Progress, which
// may be nil, is called while sensitivities are measured.
func (s *Setup) Problem(ctx context.Context, algorithm string, progress func(done, total int)) (*Problem, error) {
	if s.Machine == nil {
		return nil, errNoMachine
	}
	var err error
	if s.Ranges == nil {
		if s.Ranges, err = quantizers.Observe(s.Net, s.Calib); err != nil {
			return nil, err
		}
	}
	if s.Images, err = s.Images.For(s.Net); err != nil {
		return nil, err
	}
	measure, err := newMeter(s.Ranges, s.Images, s.Float, s.Workers)
	if err != nil {
		return nil, err
	}
	p := &Problem{Layers: s.Layers(algorithm), Limits: DefaultLimits(), Metric: s.Metric, Accuracy: measure.accuracy}
	p.agreement = func(ctx context.Context, policy *Policy) (agrees, chance float64, err error) {
		agrees, err = measure.accuracy(ctx, policy)
		return agrees, float64(s.Images.N) / float64(len(measure.float)), err
	}
	measure.layers = p.Layers
	measure.calib = ReestimateOn(s.Calib)
	measure.options = Quantization(algorithm)
	if algorithm == "aware" {
		p.Accuracy = measure.fidelity
	}
	switch algorithm {
	case "haq":
		p.Limits.WeightMin, p.Limits.ActMin = 2, 2
	case "haq+", "layer", "uniform", "hawq":
		p.Limits.WeightMin = 1
	}
	if s.WeightMin != nil {
		p.Limits.WeightMin = *s.WeightMin
	}
	if s.ActMin != nil {
		p.Limits.ActMin = *s.ActMin
	}
	wide := p.Uniform(MaxBits, MaxBits)
	if p.Cost, err = s.Machine.Price(s.Net, wide.Named("", p.Layers).Layers, s.Ranges.Signed()); err != nil {
		return nil, err
	}
	if !NeedsSensitivity(algorithm) {
		return p, nil
	}
	if s.Sensitivity == nil {
		if s.Sensitivity, err = s.sensitivity(ctx, p, measure, progress); err != nil {
			return nil, err
		}
	}
	p.Sensitivity = s.Sensitivity
	return p, nil
}

// Quantization returns how an algorithm's policies are quantized: haq as published
// with one scale a layer and nothing re-estimated, the others with a scale a channel
// and statistics re-estimated.
func Quantization(algorithm string) quantizers.Options {
	if algorithm == "haq" {
		return quantizers.Options{PerLayerScale: true}
	}
	return quantizers.Options{Reestimate: true}
}

func (s *Setup) sensitivity(ctx context.Context, p *Problem, measure *meter, progress func(done, total int)) (*Sensitivity, error) {
	return p.Measure(ctx, Probe{
		Layer: measure.loss, Kernel: measure.channelLoss, ChannelImages: measure.few(), Trace: measure.trace, Error: s.weightError,
	}, progress)
}

// weightError is the squared error of the weights of a channel at a width.
func (s *Setup) weightError(layer, kernel int, bits uint8) float64 {
	node := &s.Net.Nodes[s.Net.Layers()[layer]]
	k := node.Reduction()
	w := node.Weight[kernel*k : (kernel+1)*k]
	q := quantizers.QuantizeWeights(w, bits)
	sum := 0.0
	for i, x := range w {
		d := float64(x) - q.Scale*float64(q.Codes[i])
		sum += d * d
	}
	return sum
}

// Layers describes the network as an algorithm sees it.
func (s *Setup) Layers(algorithm string) []Layer {
	nodes := s.Net.Layers()
	out := make([]Layer, len(nodes))
	for i, n := range nodes {
		out[i] = describe(s.Net, n)
		out[i].Lanes = s.Machine.Lanes(out[i].Depthwise)
		if s.Net.Nodes[n].Inputs[0] == 0 {
			out[i].FixedAct = MaxBits // the image
		}
		if (s.PinEnds || algorithm == "haq") && (i == 0 || i == len(nodes)-1) {
			out[i].Fixed = MaxBits
		}
	}
	return out
}

func describe(net *kernels.Network, n int) Layer {
	node := &net.Nodes[n]
	in := net.Nodes[node.Inputs[0]].Shape
	k := node.Reduction()
	l := Layer{
		Name: node.Name, Channels: node.Shape.C, Inputs: in.C, Kernel: 1, Feature: in.H * in.W,
		Params: len(node.Weight), KernelMACs: int64(k * node.Shape.H * node.Shape.W), Depthwise: net.Depthwise(n),
	}
	if p, _ := net.Product(n); p.Whole {
		l.Inputs = in.Size()
	} else {
		l.Kernel, l.Stride = p.Kernel[0], p.Stride[0]
	}
	for c := range l.Channels {
		dev, peak := spread(node.Weight[c*k : (c+1)*k])
		l.Deviation, l.Peak = append(l.Deviation, dev), append(l.Peak, peak)
	}
	return l
}

// spread returns the deviation of weights about zero and their peak over it.
func spread(w []float32) (deviation, peak float64) {
	for _, x := range w {
		deviation += float64(x) * float64(x)
		peak = max(peak, math.Abs(float64(x)))
	}
	deviation = math.Sqrt(deviation / float64(len(w)))
	if deviation == 0 {
		return 0, 0
	}
	return deviation, peak / deviation
}
