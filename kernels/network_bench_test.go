package kernels_test

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"testing"
	"time"

	"bitcycle/internal/testdata"
	"bitcycle/kernels"
	"bitcycle/kernels/gemm/peak"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/onnx"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers"
)

// BenchmarkInference measures images through whole networks: in float32 and in integers at several
// widths, on one goroutine, and on two for ResNet-20. A rate is the best of single runs, two operations for each
// multiply-accumulate; %peak is its share of the cores' float32 peak measured just before, xfloat what
// it is to the float network's rate with as many goroutines in this run, MiB what the compiled plan keeps.
func BenchmarkInference(b *testing.B) {
	for _, c := range []struct {
		name            string
		images, workers int
	}{{"resnet20", 64, 1}, {"resnet20", 128, 2}, {"squeezenet1.1", 4, 1}, {"mobilenetv2", 4, 1}} {
		f, err := netfile.Load(testdata.Data(b, "networks/"+c.name+".toml"), onnx.Options{})
		if err != nil {
			b.Fatal(err)
		}
		n := &inference{net: f.Net, x: ramp(f.Net.InputShape(), c.images), workers: c.workers}
		name := fmt.Sprintf("%s/workers=%d/", c.name, c.workers)
		b.Run(name+"float32", n.float32)
		if n.ranges, err = quantizers.Observe(f.Net, n.x); err != nil {
			b.Fatal(err)
		}
		for _, w := range [][2]uint8{{16, 16}, {8, 8}, {4, 4}, {2, 2}, {1, 2}, {1, 1}} {
			b.Run(fmt.Sprintf("%sw%da%d", name, w[0], w[1]), func(b *testing.B) { n.integers(b, w[0], w[1]) })
		}
	}
}

// inference is a network with images for it.
type inference struct {
	net     *kernels.Network
	x       kernels.Batch
	workers int
	ranges  *quantizers.Ranges
	float   float64 // best rate in float32
}

func (n *inference) float32(b *testing.B) {
	before := heap()
	p, err := kernels.Compile(n.net, kernels.PlanOptions{Workers: n.workers})
	if err != nil {
		b.Fatal(err)
	}
	memory := heap() - before
	out := make([]float32, n.x.N*p.Classes)
	n.float = n.measure(b, memory, func() error { return p.Run(n.x, out) })
}

func (n *inference) integers(b *testing.B, weights, acts uint8) {
	policy := quantizers.Uniform(n.net, weights, acts, 8, 8)
	q, err := n.ranges.Quantize(context.Background(), policy, n.x, quantizers.Options{}, nil)
	if err != nil {
		b.Fatal(err)
	}
	before := heap()
	p, err := kernels.CompileInt(q, kernels.IntOptions{Workers: n.workers})
	if err != nil {
		b.Fatal(err)
	}
	memory := heap() - before
	out := make([]int32, n.x.N*p.Classes)
	rate := n.measure(b, memory, func() error { return p.Run(n.x, out) })
	b.ReportMetric(rate/n.float, "xfloat")
}

// measure reports the rate of run and returns it in operations per second.
func (n *inference) measure(b *testing.B, memory float64, run func() error) float64 {
	top := float64(n.workers) * peak.Measure("f32", 50*time.Millisecond)
	best := math.Inf(1)
	b.ReportAllocs()
	for b.Loop() {
		begin := time.Now()
		if err := run(); err != nil {
			b.Fatal(err)
		}
		best = min(best, time.Since(begin).Seconds())
	}
	rate := 2 * float64(n.macs()) * float64(n.x.N) / best
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(1e3*best/float64(n.x.N), "ms/image")
	b.ReportMetric(rate/1e9, "Gop/s")
	b.ReportMetric(100*rate/top, "%peak")
	b.ReportMetric(memory, "MiB")
	return rate
}

// macs counts the multiply-accumulates of an image.
func (n *inference) macs() int64 {
	var widths []workload.LayerWidths
	for range n.net.Layers() {
		widths = append(widths, workload.LayerWidths{WeightBits: workload.Widths{8}, ActBits: 8})
	}
	return kernels.LowerShape(n.net, widths, true).MACs()
}

// heap is the memory in use in MiB.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// ramp returns images with smooth values between −2 and 2.
func ramp(s kernels.Shape, n int) kernels.Batch {
	x := kernels.Batch{N: n, Shape: s, Data: make([]float32, n*s.Size())}
	for i := range x.Data {
		x.Data[i] = float32(i*7919%4001)/1000 - 2
	}
	return x
}

// BenchmarkQuantize measures what a search pays for one candidate: ResNet-20
// with calibration done.
func BenchmarkQuantize(b *testing.B) {
	f, err := netfile.Load(testdata.Data(b, "networks/resnet20.toml"), onnx.Options{})
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
