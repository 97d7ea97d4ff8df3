package zoo

import (
	"math"
	"strings"
	"testing"

	"bitcycle/kernels/workload"
)

// counts are what a network has beside the weights of its products.
type counts struct {
	conv, depthwise, dense int // output channels
}

func count(w *workload.Workload) (c counts) {
	for i := range w.Ops {
		op := &w.Ops[i]
		switch {
		case op.Dynamic:
		case op.Kind == workload.Conv:
			c.conv += op.Channels()
		case op.Kind == workload.Depthwise:
			c.depthwise += op.Channels()
		case op.Kind == workload.MatMul:
			c.dense += op.Channels()
		}
	}
	return c
}

// biases: every product has one a channel.
func biases(w *workload.Workload) int {
	c := count(w)
	return c.conv + c.depthwise + c.dense
}

// normalized: a scale and a shift for each channel of a convolution, a bias for the
// others.
func normalized(w *workload.Workload) int {
	c := count(w)
	return 2*(c.conv+c.depthwise) + c.dense
}

// preNormalized: DenseNet scales and shifts what a 1×1 convolution or the classifier
// reads, and what one followed by ReLU writes.
func preNormalized(w *workload.Workload) int {
	sum := 2*1024 + 1000
	for i := range w.Ops {
		op := &w.Ops[i]
		if op.Kind != workload.Conv {
			continue
		}
		if op.Kernel[0] == 1 {
			sum += 2 * op.K
		}
		if op.VectorOps == 2 {
			sum += 2 * op.M
		}
	}
	return sum
}

// keras: biases of convolutions beside four values of each normalized channel.
func keras(normalized int) func(*workload.Workload) int {
	return func(w *workload.Workload) int { return biases(w) + 4*normalized }
}

// The parameters and the multiply-accumulates that others count.
func TestPublishedCounts(t *testing.T) {
	const torchvision = "torchvision, weights' num_params and GFLOPS (of multiply-accumulates) in its documentation"
	const mlperf = "MLPerf Tiny reference models: parameters in the Keras summaries"
	for _, test := range []struct {
		name       string
		parameters int
		beside     func(*workload.Workload) int
		gmacs      float64
		digits     int // of gmacs behind the point
		source     string
	}{
		{"alexnet", 60965224, biases, 0.724, 3, "BVLC reference model of Krizhevsky et al.; 724 M of Sze et al., Proc. IEEE 2017, table II"},
		{"vgg16", 138357544, biases, 15.47, 2, torchvision},
		{"resnet18", 11689512, normalized, 1.814, 3, torchvision},
		{"resnet34", 21797672, normalized, 3.664, 3, torchvision},
		{"resnet50", 25557032, normalized, 4.089, 3, torchvision},
		{"resnet101", 44549160, normalized, 7.801, 3, torchvision},
		{"resnet152", 60192808, normalized, 11.514, 3, torchvision},
		// 27161264 with the auxiliary classifier: 98304 + 2457600 weights, 2·(128+768), 768·1000 + 1000.
		{"inception-v3", 27161264 - 98304 - 2457600 - 1792 - 769000, normalized, 5.713, 3, torchvision},
		{"mobilenet-v1", 4231976, normalized, 0.569, 3, "Howard et al., 2017, table 4: 4.2 M and 569 M"},
		{"mobilenet-v2", 3504872, normalized, 0.301, 3, torchvision},
		{"mobilenet-v3-large", 5483032, normalized, 0.217, 3, torchvision},
		{"mobilenet-v3-small", 2542856, normalized, 0.057, 3, torchvision},
		{"efficientnet-b0", 5288548, normalized, 0.386, 3, torchvision},
		{"densenet121", 7978856, preNormalized, 2.834, 3, torchvision},
		{"squeezenet-1.0", 1248424, biases, 0.819, 3, torchvision},
		{"squeezenet-1.1", 1235496, biases, 0.349, 3, torchvision},
		{"yolov3-tiny", (35434956 - 20) / 4, func(w *workload.Workload) int { return 4*(count(w).conv-2*255) + 2*255 }, 5.56 / 2, 2, "bytes of the authors' weight file, 20 of them its header; 5.56 GFLOPS on their page"},
		{"tiny-resnet8", 78666, keras(240), 0.012501632, 9, mlperf},
		{"tiny-ds-cnn", 24908, keras(576), 0.002656768, 9, mlperf},
		{"tiny-mobilenet", 221794, keras(2736), 0.007489664, 9, mlperf},
		{"tiny-autoencoder", 269992, keras(1032), 0.000264192, 9, mlperf},
		// Word, position and type embeddings; two normalizations a layer and one of the embeddings.
		{"bert-base", 109482240, func(w *workload.Workload) int { return biases(w) + (30522+512+2)*768 + 25*2*768 }, 11.174215680, 9, "bert-base-uncased; multiply-accumulates by the formulas of TestTransformerProducts"},
		{"vit-b16", 86567656, func(w *workload.Workload) int { return biases(w) + (1+197)*768 + 25*2*768 }, 17.564, 3, torchvision},
		// The decoder's matrix is the embedding's.
		{"gpt2-decode", 124439808, func(w *workload.Workload) int { return biases(w) - 50257 + 1024*768 + 25*2*768 }, 0.142406400, 9, "gpt2 of OpenAI: 124 M parameters; multiply-accumulates as BERT's"},
		{"llama2-7b-decode", 6738415616, func(*workload.Workload) int { return 32000*4096 + 65*4096 }, 7.143948288, 9, "Llama-2-7b: 6.74 B parameters; multiply-accumulates as BERT's"},
	} {
		w := find(test.name).Workload()
		if got := int(w.WeightCount()) + test.beside(w); got != test.parameters {
			t.Errorf("%s: %d parameters, published %d (%s)", test.name, got, test.parameters, test.source)
		}
		unit := math.Pow10(-test.digits)
		if got := float64(w.MACs()) / 1e9; math.Abs(got-test.gmacs) > unit/2*1.0001 {
			t.Errorf("%s: %.9f GMACs, published %v (%s)", test.name, got, test.gmacs, test.source)
		}
	}
}

// The multiply-accumulates of GoogLeNet's stages in millions (Szegedy et al., CVPR
// 2015, table 1, to the million above or below), but for two: the table's 34 of the
// first convolution and 54 of module 5a are not those of its own columns.
func TestInceptionV1Stages(t *testing.T) {
	stages := map[string]int64{}
	w := find("inception-v1").Workload()
	for i := range w.Ops {
		stage, _, _ := strings.Cut(w.Ops[i].Name, ".")
		stages[stage] += w.Ops[i].MACs()
	}
	for stage, want := range map[string]int64{
		"conv1": 118, "conv2": 360, "inception3a": 128, "inception3b": 304, "inception4a": 73, "inception4b": 88, "inception4c": 100,
		"inception4d": 119, "inception4e": 170, "inception5a": 51, "inception5b": 71, "fc": 1,
	} {
		if got := stages[stage]; got <= (want-1)*1e6 || got >= (want+1)*1e6 {
			t.Errorf("%s: %d, published %d million", stage, got, want)
		}
	}
}

// Multiply-accumulates of transformers by the formulas of Hoffmann et al., 2022,
// appendix F: projections, products of queries with keys and of probabilities with
// values, dense layers, and here the words of one token alone.
func TestTransformerProducts(t *testing.T) {
	for _, test := range []struct {
		name                                       string
		fresh, context, layers, model, projections int
		hidden, matrices, words                    int // of the dense layers, and the last matrix
	}{
		{"bert-base", 128, 128, 12, 768, 4, 3072, 2, 768},
		{"gpt2-prefill", 1024, 1024, 12, 768, 4, 3072, 2, 50257},
		{"gpt2-decode", 1, 1024, 12, 768, 4, 3072, 2, 50257},
		{"llama2-7b-prefill", 2048, 2048, 32, 4096, 4, 11008, 3, 32000},
		{"llama2-7b-decode", 1, 2048, 32, 4096, 4, 11008, 3, 32000},
	} {
		layer := test.fresh*test.model*(test.projections*test.model+test.matrices*test.hidden) + 2*test.fresh*test.context*test.model
		want := int64(test.layers*layer + test.model*test.words)
		if got := find(test.name).Workload().MACs(); got != want {
			t.Errorf("%s: %d multiply-accumulates, want %d", test.name, got, want)
		}
	}
}

// The operations of BERT-base on 128 tokens: 22.5 GFLOPs (Jiao et al., Findings of
// EMNLP 2020, table 1), element-wise work among them.
func TestBERTOperations(t *testing.T) {
	w := find("bert-base").Workload()
	flops := 2 * float64(w.MACs())
	for i := range w.Ops {
		if op := &w.Ops[i]; op.Kind == workload.Vector {
			flops += float64(op.VectorOps)
		}
	}
	if flops < 22.3e9 || flops > 22.6e9 {
		t.Errorf("%.2f GFLOPs, published 22.5", flops/1e9)
	}
}

// The operations of the variants that Vitis AI's model zoo lists (Xilinx/Vitis-AI v2.5,
// model_zoo/README.md): two for each multiply-accumulate of TensorFlow models.
func TestVariantsCounts(t *testing.T) {
	for name, c := range map[string]struct {
		gop    float64
		within float64 // of it
	}{
		"resnet50-v1":           {7.76, 0.01}, // Keras
		"resnet50-v1-slim":      {6.97, 0.005},
		"resnet101-v1-slim":     {14.40, 0.005},
		"resnet152-v1-slim":     {21.83, 0.005},
		"resnet50-v2-slim":      {13.10, 0.005},
		"resnet101-v2-slim":     {26.78, 0.005},
		"resnet152-v2-slim":     {40.47, 0.005},
		"inception-v1-slim":     {3.00, 0.005},
		"inception-v2":          {4.0, 0.02}, // Caffe
		"inception-v2-slim":     {3.88, 0.005},
		"inception-v4":          {24.55, 0.005},
		"inception-resnet-v2":   {26.35, 0.005},
		"vgg19":                 {39.28, 0.005},
		"squeezenet-1.1-227":    {0.76, 0.03}, // Caffe
		"mobilenet-v1-0.25-128": {0.027, 0.02},
		"mobilenet-v1-0.5-160":  {0.150, 0.03},
		"mobilenet-v2-1.4":      {1.16, 0.01},
		"mobilenet-edge-0.75":   {2 * 0.624, 0.005}, // listed are multiply-accumulates
		"mobilenet-edge-1.0":    {2 * 0.990, 0.005},
		"efficientnet-edge-s":   {4.72, 0.005},
		"efficientnet-edge-m":   {7.34, 0.005},
		"efficientnet-edge-l":   {19.36, 0.005},
		"ssd-mobilenet-v1":      {2.47, 0.005},
		"ssd-mobilenet-v2":      {3.75, 0.02},
		"ssdlite-mobilenet-v2":  {1.50, 0.005},
		"ssd-inception-v2":      {9.62, 0.02},
		"ssd-resnet50-fpn":      {178.4, 0.005},
		"yolov2-voc":            {34, 0.005},
		"yolov3-voc":            {65.63, 0.005},
		"yolov3-coco":           {65.9, 0.005},
		"yolov4-416":            {60.3, 0.005},
		"yolov4-512":            {91.2, 0.005},
		// Keras counts 65 M multiply-accumulates.
		"mobilenet-v3-small-minimal": {2 * 0.065, 0.2},
	} {
		if got := 2 * float64(find(name).Workload().MACs()) / 1e9; math.Abs(got/c.gop-1) > c.within {
			t.Errorf("%s: %.3f GOP, listed %v", name, got, c.gop)
		}
	}
}

// The visual wake words network without its dead channels is half of it.
func TestLiveChannels(t *testing.T) {
	whole, live := find("tiny-mobilenet").Workload().MACs(), find("tiny-mobilenet-live").Workload().MACs()
	if share := float64(live) / float64(whole); share < 0.45 || share > 0.55 {
		t.Errorf("%d of %d multiply-accumulates", live, whole)
	}
}
