package multipoint

import (
	"context"
	"fmt"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers"
)

// Method quantizes a network with multipoint weights.
type Method struct {
	Spec string
	Settings
}

// Settings of the method.
type Settings struct {
	WeightBits, ActBits int
	First, Last         int // bits of the first and the last layer; 0 = as the rest
	// Tau sets the layer's threshold: a channel gets another point while its output
	// error exceeds Tau times the mean naive error of the layer. Negative: every
	// channel gets MaxPoints.
	Tau        float64
	MaxPoints  int
	Solver     Solver
	PerChannel bool // the first point has the channel's own best grid instead of the layer's
	Clip       bool // search the layer's grid scale instead of taking max|w|
	Reestimate bool
	Seed       int64

	// SNR in dB, if positive, replaces WeightBits and Tau: every layer takes the
	// cheapest mix of widths and points that keeps its output's ratio.
	SNR  float64
	Cost LayerCost
}

// Info describes the method.
var Info = quantizers.Info{
	Name: "multipoint", Usage: "multipoint:w=4,a=8,tau=1",
	About: "each output channel a sum of low-bit vectors, as many as its output error asks for (Liu et al., AAAI 2021)",
	Keys: map[string]string{
		"w": "bits of each vector", "a": "activation bits", "first": "bits of the first layer, which keeps one vector; 0 = as the rest",
		"last":   "bits of the last layer, which keeps one vector; 0 = as the rest",
		"tau":    "a channel gets another vector while its output error exceeds this times the layer's mean naive error; -1 = always",
		"points": "vectors of a channel at most", "solver": "how scale and codes of a vector are found",
		"grid": "of the first vector: the layer's, or the best for each channel", "clip": "search the layer's scale instead of taking the largest weight",
		"snr": "instead of w and tau: the cheapest mix of widths and vectors on the machine that keeps each layer's output at this many dB; 0 = off",
		"bn":  "estimate batch statistics again after quantization",
	},
}

// Parse reads "w=4,a=8,tau=1,points=4,solver=hybrid,grid=layer,clip=true,
// first=8,last=8,bn=true"; snr=DB chooses widths and points by cost instead.
func Parse(spec, text string, seed int64) (*Method, error) {
	args := quantizers.ParseArgs(spec, text)
	s := Settings{
		WeightBits: args.Int("w", 4, 2, 8), ActBits: args.Int("a", 8, 1, workload.MaxBits),
		First: args.Int("first", 8, 0, 8), Last: args.Int("last", 8, 0, 8),
		Tau: args.Float("tau", 1, -1, 1e9), MaxPoints: args.Int("points", 4, 1, 8),
		Solver:     Solver(args.Choice("solver", string(Hybrid), string(Exact), string(GridSearch), string(MaxAbsRule), string(Hybrid))),
		PerChannel: args.Choice("grid", "layer", "layer", "channel") == "channel",
		SNR:        args.Float("snr", 0, 0, 80), Clip: args.Bool("clip", true), Reestimate: args.Bool("bn", true), Seed: seed,
	}
	if s.First == 1 {
		args.Refuse("first", "0 or 2 to 8")
	}
	if s.Last == 1 {
		args.Refuse("last", "0 or 2 to 8")
	}
	if err := args.Err(); err != nil {
		return nil, err
	}
	return &Method{Spec: spec, Settings: s}, nil
}

// Name returns the method as written.
func (m *Method) Name() string { return m.Spec }

// LooksAtMachine reports whether the result depends on what Cost says.
func (m *Method) LooksAtMachine() bool { return m.SNR > 0 }

// patchLimit is how many calibration input vectors the output errors rest on.
const patchLimit = 2048

// Quantize gives every output channel as many points as its output error asks for.
func (m *Method) Quantize(ctx context.Context, net *kernels.Network, calib kernels.Batch, progress func(done, total int)) (*kernels.Quantized, error) {
	patches, err := quantizers.SamplePatches(net, calib, patchLimit, uint64(m.Seed))
	if err != nil {
		return nil, err
	}
	policy := quantizers.Uniform(net, uint8(m.WeightBits), uint8(m.ActBits), uint8(m.First), uint8(m.Last))
	last := len(net.Layers()) - 1
	opts := quantizers.Options{Reestimate: m.Reestimate, Weights: func(l *quantizers.Layer) (quantizers.Rows, error) {
		if err := ctx.Err(); err != nil {
			return quantizers.Rows{}, err
		}
		bits := int(policy.Layers[l.Index].WeightBits.At(0))
		single := l.Index == 0 && m.First > 0 || l.Index == last && m.Last > 0
		return m.rows(l, &patches[l.Index], bits, single)
	}}
	return quantizers.Quantize(ctx, net, policy, calib, opts, progress)
}

// rows quantizes one layer; single keeps one point a channel.
func (m *Method) rows(l *quantizers.Layer, p *quantizers.Patches, bits int, single bool) (quantizers.Rows, error) {
	if bits < 2 || bits > 8 {
		return quantizers.Rows{}, fmt.Errorf("weight bits = %d: must be 2 to 8", bits)
	}
	w := make([]float64, len(l.W))
	for i, x := range l.W {
		w[i] = float64(x)
	}
	if m.SNR > 0 && !single {
		return m.choose(l, p, w), nil
	}
	perGroup := l.Channels / p.Groups
	var channels []Channel
	for g := range p.Groups {
		moment := NewMoment(p.Rows[g], l.K)
		part := w[g*perGroup*l.K : (g+1)*perGroup*l.K]
		channels = append(channels, m.group(part, l.K, moment, bits, single)...)
	}
	return pack(channels, l.K, bits), nil
}

// group quantizes the channels that share their inputs.
func (m *Method) group(w []float64, k int, moment *Moment, bits int, single bool) []Channel {
	opts := Options{Bits: bits, MaxPoints: m.MaxPoints, Solver: m.Solver}
	if single {
		opts.MaxPoints = 1
	}
	first := m.firstScales(w, k, moment, bits, single)
	naive := 0.0
	q := make([]float64, k)
	for c, scale := range first {
		row := w[c*k : (c+1)*k]
		Naive(q, row, scale, 0, bits)
		naive += moment.Error(row, q) / float64(len(first))
	}
	opts.Threshold = m.Tau * naive
	return Adapt(w, k, first, moment, opts)
}

// firstScales returns the grid scale of each channel's first point.
func (m *Method) firstScales(w []float64, k int, moment *Moment, bits int, single bool) []float64 {
	scales := make([]float64, len(w)/k)
	layer := MaxAbs(w)
	if m.Clip && !m.PerChannel && !single {
		candidates := ClipCandidates(w)
		_, best := ClipSearch(w, k, candidates, moment, bits)
		layer = candidates[best]
	}
	parallel(len(scales), func(c int) {
		scales[c] = layer
		if m.PerChannel || single {
			scales[c] = BestScaleExact(w[c*k:(c+1)*k], bits).A
		}
	})
	return scales
}

// pack lays points out as rows; points without any nonzero code are dropped
// unless they are a channel's only one.
func pack(channels []Channel, k, bits int) quantizers.Rows {
	var rows quantizers.Rows
	top := float64(Top(bits))
	for _, ch := range channels {
		kept := 0
		for i, p := range ch.Points {
			if p.A == 0 && (kept > 0 || i < len(ch.Points)-1) {
				continue
			}
			kept++
			rows.Bits = append(rows.Bits, uint8(bits))
			rows.Scale = append(rows.Scale, p.A/top)
			for _, c := range p.Codes {
				rows.Codes = append(rows.Codes, int16(c))
			}
		}
		rows.Points = append(rows.Points, uint8(kept))
	}
	return rows
}
