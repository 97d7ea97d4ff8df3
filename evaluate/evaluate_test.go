package evaluate

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/shipped"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers"
	"bitcycle/sim"
)

// randomPolicy draws a width for every kernel.
func randomPolicy(net *kernels.Network, seed uint64) *quantizers.Policy {
	rng := rand.New(rand.NewPCG(seed, 5))
	p := &quantizers.Policy{Name: "random"}
	for _, n := range net.Layers() {
		l := workload.LayerWidths{Name: net.Nodes[n].Name, ActBits: uint8(1 + rng.IntN(8))}
		for range net.Nodes[n].Shape.C {
			l.WeightBits = append(l.WeightBits, uint8(rng.IntN(9)))
		}
		p.Layers = append(p.Layers, l)
	}
	return p
}

// A sorted order never costs more cycles than the stored one, on any family of
// machines, for random widths per kernel.
func TestSortedNeverCostsMore(t *testing.T) {
	net := shipped.Network()
	for _, name := range []string{"haq-bismo-cloud", "haq-bismo-edge", "bitfusion-eyeriss-45nm", "gemmini-default"} {
		machines := map[string]*arch.Accelerator{}
		for _, order := range []string{"sorted", "inorder"} {
			m, err := arch.Load(name, []string{`array.order="` + order + `"`})
			if err != nil {
				t.Fatal(err)
			}
			machines[order] = m
		}
		for seed := range uint64(5) {
			w := kernels.LowerShape(net, randomPolicy(net, seed).Layers, true)
			cycles := map[string]int64{}
			for order, m := range machines {
				r, err := sim.Run(context.Background(), m, w, sim.Options{})
				if err != nil {
					t.Fatal(err)
				}
				cycles[order] = r.Totals.Cycles
			}
			if cycles["sorted"] > cycles["inorder"] {
				t.Errorf("%s, seed %d: sorted %d cycles, inorder %d", name, seed, cycles["sorted"], cycles["inorder"])
			}
		}
	}
}

// An evaluation does not depend on the number of workers, and its parts agree.
func TestRunIsReproducible(t *testing.T) {
	machine, err := arch.Load("haq-bismo-cloud", nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := dataset.Load("glyphs[:96]")
	if err != nil {
		t.Fatal(err)
	}
	calib, err := dataset.Load("glyphs:calib[:64]")
	if err != nil {
		t.Fatal(err)
	}
	method, err := ParseMethod("uniform:w=3,a=4", MethodContext{})
	if err != nil {
		t.Fatal(err)
	}
	var first *Outcome
	for _, workers := range []int{1, 2, 3} {
		out, err := Run(context.Background(), Job{Machine: machine, Network: shipped.File(), Method: method, Calib: calib, Data: data, Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = out
		}
		if out.Accuracy != first.Accuracy || out.Cost.Totals.Cycles != first.Cost.Totals.Cycles || out.SQNR[0] != first.SQNR[0] {
			t.Errorf("%d workers: %+v, one worker %+v", workers, out.Accuracy, first.Accuracy)
		}
	}
	if first.Accuracy.FloatTop1 < 0.9 || first.Accuracy.Top1 < 0.8 {
		t.Errorf("accuracy %+v", first.Accuracy)
	}
}

// A job that lacks something is told all of it.
func TestRunNeedsAWholeJob(t *testing.T) {
	_, err := Run(context.Background(), Job{})
	for _, part := range []string{"machine", "network", "method", "images"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v does not name the %s", err, part)
		}
	}
}
