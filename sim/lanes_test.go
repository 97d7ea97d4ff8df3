package sim

import (
	"strings"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

// Independent lanes take channels of very different widths faster than lanes in step,
// under every order, and sorted is longest processing time first.
func TestIndependentLanes(t *testing.T) {
	op := workload.Op{Name: "fc", Kind: workload.MatMul, M: 64, K: 512, N: 64, Groups: 1, Batch: 1, ActBits: 8}
	for c := range op.M {
		op.WeightBits = append(op.WeightBits, uint8(c*5%9)) // 0 to 8, spread
	}
	cycles := func(sync, order string) int64 {
		acc := arch.Default(arch.BitSerial, 28)
		acc.Array.Sync, acc.Array.Order, acc.Memory.Kind = sync, order, "ideal"
		return mustRun(t, &acc, op).Totals.Cycles
	}
	even := cycles("lane", "sorted")
	if lpt := cycles("lane", "lpt"); lpt != even {
		t.Errorf("sorted %d cycles, longest first %d", even, lpt)
	}
	for _, order := range []string{"sorted", "inorder"} {
		if step, lane := cycles("tile", order), cycles("lane", order); lane >= step || lane < even {
			t.Errorf("%s: %d cycles in step, %d by itself, %d shared evenly", order, step, lane, even)
		}
	}
}

// A machine names who waits for whom only where it matters to its time.
func TestAssumptionsNameBarriers(t *testing.T) {
	for name, want := range map[string]string{
		"haq-bismo-edge": "synchronised per tile, order sorted", "xpulpnn-8core-22nm": "four output channels share a width, order sorted",
		"finn-streaming": "MHz\n", "eyeriss-v1-65nm": "MHz\n",
	} {
		first := mustRun(t, load(t, name), workload.Op{Name: "fc", Kind: workload.MatMul, M: 4, K: 4, N: 1, Groups: 1, Batch: 1, WeightBits: []uint8{2}, ActBits: 2}).Assumptions[0] + "\n"
		if !strings.Contains(first, want) {
			t.Errorf("%s: %q, want %q", name, first, want)
		}
	}
}

// Depthwise lanes are lanes that the array has: more of them are not free hardware.
func TestDepthwiseLanesAreOfTheArray(t *testing.T) {
	op := workload.Op{
		Name: "depthwise", Kind: workload.Depthwise, M: 1, K: 9, N: 196, Groups: 64, Batch: 1, In: [3]int{64, 16, 16},
		Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Out: [2]int{14, 14}, WeightBits: []uint8{4}, ActBits: 4,
	}
	for _, engine := range arch.Engines() {
		all, more := arch.Default(engine, 28), arch.Default(engine, 28)
		e, err := newMachine(&all)
		if err != nil {
			t.Fatal(err)
		}
		all.Array.DepthwiseLanes, more.Array.DepthwiseLanes = e.engine.Lanes(), 8*e.engine.Lanes()
		a, b := mustRun(t, &all, op), mustRun(t, &more, op)
		if a.Totals != b.Totals || !strings.Contains(strings.Join(b.Assumptions, "\n"), "not the") {
			t.Errorf("%s: %d cycles on all lanes, %d on eight times as many; %q", engine, a.Totals.Cycles, b.Totals.Cycles, b.Assumptions)
		}
	}
}
