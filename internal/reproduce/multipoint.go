package reproduce

import (
	"context"
	"fmt"
	"path/filepath"

	"bitcycle/arch"
	"bitcycle/internal/evaluate"
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/shipped"
	"bitcycle/quantizers"
	"bitcycle/quantizers/multipoint"
	"bitcycle/reports"
)

// study is a network with the images that it is judged on.
type study struct {
	network     *netfile.File
	data, calib *dataset.Images
}

// studies returns the shipped network and, where the data are, real ones.
func studies(o Options) ([]study, error) {
	n := shipped.Normalization
	data, err := dataset.Load("glyphs[:1000]")
	if err != nil {
		return nil, err
	}
	calib, err := dataset.Load("glyphs:calib[:256]")
	if err != nil {
		return nil, err
	}
	out := []study{{&netfile.File{Name: shipped.Name, Net: shipped.Network(), Mean: n.Mean, Std: n.Std}, data, calib}}
	if o.DataRoot == "" {
		return out, nil
	}
	at := func(parts ...string) string { return filepath.Join(append([]string{o.DataRoot}, parts...)...) }
	real := []struct{ network, data, calib string }{
		{"resnet20", "cifar10:" + at("cifar10", "cifar10-test846-lossless.bin.gz"), "cifar10:" + at("cifar10", "cifar10-train3728-lossless.bin.gz") + "[:256]"},
		{"squeezenet1.1", "images:" + at("imagenet-sample") + "[64:]", "images:" + at("imagenet-sample") + "[:64]"},
		{"mobilenetv2", "images:" + at("imagenet-sample") + "[64:]", "images:" + at("imagenet-sample") + "[:64]"},
	}
	if o.Quick {
		real = real[:1]
	}
	for _, s := range real {
		network, err := netfile.Load(at("networks", s.network+".toml"))
		if err != nil {
			return nil, err
		}
		data, err := dataset.Load(s.data)
		if err != nil {
			return nil, err
		}
		calib, err := dataset.Load(s.calib)
		if err != nil {
			return nil, err
		}
		out = append(out, study{network, data, calib})
	}
	return out, nil
}

func multipointReport(ctx context.Context, o Options) (*Report, error) {
	all, err := studies(o)
	if err != nil {
		return nil, err
	}
	var machines []*arch.Accelerator
	for _, name := range []string{"gemmini-default", "haq-bismo-cloud"} {
		m, err := arch.Load(name, nil)
		if err != nil {
			return nil, err
		}
		machines = append(machines, m)
	}
	r := &Report{Assumptions: []string{
		"first and last layer 8 bits, batch statistics re-estimated in every method; thresholds from 2048 calibration input vectors a layer",
		"bits of equal size: the channels with n points at n·b bits with one scale each",
		"costs are per batch of each machine",
	}}
	settings := []struct{ w, a int }{{4, 8}, {3, 8}, {4, 4}, {2, 8}}
	if o.Quick {
		settings = settings[1:3]
	}
	gains := map[string][2]float64{}
	for _, s := range all {
		for _, set := range settings {
			entries, err := evaluate.Cross(ctx, s.network, rivals(set.w, set.a, o.Seed), machines, s.data, s.calib, o.Workers, o.Progress)
			if err != nil {
				return nil, err
			}
			title := fmt.Sprintf("%s at %d/%d bits", s.network.Name, set.w, set.a)
			r.Tables = append(r.Tables, reports.Cross(title, entries))
			gains[title] = [2]float64{entries[0].Accuracy.Top1, entries[2*len(machines)].Accuracy.Top1}
			if set.w == 3 || set.w == 2 {
				r.Claims = append(r.Claims, Claim{
					Claim: title + ": multipoint against one point on the layer's max grid", Paper: "+12.05 points (ResNet-101, ImageNet, per layer)",
					Ours:  fmt.Sprintf("%+.2f points (%.2f to %.2f %%)", 100*(gains[title][1]-gains[title][0]), 100*gains[title][0], 100*gains[title][1]),
					Holds: gains[title][1] > gains[title][0], Note: "networks differ: only the sign compares",
				})
			}
		}
	}
	return r, nil
}

// rivals are layer-max, clipped, multipoint, and kernel-wise bits of the size
// that multipoint has.
func rivals(w, a int, seed int64) []quantizers.Method {
	base := multipoint.Settings{WeightBits: w, ActBits: a, First: 8, Last: 8, MaxPoints: 1, Solver: multipoint.Hybrid, Reestimate: true, Seed: seed}
	layerMax, clipped, several := base, base, base
	clipped.Clip = true
	several.Clip, several.MaxPoints, several.Tau = true, 4, 0.5
	adaptive := &multipoint.Method{Spec: "multipoint, tau 0.5", Settings: several}
	return []quantizers.Method{
		&multipoint.Method{Spec: "one point, layer max", Settings: layerMax},
		&multipoint.Method{Spec: "one point, layer clip", Settings: clipped},
		adaptive,
		equalSize{adaptive, w},
	}
}

// equalSize gives every output channel as many bits as a multipoint method
// stores for it.
type equalSize struct {
	of *multipoint.Method
	w  int
}

// Name says what it is.
func (equalSize) Name() string { return "kernel-wise bits, equal size" }

// Quantize runs the multipoint method for its points and quantizes with widths
// of points × bits.
func (m equalSize) Quantize(ctx context.Context, net *kernels.Network, calib kernels.Batch, progress func(done, total int)) (*kernels.Quantized, error) {
	q, err := m.of.Quantize(ctx, net, calib, progress)
	if err != nil {
		return nil, err
	}
	policy := quantizers.PolicyOf(q)
	for i := range policy.Layers {
		for c, bits := range policy.Layers[i].WeightBits {
			policy.Layers[i].WeightBits[c] = min(bits, 8)
		}
	}
	return quantizers.Quantize(ctx, net, policy, calib, quantizers.Options{Reestimate: true}, progress)
}
