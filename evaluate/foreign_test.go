package evaluate

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bitcycle/arch"
	"bitcycle/internal/testdata"
	"bitcycle/kernels"
	"bitcycle/kernels/llama2"
	"bitcycle/kernels/onnx"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers"
	"bitcycle/sim"
)

// transformers lists foreign networks with attention and what they leave open.
var transformers = map[string]map[string][]int64{
	"deeploy_cct_fp32_1_16_16_64": nil, "deeploy_cct_fp32_2_32_32_128": nil, "deeploy_tinyvit_demo": nil, "deeploy_microllama1": nil,
	"ppocrv4_rec": {"x": {1, 3, 48, 64}},
}

// Transformers quantize like other networks: what runs in integers is what is
// charged, both factors of a product of activations at their widths, and it is near
// what runs in float.
func TestTransformers(t *testing.T) {
	for name, open := range transformers {
		t.Run(name, func(t *testing.T) {
			m, err := onnx.Load(testdata.Data(t, "onnx/"+name+".onnx"), onnx.Options{Inputs: open})
			if err != nil {
				t.Fatal(err)
			}
			checkQuantized(t, m.Net, randomBatch(m.Net.InputShape(), 4))
		})
	}
}

// Networks with squeeze-excite, functions of one value, resizing, transposed
// convolutions and several outputs do so as well.
func TestForeignNetworks(t *testing.T) {
	for name, open := range map[string]map[string][]int64{
		"ppocrv2_cls": {"x": {1, 3, 48, 96}}, "yunet_n_dynamic": {"input": {1, 3, 64, 96}}, "deeploy_autoencoder1d": nil,
		"espcn_subpixel_float": nil, "tract_keras_tf2": nil, "tract_deconv_group": nil, "mnist_cntk": nil,
	} {
		t.Run(name, func(t *testing.T) {
			m, err := onnx.Load(testdata.Data(t, "onnx/"+name+".onnx"), onnx.Options{Inputs: open})
			if err != nil {
				t.Fatal(err)
			}
			checkQuantized(t, m.Net, randomBatch(m.Net.InputShape(), 4))
		})
	}
}

// So does a language model, which reads numbers of tokens.
func TestLanguageModelQuantizes(t *testing.T) {
	c, err := llama2.Open(testdata.Data(t, "models/language/stories260K.bin"))
	if err != nil {
		t.Fatal(err)
	}
	net, err := c.Network(24)
	if err != nil {
		t.Fatal(err)
	}
	x := randomBatch(net.InputShape(), 4)
	for i := range x.Data {
		x.Data[i] = float32(3 + i*i%500)
	}
	checkQuantized(t, net, x)
}

func randomBatch(s kernels.Shape, n int) kernels.Batch {
	r := rand.New(rand.NewPCG(1, 2))
	b := kernels.Batch{N: n, Shape: s, Data: make([]float32, n*s.Size())}
	for i := range b.Data {
		b.Data[i] = 2*r.Float32() - 1
	}
	return b
}

// checkQuantized quantizes to eight bits, holds the integers to the float network on
// the images, and their workload to that of bare widths. One wrong operator leaves
// noise as large as the signal, 0 dB; eight bits through all of these networks
// measured 18 to 40 dB.
func checkQuantized(t *testing.T, net *kernels.Network, x kernels.Batch) {
	t.Helper()
	policy := quantizers.Uniform(net, 8, 8, 8, 8)
	q, err := quantizers.Quantize(context.Background(), net, policy, x, quantizers.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if db := quantizedSQNR(t, net, q, x); !(db >= 15) {
		t.Errorf("%.1f dB, want 15 at least", db)
	} else {
		t.Logf("%.1f dB", db)
	}
	w, want := q.Lower(), kernels.LowerShape(net, policy.Widths(net), slices.Min(x.Data) < 0)
	dynamic := 0
	for i := range want.Ops {
		op := &want.Ops[i]
		if n := op.VirtualChannels(); op.Kind != workload.Vector && len(op.WeightBits) == 1 && !op.Dynamic {
			op.WeightBits = slices.Repeat(op.WeightBits, n)
		}
		if op.Dynamic {
			if dynamic++; op.ActBits != 8 || op.WeightBits.Max() != 8 {
				t.Errorf("%s: factors of %d and %v bits", op.Name, op.ActBits, op.WeightBits)
			}
		}
	}
	if diff := cmp.Diff(w, want); diff != "" || dynamic != len(net.MatMuls()) {
		t.Errorf("%d products of activations; quantized (−) and shape (+):\n%.2000s", dynamic, diff)
	}
	for _, entry := range arch.List() {
		name := entry.Name
		machine, err := arch.Load(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := sim.Run(context.Background(), machine, w, sim.Options{}); err != nil || r.Totals.Cycles < 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func quantizedSQNR(t *testing.T, net *kernels.Network, q *kernels.Quantized, x kernels.Batch) float64 {
	t.Helper()
	float, err := kernels.Compile(net, kernels.PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	integer, err := kernels.CompileInt(q, kernels.IntOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want, codes := make([]float32, x.N*float.Classes), make([]int32, x.N*integer.Classes)
	if err := float.Run(x, want); err != nil {
		t.Fatal(err)
	}
	if err := integer.Run(x, codes); err != nil {
		t.Fatal(err)
	}
	signal, noise, step := 0.0, 0.0, integer.Grid().Scale
	for i, v := range want {
		d := float64(v) - float64(codes[i])*step
		signal, noise = signal+float64(v)*float64(v), noise+d*d
	}
	return 10 * math.Log10(signal/noise)
}
