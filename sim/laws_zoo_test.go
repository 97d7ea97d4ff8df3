package sim

import (
	"context"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/kernels/workload/zoo"
)

// TestLawsOnShipped runs every shipped network on every shipped machine. Each must add up
// and move what it must; the small ones are also run in other words, which must not matter.
func TestLawsOnShipped(t *testing.T) {
	for _, acc := range shippedMachines() {
		t.Run(acc.Name, func(t *testing.T) {
			for _, entry := range zoo.List() {
				w := entry.Workload()
				if giants[entry.Name] || testing.Short() && w.MACs() > 1e8 {
					continue
				}
				r := runOn(t, acc, w)
				addsUp(t, r)
				movesItsTensors(t, acc, w, r)
				if w.MACs() < 2e7 {
					saysTheSame(t, acc, w, r)
				}
			}
		})
	}
}

func runOn(t *testing.T, acc *arch.Accelerator, w *workload.Workload) *Result {
	t.Helper()
	r, err := Run(context.Background(), acc, w, Options{})
	if err != nil {
		t.Fatalf("%s: %v", w.Name, err)
	}
	return r
}

// chained tells whether what a layer moves depends on those beside it.
func chained(acc *arch.Accelerator) bool {
	return acc.Buffers.LayerReuse || acc.Engine == arch.Streaming
}

func movesItsTensors(t *testing.T, acc *arch.Accelerator, w *workload.Workload, r *Result) {
	if got, want := r.Totals.MACs, w.MACs()*int64(acc.Batch); got != want {
		t.Errorf("%s: %d multiply-accumulates, want %d", w.Name, got, want)
	}
	var weights int64
	for i := range w.Ops {
		op := &w.Ops[i]
		if op.Kind > workload.MatMul || op.Dynamic {
			continue
		}
		weights += op.WeightBits.Sum(op.VirtualChannels()) * int64(op.K)
		if l := &r.Layers[i]; !chained(acc) {
			if reads, _ := compulsory(acc, op); l.DRAMRead < reads {
				t.Errorf("%s, %s: %d bytes read, %d are compulsory", w.Name, op.Name, l.DRAMRead, reads)
			}
		}
	}
	if r.Totals.DRAMRead < weights/8 {
		t.Errorf("%s: %d bytes read, the weights are %d", w.Name, r.Totals.DRAMRead, weights/8)
	}
}

// saysTheSame runs a network in other words: its products in the other notation, a batch
// in its operations instead of the machine, its layers one by one, and by an evaluator.
func saysTheSame(t *testing.T, acc *arch.Accelerator, w *workload.Workload, r *Result) {
	if !acc.Memory.OwnNotation() {
		other := runOn(t, acc, rewritten(w)).Totals
		other.Fit = r.Totals.Fit // rows of a map are kept, which a product has not
		if other != r.Totals {
			t.Errorf("%s costs %+v\nin the other notation %+v", w.Name, r.Totals, other)
		}
	}
	inMachine, inOps := *acc, *acc
	inMachine.Batch, inOps.Batch = 3, 1
	if a, b := runOn(t, &inMachine, w).Totals, runOn(t, &inOps, batched(w, 3)).Totals; a != b {
		t.Errorf("%s: a batch of the machine costs %+v\nof its operations %+v", w.Name, a, b)
	}
	if !chained(acc) && !acc.Array.FirstLayerFlat {
		layersAlone(t, acc, w)
	}
	e, err := NewEvaluator(acc, w)
	if err != nil {
		t.Fatal(err)
	}
	if cycles, energy := e.Cost(); cycles != r.Totals.Cycles || !near(energy, r.Totals.Energy.Total()) {
		t.Errorf("%s: %d cycles and %g pJ, an evaluator says %d and %g", w.Name, r.Totals.Cycles, r.Totals.Energy.Total(), cycles, energy)
	}
}

// layersAlone runs each layer by itself, its outputs as wide as in the network.
func layersAlone(t *testing.T, acc *arch.Accelerator, w *workload.Workload) {
	wide := batched(w, 1)
	for i := range wide.Ops {
		wide.Ops[i].OutBits = 8
	}
	r := runOn(t, acc, wide)
	for i, op := range wide.Ops {
		op.From = nil
		l := runOn(t, acc, &workload.Workload{Name: op.Name, Ops: []workload.Op{op}}).Layers[0]
		l.Fit = r.Layers[i].Fit // nothing else is alive
		if l != r.Layers[i] {
			t.Errorf("%s: %s costs %+v, by itself %+v", w.Name, op.Name, r.Layers[i], l)
		}
	}
}

// near allows for another order of additions.
func near(a, b float64) bool { return a <= b*(1+1e-9) && b <= a*(1+1e-9) }

// batched is a network on so many images.
func batched(w *workload.Workload, images int) *workload.Workload {
	out := &workload.Workload{Name: w.Name}
	for _, op := range w.Ops {
		op.Batch *= images
		out.Ops = append(out.Ops, op)
	}
	return out
}

// rewritten is a network in the other notation: 1×1 convolutions are products and products
// 1×1 convolutions, depthwise convolutions are grouped ones.
func rewritten(w *workload.Workload) *workload.Workload {
	out := &workload.Workload{Name: w.Name}
	for _, op := range w.Ops {
		switch c := op.Canonical(false); {
		case op.Kind == workload.Depthwise:
			op.Kind = workload.Conv
		case op.Kind == workload.Conv && c.Kind == workload.MatMul:
			op = c
		case op.Kind == workload.MatMul && !op.Dynamic:
			op.Kind, op.In, op.Out = workload.Conv, [3]int{op.K * op.Groups, op.N, 1}, [2]int{op.N, 1}
			op.Kernel, op.Stride, op.Dilation = [2]int{1, 1}, [2]int{1, 1}, [2]int{1, 1}
		}
		out.Ops = append(out.Ops, op)
	}
	return out
}
