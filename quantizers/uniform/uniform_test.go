package uniform

import (
	"context"
	"math"
	"strings"
	"testing"

	"bitcycle/internal/testdata"
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/onnx"
	"bitcycle/quantizers"
)

func batch(t *testing.T, f *netfile.File, images *dataset.Images) kernels.Batch {
	t.Helper()
	b, err := kernels.Normalize(images.Pixels, images.N, kernels.Shape{C: images.C, H: images.H, W: images.W}, f.Mean, f.Std)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func load(t *testing.T, set string) *dataset.Images {
	t.Helper()
	images, err := dataset.Load(set)
	if err != nil {
		t.Fatal(err)
	}
	return images
}

// ResNet-20 on the 846 lossless test images of CIFAR-10, first and last layer
// 8/8: within 1.5 points of figures measured independently on the same images.
func TestResNet20(t *testing.T) {
	network, err := netfile.Load(testdata.Data(t, "networks/resnet20.toml"), onnx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	data := load(t, "cifar10:"+testdata.Data(t, "cifar10/cifar10-test846-lossless.bin.gz"))
	calib := load(t, "cifar10:"+testdata.Data(t, "cifar10/cifar10-train3728-lossless.bin.gz")+"[:256]")
	calibration := batch(t, network, calib)
	ranges, err := quantizers.Observe(network.Net, calibration)
	if err != nil {
		t.Fatal(err)
	}
	images := batch(t, network, data)
	for spec, want := range map[string]float64{
		"w=8,a=8": .9208, "w=4,a=4": .9054, "w=4,a=4,bn=false": .8901, "w=3,a=8": .9019, "w=8,a=3,bn=false": .8983,
		"w=5,a=8,bn=false,scale=layer": .9043, "w=4,a=8,bn=false,scale=layer": .8723,
	} {
		method, err := Parse("uniform:"+spec, spec)
		if err != nil {
			t.Fatal(err)
		}
		policy, err := method.Policy(network.Net)
		if err != nil {
			t.Fatal(err)
		}
		q, err := ranges.Quantize(context.Background(), policy, calibration, method.Options, nil)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := kernels.CompileInt(q, kernels.IntOptions{})
		if err != nil {
			t.Fatal(err)
		}
		logits := make([]int32, data.N*plan.Classes)
		if err := plan.Run(images, logits); err != nil {
			t.Fatal(err)
		}
		right := 0
		for i, label := range data.Labels {
			if kernels.Argmax(logits[i*plan.Classes:(i+1)*plan.Classes]) == label {
				right++
			}
		}
		top1 := float64(right) / float64(data.N)
		t.Logf("%s: %.2f %% (reference %.2f %%)", spec, 100*top1, 100*want)
		if math.Abs(top1-want) > 0.015 {
			t.Errorf("%s: top-1 %.4f, reference %.4f", spec, top1, want)
		}
	}
}

func TestParseRejects(t *testing.T) {
	for text, want := range map[string]string{
		"w=17": "w = 17: must be 0 to 16", "a=0": "must be 1 to 16", "x=1": `no argument "x"`, "w": "want key=value",
		"bn=maybe": "true or false", "scale=kernel": "one of channel, layer",
		"clip=half": "one of mse, max, percentile", "group=-1": "must be 0 to", "group=9,scale=layer": "exclude each other", "percentile=101": "50 to 100", "w=4,w=5": "want each key once",
	} {
		if _, err := Parse("uniform:"+text, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}
