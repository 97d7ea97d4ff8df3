package sim

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"bitcycle/kernels/workload"
)

// mapped runs a convolution with given loops on a machine.
func mapped(t *testing.T, machine string, m workload.Mapping, set ...string) (*Result, error) {
	t.Helper()
	op := workload.Op{
		Name: "conv", Kind: workload.Conv, M: 64, K: 64 * 9, N: 28 * 28, Groups: 1, Batch: 1, ActBits: 8, WeightBits: workload.Widths{8},
		In: [3]int{64, 28, 28}, Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Pad: [4]int{1, 1, 1, 1}, Dilation: [2]int{1, 1}, Out: [2]int{28, 28},
	}
	twin := op
	twin.Name, twin.From = "twin", []int{-1}
	return Run(context.Background(), load(t, machine, set...), &workload.Workload{Name: "w", Ops: []workload.Op{op, twin}}, Options{Mapping: m})
}

// A layer is cut as it is given, one that looks the same and is not named by the machine.
func TestGivenLoops(t *testing.T) {
	m := workload.Mapping{"conv": {OH: 7, OW: 14, OC: 32, IC: 16, Order: []string{"OC", "OH", "OW", "IC"}}}
	for machine, want := range map[string]string{
		"gemmini-default":        "64 calls, outermost first: OC 32 OH 7 OW 14 IC 16 B 1 KH 3 KW 3",
		"gemmini-firesim":        "64 calls, outermost first: OC 32 OH 7 OW 14 IC 16 B 1 KH 3 KW 3",
		"multipoint-int8-array":  "64 tiles of 1×7×14 positions × 32 channels × 16 inputs, weights stay",
		"bitfusion-eyeriss-45nm": "OC 2 of 32 > OH 4 of 7 > OW 2 of 14 > IC 4 of 16",
	} {
		var set []string
		if machine == "bitfusion-eyeriss-45nm" {
			set = []string{"buffers.weights.bytes=1MiB", "buffers.inputs.bytes=1MiB", "buffers.outputs.bytes=1MiB"}
		}
		r, err := mapped(t, machine, m, set...)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Layers[0].Mapping.String(); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", machine, got, want)
		}
		if r.Layers[1].Mapping == r.Layers[0].Mapping || r.Layers[1].Cycles == r.Layers[0].Cycles {
			t.Errorf("%s: the other layer is cut like it: %s", machine, r.Layers[1].Mapping)
		}
		if host := r.Layers[0].Stalls.Host; host != 0 {
			t.Errorf("%s: the host searches for %d cycles", machine, host)
		}
		if !strings.Contains(fmt.Sprint(r.Assumptions), "loops are given") {
			t.Errorf("%s does not say so: %s", machine, r.Assumptions)
		}
	}
}

// What cannot be is refused.
func TestGivenLoopsRefused(t *testing.T) {
	for _, c := range []struct {
		machine, want string
		loops         workload.Loops
		set           []string
	}{
		{"gemmini-default", "the given tile does not fit", workload.Loops{OC: 64}, []string{"buffers.outputs.bytes=8192"}},
		{"gemmini-default", "want each of", workload.Loops{Order: []string{"OC", "OC"}}, nil},
		{"multipoint-int8-array", "the given tile does not fit", workload.Loops{OC: 64}, []string{"buffers.outputs.bytes=8192"}},
		{"multipoint-int8-array", "cut the window", workload.Loops{KH: 1}, nil},
		{"scalesim-32x32", "cuts no layer", workload.Loops{OC: 16}, nil},
		{"haq-bismo-cloud", "cuts no layer", workload.Loops{OC: 16}, nil},
	} {
		_, err := mapped(t, c.machine, workload.Mapping{"*": &c.loops}, c.set...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %+v: %v, want %q", c.machine, c.loops, err, c.want)
		}
	}
}

// Layers that are too large to be run line by line are named.
func TestTooLargeForLines(t *testing.T) {
	op := workload.Op{Name: "big", Kind: workload.MatMul, M: 16384, K: 16384, N: 4096, Groups: 1, Batch: 1, ActBits: 8, WeightBits: workload.Widths{8}}
	r := mustRun(t, load(t, "gemmini-firesim"), op)
	if !strings.Contains(fmt.Sprint(r.Assumptions), "by the footprint of loops: big") {
		t.Errorf("%s", r.Assumptions)
	}
}
