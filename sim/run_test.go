package sim

import (
	"context"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/simtest"
)

// resnet18 has ResNet-18's shapes at 224×224.
func resnet18(w, a uint8) *workload.Workload {
	net := &workload.Workload{Name: "resnet18"}
	add := func(op workload.Op) int { net.Ops = append(net.Ops, op); return len(net.Ops) - 1 }
	last := add(simtest.Conv("conv1", 3, 224, 64, 7, 2, 8, 8))
	last = add(workload.Op{Name: "pool", Kind: workload.Vector, Batch: 1, ActBits: a, VectorOps: 9 * 64 * 56 * 56, ElementsIn: 64 * 112 * 112, ElementsOut: 64 * 56 * 56, From: []int{last}})
	in, size := 64, 56
	for stage, out := range []int{64, 128, 256, 512} {
		for block := range 2 {
			stride := 1
			if stage > 0 && block == 0 {
				stride = 2
			}
			short := last
			first := simtest.Conv("a", in, size, out, 3, stride, w, a)
			first.From = []int{last}
			last = add(first)
			if stride == 2 {
				down := simtest.Conv("down", in, size, out, 1, 2, w, a)
				down.From = []int{short}
				down.Pad = [4]int{}
				down.Out = [2]int{size / 2, size / 2}
				down.N = size / 2 * size / 2
				short = add(down)
				size /= 2
			}
			second := simtest.Conv("b", out, size, out, 3, 1, w, a)
			second.From = []int{last}
			if short == last+1 {
				second.From = []int{last}
			}
			last = add(second)
			n := out * size * size
			last = add(workload.Op{Name: "add", Kind: workload.Vector, Batch: 1, ActBits: a, VectorOps: n, ElementsIn: 2 * n, ElementsOut: n, From: []int{last, short}})
			in = out
		}
	}
	pool := add(workload.Op{Name: "avgpool", Kind: workload.Vector, Batch: 1, ActBits: a, VectorOps: 512 * 49, ElementsIn: 512 * 49, ElementsOut: 512, From: []int{last}})
	add(workload.Op{Name: "fc", Kind: workload.MatMul, M: 1000, K: 512, N: 1, Groups: 1, Batch: 1, WeightBits: []uint8{8}, ActBits: 8, From: []int{pool}})
	return net
}

// mobilenetv2 has MobileNetV2's 53 weight layers at 224×224, first to last at w and a bits.
func mobilenetv2(w, a uint8) *workload.Workload {
	net := &workload.Workload{Name: "mobilenetv2"}
	add := func(op workload.Op) { net.Ops = append(net.Ops, op) }
	add(simtest.Conv("conv", 3, 224, 32, 3, 2, w, a))
	in, size := 32, 112
	for _, s := range [][4]int{{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}} {
		for i := range s[2] {
			stride, wide := 1, in*s[0]
			if i == 0 {
				stride = s[3]
			}
			if s[0] != 1 {
				add(simtest.Conv("expand", in, size, wide, 1, 1, w, a))
			}
			add(simtest.Depthwise("depthwise", wide, size, 3, stride, w, a))
			size /= stride
			add(simtest.Conv("project", wide, size, s[1], 1, 1, w, a))
			in = s[1]
		}
	}
	add(simtest.Conv("head", 320, 7, 1280, 1, 1, w, a))
	add(workload.Op{Name: "fc", Kind: workload.MatMul, M: 1000, K: 1280, N: 1, Groups: 1, Batch: 1, WeightBits: []uint8{w}, ActBits: a})
	return net
}

func load(t testing.TB, name string, set ...string) *arch.Accelerator {
	t.Helper()
	acc, err := arch.Load(name, set)
	if err != nil {
		t.Fatal(err)
	}
	return acc
}

func TestRunOnEveryShippedMachine(t *testing.T) {
	for _, machine := range arch.List() {
		for _, w := range []*workload.Workload{resnet18(4, 4), mobilenetv2(8, 8)} {
			acc := load(t, machine.Name)
			r, err := Run(context.Background(), acc, w, Options{})
			if err != nil {
				t.Errorf("%s on %s: %v", w.Name, machine.Name, err)
				continue
			}
			if r.Totals.Cycles <= 0 || r.Totals.Stalls.Total() != r.Totals.Cycles || !(r.Totals.Energy.Total() > 0) {
				t.Errorf("%s on %s: %+v", w.Name, machine.Name, r.Totals)
			}
			for _, l := range r.Layers {
				t.Logf("   %s %s: %d: %s", l.Name, l.Shape, l.Cycles, l.Mapping)
			}
			t.Logf("%-24s %-12s %11d cycles %8.3f mJ util %.2f %+v", machine.Name, w.Name, r.Totals.Cycles, r.Totals.Energy.Total()*1e-9, r.Totals.Utilisation, r.Totals.Stalls)
		}
	}
}
