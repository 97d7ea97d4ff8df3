package train

import (
	"fmt"
	"testing"
	"time"

	"bitcycle/kernels"
	"bitcycle/kernels/gemm/peak"
)

// BenchmarkStep measures a training step of ResNet-20 on CIFAR-sized images,
// batch 64. A step does three products of the size of inference (two at the
// first layer, whose input needs no gradient); peak is their share of what the
// cores can multiply and add.
func BenchmarkStep(b *testing.B) {
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) { benchmarkStep(b, workers) })
	}
}

func benchmarkStep(b *testing.B, workers int) {
	const batch = 64
	m, err := New(ResNet("resnet20", kernels.Shape{C: 3, H: 32, W: 32}, []int{16, 32, 64}, 3, 10), 1, workers)
	if err != nil {
		b.Fatal(err)
	}
	data := randomData(m.Spec.Nodes[0].Shape, batch, 10, 1)
	f := &fit{m: m, data: data, o: Options{Batch: batch, Rule: Rule{Momentum: 0.9}}}
	index := shuffled(batch, 1, 1)
	defer m.engine.start()()
	f.begin(0)
	f.step(index, 0.01)
	b.ReportAllocs()
	for b.Loop() {
		f.step(index, 0.01)
	}
	perSecond := batch * float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(perSecond, "images/s")
	b.ReportMetric(100*perSecond*2*float64(m.trainingMACs())/(float64(workers)*peak.Measure("f32", 200*time.Millisecond)), "%peak")
}

// trainingMACs counts the multiplications of a step, per image.
func (m *Model) trainingMACs() int {
	total := 0
	for _, o := range m.ops {
		if c, ok := o.(*conv); ok {
			macs := c.shape.OutH * c.shape.OutW * len(c.weight.Value)
			total += 2 * macs
			if c.in[0].needs {
				total += macs
			}
		}
	}
	return total
}
