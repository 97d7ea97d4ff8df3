package evaluate

import (
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/kernels/workload/zoo"
	"bitcycle/quantizers/uniform"
	"bitcycle/sim"
)

// An entry of the table is what the layer takes in a run of these widths.
func TestLookUp(t *testing.T) {
	w, err := zoo.Load("tiny-ds-cnn")
	if err != nil {
		t.Fatal(err)
	}
	machine, err := arch.Load("haq-bismo-edge", nil)
	if err != nil {
		t.Fatal(err)
	}
	table, err := LookUp(t.Context(), machine, w, 4, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := uniform.Requantize(w, "uniform:w=4,a=2,first=0,last=0"); err != nil {
		t.Fatal(err)
	}
	r, err := sim.Run(t.Context(), machine, w, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	layer := 0
	for i := range r.Layers {
		if w.Ops[i].Kind > workload.MatMul {
			continue
		}
		if got := table.At(layer, 4, 2); got.Cycles != r.Layers[i].Cycles || got.EnergyPJ != r.Layers[i].Energy.Total() {
			t.Errorf("%s: %+v, want %d cycles and %v pJ", r.Layers[i].Name, got, r.Layers[i].Cycles, r.Layers[i].Energy.Total())
		}
		layer++
	}
	if layer != len(table.Layers) {
		t.Errorf("%d layers, want %d", len(table.Layers), layer)
	}
	if _, err := LookUp(t.Context(), machine, w, 0, 8); err == nil {
		t.Error("no widths at all are accepted")
	}
}
