package quantizers_test

import (
	"context"
	"fmt"
	"testing"

	"bitcycle/internal/testdata"
	"bitcycle/kernels"
	"bitcycle/kernels/netfile"
	"bitcycle/quantizers"
)

// BenchmarkInference measures one image through a whole network on one
// goroutine: in float32, and in integers at several widths. GOP/s counts two
// operations for each multiply-accumulate of the layers.
func BenchmarkInference(b *testing.B) {
	for _, c := range []struct {
		name   string
		images int
	}{{"resnet20", 64}, {"squeezenet1.1", 4}, {"mobilenetv2", 4}} {
		f, err := netfile.Load(testdata.Data(b, "networks/"+c.name+".toml"))
		if err != nil {
			b.Fatal(err)
		}
		x := ramp(f.Net.InputShape(), c.images)
		b.Run(c.name+"/float32", func(b *testing.B) {
			p, err := kernels.Compile(f.Net, kernels.PlanOptions{Workers: 1})
			if err != nil {
				b.Fatal(err)
			}
			perImage(b, f.Net, x, make([]float32, x.N*p.Classes), p.Run)
		})
		ranges, err := quantizers.Observe(f.Net, x)
		if err != nil {
			b.Fatal(err)
		}
		for _, w := range [][2]uint8{{8, 8}, {4, 4}, {2, 2}, {1, 2}, {16, 16}} {
			b.Run(fmt.Sprintf("%s/w%da%d", c.name, w[0], w[1]), func(b *testing.B) {
				q, err := ranges.Quantize(context.Background(), quantizers.Uniform(f.Net, w[0], w[1], 8, 8), x, quantizers.Options{}, nil)
				if err != nil {
					b.Fatal(err)
				}
				p, err := kernels.CompileInt(q, kernels.IntOptions{Workers: 1})
				if err != nil {
					b.Fatal(err)
				}
				perImage(b, f.Net, x, make([]int32, x.N*p.Classes), p.Run)
			})
		}
	}
}

// ramp returns images with smooth values between −2 and 2.
func ramp(s kernels.Shape, n int) kernels.Batch {
	x := kernels.Batch{N: n, Shape: s, Data: make([]float32, n*s.Size())}
	for i := range x.Data {
		x.Data[i] = float32(i*7919%4001)/1000 - 2
	}
	return x
}

func perImage[T any](b *testing.B, net *kernels.Network, x kernels.Batch, out []T, run func(kernels.Batch, []T) error) {
	var widths []kernels.LayerWidths
	for range net.Layers() {
		widths = append(widths, kernels.LayerWidths{Weight: []uint8{8}, Act: 8})
	}
	macs := kernels.LowerShape(net, widths, true).MACs()
	b.ReportAllocs()
	for b.Loop() {
		if err := run(x, out); err != nil {
			b.Fatal(err)
		}
	}
	seconds := b.Elapsed().Seconds() / float64(b.N) / float64(x.N)
	b.ReportMetric(1e3*seconds, "ms/image")
	b.ReportMetric(2*float64(macs)/seconds/1e9, "GOP/s")
}

// BenchmarkQuantize measures what a search pays for one candidate: ResNet-20
// with calibration done.
func BenchmarkQuantize(b *testing.B) {
	f, err := netfile.Load(testdata.Data(b, "networks/resnet20.toml"))
	if err != nil {
		b.Fatal(err)
	}
	x := ramp(f.Net.InputShape(), 64)
	ranges, err := quantizers.Observe(f.Net, x)
	if err != nil {
		b.Fatal(err)
	}
	for _, reestimate := range []bool{false, true} {
		b.Run(fmt.Sprintf("reestimate=%v", reestimate), func(b *testing.B) {
			for b.Loop() {
				policy := quantizers.Uniform(f.Net, 4, 4, 8, 8)
				if _, err := ranges.Quantize(context.Background(), policy, x, quantizers.Options{Reestimate: reestimate}, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
