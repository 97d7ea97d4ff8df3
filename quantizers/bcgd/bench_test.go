package bcgd

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/gemm/peak"
	"bitcycle/kernels/train"
)

const benchBatch = 64

// resNet20 returns the network of CIFAR-10 with one batch of noise, and what an
// image costs in multiplications, forward.
func resNet20() (spec *train.Spec, data *train.Data, macs float64) {
	spec = train.ResNet("resnet20", kernels.Shape{C: 3, H: 32, W: 32}, []int{16, 32, 64}, 3, 10)
	im := &dataset.Images{Name: "noise", N: benchBatch, H: 32, W: 32, C: 3}
	r := rand.New(rand.NewPCG(1, 1))
	for range im.N * im.Size() {
		im.Pixels = append(im.Pixels, uint8(r.Uint32()))
	}
	for range im.N {
		im.Labels = append(im.Labels, r.IntN(10))
	}
	// 3×3 convolutions of the stem, three stages, and the 1×1 shortcuts.
	const stem, full, half, shortcut = 9 * 3 * 16 * 1024, 9 * 16 * 16 * 1024, 9 * 16 * 32 * 256, 16 * 32 * 256
	return spec, &train.Data{Images: im, Normalization: dataset.Normalization{Mean: []float32{128}, Std: []float32{64}}},
		stem + 6*full + 2*(half+5*full+shortcut) + 640
}

// report adds images per second and the share of the cores' float32 peak.
func report(b *testing.B, workers int, macs float64) {
	b.Helper()
	perSecond := benchBatch * float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(perSecond, "images/s")
	b.ReportMetric(100*perSecond*2*macs/peak.Together("f32", workers, 200*time.Millisecond), "%peak")
}

// BenchmarkStep measures training steps of ResNet-20, float and quantized side by
// side, batch 64. A step does three products of the size of inference.
func BenchmarkStep(b *testing.B) {
	for _, workers := range []int{1, 2} {
		for _, bits := range [][2]int{{0, 0}, {1, 4}, {4, 4}} {
			name := "float"
			if bits[0] > 0 {
				name = fmt.Sprintf("%dw%da", bits[0], bits[1])
			}
			b.Run(fmt.Sprintf("%s/workers=%d", name, workers), func(b *testing.B) { benchmarkStep(b, bits[0], bits[1], workers) })
		}
	}
}

func benchmarkStep(b *testing.B, w, a, workers int) {
	spec, data, macs := resNet20()
	ctx := context.Background()
	var m *train.Model
	o := train.Options{Batch: benchBatch, Rate: train.Steps(0.01, 1), Rule: train.Rule{Momentum: 0.9}}
	if w == 0 {
		var err error
		if m, err = train.New(spec, 1, workers); err != nil {
			b.Fatal(err)
		}
	} else {
		c := Defaults(w, a, 1)
		c.Workers = workers
		n := prepared(b, spec, data, c)
		m, o.BeforeStep, o.Rule.Blend = n.Model, func(float64) { n.follow() }, 1e-5
	}
	o.Epochs = 1 // of one step
	if _, err := train.Fit(ctx, m, data, nil, o); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	o.Epochs = b.N
	if _, err := train.Fit(ctx, m, data, nil, o); err != nil {
		b.Fatal(err)
	}
	report(b, workers, 3*macs)
}
