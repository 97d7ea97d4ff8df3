package silicon

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"bitcycle/arch"
	"bitcycle/internal/proof/golden"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

// The vendor's rule cuts every shape as the library did.
func TestGemminiTiles(t *testing.T) {
	acc, err := arch.Load(gemminiMachine, []string{"memory.cache_model=footprint"})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := Read(golden.Shipped(), "gemmini_rtl.csv")
	if err != nil {
		t.Fatal(err)
	}
	shapes := map[string]bool{}
	for _, r := range rows {
		op, err := gemminiOp(r)
		if err != nil {
			t.Fatal(err)
		}
		res, err := sim.Run(context.Background(), acc, &workload.Workload{Name: "layer", Ops: []workload.Op{*op}}, sim.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var want strings.Builder
		for i, column := range []string{"N", "Q_orows", "P_ocols", "K_ochs", "S_krows", "R_kcols", "C_kchs"} {
			fmt.Fprintf(&want, " %s %d", []string{"B", "OH", "OW", "OC", "KH", "KW", "IC"}[i], r.Whole("auto_tile_"+column))
		}
		if got := res.Layers[0].Mapping.String(); !strings.HasSuffix(got, ":"+want.String()) {
			t.Errorf("%s: %s, want%s", r.Text("id"), got, want.String())
		}
		shapes[fmt.Sprint(op.M, op.K, op.N, op.Kernel, op.Stride)] = true
	}
	if len(shapes) != 35 {
		t.Errorf("%d shapes", len(shapes))
	}
}

// The host's search is a cause of its own, and the energy is charged whoever cuts.
func TestGemminiHost(t *testing.T) {
	rows, err := Read(golden.Shipped(), "gemmini_rtl.csv")
	if err != nil {
		t.Fatal(err)
	}
	op, err := gemminiOp(rows[20]) // 2048 → 256 channels of 7×7
	if err != nil {
		t.Fatal(err)
	}
	loops, err := gemminiLoops(rows[20])
	if err != nil {
		t.Fatal(err)
	}
	acc, err := arch.Load(gemminiMachine, nil)
	if err != nil {
		t.Fatal(err)
	}
	run := func(loops *sim.Loops) *sim.Layer {
		res, err := sim.Run(context.Background(), acc, &workload.Workload{Name: "layer", Ops: []workload.Op{*op}}, sim.Options{Loops: loops})
		if err != nil {
			t.Fatal(err)
		}
		return &res.Layers[0]
	}
	own, given := run(nil), run(loops)
	if share := float64(own.Stalls.Host) / float64(own.Cycles); share < 0.5 || share > 0.75 {
		t.Errorf("the search takes %.2f of the layer, two thirds were measured", share)
	}
	if given.Stalls.Host != 0 {
		t.Errorf("a given mapping takes the host %d cycles", given.Stalls.Host)
	}
	if own.Energy.Total() <= 0 || given.Energy.Total() <= 0 || own.Energy.MAC != given.Energy.MAC {
		t.Errorf("%+v and %+v", own.Energy, given.Energy)
	}
}
