package quantizers_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/shipped"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers"
)

// glyphs returns images of the shipped data set as input of the shipped network.
func glyphs(t testing.TB, lo, hi int) (*kernels.Network, kernels.Batch, []int) {
	t.Helper()
	images := dataset.Glyphs("train", lo, hi, 1)
	norm := shipped.Normalization
	x, err := kernels.Normalize(images.Pixels, images.N, kernels.Shape{C: images.C, H: images.H, W: images.W}, norm.Mean, norm.Std)
	if err != nil {
		t.Fatal(err)
	}
	return shipped.Network(), x, images.Labels
}

// drawPolicy draws widths for every kernel, some layers with one for all.
func drawPolicy(t *rapid.T, net *kernels.Network) *quantizers.Policy {
	p := quantizers.Uniform(net, 4, 4, 0, 0)
	for i, n := range net.Layers() {
		l := &p.Layers[i]
		l.ActBits = rapid.SampledFrom([]uint8{2, 4, 4, 8, 16}).Draw(t, "act")
		count := 1
		if rapid.Bool().Draw(t, "by kernel") {
			count = net.Nodes[n].Shape.C
		}
		l.WeightBits = rapid.SliceOfN(rapid.Uint8Range(0, 16), count, count).Draw(t, "weights")
	}
	return p
}

// The workload of bare widths is the workload of the network quantized with them.
func TestShapesCostWhatQuantizedNetworksCost(t *testing.T) {
	net, x, _ := glyphs(t, 0, 4)
	ranges, err := quantizers.Observe(net, x)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		policy := drawPolicy(t, net)
		q, err := ranges.Quantize(context.Background(), policy, x, quantizers.Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, want := q.Lower(), kernels.LowerShape(net, policy.Layers, ranges.Signed())
		for i := range want.Ops {
			op := &want.Ops[i]
			if n := op.VirtualChannels(); op.Kind != workload.Vector && len(op.WeightBits) == 1 {
				op.WeightBits = slices.Repeat(op.WeightBits, n)
			}
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Fatalf("quantized (−) and shape (+):\n%s", diff)
		}
	})
}

// Re-estimation brings every channel's statistics to the float network's, and
// nothing depends on what was calibrated together.
func TestReestimationMatchesMoments(t *testing.T) {
	net, x, _ := glyphs(t, 0, 32)
	ranges, err := quantizers.Observe(net, x)
	if err != nil {
		t.Fatal(err)
	}
	q, err := ranges.Quantize(context.Background(), quantizers.Uniform(net, 4, 4, 8, 8), x, quantizers.Options{Reestimate: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = q.Tune(x, 0, func(layer int, mean, sd []float64) error {
		want := ranges.Stats[layer]
		for c := range mean {
			clamped := q.Layers[layer].Gain[c] == 0.5 || q.Layers[layer].Gain[c] == 2
			if d := abs(mean[c] - want.Mean[c]); d > 1e-6*(1+want.Deviation[c]) {
				t.Errorf("layer %d, channel %d: mean %v, want %v", layer, c, mean[c], want.Mean[c])
			}
			if d := abs(sd[c] - want.Deviation[c]); d > 1e-6*(1+want.Deviation[c]) && !clamped {
				t.Errorf("layer %d, channel %d: deviation %v, want %v", layer, c, sd[c], want.Deviation[c])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// At 8 bits there is next to nothing to match: gains stay near one and biases where
// they are, however few of the calibration images statistics are re-estimated on.
func TestReestimationOnAPartOfTheImages(t *testing.T) {
	net, x, _ := glyphs(t, 0, 96)
	ranges, err := quantizers.Observe(net, x)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{8, 16, 96} {
		options := quantizers.Options{Reestimate: true}
		if n == 8 {
			options.Original = net // as if a method had rewritten the graph
		}
		q, err := ranges.Quantize(context.Background(), quantizers.Uniform(net, 8, 8, 0, 0), x.Slice(0, n), options, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range q.Layers {
			l := &q.Layers[i]
			for c, gain := range l.Gain {
				shift := abs(l.Bias[c]-float64(net.Nodes[l.Node].Bias[c])) / max(ranges.Stats[i].Deviation[c], 1e-3)
				if abs(gain-1) > 0.05 || shift > 0.05 {
					t.Errorf("%d images, layer %d, channel %d: gain %.3f, bias off by %.3f deviations", n, i, c, gain, shift)
				}
			}
		}
	}
}

func abs(x float64) float64 { return max(x, -x) }

func top1(t testing.TB, q *kernels.Quantized, x kernels.Batch, labels []int) float64 {
	t.Helper()
	p, err := kernels.CompileInt(q, kernels.IntOptions{})
	if err != nil {
		t.Fatal(err)
	}
	logits := make([]int32, x.N*p.Classes)
	if err := p.Run(x, logits); err != nil {
		t.Fatal(err)
	}
	right := 0
	for i, label := range labels {
		if kernels.Argmax(logits[i*p.Classes:(i+1)*p.Classes]) == label {
			right++
		}
	}
	return float64(right) / float64(x.N)
}

func TestWiderIsBetter(t *testing.T) {
	net, x, labels := glyphs(t, 0, 512)
	ranges, err := quantizers.Observe(net, x.Slice(0, 128))
	if err != nil {
		t.Fatal(err)
	}
	last := 0.0
	for _, bits := range []uint8{1, 3, 8} {
		q, err := ranges.Quantize(context.Background(), quantizers.Uniform(net, bits, 8, 8, 8), x, quantizers.Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		acc := top1(t, q, x, labels)
		if acc <= last {
			t.Errorf("%d bits: %.3f after %.3f", bits, acc, last)
		}
		last = acc
	}
	if last < 0.9 {
		t.Errorf("8 bits: %.3f", last)
	}
}

func TestQuantizeRejects(t *testing.T) {
	net, x, _ := glyphs(t, 0, 2)
	wrong := quantizers.Uniform(net, 4, 4, 0, 0)
	wrong.Layers[1].Name = "no such layer"
	if _, err := quantizers.Quantize(context.Background(), net, wrong, x, quantizers.Options{}, nil); err == nil {
		t.Error("a policy of another network is accepted")
	}
	if _, err := quantizers.Observe(net, x.Slice(0, 0)); err == nil {
		t.Error("calibration without images is accepted")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := quantizers.Quantize(ctx, net, quantizers.Uniform(net, 4, 4, 0, 0), x, quantizers.Options{}, nil); err == nil {
		t.Error("cancellation is ignored")
	}
}

func ExampleQuantize() {
	net := shipped.Network()
	images, norm := dataset.Glyphs("train", 0, 16, 1), shipped.Normalization
	x, err := kernels.Normalize(images.Pixels, images.N, net.InputShape(), norm.Mean, norm.Std)
	if err != nil {
		panic(err)
	}
	policy := quantizers.Uniform(net, 4, 4, 8, 8) // 4-bit weights and activations, first and last layer 8
	q, err := quantizers.Quantize(context.Background(), net, policy, x, quantizers.Options{Reestimate: true}, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(q.Layers[0].In.Bits, q.Layers[1].In.Bits, q.Layers[1].RowBits[0])
	// Output: 8 4 4
}
